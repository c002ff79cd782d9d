"""What the scene of schedules must show: the rates by closed formulas, the training written out by hand."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data import load_digits
from course_utils.explorers import Explorer
from course_utils.nn.layers import Linear, ReLU, Sequential
from course_utils.optim import SGD, learning_rate_range_test

N = 40


def rate_at(step: int, *, schedule: str, lr: float, warmup: int, period: int, gamma: float) -> float:
    """Return the learning rate of a step from the schedule's formula."""
    if schedule == "one cycle":
        top = max(warmup, 1) / N * (N + 1) - 1  # where the rate is highest, in steps
        low, high, share = lr / 25, lr, step / top
        if step > top:
            low, high, share = lr, lr / 25 / 1e4, (step - top) / (N - top)
        return high + (low - high) * (1 + math.cos(math.pi * share)) / 2
    if step < warmup:
        return lr * (0.01 + 0.99 * step / warmup)
    step -= warmup
    if schedule == "steps":
        return lr * gamma ** (step // period)
    if schedule == "exponential":
        return lr * gamma ** (step / period)
    if schedule == "cosine":
        return lr * (1 + math.cos(math.pi * step / (N - warmup))) / 2
    if schedule == "warm restarts":
        return lr * (1 + math.cos(math.pi * (step % period) / period)) / 2
    return lr


def network() -> tuple[Linear, Linear, Sequential]:
    """Return both layers of the scene's network, and the whole."""
    rng = np.random.default_rng(0)
    first, second = Linear(64, 24, rng=rng), Linear(24, 10, rng=rng)
    return first, second, Sequential(first, ReLU(), second)


@np.errstate(all="ignore")
def train(rates: np.ndarray) -> tuple[list[float], float, float]:
    """Return losses, and test loss and accuracy, of SGD with momentum 0.9 by its formula."""
    digits, rng = load_digits(), np.random.default_rng(1)
    model = network()[2]
    velocity = [np.zeros_like(p.data) for p in model.parameters()]
    losses = []
    for rate in rates:
        batch = rng.choice(len(digits.x_train), 32, replace=False)
        loss = F.cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()
        for i, parameter in enumerate(model.parameters()):
            velocity[i] = 0.9 * velocity[i] + parameter.grad
            parameter.data = (parameter.data - rate * velocity[i]).astype(np.float32)
    logits = model(digits.x_test).data.astype(np.float64)
    loss = float(F.cross_entropy(logits, digits.y_test))
    return losses, loss, float(np.mean(np.argmax(logits, axis=1) == digits.y_test))


@functools.cache
def test_of_rates() -> Any:
    """Return the range test by the public function."""
    digits, model = load_digits(), network()[2]
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.9)
    options: dict[str, Any] = {"lr_min": 0.001, "lr_max": 10, "batch_size": 32}
    options["rng"] = np.random.default_rng(2)
    return learning_rate_range_test(
        model, F.cross_entropy, digits.x_train, digits.y_train, optimizer, **options
    )


def check(explorer: Explorer) -> None:
    """Compare rates, losses, the range test and the numbers in the texts."""
    given: dict[str, Any] = explorer.values
    artists: dict[str, Any] = explorer.artists
    rates = np.array([rate_at(step, **given) for step in range(N)])
    np.testing.assert_array_equal(artists["rates"].get_xdata(), np.arange(N))
    np.testing.assert_allclose(artists["rates"].get_ydata(), np.maximum(rates, 1e-7), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(artists["highest"].get_xdata(), rates.max(), rtol=1e-6)
    found = test_of_rates()
    nearest = np.argmin(np.abs(np.log(found.rates / rates.max())))
    at, height = np.ravel(artists["rate"].get_data())
    assert np.isclose(at, rates.max(), rtol=1e-6)
    around = found.smoothed[max(0, nearest - 1) : nearest + 2]
    assert around.min() * 0.99 <= height <= around.max() * 1.01, "the mark is off the curve"
    losses, loss, accuracy = train(rates)
    drawn = artists["losses"].get_ydata()
    calm = np.argmax(np.append(np.array(losses) > 3, True))  # rounding grows once the run has blown up
    np.testing.assert_allclose(drawn[:calm], losses[:calm], rtol=2e-2)
    words = artists["headline"].get_text()
    assert words.lower() in explorer.alt.lower()
    state, rest = words.split(": ")
    assert f"accuracy {100 * explorer.result.accuracy:.3g} %" in rest
    if loss > 0.75 * math.log(10):
        assert state == ("diverging" if not max(losses) < 1.3 * math.log(10) else "hardly moving")
    if calm == N:
        assert state == ("hardly moving" if loss > 0.7 * math.log(10) else "learning")
        assert abs(explorer.result.accuracy - accuracy) < 0.02
        assert abs(explorer.result.loss - loss) < 0.02 * loss
        assert f"test loss {explorer.result.loss:.4g}," in rest
    check_range_test(artists["highest"].axes, explorer.alt)


def check_range_test(axes: Any, alt: str) -> None:
    """Compare the curve behind the mark."""
    expected = test_of_rates()
    smoothed = next(line for line in axes.lines if line.get_linewidth() == 2 and not line.get_animated())
    np.testing.assert_allclose(smoothed.get_xdata(), expected.rates)
    np.testing.assert_allclose(smoothed.get_ydata(), expected.smoothed, rtol=1e-3)
    assert f"suggests {expected.suggestion:.4g}." in alt
