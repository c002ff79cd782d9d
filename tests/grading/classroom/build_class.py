"""Classes for the tests: notebooks as students hand them in, made from the shipped ones, results known."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.chapters import CHAPTERS
from course_utils.grading.classroom.chapters_of import chapter_tasks
from course_utils.grading.exercise import Exercise, Task, find, function_source, reference_source

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"


@functools.cache
def _shipped(chapter: str) -> dict:
    (file,) = [item.file for item in CHAPTERS if item.number == chapter]
    return json.loads((NOTEBOOKS / file).read_text(encoding="utf-8"))


def file_name(chapter: str) -> str:
    """File name of a chapter's shipped notebook."""
    return next(item.file for item in CHAPTERS if item.number == chapter and item.file)


def right(id: str) -> str:
    """Source of the reference answer."""
    return reference_source(id)


def wrong(id: str, number: int = 0) -> str:
    """Source of a named wrong answer; of a question, of a wrong letter."""
    task = find(id)
    if isinstance(task, Exercise):
        return function_source(task.wrong[number % len(task.wrong)].function, task.name)
    letters = [letter for letter in task.letters if letter != task.answer]
    return f'{task.id} = "{letters[number % len(letters)]}"'


def notebook(chapter: str, answers: Mapping[str, str], outputs: bool = False) -> bytes:
    """Bytes of a chapter's notebook with answers put in the place of the stubs.

    Parameters
    ----------
    chapter : str
        Such as "01a".
    answers : mapping
        Source by id; an exercise that is not named keeps its stub, one with the source "" loses it.
    outputs : bool
        Whether the stored outputs stay.
    """
    shipped = deepcopy(_shipped(chapter)) if outputs else _without_outputs(chapter)
    for id, source in answers.items():
        cell = stub_cell(shipped["cells"], find(id))
        cell["source"] = source.splitlines(keepends=True)
    return json.dumps(shipped, ensure_ascii=False, indent=1).encode()


def _without_outputs(chapter: str) -> dict:
    return json.loads(_bare(chapter))


@functools.cache
def _bare(chapter: str) -> str:
    shipped = deepcopy(_shipped(chapter))
    for cell in shipped["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    return json.dumps(shipped)


def stub_cell(cells: list[dict], task: Task) -> dict:
    """Find the cell of a notebook that holds an exercise's stub."""
    start = f"def {task.name}(" if isinstance(task, Exercise) else f"{task.id} ="
    return next(
        cell
        for cell in cells
        if cell["cell_type"] == "code" and any(line.startswith(start) for line in cell["source"])
    )


@dataclass(frozen=True)
class Student:
    """A student of a made-up class: the file, and what it must get."""

    id: str
    name: str
    data: bytes
    points: dict[str, int]
    statuses: dict[str, str]


def student(number: int, chapter: str = "00", full: bool = False, outputs: bool = False) -> Student:
    """Make a student whose answers are right, wrong, left as stubs or deleted, drawn by the number.

    Parameters
    ----------
    number : int
        Decides everything; the files of two numbers differ.
    chapter : str
        The notebook.
    full : bool
        Whether all answers are right.
    outputs : bool
        Whether the stored outputs stay, so that the file has its usual size.
    """
    rng = np.random.default_rng(number)
    answers, points, statuses = {}, {}, {}
    for task in chapter_tasks(chapter):
        kind = (
            "right" if full else rng.choice(["right", "wrong", "stub", "deleted"], p=[0.6, 0.25, 0.1, 0.05])
        )
        if kind == "right":
            answers[task.id] = f"{right(task.id)}\n# student {number}\n"
            points[task.id], statuses[task.id] = task.points, "passed"
        elif kind == "wrong":
            answers[task.id] = f"{wrong(task.id, number)}\n# student {number}\n"
            points[task.id], statuses[task.id] = wrong_points(task.id, number), "failed"
        else:
            answers |= {task.id: ""} if kind == "deleted" else {}
            points[task.id], statuses[task.id] = 0, "missing" if kind == "deleted" else "not attempted"
    data = notebook(chapter, answers, outputs)
    data = data.rstrip()[:-1] + f',"student": {number}}}'.encode()
    return Student(f"s{number:04d}", f"Given{number} Surname{number}", data, points, statuses)


@functools.cache
def wrong_points(id: str, number: int, seed: int = 1) -> int:
    """Points that a named wrong answer gets; wrong answers fail the same cases whatever is drawn."""
    from course_utils.grading.grade import grade

    return grade(find(id), [wrong(id, number)], seed).points


def class_of(n: int, chapter: str = "00", **settings: bool) -> list[Student]:
    """Make a class of `n` students."""
    return [student(number, chapter, **settings) for number in range(1, n + 1)]


def as_folder(place: Path, students: Iterable[Student], chapter: str = "00") -> Path:
    """Write a folder for each student, with the notebook under its shipped name."""
    for one in students:
        (place / one.id).mkdir(parents=True)
        (place / one.id / file_name(chapter)).write_bytes(one.data)
    return place


def as_canvas(place: Path, students: Iterable[Student], chapter: str = "00") -> Path:
    """Write a download of Canvas: one zip, one file a student."""
    files = {}
    for number, one in enumerate(students):
        given, surname = one.name.split()
        files[f"{(surname + given).lower()}_{1000 + number}_{90000 + number}_{file_name(chapter)}"] = one.data
    return as_zip(place, files)


def as_moodle(place: Path, students: Iterable[Student], chapter: str = "00") -> Path:
    """Write a download of Moodle: one zip, one folder a student."""
    return as_zip(
        place,
        {
            f"{one.name}_{5000 + number}_assignsubmission_file_/{file_name(chapter)}": one.data
            for number, one in enumerate(students)
        },
    )


def as_zip(place: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip archive."""
    place.write_bytes(zipped(files))
    return place


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Bytes of a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def roster(place: Path, students: Iterable[Student]) -> Path:
    """Write the class's roster."""
    rows = [f"{one.id},{one.name},{one.id}@example.org" for one in students]
    place.write_text("\n".join(["id,name,email", *rows]) + "\n", encoding="utf-8")
    return place
