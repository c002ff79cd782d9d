"""The same exercises in nbgrader: an assignment with solution and test cells, and a sample of the class.

It is written in nbgrader's favour: a short notebook with nothing but the exercises, one test cell for each,
inputs and expected results as literals, and no submission that hangs or cannot be read.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from benchmarks.class_grading.mix import Handed
from benchmarks.class_grading.process_tree import Cost, measured
from course_utils.grading.classroom.chapters_of import chapter_tasks
from course_utils.grading.exercise import Case, Exercise, Task, reference_source

_NAME = "sheet"
_SEED = 1
_PRELUDE = "import numpy as np\nfrom numpy import inf, nan"


def install(folder: Path) -> Path:
    """Make an environment with nbgrader; returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "nbgrader", "numpy"], check=True)
    return python


def version(python: Path) -> str:
    """Return the version of nbgrader in an environment."""
    code = "import importlib.metadata as m; print(m.version('nbgrader'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def grade(python: Path, folder: Path, handed: Sequence[Handed], chapter: str) -> tuple[Cost, float]:
    """Have nbgrader grade submissions; returns what that cost, and the points that it gave."""
    tasks = [task for task in chapter_tasks(chapter) if is_plain(task)]
    notebook = assignment(tasks)
    source = folder / "source" / _NAME / f"{_NAME}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(notebook, source)
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
    run = [str(python), "-m", "nbgrader"]
    measured([*run, "generate_assignment", _NAME], folder, environment(python))
    released = nbformat.read(folder / "release" / _NAME / f"{_NAME}.ipynb", as_version=4)
    for submission in handed:
        place = folder / "submitted" / submission.student / _NAME / f"{_NAME}.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(with_answers(released, submission.answers), place)
    cost = measured([*run, "autograde", _NAME], folder, environment(python))
    graded = list((folder / "autograded").glob(f"*/{_NAME}/{_NAME}.ipynb"))
    if len(graded) != len(handed):
        raise RuntimeError(f"expected {len(handed)} graded notebooks, got {len(graded)}")
    return cost, points(folder)


def is_plain(task: Task) -> bool:
    """Whether inputs and results of an exercise can be written as literals and compared."""
    if not isinstance(task, Exercise):
        return True
    return not task.stateful and all(
        case.verify is None and not case.many and not any(map(callable, drawn(case, place)))
        for place, case in enumerate(task.cases)
    )


def drawn(case: Case, place: int) -> tuple[Any, ...]:
    """Draw the arguments of a case."""
    return case.inputs(np.random.default_rng([_SEED, place]))


def assignment(tasks: Sequence[Task]) -> NotebookNode:
    """Write the instructor's notebook."""
    cells = [nbformat.v4.new_code_cell(_PRELUDE)]
    for task in tasks:
        solution = f"### BEGIN SOLUTION\n{reference_source(task.id)}\n### END SOLUTION"
        cells.append(cell(solution, task.id, solution=True))
        cells.append(cell(tests(task), f"test_{task.id}", grade=True, locked=True, points=task.points))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return notebook


def cell(source: str, name: str, **settings: Any) -> NotebookNode:
    """Make a cell that nbgrader knows."""
    usual = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    made = nbformat.v4.new_code_cell(source)
    made.metadata["nbgrader"] = {**usual, "grade_id": name, **settings}
    return made


def tests(task: Task) -> str:
    """Write the tests of an exercise: the cases of the course's own, with results by its reference."""
    if not isinstance(task, Exercise):
        return f"assert {task.name} == {task.answer!r}"
    lines = []
    for place, case in enumerate(task.cases):
        expected = task.reference(*drawn(case, place))
        call = f"{task.name}({', '.join(map(literal, drawn(case, place)))})"
        several = isinstance(expected, tuple)
        wanted = f"[{', '.join(map(literal, expected))}]" if several else f"[{literal(expected)}]"
        lines.append(f"results = {call if several else f'[{call}]'}")
        lines.append(f"for result, expected in zip(results, {wanted}, strict=True):")
        lines.append(f"    np.testing.assert_allclose(result, expected, rtol={case.rtol}, atol={case.atol})")
    return "\n".join(lines)


def literal(value: Any) -> str:
    """Write a value as Python."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, dtype={value.dtype.str!r}).reshape({value.shape!r})"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value.item() if isinstance(value, np.generic) else value)


def with_answers(released: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """Put a student's answers in the place of the stubs."""
    notebook = deepcopy(released)
    for one in notebook.cells:
        name = one.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            one.source = answers[name]
    return notebook


def points(folder: Path) -> float:
    """Sum the points in nbgrader's gradebook."""
    with sqlite3.connect(folder / "gradebook.db") as book:
        return book.execute("SELECT coalesce(sum(auto_score), 0) FROM grade").fetchone()[0]


def environment(python: Path) -> dict[str, str]:
    """Return the variables under which nbgrader finds its own programs and kernel, and nothing of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    return {**kept, "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])}
