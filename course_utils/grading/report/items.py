"""Which exercises were hard, which tell students apart, and which mistakes were made most often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from course_utils.grading.exercise import Exercise, Quiz, find, registry
from course_utils.grading.report.grades import Grades, mean

ENOUGH = 10  # students below whom a correlation says nothing
N_BINS = 10


@dataclass(frozen=True)
class Item:
    """An exercise in figures.

    Parameters
    ----------
    id, title : str
        Of the exercise.
    n_students : int
        Those with a score.
    difficulty : float
        Mean share of its points, 0 to 1: the lower, the harder.
    discrimination : float or None
        Correlation between the points of this exercise and those of the chapter's others (the corrected
        item-total correlation). None for fewer than ten students, or where all got the same.
    statuses : dict
        How many got each status.
    """

    id: str
    title: str
    n_students: int
    difficulty: float
    discrimination: float | None
    statuses: dict[str, int]


@dataclass(frozen=True)
class Mistake:
    """A hint, and how many students it met."""

    exercise: str
    hint: str
    n_students: int
    known: bool  # one of the exercise's named wrong answers


def items(grades: Grades, chapter: str) -> list[Item]:
    """Figures of each exercise of a chapter, in its order."""
    rows = []
    for id in grades.exercises(chapter):
        scores = grades.scores(id)
        task = registry().get(id)
        rows.append(
            Item(
                id,
                task.title if task else "no longer in the course",
                len(scores),
                mean(score.points / (score.max_points or 1) for score in scores),
                discrimination(grades, chapter, id),
                dict(Counter(score.status for score in scores)),
            )
        )
    return rows


def discrimination(grades: Grades, chapter: str, exercise: str) -> float | None:
    """Correlate the points of an exercise with those of the rest of its chapter, over students."""
    students = list(grades.shares(chapter))
    own = np.array([grades.points(student, exercise) for student in students])
    rest = np.array([grades.total(student, chapter) for student in students]) - own
    if len(students) < ENOUGH or np.ptp(own) == 0 or np.ptp(rest) == 0:
        return None
    return float(np.corrcoef(own, rest)[0, 1])


def mistakes(grades: Grades, chapter: str) -> list[Mistake]:
    """Hints that met more than one student, the commonest first."""
    counts: Counter[tuple[str, str]] = Counter()
    for id in grades.exercises(chapter):
        for score in grades.scores(id):
            if score.status == "failed" and score.hint:
                counts[id, score.hint] += 1
    return [
        Mistake(id, hint, n_students, hint in _named_hints(id))
        for (id, hint), n_students in counts.most_common()
        if n_students > 1
    ]


def _named_hints(id: str) -> set[str]:
    task = find(id) if id in registry() else None
    if isinstance(task, Quiz):
        return {option.why for option in task.options}
    return {wrong.hint for wrong in task.wrong} if isinstance(task, Exercise) else set()


def histogram(grades: Grades, chapter: str) -> list[int]:
    """Count students by their share of a chapter's points, in tenths; full marks fall into the last."""
    shares = np.array(list(grades.shares(chapter).values()))
    return np.histogram(shares, bins=N_BINS, range=(0.0, 1.0))[0].tolist()
