"""What is recorded of attempts, hints and predictions, and what is read from it."""

import pytest

from course_utils.grading import progress


def test_best_points_attempts_and_last_status():
    for status, points in (("failed", 1), ("passed", 3), ("failed", 2)):
        progress.record_attempt("ex01_4", status, points, 3)
    progress.record_attempt("ex01_5", "failed", 0, 3)
    best = progress.best_results()
    assert (best["ex01_4"].points, best["ex01_4"].attempts, best["ex01_4"].solved) == (3, 3, True)
    assert best["ex01_4"].last_status == "failed"
    assert (best["ex01_5"].points, best["ex01_5"].solved) == (0, False)
    assert progress.attempts("ex01_4") == 3
    assert progress.attempts("ex01_6") == 0


def test_hints_are_counted_up_to_the_last():
    assert [progress.take_hint("ex01_4", 3) for _ in range(5)] == [1, 2, 3, 3, 3]
    assert progress.take_hint("q01_1", 1) == 1
    assert progress.hints_taken() == {"ex01_4": 3, "q01_1": 1}
    assert progress.hints_taken()["ex01_5"] == 0


def test_attempts_and_hints_are_counted_without_a_file(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.sqlite"))
    progress.record_attempt("ex01_4", "failed", 0, 3)
    assert progress.attempts("ex01_4") == 1
    assert [progress.take_hint("ex01_4", 3) for _ in range(4)] == [1, 2, 3, 3]
    assert progress.hints_taken() == {"ex01_4": 3}
    assert "could not be saved" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "other.sqlite"))
    assert progress.hints_taken() == {}


def test_a_prediction_is_settled_once():
    progress.save_prediction("p01_1", "a", 0.8)
    progress.settle_prediction("p01_1", "a")
    made = progress.settle_prediction("p01_1", "b")  # a later run, with another seed
    assert (made.answer, made.right, made.late) == ("a", True, False)
    assert made.settled_at is not None


def test_a_question_is_kept_as_it_was_asked_last():
    progress.save_question("p01_1", "How many?", ["a", "b"])
    progress.save_question("p01_1", "How many now?", ["≤ 1", "b, or 'c'", '"'])
    (question,) = progress.questions().values()
    assert question == progress.Question("p01_1", "How many now?", ("≤ 1", "b, or 'c'", '"'))


@pytest.mark.parametrize("confidence", [0.5, 1.0])
def test_a_late_prediction_is_kept_and_not_scored(confidence):
    progress.settle_prediction("p01_1", "a")
    made = progress.save_prediction("p01_1", "a", confidence)
    assert (made.late, made.scored, made.confidence) == (True, False, confidence)
