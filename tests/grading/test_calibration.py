"""Bins, intervals and the Brier score by hand, and what the picture holds."""

import math

import pytest

from course_utils.grading import calibration as module
from course_utils.grading import progress
from course_utils.grading.calibration import by_topic, calibration, in_bins, in_words, wilson


def predicted(id, choice, confidence, answer):
    progress.save_prediction(id, choice, confidence)
    progress.settle_prediction(id, answer)


def test_calibration_by_hand():
    predicted("p01_1", "a", 0.8, "a")  # (0.8 - 1)^2 = 0.04
    predicted("p01_2", "a", 0.6, "b")  # (0.6 - 0)^2 = 0.36
    predicted("p00_1", "a", 1.0, "a")
    progress.settle_prediction("p01_3", "b")
    progress.save_prediction("p01_3", "b", 1.0)  # late
    progress.save_prediction("p01_4", "b", 1.0)  # not settled
    first, second = by_topic()
    assert (first.topic, first.predictions, first.brier) == ("00", 1, 0.0)
    assert (second.topic, second.predictions, second.right) == ("01a and 01b", 2, 1)
    assert second.brier == pytest.approx(0.2)
    assert second.confidence == pytest.approx(0.7)
    assert module.own_predictions() == ([1.0, 0.8, 0.6], [True, True, False])


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_wilson_solves_its_equation(n):
    """Its edges are the p for which the share seen lies 1.96 of p's own standard errors away."""
    for right in range(n + 1):
        low, high = wilson(right, n)
        assert 0 <= low <= right / n <= high <= 1
        for edge, inside in ((low, right > 0), (high, right < n)):
            if inside:
                away = abs(right / n - edge) / math.sqrt(edge * (1 - edge) / n)
                assert away == pytest.approx(1.959964, abs=1e-6)
    assert wilson(0, n)[0] == 0.0
    assert wilson(n, n)[1] == pytest.approx(1.0)
    assert 0.0 < wilson(0, n)[1] < 1.0


def test_every_prediction_lies_in_one_bin():
    said = [0.13, 0.25, 0.4, 0.59, 0.6, 0.79, 0.8, 0.99, 1.0]
    bins = in_bins(said, [True] * len(said))
    assert [(b.low, b.predictions) for b in bins] == [(0.0, 2), (0.4, 2), (0.6, 2), (0.8, 3)]
    assert bins[-1].confidence == pytest.approx((0.8 + 0.99 + 1.0) / 3)


def test_verdicts():
    sure = in_bins([0.9] * 20, [True] * 8 + [False] * 12)[0]
    modest = in_bins([0.5] * 20, [True] * 19 + [False])[0]
    few = in_bins([0.9] * 2, [True, False])[0]
    assert (sure.verdict, modest.verdict, few.verdict) == ("too sure", "not sure enough", "fits")


def test_words_of_the_picture():
    text = in_words(in_bins([0.9] * 20, [True] * 8 + [False] * 12))
    assert text == (
        "20 predictions, share that came true against confidence, with 95 % intervals: of 20 made with "
        "80 to 100 %, 90 % on average, 8 came true (22 to 61 %): too sure."
    )


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures shown, and their texts."""
    import matplotlib

    matplotlib.use("agg")
    found = []
    monkeypatch.setattr("course_utils.figures.show", lambda fig, alt: found.append((fig, alt)))
    yield found
    from matplotlib import pyplot as plt

    plt.close("all")


def test_the_picture_holds_points_intervals_counts_and_the_diagonal(drawn):
    said, came_true = [0.5] * 4 + [1.0] * 10, [True, False] * 2 + [True] * 7 + [False] * 3
    calibration(said, came_true)
    ((fig, alt),) = drawn
    lines = fig.axes[0].lines
    assert lines[0].get_xydata().tolist() == [[0, 0], [100, 100]]
    points = [line.get_xydata()[0].tolist() for line in lines if line.get_marker() == "o"]
    assert points == [[50, 50], [100, 70]]
    spans = [line.get_ydata() for line in lines[1:] if line.get_marker() != "o"]
    assert spans[1] == pytest.approx([100 * edge for edge in wilson(7, 10)])
    assert [text.get_text() for text in fig.axes[0].texts] == ["2 of 4", "7 of 10"]
    assert alt == in_words(in_bins(said, came_true))


def test_ones_own_predictions_are_drawn_once_there_are_any(drawn, capsys):
    calibration()
    assert drawn == []
    assert capsys.readouterr().out.startswith("No prediction has been settled yet")
    predicted("p01_1", "a", 0.8, "a")
    calibration()
    assert drawn[0][1].startswith("1 prediction, share that came true")


@pytest.mark.parametrize(
    ("said", "came_true", "message"),
    [
        ([0.5], None, "expected both"),
        (None, [True], "expected both"),
        ([0.5, 0.6], [True], "got 2 confidences"),
        ([60], [True], "between 0 and 1"),
        ([float("nan")], [True], "between 0 and 1"),
    ],
)
def test_input_that_does_not_fit(said, came_true, message):
    with pytest.raises(ValueError, match=message):
        calibration(said, came_true)
