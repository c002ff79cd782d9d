"""Missed predictions come back after 1, 3, 7 and 21 days, and never change what was predicted."""

import datetime

import pytest

from course_utils.grading import calibration, progress, spacing, store

START = datetime.datetime(2026, 1, 5, 12, tzinfo=datetime.UTC)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""

    class Clock:
        now = START

        def later(self, **step):
            self.now += datetime.timedelta(**step)

    clock = Clock()
    monkeypatch.setattr(store, "now", lambda: clock.now)
    return clock


def ask(id, choice, confidence, answer, options=("a", "b", "c")):
    progress.save_question(id, f"Which of {id}?", options)
    progress.save_prediction(id, choice, confidence)
    progress.settle_prediction(id, answer)


def due():
    return [item.made.id for item in spacing.due()]


def test_a_miss_comes_back_after_a_day_and_not_before(clock):
    ask("p01_1", "a", 0.9, "b")
    ask("p01_2", "b", 0.9, "b")  # right: never asked again
    assert due() == []
    clock.later(hours=23, minutes=59, seconds=59)
    assert due() == []
    clock.later(seconds=1)
    assert due() == ["p01_1"]


def test_right_answers_move_it_on_by_the_rule_until_it_rests(clock):
    ask("p01_1", "a", 0.9, "b")
    waited = []
    while (item := spacing.missed()[0]).due_at is not None:
        waited.append((item.due_at - clock.now).days)
        clock.later(days=waited[-1])
        assert due() == ["p01_1"]
        spacing.save_review("p01_1", "b")
        assert due() == []
    assert waited == [1, 3, 7, 21] == list(spacing.PAUSES)
    clock.later(days=1000)
    assert due() == []


def test_a_wrong_answer_starts_over(clock):
    ask("p01_1", "a", 0.9, "b")
    for choice, days in (("b", 1), ("b", 3), ("c", 7), ("b", 1), ("b", 3)):
        assert (spacing.missed()[0].due_at - clock.now).days == days
        clock.later(days=days)
        spacing.save_review("p01_1", choice)
    assert spacing.missed()[0].streak == 2


def test_of_several_answers_in_a_row_the_first_counts(clock):
    ask("p01_1", "a", 0.9, "b")
    assert spacing.save_review("p01_1", "b").reviews == ()  # not due yet
    clock.later(days=1)
    assert len(spacing.save_review("p01_1", "c").reviews) == 1
    again = spacing.save_review("p01_1", "b")
    assert [review.correct for review in again.reviews] == [False]


def test_a_review_never_changes_the_scored_prediction(clock):
    ask("p01_1", "a", 0.9, "b")
    before = progress.predictions(), calibration.by_topic(), calibration.own_predictions()
    for _ in range(6):
        clock.later(days=30)
        spacing.save_review("p01_1", "b")
    assert (progress.predictions(), calibration.by_topic(), calibration.own_predictions()) == before


def test_the_surest_comes_first(clock):
    for id, confidence in (("p01_1", 0.6), ("p01_2", 1.0), ("p01_3", 0.8)):
        ask(id, "a", confidence, "b")
    clock.later(days=2)
    assert due() == ["p01_2", "p01_3", "p01_1"]


def test_late_and_open_predictions_are_not_asked_again(clock):
    progress.settle_prediction("p01_1", "b")
    progress.save_prediction("p01_1", "a", 1.0)
    progress.save_prediction("p01_2", "a", 1.0)
    progress.settle_prediction("p01_3", "a")
    clock.later(days=30)
    assert spacing.missed() == []
    assert spacing.save_review("p01_1", "b") is None
    assert spacing.save_review("p77_7", "b") is None


def test_a_question_unknown_or_changed_since_cannot_be_asked(clock):
    progress.save_prediction("p01_1", "a", 1.0)
    progress.settle_prediction("p01_1", "b")
    ask("p01_2", "a", 0.9, "b")
    progress.save_question("p01_2", "Another edition", ("one", "two"))
    clock.later(days=1)
    assert [(item.made.id, item.question) for item in spacing.due()] == [("p01_1", None), ("p01_2", None)]


def test_what_is_said_after_an_answer(clock):
    ask("p01_1", "a", 0.9, "b")
    assert spacing.outcome("p99_9", "a") == "Your progress no longer holds this prediction."
    clock.later(days=1)
    wrong = spacing.outcome("p01_1", "c")
    assert wrong == "No: you first said a, now c. The answer is: b. It comes back in 1 day."
    clock.later(days=1)
    same = spacing.outcome("p01_1", "a")
    assert same == "No: you said a the first time, too. The answer is: b. It comes back in 1 day."
    clock.later(days=1)
    assert spacing.outcome("p01_1", "b") == "Right. The answer is: b. It comes back in 3 days."
    for days in (3, 7, 21):
        clock.later(days=days)
        last = spacing.outcome("p01_1", "b")
    assert last == "Right. The answer is: b. Right 4 times in a row: it will not be asked again."


def test_an_answer_that_cannot_be_saved_is_due_still(clock, monkeypatch):
    ask("p01_1", "a", 0.9, "b")
    clock.later(days=1)
    monkeypatch.setattr(store, "transact", lambda work, otherwise: otherwise)
    assert spacing.outcome("p01_1", "b") == "Right. The answer is: b. It is due now."
