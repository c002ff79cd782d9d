"""What flows through a deep network and back: signals and gradients, layer by layer. For `GradientFlow`."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.models.deep_mlp import parts
from course_utils.nn.autodiff import Tensor
from course_utils.nn.layers import Linear, Sequential

N_BINS = 31  # odd, so that 0 is in the middle of a bin
ROUNDING = 8 * np.finfo(np.float64).eps  # as a part of a mean, how far rounding sets equal numbers apart


@dataclass(frozen=True)
class Histograms:
    """Shares of all values of a layer in equal bins from -reach to reach.

    Parameters
    ----------
    shares : ndarray
        (depth, N_BINS), rows sum to 1.
    reaches : ndarray
        The largest absolute value in each layer, (depth,).
    """

    shares: np.ndarray
    reaches: np.ndarray


@dataclass(frozen=True)
class Flow:
    """One pass through a network and back: a number for each hidden layer, (depth,), unless said otherwise.

    Parameters
    ----------
    loss : float
        Mean cross-entropy.
    gradients, weight_gradients : ndarray
        Root mean square of dL/dh, over all examples and units, and of dL/dW, over all weights.
    products : ndarray
        Sum of W dL/dW over all weights.
    spreads : ndarray
        Standard deviation of the layer's outputs h, over all examples and units.
    dead : ndarray
        Share of units whose activation is 0 for all examples.
    alike : ndarray of bool
        Whether all units have the same activations.
    before, after : Histograms
        Of the numbers that enter the activation, and of those that leave it.
    """

    loss: float
    gradients: np.ndarray
    weight_gradients: np.ndarray
    products: np.ndarray
    spreads: np.ndarray
    dead: np.ndarray
    alike: np.ndarray
    before: Histograms
    after: Histograms

    @property
    def finite(self) -> bool:
        """Whether nothing has overflowed."""
        numbers = (self.loss, self.gradients, self.weight_gradients, self.spreads)
        return all(np.isfinite(number).all() for number in numbers)


def examine(model: Sequential, x: np.ndarray, y: np.ndarray) -> Flow:
    """Go through a network of `deep_mlp` and back, and look at every layer on the way.

    The gradients of the parameters stay in their ``grad``, added to what was there.

    Parameters
    ----------
    model : Sequential
        As `deep_mlp` builds it.
    x : array (B, n_in)
    y : integer array (B,)
    """
    blocks = list(model)[:-1]
    passed: list[tuple[Any, Any]] = []  # what entered and what left each activation
    with contextlib.ExitStack() as hooks:
        for block in blocks:
            look = parts(block)[-1].register_forward_hook(
                lambda _, inputs, output: passed.append((inputs[0].data, output.data))
            )
            hooks.callback(look)
        loss, outputs = backpropagate(model, x, y)
    columns: dict[str, list[Any]] = {field.name: [] for field in fields(Flow) if field.name != "loss"}
    for (before, after), h, linear in zip(passed, outputs, linears(model), strict=False):  # one is the last
        weight = linear.weight
        assert h.grad is not None
        assert weight.grad is not None
        columns["gradients"].append(root_mean_square(h.grad))
        columns["weight_gradients"].append(root_mean_square(weight.grad))
        columns["products"].append(np.vdot(weight.data, weight.grad))
        columns["spreads"].append(spread(h.data))
        columns["dead"].append(1 - after.any(axis=0).mean())
        columns["alike"].append((after == after[:, :1]).all())
        columns["before"].append(histogram(before))
        columns["after"].append(histogram(after))
    before, after = (
        Histograms(*map(np.array, zip(*columns.pop(name), strict=True))) for name in ("before", "after")
    )
    return Flow(
        loss, **{name: np.array(column) for name, column in columns.items()}, before=before, after=after
    )


def backpropagate(model: Sequential, x: np.ndarray, y: np.ndarray) -> tuple[float, list[Tensor]]:
    """Return the loss, and the output h of every block with dL/dh in its ``grad``.

    A tape keeps the gradients of its leaves alone. So each block's output enters the next block as a new
    leaf, and the way back is walked block by block: what has arrived at a leaf goes on as ``upstream``.
    """
    *blocks, head = model
    taped, leaves = [], []
    h = Tensor(x)
    for block in blocks:
        taped.append(block(h))
        h = Tensor(taped[-1].data, requires_grad=True)
        leaves.append(h)
    loss = F.cross_entropy(head(h), y)
    loss.backward()
    for output, leaf in zip(reversed(taped), reversed(leaves), strict=True):
        output.backward(leaf.grad)
    return loss.item(), leaves


def linears(model: Sequential) -> list[Linear]:
    """Return the affine map of every block, and the last one."""
    *blocks, head = model
    return [parts(block)[0] for block in blocks] + [head]  # type: ignore[misc, return-value]


def root_mean_square(x: np.ndarray) -> float:
    """Return the root mean square of all numbers, which may be so small that their squares are 0.

    Examples
    --------
    >>> root_mean_square(np.array([3e-200, 4e-200, 0.0, 0.0]))
    2.5e-200
    """
    squares = float(np.vdot(x, x))
    if 1e-200 < squares < 1e200:  # squares too small to be counted are too small to count
        return math.sqrt(squares / x.size)
    largest = float(max(x.max(), -x.min()))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * root_mean_square(x / largest)


def spread(x: np.ndarray) -> float:
    """Return the standard deviation of all numbers: 0 where nothing but rounding sets them apart.

    Examples
    --------
    >>> spread(np.array([1.0, 3.0])), spread(np.array([0.5, 0.5 + 1e-16]))
    (1.0, 0.0)
    """
    mean = x.mean()
    deviation = root_mean_square(x - mean)
    return 0.0 if deviation < ROUNDING * abs(mean) else deviation


def histogram(x: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the shares of numbers in `N_BINS` equal bins between -reach and reach, and reach.

    Examples
    --------
    >>> shares, reach = histogram(np.array([-2.0, 0.0, 0.0, 1.9]))
    >>> shares[[0, 15, 30]], reach
    (array([0.25, 0.5 , 0.25]), 2.0)
    """
    reach = float(max(x.max(), -x.min()))
    if not math.isfinite(reach):
        return np.zeros(N_BINS), reach
    if 0 < reach < 1e-300:  # has no reciprocal
        return histogram(x * 2.0**600)[0], reach
    places = x.ravel() * (N_BINS / 2 / (reach or 1))
    places += N_BINS / 2
    counts = np.bincount(places.astype(np.intp), minlength=N_BINS + 1)
    counts[N_BINS - 1] += counts[N_BINS]  # reach itself belongs to the last bin
    return counts[:N_BINS] / x.size, reach
