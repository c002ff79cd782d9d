"""A class as classes are: right, wrong and half done answers, a few broken files, now and then a loop."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.grading.classroom.chapters_of import chapter_tasks
from course_utils.grading.exercise import Exercise, Task
from tests.grading.classroom import build_class as build

ORDINARY = ("mixed", "all right", "half done")
N_FOR_A_LOOP = 500  # submissions, one of which never ends
BROKEN = 0.02
WEIGHTS = {"mixed": 0.6, "all right": 0.2, "half done": 0.2}


@dataclass(frozen=True)
class Handed:
    """A submission: its kind, the answers by exercise (a stub has none), and the notebook."""

    student: str
    kind: str
    answers: dict[str, str]
    data: bytes


def class_of(n: int, chapter: str) -> list[Handed]:
    """Make a class; the same one each time."""
    rng = np.random.default_rng(2026)
    kinds = list(rng.choice(list(WEIGHTS), size=n, p=list(WEIGHTS.values())))
    special = rng.permutation(n)
    n_loops, n_broken = round(n / N_FOR_A_LOOP), round(n * BROKEN)
    for place in special[:n_loops]:
        kinds[place] = "endless"
    for place in special[n_loops : n_loops + n_broken]:
        kinds[place] = "broken"
    return [one(number, str(kind), chapter, rng) for number, kind in enumerate(kinds)]


def one(number: int, kind: str, chapter: str, rng: np.random.Generator) -> Handed:
    """Make a submission, with the outputs that the notebook ships with."""
    tasks = chapter_tasks(chapter)
    answers = {}
    for place, task in enumerate(tasks):
        drawn = rng.choice(["right", "wrong", "stub"], p=[0.65, 0.25, 0.1])
        if kind == "all right":
            drawn = "right"
        elif kind == "half done" and place >= len(tasks) // 2:
            drawn = "stub"
        if drawn != "stub":
            source = build.right(task.id) if drawn == "right" else build.wrong(task.id, number)
            answers[task.id] = f"{source}\n# student {number}\n"
    exercises = [task for task in tasks if isinstance(task, Exercise)]
    task = exercises[number % len(exercises)]
    if kind == "endless":
        answers[task.id] = f"def {task.name}(*arguments):\n    while True:\n        pass\n"
    if kind == "broken" and number % 3:
        answers[task.id] = broken(task, number)
    data = build.notebook(chapter, answers, outputs=True)
    if kind == "broken" and not number % 3:
        data = data[: len(data) // 2]
    return Handed(f"s{number:05d}", kind, answers, data)


def broken(task: Task, number: int) -> str:
    """Return an answer that is no Python, or raises."""
    return f"def {task.name}(x:\n" if number % 3 == 1 else f"def {task.name}(*x):\n    raise KeyError(x)\n"


def write(folder: Path, handed: list[Handed], chapter: str) -> None:
    """Write a folder for each student."""
    for submission in handed:
        place = folder / submission.student
        place.mkdir(parents=True)
        (place / build.file_name(chapter)).write_bytes(submission.data)


def described(handed: list[Handed]) -> str:
    """Say what is in a class."""
    counted = Counter(submission.kind for submission in handed)
    return ", ".join(f"{count} {kind}" for kind, count in counted.most_common())
