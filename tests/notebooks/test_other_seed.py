"""Every chapter once more, with other seeds and the reference answers: claims hold, exercises score fully."""

from __future__ import annotations

import time
from copy import deepcopy

import pytest
from papermill.exceptions import PapermillExecutionError

from course_utils.authoring import parse
from course_utils.authoring.execution import NOTEBOOKS
from course_utils.chapters import CHAPTERS
from course_utils.grading import progress
from course_utils.grading.exercise import Task, reference_source, registry
from tests.notebooks.injected_run import inject, run, widget_errors
from tests.notebooks.notebook_builder import code, stored, text

SHIPPED = [chapter for chapter in CHAPTERS if chapter.file and (NOTEBOOKS / chapter.file).is_file()]
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.full) for seed in (2, 3, 4, 5))]


@pytest.fixture
def fresh_progress(tmp_path, monkeypatch):
    """Kernels inherit it; this process reads it afterwards."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.sqlite"))


def tasks_of(number: str) -> dict[str, Task]:
    return {task.id: task for task in registry().values() if task.chapter == number}


def reached(tasks: dict[str, Task]) -> dict[str, float]:
    """Return the points recorded for each exercise; 0 where nothing was."""
    best = progress.best_results()
    return {identifier: best[identifier].points if identifier in best else 0 for identifier in tasks}


def possible(tasks: dict[str, Task]) -> dict[str, float]:
    return {identifier: task.points for identifier, task in tasks.items()}


def shipped(chapter):
    return parse((NOTEBOOKS / chapter.file).read_text(encoding="utf-8"))


def unhurried(notebook):
    """Return a copy with QUICK = False in its parameters cell."""
    copy = deepcopy(notebook)
    (parameters,) = (cell for cell in copy.cells if "parameters" in cell.metadata.get("tags", []))
    assert "QUICK = True" in parameters.source
    parameters.source = parameters.source.replace("QUICK = True", "QUICK = False")
    return copy


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("chapter", SHIPPED, ids=lambda chapter: chapter.number)
def test_reference_answers_score_in_full_and_claims_hold(chapter, seed, tmp_path, fresh_progress):
    tasks = tasks_of(chapter.number)
    injected = inject(shipped(chapter), {identifier: reference_source(identifier) for identifier in tasks})
    start = time.perf_counter()
    executed = run(injected, tmp_path / "executed.ipynb", seed=seed, cwd=NOTEBOOKS)
    print(f"chapter {chapter.number}, seed {seed}: {time.perf_counter() - start:.1f} s")
    assert widget_errors(executed) == []
    assert reached(tasks) == possible(tasks)
    assert sum(reached(tasks).values()) == sum(task.points for task in tasks.values()) > 0


@pytest.mark.full
@pytest.mark.parametrize("chapter", SHIPPED, ids=lambda chapter: chapter.number)
def test_claims_hold_without_quick_too(chapter, tmp_path, fresh_progress):
    tasks = tasks_of(chapter.number)
    answers = {identifier: reference_source(identifier) for identifier in tasks}
    injected = inject(unhurried(shipped(chapter)), answers)
    executed = run(injected, tmp_path / "executed.ipynb", seed=1, cwd=NOTEBOOKS)
    assert widget_errors(executed) == []
    assert reached(tasks) == possible(tasks)


@pytest.mark.parametrize("chapter", SHIPPED[:1], ids=lambda chapter: chapter.number)
def test_one_withheld_answer_is_missed(chapter, tmp_path, fresh_progress):
    tasks = tasks_of(chapter.number)
    withheld, *others = sorted(tasks)
    injected = inject(shipped(chapter), {identifier: reference_source(identifier) for identifier in others})
    run(injected, tmp_path / "executed.ipynb", seed=1, cwd=NOTEBOOKS)
    assert reached(tasks) == possible(tasks) | {withheld: 0}


# ---------------------------------------------------------------- the same on a notebook of a few cells


def small_notebook():
    """Return a notebook with two exercises of the registry: the first one and the first quiz question."""
    exercise = next(identifier for identifier in registry() if identifier.startswith("ex"))
    quiz = next(identifier for identifier in registry() if identifier.startswith("q"))
    cells = [
        text("# A small notebook"),
        code("from course_utils import check"),
        code("SEED = 0", tags=("parameters",)),
        code("print(SEED)"),
    ]
    for identifier in (exercise, quiz):
        stub = code("pass  # your code here", tags=("exercise",))
        cells += [stub, code(f'check("{identifier}")')]
    return stored(cells), {identifier: registry()[identifier] for identifier in (exercise, quiz)}


@pytest.mark.parametrize("n_withheld", [0, 1, 2])
def test_points_fall_with_each_withheld_answer(n_withheld, tmp_path, fresh_progress):
    notebook, tasks = small_notebook()
    given = list(tasks)[n_withheld:]
    executed = run(
        inject(notebook, {identifier: reference_source(identifier) for identifier in given}),
        tmp_path / "executed.ipynb",
        seed=1,
        cwd=tmp_path,
    )
    assert executed.cells[4].outputs[0].text == "1\n"
    assert reached(tasks) == {i: task.points if i in given else 0 for i, task in tasks.items()}
    assert (reached(tasks) == possible(tasks)) is (n_withheld == 0)


def test_inject_replaces_stubs_only():
    cells = [code("x", tags=("exercise",)), text("between"), code('check("ex01_1")'), code('check("q01_1")')]
    untouched = inject(stored(cells), {"ex01_1": "answer", "q01_1": "answer"})
    assert [cell.source for cell in untouched.cells] == ["x", "between", 'check("ex01_1")', 'check("q01_1")']
    filled = inject(stored([cells[0], cells[2]]), {"ex01_1": "answer"})
    assert [cell.source for cell in filled.cells] == ["answer", 'check("ex01_1")']


def test_unhurried_reaches_the_cells_that_follow(tmp_path):
    cells = [code("SEED = 0\nQUICK = True  # a comment", tags=("parameters",)), code("print(SEED, QUICK)")]
    executed = run(unhurried(stored(cells)), tmp_path / "executed.ipynb", seed=1, cwd=tmp_path)
    assert executed.cells[-1].outputs[0].text == "1 False\n"


def test_a_false_claim_stops_the_run(tmp_path):
    notebook = stored([code("SEED = 0", tags=("parameters",)), code("assert SEED == 0, 'no longer true'")])
    with pytest.raises(PapermillExecutionError, match="no longer true"):
        run(notebook, tmp_path / "executed.ipynb", seed=1, cwd=tmp_path)


def test_an_error_inside_an_output_widget_is_seen(tmp_path):
    source = """\
import ipywidgets
output = ipywidgets.Output()
slider = ipywidgets.IntSlider(0)
@output.capture()
def fail(change):
    raise ValueError("lost in a callback")
slider.observe(fail, "value")
display(output)
slider.value = 3"""
    executed = run(stored([code(source)]), tmp_path / "executed.ipynb", seed=1, cwd=tmp_path)
    assert widget_errors(executed) == ["ValueError"]
    assert widget_errors(stored([code("1")])) == []
