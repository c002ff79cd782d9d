"""Many small networks trained at once, side by side, as one wide one. Chapters 03b and 04b.

S networks of `n` units are one of S n units in which each sees only its own columns. Ten seeds at three rates
so cost little more than one network, since the engine's time goes into the number of operations, not into
their size. Batch normalization does not mix units anyway; a `GroupNorm` of S groups is layer normalization
for each network.

A means of experiments, not a model: import it by this module's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.nn.autodiff import Tensor, primitive
from course_utils.nn.layers import Residual, Sequential
from course_utils.nn.module import Module, Parameter


@primitive
def linear_each(x: np.ndarray, weight: np.ndarray):
    """Map the columns of each of S networks by its own weights.

    Parameters
    ----------
    x : array (B, S n)
        The columns of the first network come first.
    weight : array (S, m, n)

    Examples
    --------
    >>> linear_each(np.array([[1.0, 2.0]]), np.array([[[3.0]], [[5.0]]]))  # two networks of one unit
    array([[ 3., 10.]])
    """
    S, m, n = weight.shape
    if np.ndim(x) != 2 or x.shape[1] != S * n:
        raise ValueError(f"expected x (B, {S * n}) for weight {weight.shape}, got shape {np.shape(x)}")
    apart = x.reshape(len(x), S, n).swapaxes(0, 1)  # (S, B, n)

    def pullback(dy):
        dy = dy.reshape(len(x), S, m).swapaxes(0, 1)  # (S, B, m)
        return lambda: (dy @ weight).swapaxes(0, 1).reshape(x.shape), dy.swapaxes(1, 2) @ apart

    return (apart @ weight.swapaxes(1, 2)).swapaxes(0, 1).reshape(len(x), S * m), pullback


class LinearEach(Module):
    """A linear layer without bias in each of S networks.

    Parameters
    ----------
    n_in, n_out : int
    rngs : sequence of numpy.random.Generator
        One for each network; draws its normal weights.
    level : float
        n_in times the variance of a weight: 2 is He's, 1/3 torch's default.
    """

    def __init__(self, n_in: int, n_out: int, rngs: Sequence[np.random.Generator], level: float):
        std = np.sqrt(level / n_in)
        draws = [rng.normal(0, std, size=(n_out, n_in)) for rng in rngs]
        self.weight = Parameter(np.array(draws, np.float32))

    def forward(self, x: Any) -> Any:
        """Map x (B, S n_in) to (B, S n_out)."""
        return linear_each(x, self.weight)


def networks_each(
    seeds: Sequence[int],
    sizes: tuple[int, int, int],
    depth: int,
    after: Callable[[int, int], Sequence[Module]],
    *,
    level: float = 1 / 3,
    residual: bool = False,
) -> Sequential:
    """Draw one deep network a seed, without biases, side by side, in float32.

    Parameters
    ----------
    seeds : sequence of int
        Of the weights, one for each of the S networks; equal seeds give equal networks.
    sizes : (int, int, int)
        Numbers of inputs, of units in every hidden layer and of outputs.
    depth : int
        Number of hidden layers, at least 1.
    after : callable
        ``after(S, n_units)`` makes the layers that follow each linear map but the last, for all S networks
        with `n_units` units together: ``lambda S, n: [BatchNorm1d(n), ReLU()]``.
    level : float
        See `LinearEach`.
    residual : bool
        Whether every block but the first, which changes the width, adds its output to its input.

    Returns
    -------
    Sequential
        Of `depth` blocks, each a `Sequential` or a `Residual`, and a `LinearEach`.
    """
    (n_in, width, n_out), S = sizes, len(seeds)
    if depth < 1 or S < 1:
        raise ValueError(f"expected at least one layer and one seed, got {depth} and {S}")
    rngs = [np.random.default_rng(seed) for seed in seeds]
    blocks: list[Module] = []
    for n in (n_in, *[width] * (depth - 1)):
        layers = [LinearEach(n, width, rngs, level), *after(S, S * width)]
        blocks.append(Residual(*layers) if residual and blocks else Sequential(*layers))
    return Sequential(*blocks, LinearEach(width, n_out, rngs, level))


def losses_each(model: Sequential, x: np.ndarray, y: np.ndarray) -> Tensor:
    """Return the mean cross-entropy (S,) of each network on its own examples x (B, S, n_in), y (B, S)."""
    logits = model(x.reshape(len(x), -1)).reshape(y.size, -1)  # (B S, K)
    losses = F.cross_entropy(logits, y.ravel(), reduction="none")
    return losses.reshape(*y.shape).mean(dim=0)


@np.errstate(over="ignore", invalid="ignore")  # a rate too large ends in nan, for its own network alone
def train_each(
    model: Sequential,
    optimizer: Any,
    x: np.ndarray,
    y: np.ndarray,
    *,
    n_steps: int,
    batch_size: int,
    rates: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Train every network by batches of its own, drawn with replacement.

    Parameters
    ----------
    model : Sequential
        As `networks_each` makes it.
    optimizer : Optimizer
        Of its parameters.
    x, y : array (N, n_in), integer array (N,)
    n_steps, batch_size : int
    rates : float32 array (S,)
        Factor of each network's loss. With `SGD` of rate 1 these are the learning rates.
    rng : numpy.random.Generator
        Draws the batches.

    Returns
    -------
    ndarray (n_steps, S)
        Losses before each step; nan where training has diverged.
    """
    history = []
    for _ in range(n_steps):
        batch = rng.integers(len(x), size=(batch_size, len(rates)))
        losses = losses_each(model, x[batch], y[batch])
        history.append(losses.data)
        optimizer.zero_grad()
        (losses * rates).sum().backward()
        optimizer.step()
    return np.array(history)


