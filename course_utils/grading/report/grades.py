"""What a class got, ready to be written: students, exercises, and the scores that count."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.scores import Score, counting, final_scores
from course_utils.grading.exercise import registry


@dataclass(frozen=True)
class Student:
    """Someone of the roster, or who handed something in."""

    id: str
    name: str = ""
    email: str = ""


class Grades:
    """The scores of a gradebook that count, with everybody and everything named once.

    Parameters
    ----------
    gradebook : Gradebook
        An open one; it is read here and not needed afterwards.

    Attributes
    ----------
    students : tuple of Student
        By id; those of the roster who handed nothing in, too.
    chapters : tuple of str
        Those with a score, in the course's order.
    policy : str
        Which attempt counts, "latest" or "best".
    """

    def __init__(self, gradebook: Gradebook) -> None:
        self._scores: dict[tuple[str, str], Score] = {
            (score.student, score.exercise): score for score in final_scores(gradebook)
        }
        self._submissions = counting(gradebook)
        self.policy = gradebook.attempts
        self._attempts = Counter((row["student"], row["chapter"]) for row in gradebook.rows("submissions"))
        self.results: list[dict[str, Any]] = [
            {**row, "cases": json.loads(row["cases"]), "notes": json.loads(row["notes"])}
            for row in gradebook.rows("results")
        ]
        self._by_submission = {(row["submission"], row["exercise"]): row for row in self.results}
        people = {
            row["id"]: Student(row["id"], row["name"], row["email"]) for row in gradebook.rows("students")
        }
        for row in gradebook.rows("submissions"):
            people.setdefault(row["student"], Student(row["student"], row["name"]))
        self.students = tuple(sorted(people.values(), key=lambda student: student.id))
        order = {task.chapter: place for place, task in enumerate(registry().values())}
        found = {score.chapter for score in self._scores.values()}
        self.chapters = tuple(sorted(found, key=lambda chapter: (order.get(chapter, len(order)), chapter)))
        self._exercises = {chapter: self._find_exercises(chapter) for chapter in self.chapters}

    def _find_exercises(self, chapter: str) -> tuple[str, ...]:
        """All of a chapter in the course, and those that the gradebook alone still knows."""
        course = [task.id for task in registry().values() if task.chapter == chapter]
        former = {score.exercise for score in self._scores.values() if score.chapter == chapter}
        return (*course, *sorted(former - set(course)))

    def exercises(self, chapter: str) -> tuple[str, ...]:
        """Ids of a chapter's exercises and questions."""
        return self._exercises[chapter]

    def score(self, student: str, exercise: str) -> Score | None:
        """Return what counts, or None where nothing was handed in."""
        return self._scores.get((student, exercise))

    def scores(self, exercise: str) -> list[Score]:
        """Everybody's score of an exercise."""
        return [score for (_, id), score in self._scores.items() if id == exercise]

    def result(self, score: Score) -> dict[str, Any] | None:
        """Return the automatic result behind a score, with its cases."""
        return (
            None if score.submission is None else self._by_submission.get((score.submission, score.exercise))
        )

    def points(self, student: str, exercise: str) -> float:
        """Points of an exercise; 0 where nothing was handed in."""
        score = self.score(student, exercise)
        return score.points if score else 0.0

    def max_points(self, chapter: str) -> float:
        """Points to reach in a chapter."""
        return sum(self.worth(id) for id in self.exercises(chapter))

    def worth(self, exercise: str) -> float:
        """Points to reach in an exercise, as it was graded."""
        graded = self.scores(exercise)
        task = registry().get(exercise)
        return graded[0].max_points if graded else float(task.points if task else 0)

    def total(self, student: str, chapter: str) -> float:
        """Points of a chapter."""
        return sum(self.points(student, id) for id in self.exercises(chapter))

    def shares(self, chapter: str) -> dict[str, float]:
        """Share of a chapter's points, of each student who handed it in or has a mark in it."""
        graded = {score.student for score in self._scores.values() if score.chapter == chapter}
        best = self.max_points(chapter) or 1.0
        return {student: self.total(student, chapter) / best for student in sorted(graded)}

    def handed_in(self, student: str, chapter: str) -> str:
        """When the notebook that counts was last changed, in UTC; empty if unknown."""
        row = self._submissions.get((student, chapter))
        if row is None or not row["modified"]:
            return ""
        time = datetime.datetime.fromtimestamp(row["modified"], datetime.UTC)
        return time.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")

    def file(self, student: str, chapter: str) -> str:
        """Name of the file that counts, with its folders."""
        row = self._submissions.get((student, chapter))
        return "" if row is None else str(row["file"])

    def late(self, student: str, chapter: str) -> bool:
        """Whether the learning platform marked the notebook that counts as late."""
        row = self._submissions.get((student, chapter))
        return row is not None and bool(row["late"])

    def attempts(self, student: str, chapter: str) -> int:
        """How many notebooks of a chapter a student handed in."""
        return self._attempts[student, chapter]


def mean(values: Iterable[float]) -> float:
    """Mean; 0 of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
