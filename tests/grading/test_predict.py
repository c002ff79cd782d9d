"""Predictions: without a front end, with one, late ones, and what settling says."""

import subprocess
import sys

import pytest

from course_utils.grading import predict as module
from course_utils.grading import progress
from course_utils.grading.panel import PredictionPanel
from course_utils.grading.predict import predict, settle

OPTIONS = ["never", "10 to 100", "over 100"]


@pytest.fixture(autouse=True)
def forget_questions():
    yield
    for panel in module._panels.values():
        panel.close()
    module._asked.clear()
    module._panels.clear()


def press(panel, choice, confidence):
    """What the page sends when the learner chooses and saves."""
    panel.choice, panel.confidence = choice, confidence
    panel.saves += 1


def test_without_a_front_end_the_question_is_printed_and_nothing_waits(tmp_path):
    code = (
        "from course_utils import predict, settle\n"
        "predict('p99_1', 'How many?', ['never', '10'])\n"
        "settle('p99_1', '10')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "Predict (p99_1): How many?",
        "  a) never",
        "  b) 10",
        "p99_1: the answer is: 10. No prediction recorded.",
    ]


def test_the_stored_text_is_the_question_alone(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    assert shown[0]["text/plain"] == "Predict (p99_1): How many?\n  a) never\n  b) 10 to 100\n  c) over 100"
    assert set(shown[0]) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


def test_a_prediction_that_comes_true(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    panel = module._panels["p99_1"]
    assert (panel.choice, panel.confidence, panel.least, panel.status) == (-1, 60, 33, "")
    press(panel, 1, 70)
    assert panel.status == "Saved: 10 to 100, 70 %. You can change it until you run the next cells."
    settle("p99_1", "10 to 100")
    text = "p99_1: the answer is: 10 to 100. You said: 10 to 100, with 70 % confidence."
    assert shown[1]["text/plain"] == text
    assert ">as predicted<" in shown[1]["text/html"]
    assert "as predicted" in panel.status
    made = progress.prediction("p99_1")
    assert (made.scored, made.right, made.confidence) == (True, True, 0.7)


def test_a_surprise(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    press(module._panels["p99_1"], 2, 90)
    settle("p99_1", "never")
    assert shown[1]["text/plain"].endswith("You said: over 100, with 90 % confidence.")
    assert ">a surprise<" in shown[1]["text/html"]
    assert not progress.prediction("p99_1").right


def test_saving_without_a_choice_saves_nothing(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    panel = module._panels["p99_1"]
    panel.saves += 1
    assert panel.status == "Choose an option first."
    assert progress.predictions() == []


def test_a_prediction_may_be_changed_until_it_is_settled(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    panel = module._panels["p99_1"]
    press(panel, 0, 80)
    press(panel, 1, 50)
    assert progress.prediction("p99_1").choice == "10 to 100"
    settle("p99_1", "never")
    press(panel, 0, 100)
    made = progress.prediction("p99_1")
    assert (made.choice, made.right, made.late) == ("10 to 100", False, False)
    assert "you said 10 to 100, 50 %" in panel.status


def test_run_all_reveals_first_and_a_later_prediction_is_not_scored(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    settle("p99_1", "never")
    assert shown[1]["text/plain"] == "p99_1: the answer is: never. No prediction recorded."
    panel = module._panels["p99_1"]
    assert "already revealed: never" in panel.status
    press(panel, 0, 100)
    assert "already revealed, so this is not scored" in panel.status
    made = progress.prediction("p99_1")
    assert (made.late, made.scored, made.choice) == (True, False, "never")
    settle("p99_1", "never")
    assert "not scored" in shown[2]["text/plain"]


def test_a_cell_run_again_shows_what_was_saved(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    press(module._panels["p99_1"], 1, 70)
    predict("p99_1", "How many?", OPTIONS)
    panel = module._panels["p99_1"]
    assert (panel.choice, panel.confidence) == (1, 70)
    assert panel.status.startswith("Saved: 10 to 100, 70 %")
    assert shown[0]["text/plain"] == shown[1]["text/plain"]


def test_an_option_that_is_gone_is_not_preselected(shell, shown):
    progress.save_prediction("p99_1", "an option of an older edition", 0.9)
    predict("p99_1", "How many?", OPTIONS)
    assert module._panels["p99_1"].choice == -1


@pytest.mark.parametrize("confidence", [0, 20, 101, 1000])
def test_confidence_is_kept_between_a_guess_and_certainty(confidence):
    panel = PredictionPanel("p99_1", "How many?", tuple(OPTIONS))
    press(panel, 0, confidence)
    assert 0.33 <= progress.prediction("p99_1").confidence <= 1.0
    panel.close()


def test_the_answer_must_be_an_option(shell, shown):
    predict("p99_1", "How many?", OPTIONS)
    with pytest.raises(
        ValueError, match="expected one of the options 'never', '10 to 100', 'over 100', got 'ten'"
    ):
        settle("p99_1", "ten")
    assert progress.prediction("p99_1").answer is None


@pytest.mark.parametrize("options", [[], ["one"], ["one", "one"], ["one", 2]])
def test_options_must_differ(options):
    with pytest.raises(ValueError, match="2 to 8 different options"):
        predict("p99_1", "How many?", options)


def test_html_escapes(shell, shown):
    predict("p99_1", "<b>?", ["<i>", "x"])
    press(module._panels["p99_1"], 0, 70)
    settle("p99_1", "<i>")
    assert "<i>" not in shown[1]["text/html"]
    assert "&lt;i&gt;" in shown[1]["text/html"]


@pytest.mark.parametrize("options", ["never", ["never"], [], [str(k) for k in range(9)]])
def test_two_to_eight_options_can_be_lettered(options):
    with pytest.raises(ValueError, match="expected 2 to 8 different options"):
        predict("p99_1", "How many?", options)
    assert "p99_1" not in module._asked


def test_eight_options_are_all_shown(capsys):
    predict("p99_1", "How many?", [str(k) for k in range(8)])
    assert "  h) 7" in capsys.readouterr().out
