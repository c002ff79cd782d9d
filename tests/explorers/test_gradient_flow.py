"""Gradients have the sizes that torch finds, theory its known limits; presets show what they say."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad

import course_utils.nn.functional as F
from course_utils.explorers.deep_network import Layer, Network
from course_utils.explorers.digit_networks import (
    ACTIVATIONS,
    SCANS,
    batch,
    build,
    change,
)
from course_utils.explorers.gradient_flow import GradientFlow, Scene, compute
from course_utils.explorers.gradient_flow_picture import FACTS, LINES
from course_utils.explorers.gradient_flow_words import (
    facts,
    growth,
    headline,
    key,
    layer_list,
    state_of,
    subline,
)
from course_utils.explorers.layer_statistics import examine, histogram, root_mean_square, spread
from course_utils.explorers.random_weights import drawn_so_far, random_layers, spread_of_weights
from course_utils.explorers.signal_theory import growth_back, normal_moments
from course_utils.models import deep_mlp
from course_utils.nn import init
from tests.explorers.oracle_gradient_flow import follow, network_of, slope


def scene(**changes: Any) -> Scene:
    return compute(**{**GradientFlow.defaults(), **changes})


def layers_of(network: Network) -> list[Layer]:
    return [*network.hidden, network.head]


def preset(name: str) -> Scene:
    return scene(**GradientFlow.presets[name])


def ratio(found: Scene) -> float:
    gradients = found.flow.gradients
    return float(gradients[0] / gradients[-1])


# What is measured


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("residual", ["off", "on"])
@pytest.mark.parametrize("activation", ["tanh", "Leaky ReLU"])
def test_gradients_of_activations_and_weights_are_torch_s(
    activation: str, residual: str, normalization: str
) -> None:
    settings: dict[str, Any] = {
        "activation": activation,
        "normalization": normalization,
        "residual": residual,
    }
    found = scene(**settings, depth=7, width=24, std=0.3, seed=3).flow
    network = network_of(
        {**GradientFlow.defaults(), **settings, "depth": 7, "width": 24, "std": 0.3, "seed": 3}
    )
    weights = [
        [torch.tensor(p.data, requires_grad=True) for p in layer.parameters[:2]]
        for layer in layers_of(build(**network, learns=True))
    ]
    bend = torch.tanh if activation == "tanh" else torch.nn.functional.leaky_relu
    x, labels = (torch.from_numpy(a) for a in batch())
    outputs: list[torch.Tensor] = []
    h = x
    for w, b in weights[:-1]:
        z = h @ w.T + b
        if normalization != "none":
            over = 0 if normalization == "batch" else 1
            z = (z - z.mean(over, keepdim=True)) / (z.var(over, keepdim=True, correction=0) + 1e-5).sqrt()
        h = bend(z) + (h if residual == "on" and outputs else 0)
        h.retain_grad()
        outputs.append(h)
    w, b = weights[-1]
    loss = torch.nn.functional.cross_entropy(h @ w.T + b, labels)
    loss.backward()

    def rms(tensors: list[torch.Tensor]) -> list[float]:
        return [float((t.detach() ** 2).mean().sqrt()) for t in tensors]

    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(found.gradients, rms([h.grad for h in outputs]), rtol=1e-9)  # type: ignore[misc]
    np.testing.assert_allclose(found.weight_gradients, rms([w.grad for w, _ in weights[:-1]]), rtol=1e-9)  # type: ignore[misc]
    spreads = [float(h.detach().std(correction=0)) for h in outputs]
    np.testing.assert_allclose(found.spreads, spreads, rtol=1e-9)


def test_squares_that_vanish_and_overflow() -> None:
    for scale in (1e-300, 1e-150, 1.0, 1e150, 1e300):
        assert root_mean_square(scale * np.array([3.0, -4.0])) == pytest.approx(
            scale * math.sqrt(12.5), rel=1e-12
        )
    assert root_mean_square(np.zeros(3)) == 0
    assert math.isnan(root_mean_square(np.array([1.0, np.nan])))
    assert root_mean_square(np.array([1.0, -np.inf])) == np.inf


def test_histogram_has_all_values_and_zero_in_the_middle() -> None:
    x = np.random.default_rng(0).normal(size=(40, 5))
    found = histogram(x)
    reach = np.abs(x).max()
    assert found.reach == reach
    expected = np.histogram(x, bins=31, range=(-reach, reach))[0]
    np.testing.assert_allclose(found.shares * 200, expected, atol=1e-9)
    found = histogram(np.zeros((2, 3)))
    assert (found.shares[15], found.reach) == (1.0, 0.0)
    found = histogram(np.array([-3.0, 3.0]))
    assert (found.shares[0], found.shares[30], found.reach) == (0.5, 0.5, 3.0)
    for tiny in (1e-307, 1e-310, 5e-323, 5e-324):
        found = histogram(tiny * np.array([-1.0, 0.0, 1.0, 1.0]))
        assert found.shares[[0, 15, 30]].tolist() == [0.25, 0.25, 0.5]
        assert found.reach == tiny
    found = histogram(np.array([1.0, np.inf]))
    assert not found.shares.any()
    assert found.reach == np.inf


def test_rounding_is_no_spread() -> None:
    rng = np.random.default_rng(0)
    equal = np.full((64, 64), 0.1) * (1 + 1e-16 * rng.normal(size=(64, 64)))
    assert spread(equal) == 0
    assert spread(-equal) == 0
    assert spread(np.full((64, 64), 1 / 3)) == 0
    x = rng.normal(size=(64, 64))
    assert spread(x) == pytest.approx(x.std(), rel=1e-12)
    assert spread(1 + 1e-12 * x) == pytest.approx(1e-12 * x.std(), rel=1e-3)
    assert spread(np.array([0.0, 1e-200])) == pytest.approx(5e-201)


def test_dead_units_are_those_that_are_zero_for_all() -> None:
    given = {**GradientFlow.defaults(), "activation": "ReLU", "initialization": "torch's default"}
    model = build(**network_of({**given, "depth": 2, "width": 8}))
    first = model.hidden[0]
    assert first.bias is not None
    first.weight.data = np.where(np.arange(8)[:, None] < 3, 0, first.weight.data)
    first.bias.data = np.array([-1.0, 0.0, 1.0, 0.0, 1e3, 1e3, 1e3, 1e3])  # dead, dead, always on, some scans
    found = examine(model, *batch()).units[0]
    assert found.dead == 2 / 8
    assert not found.alike


def test_a_network_is_deep_mlp_with_the_weights_of_init() -> None:
    fill: dict[str, Any] = {
        "normal": functools.partial(init.normal_, std=0.3),
        "Xavier": init.xavier_normal_,
        "He": functools.partial(init.kaiming_normal_, nonlinearity="relu"),
        "orthogonal": init.orthogonal_,
    }
    given = {**GradientFlow.defaults(), "std": 0.3, "depth": 4, "width": 24, "seed": 5}
    drawn = deep_mlp(64, 24, 4, 10, rng=np.random.default_rng(5), dtype=np.float64)
    for initialization in ("torch's default", *fill):
        rng = np.random.default_rng(5)
        own = layers_of(build(**network_of({**given, "initialization": initialization})))
        of_model: list[Any] = [*(block[0] for block in list(drawn)[:-1]), drawn[4]]
        for layer, linear in zip(own, of_model, strict=True):
            if initialization in fill:
                fill[initialization](linear.weight, rng=rng)
                assert layer.bias is None
            else:
                np.testing.assert_array_equal(layer.bias.data, linear.bias.data)  # type: ignore[union-attr]
            np.testing.assert_allclose(layer.weight.data, linear.weight.data, rtol=1e-14)


def test_a_layer_drawn_for_a_deeper_network_is_the_same() -> None:
    deep = random_layers("normal", 0.3, (64, 16, 10), 9, 8)
    short = random_layers("normal", 0.3, (64, 16, 10), 4, 8)
    drawn_so_far.cache_clear()
    for (kept, _), (afresh, _) in zip(short, random_layers("normal", 0.3, (64, 16, 10), 4, 8), strict=True):
        np.testing.assert_array_equal(kept, afresh)
    np.testing.assert_array_equal(deep[3][0], short[3][0])
    assert deep[-1][0].shape == short[-1][0].shape == (10, 16)


# Known limits


def test_orthogonal_layers_without_activation_keep_every_length() -> None:
    found = scene(activation="linear", initialization="orthogonal", depth=100, width=32)
    np.testing.assert_allclose(found.flow.gradients / found.flow.gradients[-1], 1, rtol=1e-10)
    assert growth(found.flow.gradients) == pytest.approx(1, abs=1e-12)
    assert found.expected is not None
    np.testing.assert_allclose(found.expected, found.flow.gradients, rtol=1e-10)


@pytest.mark.parametrize(
    ("activation", "initialization", "factor"),
    [
        ("ReLU", "He", 1),
        ("ReLU", "Xavier", 0.5**0.5),
        ("ReLU", "torch's default", 1 / 6**0.5),
        ("linear", "He", 2**0.5),
    ],
)
def test_growth_over_many_seeds(activation: str, initialization: str, factor: float) -> None:
    grown = [
        growth(
            scene(activation=activation, initialization=initialization, width=128, seed=seed).flow.gradients
        )
        for seed in range(6)
    ]
    assert np.mean(grown) == pytest.approx(factor, rel=0.02)


@pytest.mark.parametrize(
    "initialization", ["zeros", "normal", "Xavier", "He", "torch's default", "orthogonal"]
)
def test_weights_have_the_variance_that_the_theory_takes(initialization: str) -> None:
    expected = {
        "zeros": (0, 0),
        "normal": (0.3**2, 0.3**2),
        "Xavier": (2 / 192, 2 / 256),
        "He": (2 / 64, 2 / 128),
        "torch's default": (1 / 192, 1 / 384),
        "orthogonal": (1 / 128, 1 / 128),
    }[initialization]
    given = {
        **GradientFlow.defaults(),
        "initialization": initialization,
        "std": 0.3,
        "depth": 2,
        "width": 128,
    }
    first, second, _ = layers_of(build(**network_of(given)))
    found = (first.weight.data.var(), second.weight.data.var())
    np.testing.assert_allclose(found, expected, rtol=0.05)
    assert (first.bias is not None) == (initialization == "torch's default")
    if initialization != "zeros":
        taken = [spread_of_weights(initialization, 0.3, n_in, 128) for n_in in (64, 128)]
        np.testing.assert_allclose(taken, np.multiply(expected, (64, 128)), rtol=1e-12)


def test_theory_of_torchs_default_has_its_biases() -> None:
    settings = {"activation": "tanh", "initialization": "torch's default", "width": 16, "depth": 2}
    found = scene(**settings | {"depth": 12})
    expected = growth_back(
        F.tanh, 12, first_variance=1 / 3 + 1 / 192, weight_variance=1 / 3, bias_variance=1 / 48
    )
    assert found.theory is not None
    np.testing.assert_allclose(found.theory, expected, rtol=1e-12)
    _, second, _ = layers_of(build(**network_of({**GradientFlow.defaults(), **settings})))
    assert second.bias is not None
    assert second.bias.data.var() == pytest.approx(1 / 48, rel=0.4)


@pytest.mark.parametrize("std", [0.09, 0.125, 0.177, 0.25])
def test_weights_hide_what_activations_show(std: float) -> None:
    """Without bias a ReLU net has the same sum of W dL/dW in each layer, whatever the weights: Euler."""
    found = scene(activation="ReLU", std=std, depth=50)
    np.testing.assert_allclose(found.flow.products, found.flow.products[0], rtol=1e-9)
    assert growth(found.flow.gradients) == pytest.approx(std * 32**0.5, rel=0.05)
    assert growth(found.flow.weight_gradients[1:]) == pytest.approx(1, abs=0.03)


def test_zero_weights_give_exactly_no_gradient() -> None:
    for activation in ACTIVATIONS:
        found = scene(activation=activation, initialization="zeros", depth=5)
        assert not found.flow.gradients.any()
        assert not found.flow.weight_gradients.any()
        assert all(units.alike for units in found.flow.units)
        assert headline(found) == "cut off: no gradient in any hidden layer, they are exactly 0"


def test_batch_norm_alone_explodes_and_residual_connections_tame_it() -> None:
    ratios = {"off": [], "on": []}  # type: ignore[var-annotated]
    for residual, found in ratios.items():
        for seed in range(3):
            settings = {"activation": "ReLU", "initialization": "He", "normalization": "batch", "depth": 50}
            found.append(ratio(scene(**settings, residual=residual, seed=seed)))
    assert np.mean(np.log(ratios["off"])) / 49 == pytest.approx(np.log(math.pi / (math.pi - 1)) / 2, rel=0.08)
    assert 5 < min(ratios["on"]) < max(ratios["on"]) < 40


# Theory


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "ReLU", "GELU"])
@pytest.mark.parametrize("variance", [0.01, 1.0, 30.0])
def test_means_over_a_normal_variable(name: str, variance: float) -> None:
    def f(u: float) -> tuple[float, float]:
        x = torch.tensor(u, dtype=torch.float64, requires_grad=True)
        y = {"ReLU": torch.relu, "GELU": torch.nn.functional.gelu}.get(name) or getattr(torch, name)
        value = y(x)
        value.backward()
        assert x.grad is not None
        return value.item(), x.grad.item()

    def mean(of: Any) -> float:
        weight = 1 / math.sqrt(2 * math.pi)
        integrand = lambda z: weight * math.exp(-z * z / 2) * of(*f(math.sqrt(variance) * z))  # noqa: E731
        return sum(quad(integrand, *ends, epsabs=1e-6)[0] for ends in ((-8, 0), (0, 8)))

    expected = [mean(lambda y, _: y), mean(lambda y, _: y * y), mean(lambda _, slope: slope**2)]
    np.testing.assert_allclose(normal_moments(ACTIVATIONS[name], variance), expected, rtol=2e-3, atol=1e-6)


def test_theory_in_closed_form() -> None:
    he = growth_back(F.relu, 10, first_variance=2.0, weight_variance=2.0)
    np.testing.assert_allclose(he, 1, rtol=1e-9)
    xavier = growth_back(F.relu, 10, first_variance=1.0, weight_variance=1.0)
    np.testing.assert_allclose(xavier, 0.5**0.5, rtol=1e-9)
    sum_of_two_ways = growth_back(None, 10, first_variance=1.0, weight_variance=2.0, residual=True)
    np.testing.assert_allclose(sum_of_two_ways, 3**0.5, rtol=1e-9)
    batch_norm = growth_back(F.relu, 10, first_variance=1.0, weight_variance=1.0, normalization="batch")
    np.testing.assert_allclose(batch_norm, math.sqrt(math.pi / (math.pi - 1)), rtol=1e-3)
    layer_norm = growth_back(F.relu, 10, first_variance=1.0, weight_variance=1.0, normalization="layer")
    np.testing.assert_allclose(layer_norm, 1, rtol=1e-3)
    (m1, q1, _), w = normal_moments(F.sigmoid, 1.0), 2.0
    m2, q2, slope2 = normal_moments(F.sigmoid, w * q1)
    _, _, slope3 = normal_moments(F.sigmoid, w * (q1 + 2 * m1 * m2 + q2))  # of h1 + f(h1), whose means add up
    sigmoid = growth_back(F.sigmoid, 3, first_variance=1.0, weight_variance=w, residual=True)
    np.testing.assert_allclose(sigmoid, [math.sqrt(w * slope2 + 1), math.sqrt(w * slope3 + 1)], rtol=1e-12)
    tanh = growth_back(F.tanh, 100, first_variance=1.0, weight_variance=1.0)
    assert (np.diff(tanh) > 0).all()  # signals shrink, and the slope at 0 is 1
    assert tanh[-1] < 1


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("residual", ["off", "on"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "ReLU"])
def test_wide_networks_follow_the_theory(activation: str, residual: str, normalization: str) -> None:
    if (activation, residual, normalization) == ("ReLU", "on", "none"):
        assert scene(activation="ReLU", residual="on").theory is None
        return
    given = {"activation": activation, "residual": residual, "normalization": normalization, "depth": 30}
    found = [scene(**given, initialization="He", width=128, seed=seed) for seed in range(2)]
    expected = found[0].expected
    assert expected is not None
    measured = np.mean([np.log(growth(one.flow.gradients)) for one in found])
    assert measured == pytest.approx(np.log(slope(expected)), abs=0.03)


# Words and presets


def test_presets_show_what_they_promise() -> None:
    assert headline(preset("sigmoid: vanishes")).startswith("vanishing: gradients shrink ×0.23")
    assert ratio(preset("sigmoid: vanishes")) < 1e-11
    assert headline(preset("tanh Xavier: holds")).startswith("level")
    assert headline(preset("ReLU He: holds")).startswith("level")
    assert headline(preset("torch's default: vanishes")).startswith("vanishing")
    assert headline(preset("too large: explodes")).startswith("exploding")
    assert subline(preset("too large: diverges")).startswith("diverged: overflow at step 5, loss")
    assert headline(preset("zeros: no gradient")).startswith("cut off")
    assert headline(preset("batch norm alone: explodes")).startswith("exploding: gradients grow ×1.23")
    assert headline(preset("with residual: tamed")).startswith("level: gradients change ×1.04")
    assert len(GradientFlow.presets) == 15  # four in training are below


def test_weights_gradients_are_said_to_hide_what_they_hide() -> None:
    found = preset("ReLU Xavier: weights hide it")
    first, last = found.flow.weight_gradients[[0, -1]]
    assert ratio(found) < 1e-7
    assert 0.2 < first / last < 5
    assert subline(found).endswith(", which hide it")
    assert "all layers" in facts(found)["W · dL/dW"]
    for name in ("sigmoid: vanishes", "ReLU He: holds", "batch norm alone: explodes"):
        assert "hide" not in subline(preset(name))
    assert "all layers" not in facts(preset("torch's default: vanishes"))["W · dL/dW"]  # it has biases


def test_vanishing_gradients_leave_layers_and_loss_where_they_were() -> None:
    found = preset("sigmoid: nothing learnt")
    assert len(found.flows) == 51
    assert (found.moved[-1, :15] < 1e-4).all()
    assert found.flows[-1].loss > 2.2  # guessing has 2.303
    assert subline(found) == "loss 2.41 to 2.26 in 50 steps; 1 of 20 layers moved by 1 % or more: layer 20"
    trained = preset("tanh Xavier: learns")
    assert (trained.moved[-1] > 0.01).all()
    assert trained.flows[-1].loss < 1.2


def test_exploding_gradients_throw_the_first_layers_off() -> None:
    found = preset("batch norm alone: hardly learns")
    assert found.moved[1, 0] > 10  # times its size, in one step
    assert found.moved[-1, -1] < 0.05
    assert found.flows[-1].loss > 1.9
    assert subline(found).endswith("50 of 50 layers moved by 1 % or more, layer 1 most: by 4100 %")
    tamed = preset("with residual: learns")
    assert tamed.moved[1, 0] < 0.1
    assert tamed.flows[-1].loss < 0.1


def test_equal_units_stay_equal_in_training() -> None:
    found = preset("zeros: units stay alike")
    assert not found.flows[0].gradients.any()
    assert all(units.alike for flow in found.flows for units in flow.units)
    assert found.flows[-1].gradients.all()
    assert subline(found).endswith("0 of 3 layers moved by 1 % or more; units still alike")
    assert (found.flow.spreads[1:] == 0).all()  # not the rounding of 0.5


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_all_steps_of_a_tame_training(activation: str) -> None:
    given = {**GradientFlow.defaults(), "activation": activation, "depth": 6, "width": 32, "training": "on"}
    found, again = compute(**given), follow(50, **network_of(given))
    assert len(found.flows) == len(again) == 51
    for now, moved, then in zip(found.flows, found.moved, again, strict=True):
        assert now.loss == pytest.approx(then.loss, rel=1e-7)
        np.testing.assert_allclose(now.gradients, then.gradients, rtol=1e-6)
        np.testing.assert_allclose(now.weight_gradients, then.weight_gradients, rtol=1e-6)
        np.testing.assert_allclose(moved, then.moved, rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("initialization", ["normal", "Xavier", "He", "torch's default", "orthogonal"])
def test_a_deeper_network_begins_with_the_same_layers(initialization: str) -> None:
    given = {**GradientFlow.defaults(), "initialization": initialization, "std": 0.2, "width": 32}
    short, deep = (layers_of(build(**network_of({**given, "depth": depth}))) for depth in (5, 9))
    for linear, same in zip(short[:5], deep[:5], strict=True):
        np.testing.assert_array_equal(linear.weight.data, same.weight.data)
    other = layers_of(build(**network_of({**given, "depth": 5, "seed": 1})))
    assert not np.array_equal(other[0].weight.data, short[0].weight.data)
    assert not np.array_equal(short[1].weight.data, short[2].weight.data)


def test_the_key_names_what_is_there() -> None:
    assert key(scene()) == "root mean square; dashed: theory"
    assert key(scene(activation="ReLU", residual="on")) == "root mean square"
    assert key(scene(initialization="zeros")) == "root mean square; ▽: exactly 0"
    in_training = {"activation": "tanh", "depth": 4, "training": "on"}
    assert key(scene(**in_training, step=0)) == "root mean square; dashed: theory; ▽: exactly 0"
    assert key(scene(**in_training, step=1)) == "root mean square; dotted: moved 1 %"


def test_states_are_named_by_the_whole_way_and_by_the_step() -> None:
    def named(first: float, depth: int) -> str:
        return state_of(np.geomspace(first, 1, depth) if first else np.arange(depth))

    assert [named(first, 20) for first in (0, 1 / 35, 1 / 25, 25, 35)] == [
        "cut off",
        "vanishing",
        "level",
        "level",
        "exploding",
    ]
    assert [named(first, 2) for first in (0.02, 0.6, 0.7, 1.4, 1.6, 50)] == [
        "vanishing",
        "shrinking",
        "level",
        "level",
        "growing",
        "exploding",
    ]


@pytest.mark.parametrize("depth", [2, 10, 11, 12, 21, 100])
def test_theory_has_a_factor_between_each_two_layers(depth: int) -> None:
    found = scene(depth=depth, width=16)
    assert found.theory is not None
    assert len(found.theory) == depth - 1
    assert found.expected is not None
    assert found.expected[-1] == found.flow.gradients[-1]
    assert found.expected[0] == pytest.approx(found.flow.gradients[-1] * found.theory.prod())


def test_theory_that_hangs_on_the_single_scan_is_left_out() -> None:
    assert scene(activation="GELU", initialization="He").theory is None
    for initialization, std in (("Xavier", 0.125), ("normal", 0.3), ("torch's default", 0.125)):
        found = scene(activation="GELU", initialization=initialization, std=std, depth=15, width=128)
        assert found.expected is not None
        assert growth(found.expected) == pytest.approx(growth(found.flow.gradients), rel=0.05)
    x, _ = batch()
    strengths = (x**2).mean(axis=1)
    np.testing.assert_allclose([strengths.min(), strengths.max()], SCANS, rtol=0.02)


def test_words_keep_their_distance_on_the_picture() -> None:
    explorer, rng = GradientFlow(), np.random.default_rng(0)
    try:
        for _ in range(40):
            values = {name: control.interior(rng) for name, control in explorer.controls().items()}
            if values["training"] == "on":
                values["depth"] = 2 + values["depth"] % 9  # which takes no time
            explorer.set(**values)
            artists: dict[str, Any] = explorer.artists
            boxes = {
                name: artist.get_window_extent()
                for name, artist in artists.items()
                if hasattr(artist, "get_text") and artist.get_text() and artist.get_visible()
            }
            assert max(box.x1 for box in boxes.values()) < 2 * 720
            for name in ("key", *(f"label {line}" for line in LINES if f"label {line}" in boxes)):
                other = min(boxes[other].x0 for other in ("title before", *(set(FACTS) & set(boxes))))
                assert boxes[name].x1 < other, artists[name].get_text()
            labels = sorted(box.y0 for name, box in boxes.items() if name.startswith("label"))
            assert (np.diff(labels) > 60).all()  # of 2 x 440: two lines of text
    finally:
        explorer.close()


def test_an_overflow_ends_the_training() -> None:
    found = scene(activation="ReLU", std=0.5, depth=20, training="on")
    assert len(found.flows) < 51
    assert found.settings["step"] == len(found.flows) - 1
    assert subline(found).startswith("diverged: overflow at step")
    assert found.flow.finite


def test_a_network_too_large_is_narrowed_and_says_so() -> None:
    explorer = GradientFlow(depth=100, width=128)
    try:
        assert explorer.result.settings["width"] == 64
        assert "hidden layers of only 64 units" in explorer.alt
        assert explorer.artists["caption"].get_text() == "layer, of only 64 units at this depth"
        explorer.set(depth=25)
        assert explorer.result.settings["width"] == 128
        assert explorer.artists["caption"].get_text() == "layer"
    finally:
        explorer.close()


def test_growth_leaves_out_zeros() -> None:
    assert growth(np.array([0.0, 0.0, 4.0, 2.0, 1.0])) == pytest.approx(2)
    assert math.isnan(growth(np.array([0.0, 1.0])))
    assert layer_list(np.array([False, True, False])) == "layer 2"


def test_headline_names_the_layers_without_gradient() -> None:
    found = scene(depth=4, width=16)
    flow = replace(found.flow, gradients=np.array([0.0, 0.0, 1.0, 1.0]))
    words = headline(replace(found, flows=(flow,)))
    assert words == "cut off: the gradients are exactly 0 in layers 1 to 2"


def test_change_of_weights() -> None:
    old = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert change(old, old) == 0
    assert change(old, 1.1 * old) == pytest.approx(0.1)
    assert change(np.zeros((4, 9)), np.full((4, 9), 1 / 3)) == pytest.approx(1)  # std 1 / sqrt(9)


def test_moving_layer_and_step_computes_nothing_anew() -> None:
    first, other = scene(layer=3), scene(layer=7, step=4)
    assert first.flow is other.flow
    trained, later = scene(training="on", depth=4, step=3), scene(training="on", depth=4, step=9, layer=1)
    assert trained.flows is later.flows


def test_sigmoid_slope_bounds_the_growth() -> None:
    """With weights that keep lengths, each sigmoid can pass on a quarter at most."""
    found = scene(activation="sigmoid", initialization="orthogonal")
    gradients = found.flow.gradients
    assert (gradients[:-1] <= 0.25 * gradients[1:] * (1 + 1e-12)).all()
    assert len(scene(depth=2, width=16).flow.gradients) == 2
