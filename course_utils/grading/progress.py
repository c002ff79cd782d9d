"""What a learner has done: attempts, hints taken and predictions, each saved as it happens."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading import store
from course_utils.grading.store import location

# Attempts and hints of this process that no file took.
_unsaved: Counter[tuple[Path, str]] = Counter()
_unsaved_hints: Counter[tuple[Path, str]] = Counter()


@dataclass(frozen=True)
class Best:
    """The best result of an exercise, the number of attempts, and what the last one came to."""

    exercise: str
    points: float
    max_points: float
    attempts: int
    last_status: str

    @property
    def solved(self) -> bool:
        """Whether an attempt reached full marks."""
        return self.points >= self.max_points


@dataclass(frozen=True)
class Prediction:
    """A prediction: what was chosen, how surely (0 to 1), and what came true (None before)."""

    id: str
    choice: str | None
    confidence: float | None
    answer: str | None
    late: bool
    settled_at: str | None = None

    @property
    def scored(self) -> bool:
        """Whether it counts: made before the answer was shown, and settled."""
        return self.choice is not None and self.answer is not None and not self.late

    @property
    def right(self) -> bool:
        """Whether the choice came true."""
        return self.choice == self.answer


@dataclass(frozen=True)
class Question:
    """What a prediction asked, as it was asked last."""

    id: str
    question: str
    options: tuple[str, ...]


def percent(share: float | None) -> str:
    """Write a share between 0 and 1 as a percentage.

    >>> percent(0.7)
    '70 %'
    """
    return f"{round(100 * (share or 0.0))} %"


def record_attempt(exercise: str, status: str, points: float, max_points: float) -> None:
    """Record one check of an answer that was attempted; where no file can be written, in this process."""
    row = (exercise, status, points, max_points, store.stamp())
    if not store.write(
        "INSERT INTO attempts (exercise, status, points, max_points, at) VALUES (?, ?, ?, ?, ?)", row
    ):
        _unsaved[location(), exercise] += 1


def attempts(exercise: str) -> int:
    """Count the recorded attempts at an exercise, those of this process that could not be saved included."""
    rows = store.read("SELECT count(*) FROM attempts WHERE exercise = ?", (exercise,))
    return sum(row[0] for row in rows) + _unsaved[location(), exercise]


def best_results() -> dict[str, Best]:
    """Return the best result of every exercise attempted, by id."""
    rows = store.read(
        "SELECT exercise, max(points), max_points, count(*), (SELECT status FROM attempts AS last "
        "WHERE last.exercise = attempts.exercise ORDER BY number DESC LIMIT 1) "
        "FROM attempts GROUP BY exercise"
    )
    return {row[0]: Best(*row) for row in rows}


def take_hint(exercise: str, most: int) -> int:
    """Count the next hint of an exercise as taken, if there is one; returns how many are taken now."""

    def work(connection: sqlite3.Connection) -> int:
        query = "SELECT count(*) FROM hints WHERE exercise = ?"
        taken = connection.execute(query, (exercise,)).fetchone()[0]
        if taken < most:
            connection.execute("INSERT INTO hints VALUES (?, ?, ?)", (exercise, taken + 1, store.stamp()))
        return min(taken + 1, most)

    taken = store.transact(work, 0)
    if taken:
        return taken
    key = location(), exercise
    _unsaved_hints[key] = min(_unsaved_hints[key] + 1, most)
    return _unsaved_hints[key]


def hints_taken() -> Counter[str]:
    """Return how many hints of each exercise were taken."""
    taken = Counter(dict(store.read("SELECT exercise, count(*) FROM hints GROUP BY exercise")))
    for (path, exercise), number in _unsaved_hints.items():
        if path == location():
            taken[exercise] = max(taken[exercise], number)
    return taken


def save_question(id: str, question: str, options: Sequence[str]) -> None:
    """Keep what a prediction asks, so that a missed one can be asked again."""
    listed = json.dumps(list(options), ensure_ascii=False)
    store.write(
        "INSERT INTO questions VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "question = excluded.question, options = excluded.options, asked_at = excluded.asked_at",
        (id, question, listed, store.stamp()),
    )


def questions() -> dict[str, Question]:
    """Return the questions asked, by the prediction's id."""
    rows = store.read("SELECT id, question, options FROM questions ORDER BY id")
    return {row[0]: Question(row[0], row[1], tuple(json.loads(row[2]))) for row in rows}


def save_prediction(id: str, choice: str, confidence: float) -> Prediction:
    """Save or replace a prediction; once its answer was shown the first choice stays.

    A prediction first made after the answer was shown is kept as late, and not scored.
    """
    store.write(
        "INSERT INTO predictions (id, choice, confidence, made_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET choice = excluded.choice, confidence = excluded.confidence, "
        "made_at = excluded.made_at, late = settled_at IS NOT NULL "
        "WHERE settled_at IS NULL OR choice IS NULL",
        (id, choice, confidence, store.stamp()),
    )
    return prediction(id)


def settle_prediction(id: str, answer: str) -> Prediction:
    """Note what came true; the first settlement stays."""
    store.write(
        "INSERT INTO predictions (id, answer, settled_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET answer = excluded.answer, settled_at = excluded.settled_at WHERE settled_at IS NULL",
        (id, answer, store.stamp()),
    )
    return prediction(id)


def prediction(id: str) -> Prediction:
    """Return what is known of a prediction."""
    return {item.id: item for item in predictions()}.get(id, Prediction(id, None, None, None, False))


def predictions() -> list[Prediction]:
    """Return all predictions made or settled, in the order of their ids."""
    rows = store.read("SELECT id, choice, confidence, answer, late, settled_at FROM predictions ORDER BY id")
    return [Prediction(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows]
