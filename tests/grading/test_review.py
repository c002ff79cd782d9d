"""`review` asks what is due, in a notebook and without one, and says what comes next."""

import datetime

import pytest

from course_utils.grading import progress, spacing, store
from course_utils.grading import review as module
from course_utils.grading.predict import predict, settle
from course_utils.grading.review import review, state

OPTIONS = ["never", "10 to 100", "over 100"]
LATER = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1, hours=1)


@pytest.fixture(autouse=True)
def close_panels():
    yield
    while module._panels:
        module._panels.pop().close()


def miss(n, monkeypatch):
    """Miss `n` predictions as a notebook does, and go to the next day."""
    for k in range(1, n + 1):
        predict(f"p99_{k}", f"How many {k}?", OPTIONS)
        progress.save_prediction(f"p99_{k}", "over 100", 0.9)
        settle(f"p99_{k}", "never")
    monkeypatch.setattr(store, "now", lambda: LATER)


def test_nothing_missed(shell, shown):
    review()
    assert shown[0]["text/plain"] == "Review: Nothing to ask again: you have missed no prediction so far."
    assert "missed no prediction" in shown[0]["text/html"]


def test_what_predict_asked_comes_back_as_a_form(shell, shown, monkeypatch):
    miss(1, monkeypatch)
    assert state() == "1 missed prediction is to be asked again now."
    review()
    (panel,) = module._panels
    assert shown[-1]["text/plain"].splitlines() == [
        "Again (p99_1): How many 1?",
        "  a) never",
        "  b) 10 to 100",
        "  c) over 100",
    ]
    assert "application/vnd.jupyter.widget-view+json" in shown[-1]
    assert (panel.choice, panel.asks_confidence, panel.status) == (-1, False, "")
    panel.saves += 1
    assert panel.status == "Choose an option first."
    panel.choice = 1
    panel.saves += 1
    said = "No: you first said over 100, now 10 to 100. The answer is: never. It comes back in 1 day."
    assert panel.status == said
    panel.choice = 0
    panel.saves += 1
    assert panel.status == said  # the first answer counts
    assert [r.correct for r in spacing.missed()[0].reviews] == [False]
    made = progress.prediction("p99_1")
    assert (made.choice, made.confidence, made.answer) == ("over 100", 0.9, "never")
    assert state() == "Nothing to ask again now; the next comes back in 1 day."


def test_the_cell_run_again_asks_only_what_is_left(shell, shown, monkeypatch):
    miss(2, monkeypatch)
    review()
    first, second = module._panels
    first.choice = 0
    first.saves += 1
    assert first.status.startswith("Right.")
    review()
    (left,) = module._panels
    assert (left.question_id, left.comm, second.comm) == (second.question_id, left.comm, None)


def test_five_at_a_time(shell, shown, monkeypatch):
    miss(7, monkeypatch)
    review()
    assert len(module._panels) == module.MOST == 5
    assert state() == "7 missed predictions are to be asked again now."


def test_without_a_front_end_the_questions_are_printed(monkeypatch, capsys, shown):
    miss(1, monkeypatch)
    capsys.readouterr()
    review()
    assert capsys.readouterr().out.startswith("Again (p99_1): How many 1?\n  a) never\n")


def test_a_miss_of_an_older_version_says_where_its_question_is(monkeypatch):
    progress.save_prediction("p01_1", "a", 0.9)
    progress.settle_prediction("p01_1", "b")
    monkeypatch.setattr(store, "now", lambda: LATER)
    assert state() == (
        "Nothing to ask again now. To be asked again, p01_1 must first be shown: run its cell in the chapter."
    )
    predict("p01_1", "Which?", ["a", "b"])
    assert state() == "1 missed prediction is to be asked again now."
