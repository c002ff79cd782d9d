"""When a missed prediction comes back: a day after the miss, then at growing distances.

The rule: a prediction that did not come true is asked again 1 day later. Each right answer moves it on, to
3, 7 and 21 days; after four right answers in a row it rests for good. A wrong answer starts over at 1 day.

Why: what is recalled after a pause is kept longer than what is repeated at once, and the best pause grows
with the time one wants to remember (Cepeda, Pashler, Vul, Wixted and Rohrer, 2006, "Distributed practice in
verbal recall tasks", Psychological Bulletin 132). Growing pauses serve the length of a course; these four
numbers are a plain choice of that kind, not a measured optimum. Of several that are due, that of which the
learner was surest comes first: errors made with confidence are corrected best (Butterfield and Metcalfe,
2001, "Errors committed with high confidence are hypercorrected", Journal of Experimental Psychology:
Learning, Memory, and Cognition 27).
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.grading import store
from course_utils.grading.progress import Prediction, Question, predictions, questions

PAUSES = (1, 3, 7, 21)  # days


@dataclass(frozen=True)
class Review:
    """An answer to a prediction asked again: whether it was right, and when it was given."""

    correct: bool
    at: datetime.datetime


@dataclass(frozen=True)
class Missed:
    """A prediction that did not come true.

    Parameters
    ----------
    made : Prediction
        The prediction, with what came true.
    question : Question or None
        What it asked; None if that is not known, or its options have changed since.
    reviews : tuple of Review
        The answers given since, oldest first.
    """

    made: Prediction
    question: Question | None
    reviews: tuple[Review, ...] = ()

    @property
    def streak(self) -> int:
        """Right answers since the last wrong one."""
        return streak([review.correct for review in self.reviews])

    @property
    def due_at(self) -> datetime.datetime | None:
        """When it is to be asked again; None once it has been answered rightly four times in a row."""
        since = self.reviews[-1].at if self.reviews else _time(str(self.made.settled_at))
        return next_time(since, [review.correct for review in self.reviews])

    def is_due(self, now: datetime.datetime) -> bool:
        """Whether it is to be asked now."""
        return self.due_at is not None and self.due_at <= now


def streak(answers: Sequence[bool]) -> int:
    """Count the right answers since the last wrong one.

    >>> streak([True, False, True, True])
    2
    """
    return next((n for n, correct in enumerate(reversed(answers)) if not correct), len(answers))


def next_time(since: datetime.datetime, answers: Sequence[bool]) -> datetime.datetime | None:
    """Return when to ask again after the answers given, the last of them (or the miss) at `since`.

    >>> start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    >>> [(next_time(start, [True] * n) - start).days for n in range(4)]
    [1, 3, 7, 21]
    >>> next_time(start, [True] * 4) is None
    True
    """
    n_right = streak(answers)
    return since + datetime.timedelta(days=PAUSES[n_right]) if n_right < len(PAUSES) else None


def missed() -> list[Missed]:
    """Return every scored prediction that did not come true; the surest first."""
    asked = questions()
    given: dict[str, list[Review]] = {}
    for id, correct, at in store.read("SELECT prediction, correct, at FROM reviews ORDER BY number"):
        given.setdefault(id, []).append(Review(bool(correct), _time(at)))
    wrong = [made for made in predictions() if made.scored and not made.right]
    items = []
    for made in sorted(wrong, key=lambda made: -(made.confidence or 0.0)):
        question = asked.get(made.id)
        fits = question is not None and made.answer in question.options
        items.append(Missed(made, question if fits else None, tuple(given.get(made.id, ()))))
    return items


def due() -> list[Missed]:
    """Return the missed predictions that are to be asked now; the surest first."""
    now = store.now()
    return [item for item in missed() if item.is_due(now)]


def save_review(id: str, choice: str) -> Missed | None:
    """Record the answer to a missed prediction that is due; the prediction itself stays as it was.

    One that is not due is left alone: of several answers in a row the first counts.

    Returns
    -------
    Missed or None
        Where it stands now; None if it was never missed.
    """

    def work(connection: sqlite3.Connection) -> None:
        now = store.now()
        settled = connection.execute(
            "SELECT answer, settled_at FROM predictions WHERE id = ?", (id,)
        ).fetchone()
        rows = connection.execute(
            "SELECT correct, at FROM reviews WHERE prediction = ? ORDER BY number", (id,)
        ).fetchall()
        since = _time(rows[-1][1] if rows else settled[1])
        again = next_time(since, [bool(row[0]) for row in rows])
        if again is not None and again <= now:
            connection.execute(
                "INSERT INTO reviews (prediction, choice, correct, at) VALUES (?, ?, ?, ?)",
                (id, choice, choice == settled[0], store.stamp()),
            )

    if id not in {item.made.id for item in missed()}:
        return None
    store.transact(work, None)
    return next((item for item in missed() if item.made.id == id), None)


def outcome(id: str, choice: str) -> str:
    """Record the answer to a missed prediction; say whether it is right, and when it comes back."""
    item = save_review(id, choice)
    if item is None:
        return "Your progress no longer holds this prediction."
    answer = item.made.answer
    if choice == answer:
        said = "Right"
    elif choice == item.made.choice:
        said = f"No: you said {choice} the first time, too"
    else:
        said = f"No: you first said {item.made.choice}, now {choice}"
    return f"{said}. The answer is: {answer}. {comes_back(item, store.now())}"


def comes_back(item: Missed, now: datetime.datetime) -> str:
    """Say when a missed prediction is asked again."""
    if item.due_at is None:
        return f"Right {len(PAUSES)} times in a row: it will not be asked again."
    if item.due_at <= now:
        return "It is due now."
    return f"It comes back in {in_days(item.due_at - now)}."


def in_days(rest: datetime.timedelta) -> str:
    """Say how long it is until then, in days rounded up.

    >>> in_days(datetime.timedelta(days=3)), in_days(datetime.timedelta(hours=2))
    ('3 days', '1 day')
    """
    days = max(1, -(-rest // datetime.timedelta(days=1)))
    return "1 day" if days == 1 else f"{days} days"


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