@np.errstate(over="ignore", invalid="ignore")
def logits_each(model: Sequential, x: np.ndarray, batch_size: int) -> np.ndarray:
    """Return the logits (N, S, K) of all networks for the same x (N, n_in), so many examples at a time."""
    S = model[-1].weight.shape[0]
    starts = range(0, len(x), batch_size)
    parts = [model(np.tile(x[i : i + batch_size], (1, S))).data for i in starts]
    return np.concatenate(parts).reshape(len(x), S, -1)


@np.errstate(over="ignore", invalid="ignore")
def gradients_each(model: Sequential, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each network's loss (S,) on the same x (N, n_in), y (N,), and its gradient (S, n_weights).

    In training mode batch normalization uses these N examples, and moves its running statistics.
    """
    S = model[-1].weight.shape[0]
    model.zero_grad()
    losses = losses_each(model, np.repeat(x[:, None], S, axis=1), np.repeat(y[:, None], S, axis=1))
    losses.sum().backward()
    return losses.data, np.hstack([np.asarray(p.grad).reshape(S, -1) for p in model.parameters()])


def walk_each(
    model: Sequential, x: np.ndarray, y: np.ndarray, length: float
) -> tuple[np.ndarray, np.ndarray]:
    """Go this far against each network's gradient, look round, and go back.

    Parameters
    ----------
    model, x, y
        As for `gradients_each`. Its weights are the same afterwards.
    length : float
        Of the walk, in the space of all weights of a network.

    Returns
    -------
    ndarray (S,), ndarray (S,)
        Loss there divided by the loss here, and the length of the gradient's change divided by its own.
    """
    parameters = model.parameters()
    start = [p.data for p in parameters]
    loss, gradient = gradients_each(model, x, y)
    size = np.linalg.norm(gradient, axis=1)  # (S,)
    ends = np.cumsum([p.data.size // len(size) for p in parameters])
    for p, piece in zip(parameters, np.split(gradient / size[:, None], ends[:-1], axis=1), strict=True):
        p.data = p.data - np.float32(length) * piece.reshape(p.data.shape)
    loss_there, gradient_there = gradients_each(model, x, y)
    for p, data in zip(parameters, start, strict=True):
        p.data = data
    return loss_there / loss, np.linalg.norm(gradient_there - gradient, axis=1) / size
