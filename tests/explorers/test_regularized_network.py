"""The regularized network: what each means does to weights and errors, over all seeds."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import course_utils.nn.functional as F
from course_utils.explorers import RegularizedNetwork
from course_utils.explorers.regularized_network import Moment
from course_utils.explorers.regularized_runs import ACTIVATIONS, gradient, parts, start, training
from course_utils.nn import Dropout, Linear, ReLU, Sequential, Tanh

SEEDS = range(21)


@functools.cache
def runs(preset: str) -> list[Moment]:
    settings = {**RegularizedNetwork.defaults(), **RegularizedNetwork.presets[preset]}
    return [RegularizedNetwork.compute(**{**settings, "seed": seed}) for seed in SEEDS]


def held_out(preset: str) -> np.ndarray:
    return np.array([moment.rmse[1] for moment in runs(preset)])


def own(preset: str) -> np.ndarray:
    return np.array([moment.rmse[0] for moment in runs(preset)])


@pytest.mark.parametrize(
    ("preset", "state", "least"),
    [
        ("memorizes", "overfitting", 10),
        ("L2, about right", "about right", 16),
        ("L1 prunes", "about right", 16),
        ("L1 too strong", "underfitting", 21),
        ("too much dropout", "underfitting", 17),
        ("more points", "about right", 19),
    ],
)
def test_presets_are_what_they_are_called(preset: str, state: str, least: int) -> None:
    states = [moment.state for moment in runs(preset)]
    assert states.count(state) >= least
    assert states[0] == state, "the seed that is shown"


def test_what_presets_promise_besides() -> None:
    free = held_out("memorizes")
    assert np.median(own("memorizes")) < 0.2, "half of the noise"
    assert np.median(free) > 3 * np.median(own("memorizes"))
    for preset in ("L2, about right", "L1 prunes"):
        assert (held_out(preset) < free).sum() >= 14, preset
        assert np.median(held_out(preset)) < np.median(free), preset
    assert min(moment.n_zeros for moment in runs("L1 prunes")) >= 40, "half of the units"
    assert max(moment.n_zeros for moment in runs("L2, about right")) == 0
    assert (held_out("more points") < free).all()


def test_the_best_step_so_far_is_no_worse_than_the_last() -> None:
    for moment in runs("memorizes"):
        assert moment.path[:, 1].min() <= moment.rmse[1]
        assert moment.best == moment.steps[moment.path[:, 1].argmin()]
    assert np.median([moment.best for moment in runs("memorizes")]) < 150


def test_dropout_keeps_the_training_error_up_and_helps_here_at_best_a_little() -> None:
    assert (own("a little dropout") > own("memorizes")).sum() >= 19
    assert (held_out("too much dropout") > held_out("memorizes")).sum() >= 16
    gain = np.median(held_out("memorizes") - held_out("a little dropout"))
    assert abs(gain) < 0.05, "the scene promises no gain by dropout"


@pytest.mark.parametrize("activation", ["tanh", "ReLU"])
@pytest.mark.parametrize("p", [0.0, 0.4])
def test_the_gradient_is_that_of_a_module_on_a_tape(activation: str, p: float) -> None:
    rng = np.random.default_rng([3, 1])
    first, last = Linear(1, 20, rng=rng), Linear(20, 1, rng=rng)
    layer = {"tanh": Tanh, "ReLU": ReLU}[activation]()
    model = Sequential(first, layer, Dropout(p, rng=np.random.default_rng(4)), last)
    x, target = (rng.normal(size=(12, 1)).astype(np.float32) for _ in range(2))
    F.mse_loss(model(x), target).backward()
    weights, drops = start(20, 3), np.random.default_rng(4)
    found = gradient(weights, x, target, ACTIVATIONS[activation], p, drops)
    assert found.dtype == np.float32
    learnt: list[Any] = [first.weight, first.bias, last.weight, last.bias]
    for parameter, own, derivative in zip(learnt, parts(weights), parts(found), strict=True):
        np.testing.assert_array_equal(own, parameter.data)
        np.testing.assert_allclose(derivative, parameter.grad, rtol=1e-5, atol=1e-6)


def test_dropout_does_not_change_what_is_shown_of_a_step() -> None:
    given: dict[str, Any] = {**RegularizedNetwork.defaults(), "dropout": 0.5, "step": 30}
    first, again = RegularizedNetwork.compute(**given), RegularizedNetwork.compute(**given)
    np.testing.assert_array_equal(first.curve, again.curve)


def test_a_run_goes_on_where_it_stopped() -> None:
    given: dict[str, Any] = {**RegularizedNetwork.defaults(), "dropout": 0.2, "penalty": "L1", "seed": 9}
    for step in (3, 50, 20):
        RegularizedNetwork.compute(**{**given, "step": step})
    known = RegularizedNetwork.compute(**{**given, "step": 60})
    training.cache_clear()
    np.testing.assert_array_equal(RegularizedNetwork.compute(**{**given, "step": 60}).curve, known.curve)


def test_the_strength_is_idle_without_a_penalty() -> None:
    explorer = RegularizedNetwork(step=20)
    assert explorer.widgets["strength"].disabled
    before = explorer.picture.png
    explorer.strength = 5.0
    assert explorer.picture.png == before
    explorer.penalty = "L2"
    assert not explorer.widgets["strength"].disabled
    assert explorer.picture.png != before
    explorer.close()
