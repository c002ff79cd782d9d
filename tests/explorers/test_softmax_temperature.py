"""The scene of softmax: limits known on paper, invariances, the digits' network, presets and words."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pytest

from course_utils.explorers import SoftmaxTemperature
from course_utils.explorers import softmax_temperature_logits as sources
from course_utils.explorers.softmax_temperature_numbers import CURVES, TEMPERATURES, Softmax, compute
from course_utils.explorers.softmax_temperature_picture import shade
from course_utils.explorers.softmax_temperature_words import describe, headline, probability, state
from course_utils.figures import style
from tests.explorers import oracle_softmax_temperature


def found(**changes: Any) -> Softmax:
    return compute(**{**SoftmaxTemperature.defaults(), **changes})


def preset(name: str) -> Softmax:
    return found(**SoftmaxTemperature.presets[name])


@pytest.mark.parametrize("source", sources.SOURCES)
def test_both_limits_of_the_temperature(source: str) -> None:
    softmax = found(logits=source, scale=0.1, temperature=20)
    n_classes = len(softmax.z)
    np.testing.assert_allclose(softmax.p, 1 / n_classes, atol=0.04)
    assert softmax.limit - softmax.at["entropy"] < 0.01
    cold = found(logits=source, scale=10, temperature=0.05)
    if source == "all equal":
        np.testing.assert_allclose(cold.p, 1 / n_classes)
    else:
        assert cold.p.argmax() == softmax.z.argmax() == cold.winner
        assert cold.at["entropy"] < 1e-9
    assert np.isfinite(cold.at["loss"])


@pytest.mark.parametrize("source", sources.SOURCES)
def test_entropy_grows_and_the_largest_probability_falls_with_the_temperature(source: str) -> None:
    curves = found(logits=source).curves
    assert (np.diff(curves["entropy"]) > -1e-9).all()
    assert (np.diff(curves["largest p"]) < 1e-9).all()


@pytest.mark.parametrize("source", sources.SOURCES)
@pytest.mark.parametrize("temperature", [0.05, 1, 20])
def test_a_shift_moves_the_logits_and_nothing_else(source: str, temperature: float) -> None:
    here, there = (found(logits=source, temperature=temperature, shift=shift) for shift in (0, -9.5))
    np.testing.assert_allclose(there.z, here.z - 9.5)
    for name in ("p", "dz", "jacobian"):
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), atol=1e-11)
    for name in CURVES:
        np.testing.assert_allclose(there.curves[name], here.curves[name], rtol=1e-9, atol=1e-11)
    assert "Without the shift the probabilities are the same." in describe(there)
    assert "shift" not in describe(here)


def test_scale_is_one_over_the_temperature_but_for_the_gradient() -> None:
    scaled, cooled = found(scale=5), found(temperature=0.2)
    np.testing.assert_allclose(scaled.p, cooled.p)
    np.testing.assert_allclose(5 * scaled.dz, cooled.dz)
    assert np.isclose(scaled.at["loss"], cooled.at["loss"])


def test_two_classes_are_a_sigmoid_of_the_difference() -> None:
    for temperature in (0.1, 1, 7):
        p = found(logits="two classes", temperature=temperature).p
        np.testing.assert_allclose(p[0], 1 / (1 + np.exp(-2 / temperature)))
    at_ln3 = found(logits="two classes", temperature=2 / np.log(3))
    assert np.isclose(at_ln3.p[0], 0.75)


@pytest.mark.parametrize("rank", ["largest logit", "second largest", "smallest logit"])
def test_gradients_sum_to_zero_and_are_never_longer_than_root_two_over_t(rank: str) -> None:
    for source in sources.SOURCES:
        softmax = found(logits=source, true_class=rank, temperature=0.3)
        assert abs(softmax.dz.sum()) < 1e-12
        assert (softmax.curves["gradient"] <= np.sqrt(2) / TEMPERATURES + 1e-12).all()


def test_gradient_of_a_mistake_falls_with_t_and_that_of_a_right_answer_has_a_hump() -> None:
    wrong = found(true_class="second largest").curves["gradient"]
    assert (np.diff(wrong) < 0).all()
    right = found().curves["gradient"]
    at = right.argmax()
    assert 1.5 < TEMPERATURES[at] < 1.8
    assert (np.diff(right[: at + 1]) >= 0).all()
    assert (np.diff(right[at:]) < 0).all()


@pytest.mark.parametrize("temperature", [0.4, 1.0, 6.0])
def test_jacobian_by_the_textbook_and_by_differences(temperature: float) -> None:
    softmax = found(temperature=temperature)
    p = softmax.p
    np.testing.assert_allclose(softmax.jacobian, (np.diag(p) - np.outer(p, p)) / temperature, atol=1e-14)
    step = 1e-6
    up, down = (np.exp((softmax.z + sign * step * np.eye(6)) / temperature) for sign in (1, -1))
    slopes = (up / up.sum(1, keepdims=True) - down / down.sum(1, keepdims=True)) / (2 * step)  # row: z moved
    np.testing.assert_allclose(softmax.jacobian, slopes.T, atol=1e-9)


def test_of_equal_logits_the_first_counts_as_the_largest() -> None:
    labels = [
        found(logits="all equal", true_class=rank).label
        for rank in ("largest logit", "second largest", "smallest logit")
    ]
    assert labels == [0, 1, 5]


def test_shades() -> None:
    np.testing.assert_allclose(shade(np.array([-0.25, -1 / 16, 0, 1 / 16, 0.25])), [-1, -0.5, 0, 0.5, 1])


def test_the_network_is_what_a_loop_by_hand_trains() -> None:
    logits, labels = oracle_softmax_temperature.readings()
    np.testing.assert_allclose(sources.new_writers().logits, logits, atol=1e-8)
    np.testing.assert_array_equal(sources.new_writers().labels, labels)


def test_rounding_in_training_reaches_no_printed_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = sources.new_writers()
    make = sources.mlp

    def other_rounding(*args: Any, **options: Any) -> Any:
        model = make(*args, **options)
        for weights in model.parameters():
            weights.data = weights.data * (1 + 1e-13)
        return model

    monkeypatch.setattr(sources, "mlp", other_rounding)
    rounded = sources.new_writers.__wrapped__()
    off = np.abs(rounded.logits - exact.logits).max()
    assert 0 < off < 1e-9


def test_digits_are_what_their_names_say() -> None:
    right, doubt, misread = (found(logits=name) for name in sources.DIGITS)
    assert right.winner == right.label
    assert right.p.max() > 0.999
    assert doubt.at["entropy"] > 2
    assert misread.winner == 9
    assert misread.label == 1
    assert misread.p.max() > 0.999
    for source in sources.DIGITS:
        shown = sources.scan(source)
        assert shown is not None
        assert shown.label == found(logits=source).label
        assert shown.pixels.shape == (8, 8)
    assert sources.scan("two rivals") is None


def test_the_network_is_too_sure_and_its_best_temperature_makes_it_about_right() -> None:
    before, after = preset("a misread digit, sure of itself"), preset("the same digit, calibrated")
    assert after.best == after.settings["temperature"] == 2.27
    accuracy = sources.new_writers().accuracy
    assert before.sureness is not None
    assert after.sureness is not None
    assert before.sureness - accuracy > 0.05
    assert abs(after.sureness - accuracy) < 0.01
    assert sources.mean_loss(np.array([1.0, 2.27]))[1] < 0.7 * sources.mean_loss(np.array([1.0]))[0]
    assert after.winner == before.winner


def test_the_best_temperature_goes_with_the_scale() -> None:
    scaled = found(logits="digit misread", scale=3)
    assert scaled.best == 3 * sources.best_temperature()
    plain = found(logits="digit misread", temperature=0.5)
    assert np.isclose(found(logits="digit misread", scale=3, temperature=1.5).sureness, plain.sureness)


def test_presets_show_what_their_names_say() -> None:
    states = {name: state(preset(name)) for name in SoftmaxTemperature.presets}
    assert states == {
        "winner takes all (T 0.1)": "winner takes all",
        "nearly uniform (T 10)": "nearly uniform",
        "two rivals": "two rivals",
        "shift changes nothing": "one favourite",
        "no slope left": "winner takes all",
        "a misread digit, sure of itself": "sure, and wrong",
        "the same digit, calibrated": "sure, and wrong",
        "attention: divide by √64": "spread out",
    }
    np.testing.assert_allclose(preset("shift changes nothing").p, found().p)
    no_slope = preset("no slope left")
    assert np.abs(no_slope.jacobian).max() < 1e-3
    assert no_slope.at["gradient"] > 7
    attention = preset("attention: divide by √64")
    assert attention.p.max() < 0.3
    assert found(logits="attention scores").p.max() > 0.9
    assert 4 < sources.logits_of(sources.ATTENTION).std() < 12  # 8 is expected of 64 numbers


@pytest.mark.parametrize("source", sources.SOURCES)
def test_the_oracle_agrees_away_from_the_defaults(source: str) -> None:
    explorer = SoftmaxTemperature(logits=source, curve="loss", scale=2.5, temperature=0.7, shift=3)
    oracle_softmax_temperature.check(explorer)
    explorer.close()


def test_states_without_a_preset() -> None:
    assert state(found(logits="all equal", temperature=0.05)) == "uniform at every T"
    assert state(found()) == "one favourite"
    assert state(found(logits="digit read right")) == "winner takes all"


def test_probabilities_are_never_called_0_or_1() -> None:
    extreme = found(logits="a wide range", scale=10, temperature=0.05, true_class="smallest logit")
    assert headline(extreme) == "winner takes all: p >0.999, entropy <1e−9 of 3.32 bits, loss 3600"
    assert [probability(p) for p in (0.0, 1e-12, 0.5, 0.99951, 1.0)] == [
        "<1e−9",
        "<1e−9",
        "0.5",
        ">0.999",
        ">0.999",
    ]


def test_the_true_class_of_a_scan_is_what_was_written() -> None:
    explorer = SoftmaxTemperature()
    for source in sources.SOURCES:
        explorer.logits = source
        assert explorer.widgets["true_class"].disabled == (source in sources.DIGITS)
    explorer.true_class = "smallest logit"
    assert explorer.result.label == 1
    explorer.close()


def test_a_mean_probability_is_never_called_1_and_one_bit_is_no_bits() -> None:
    explorer = SoftmaxTemperature(logits="digit read right", temperature=0.05)
    texts: Any = explorer.artists
    assert explorer.result.sureness < 1
    assert "mean p >0.999," in texts["sureness"].get_text()
    assert "their mean largest p is >0.999 at this T" in explorer.alt
    explorer.set(logits="two classes", temperature=20)
    texts = explorer.artists
    assert "of 1 bit, " in texts["headline"].get_text()
    assert "of 1 bit. " in explorer.alt
    explorer.close()


def overlap(explorer: SoftmaxTemperature, name: str) -> int:
    """Return how many points of a curve, taken finely, lie within the label of the limit."""
    artists: dict[str, Any] = explorer.artists
    axes = artists["curve"].axes
    (label,) = axes.texts
    x, y = axes.transData.transform(np.transpose(artists[name].get_data())).T
    fine = np.arange(x[0], x[-1], 0.5)
    box = label.get_window_extent()
    inside = (box.x0 < fine) & (fine < box.x1)
    return int((inside & (box.y0 < np.interp(fine, x, y)) & (np.interp(fine, x, y) < box.y1)).sum())


@pytest.mark.parametrize("source", sources.DIGITS)
def test_no_curve_of_a_scan_crosses_the_label_of_the_limit(source: str) -> None:
    explorer = SoftmaxTemperature(logits=source, curve="loss")
    for scale in (0.1, 0.3, 1, 3, 10):
        explorer.scale = scale
        assert [overlap(explorer, name) for name in ("curve", "writers")] == [0, 0], scale
    explorer.close()


@pytest.mark.parametrize("source", ["two classes", "a wide range", "digit in doubt"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_label_beside_the_axes_has_room(source: str, scale: float) -> None:
    explorer = SoftmaxTemperature(logits=source, curve="loss", temperature=20)
    explorer.picture.scale = scale
    artists: dict[str, Any] = explorer.artists
    axes = artists["curve"].axes
    (label,) = axes.texts
    box = label.get_window_extent()
    assert box.x0 > axes.transData.transform((20, 1))[0] + 7 * scale  # half of the mark that is dragged
    assert box.x1 < artists["jacobian"].axes.yaxis.label.get_window_extent().x0 - 2 * scale
    for picture in (one for one in axes.figure.axes if one.images):
        assert not box.padded(3 * scale).overlaps(picture.bbox)
    explorer.close()


@pytest.mark.parametrize("source", ["two classes", "one clear winner", "a wide range"])
def test_the_label_of_the_largest_entropy_stands_clear_of_its_line(source: str) -> None:
    explorer = SoftmaxTemperature(logits=source)
    artists: dict[str, Any] = explorer.artists
    axes = artists["curve"].axes
    (label,) = axes.texts
    line = axes.transData.transform((1, explorer.result.limit))[1]
    assert label.get_window_extent().y0 > line + 2
    assert label.get_window_extent().y1 < axes.bbox.y1
    explorer.close()


def test_the_style_of_the_notebook_leaves_the_scan_alone() -> None:
    pictures = []
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        for set_style in (lambda: None, style):
            set_style()
            explorer = SoftmaxTemperature(logits="digit misread", curve="loss")
            pictures.append(explorer.canvas.pixels().copy())
            explorer.close()
    np.testing.assert_array_equal(*pictures)
