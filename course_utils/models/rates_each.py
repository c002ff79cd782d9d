"""Networks side by side, each at rates of its own, for the schedules and the race. Chapter 05c.

As `side_by_side`, whose networks they are, but for every optimizer and for rates that change from step to
step: a factor on the loss (`train_each` there) sets the rate of SGD alone. Weights are float64, so that
printed digits don't hang on a processor's rounding. A means of experiments: import it by this module's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.models.side_by_side import losses_each, networks_each
from course_utils.nn.layers import ReLU, Sequential
from course_utils.nn.module import Parameter


def step_each(optimizer: Any, rates: np.ndarray) -> None:
    """Make one step of S models side by side, model i at rates[i]; the optimizer's own rate is 1.

    Exact for every rule whose step is proportional to the rate and whose memory does not depend on it.
    """
    weights = optimizer.param_groups[0]["params"]
    before = [w.data for w in weights]
    optimizer.step()
    for w, old in zip(weights, before, strict=True):
        share = np.reshape(rates, (-1, *[1] * (old.ndim - 1)))
        w.data = old + share * (w.data - old)


def digit_networks(
    seeds: Sequence[int], depth: int = 1, width: int = 32, level: float = 2, residual: bool = False
) -> Sequential:
    """Draw networks of 64 inputs, ReLU layers without biases and 10 outputs, one a seed, in float64."""
    options: dict[str, Any] = {"level": level, "residual": residual}
    model = networks_each(seeds, (64, width, 10), depth, lambda S, units: [ReLU()], **options)
    for parameter in model.parameters():
        parameter.data = parameter.data.astype(np.float64)
    return model


@np.errstate(all="ignore")  # a rate too large ends in nan, for its own network alone
def train_at(
    model: Sequential,
    optimizer: Any,
    data: tuple[np.ndarray, np.ndarray],
    rates: np.ndarray,
    batch_size: int,
    rng: np.random.Generator,
    watch: Callable[[int], Any] = lambda t: None,
) -> np.ndarray:
    """Train S networks by batches of their own, drawn with replacement.

    Parameters
    ----------
    model, optimizer
        As `digit_networks` makes it; of its parameters, with rate 1.
    data : (array (N, n_in), integer array (N,))
    rates : array (T, S)
        Of each step and network.
    batch_size : int
    rng : numpy.random.Generator
        Draws the batches.
    watch : callable
        Called as ``watch(t)`` after step t = 1 ... T.

    Returns
    -------
    ndarray (T, S)
        Losses before each step; nan where training has diverged.
    """
    x, y = data
    history = []
    for t, rate in enumerate(rates, start=1):
        batch = rng.integers(len(x), size=(batch_size, len(rate)))
        losses = losses_each(model, x[batch], y[batch])
        optimizer.zero_grad()
        losses.sum().backward()
        step_each(optimizer, rate)
        history.append(losses.data)
        watch(t)
    return np.array(history)


def best_rate(values: np.ndarray, grid: np.ndarray) -> float:
    """Return the rate whose values (rates x seeds, flat) are lowest on average; nan never is.

    Examples
    --------
    >>> print(best_rate(np.array([3.0, 5.0, 1.0, 2.0, np.nan, 0.0]), np.array([0.1, 0.2, 0.4])))
    0.2
    """
    means = np.reshape(values, (len(grid), -1)).mean(axis=1)
    return grid[np.argmin(np.nan_to_num(means, nan=np.inf))]


def softmax_slope(
    weight: np.ndarray, x: np.ndarray, y: np.ndarray, penalty: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss (S,) of S softmax layers (S, n, K) and its gradient, in plain NumPy.

    The loss is the mean cross-entropy plus penalty / 2 times the sum of squared weights; x is (S, B, n) and
    y (S, B), or with a first length of 1 for all layers.
    """
    z = x @ weight
    z -= z.max(axis=-1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    p_true = np.take_along_axis(p, np.broadcast_to(y, p.shape[:-1])[..., None], axis=-1)[..., 0]
    error = p - np.eye(weight.shape[-1])[y]
    loss = -np.log(p_true).mean(axis=-1) + penalty / 2 * (weight**2).sum(axis=(-1, -2))
    return loss, np.swapaxes(x, -1, -2) @ error / x.shape[-2] + penalty * weight


@np.errstate(all="ignore")
def descend_quadratics(
    make: Callable[..., Any], H: np.ndarray, best: np.ndarray, rates: np.ndarray, n: int, until: float = 0.0
) -> np.ndarray:
    """Return the losses (n, S) of (w - best)' H (w - best) / 2 from w = 0; H (S, d, d), best (S, d).

    There are fewer than n rows if each loss has by then been below `until` times its first.
    """
    w, losses = Parameter(np.zeros_like(best)), []
    optimizer, there = make([w], lr=1.0), np.zeros(len(best), dtype=bool)
    for _ in range(n):
        off = w.data - best
        w.grad = (H @ off[..., None])[..., 0]
        losses.append(0.5 * (off * w.grad).sum(axis=1))
        there |= losses[-1] < until * losses[0]
        if there.all():
            break
        step_each(optimizer, rates)
    return np.array(losses)
