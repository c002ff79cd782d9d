"""Networks side by side, each at its own rates, against one network at a time."""

from __future__ import annotations

import numpy as np
import pytest

import course_utils.nn.functional as F
from course_utils.models.rates_each import (
    best_rate,
    descend_quadratics,
    digit_networks,
    softmax_slope,
    step_each,
    train_at,
)
from course_utils.nn import Parameter
from course_utils.optim import SGD, Adagrad, Adam, AdamW, NAdam, RMSprop

RULES = {
    "sgd": lambda p, lr: SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: SGD(p, lr, momentum=0.9, nesterov=True),
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": NAdam,
}


@pytest.mark.parametrize("name", RULES)
def test_a_share_of_the_step_is_the_step_at_that_rate(name):
    rng = np.random.default_rng(0)
    start, rates = rng.normal(size=(3, 2, 4)), np.array([0.3, 0.01, 2.0])
    together = Parameter(start)
    apart = [Parameter(w) for w in start]
    all_at_once = RULES[name]([together], lr=1.0)
    each = [RULES[name]([w], lr=rate) for w, rate in zip(apart, rates, strict=True)]
    for _ in range(5):
        gradient = rng.normal(size=start.shape)
        together.grad = gradient
        step_each(all_at_once, rates)
        for w, optimizer, g in zip(apart, each, gradient, strict=True):
            w.grad = g
            optimizer.step()
    np.testing.assert_allclose(together.data, [w.data for w in apart], rtol=1e-10)


def test_training_uses_the_rate_of_its_step_and_network():
    rng = np.random.default_rng(1)
    data = rng.normal(size=(20, 64)), rng.integers(10, size=20)
    model, seen = digit_networks([4, 4]), []
    start = [p.data.copy() for p in model.parameters()]
    rates = np.array([[0.0, 0.0], [0.0, 0.1]])
    losses = train_at(
        model, SGD(model.parameters(), lr=1.0), data, rates, 5, np.random.default_rng(2), seen.append
    )
    assert losses.shape == (2, 2)
    assert seen == [1, 2]
    for p, old in zip(model.parameters(), start, strict=True):
        assert p.data.dtype == np.float64
        assert np.array_equal(p.data[0], old[0])
        assert not np.array_equal(p.data[1], old[1])


def test_softmax_slope_is_the_slope_of_its_loss():
    rng = np.random.default_rng(3)
    weight, x, y = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 7, 5)), rng.integers(3, size=(2, 7))
    loss, gradient = softmax_slope(weight, x, y, penalty=0.3)
    expected = F.cross_entropy(x[1] @ weight[1], y[1]) + 0.15 * np.sum(weight[1] ** 2)
    np.testing.assert_allclose(loss[1], expected, rtol=1e-12)
    nudge = np.zeros_like(weight)
    nudge[1, 2, 0] = 1e-6
    up, down = (softmax_slope(weight + sign * nudge, x, y, penalty=0.3)[0] for sign in (1, -1))
    np.testing.assert_allclose((up - down)[1] / 2e-6, gradient[1, 2, 0], rtol=1e-6)
    shared = softmax_slope(weight, x[:1], y[:1])[0]
    np.testing.assert_allclose(shared[1], softmax_slope(weight[1:], x[:1], y[:1])[0][0], rtol=1e-12)


def test_quadratics_descend_by_their_factor():
    H, best = np.array([np.diag([1.0, 4.0])] * 2), np.array([[1.0, 0.0], [0.0, 1.0]])
    losses = descend_quadratics(SGD, H, best, np.array([0.5, 0.25]), 3)
    np.testing.assert_allclose(losses[:, 0], 0.5 * 0.25 ** np.arange(3))
    np.testing.assert_allclose(losses[:, 1], [2.0, 0.0, 0.0])


def test_quadratics_end_once_all_have_been_below():
    """The slower factor, 1/4, is below a tenth of its first loss at step 2; the faster at step 1."""
    H, best = np.array([np.diag([1.0, 4.0])] * 2), np.array([[1.0, 0.0], [0.0, 1.0]])
    rates = np.array([0.5, 0.25])
    whole = descend_quadratics(SGD, H, best, rates, 9)
    assert len(whole) == 9
    np.testing.assert_array_equal(descend_quadratics(SGD, H, best, rates, 9, until=0.1), whole[:3])


def test_a_rate_that_diverges_is_never_the_best():
    assert best_rate(np.array([np.nan, 1.0, 7.0, 8.0]), np.array([1.0, 0.1])) == 0.1
