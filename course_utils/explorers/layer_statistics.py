"""What flows through a deep network and back: signals and gradients, layer by layer. For `GradientFlow`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.explorers.deep_network import Network, forward, loss_of

N_BINS = 31  # odd, so that 0 is in the middle of a bin
ROUNDING = 8 * np.finfo(np.float64).eps  # as a part of a mean, how far rounding sets equal numbers apart


@dataclass(frozen=True)
class Histogram:
    """Shares of all values in equal bins from -reach to reach.

    Parameters
    ----------
    shares : ndarray
        (N_BINS,), with sum 1.
    reach : float
        The largest absolute value.
    """

    shares: np.ndarray
    reach: float


@dataclass(frozen=True)
class Units:
    """What the units of one layer do.

    Parameters
    ----------
    before, after : Histogram
        Of the numbers that enter the activation, and of those that leave it.
    dead : float
        Share of units whose activation is 0 for all examples.
    alike : bool
        Whether all units have the same activations.
    """

    before: Histogram
    after: Histogram
    dead: float
    alike: bool


class Seen(Sequence[Units]):
    """The units of each layer, looked at when asked for: a picture shows those of one layer.

    Parameters
    ----------
    passed : list of (ndarray, ndarray)
        What entered and what left the activation of each layer, (B, width) each.
    """

    def __init__(self, passed: list[tuple[np.ndarray, np.ndarray]]):
        self._passed = passed

    def __len__(self) -> int:
        return len(self._passed)

    def __getitem__(self, i):
        """Look at the units of layer i + 1."""
        before, after = self._passed[i]
        alike = bool((after == after[:, :1]).all())
        return Units(histogram(before), histogram(after), float(1 - after.any(axis=0).mean()), alike)


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
    units : sequence of Units
        What the units of each layer do.
    """

    loss: float
    gradients: np.ndarray
    weight_gradients: np.ndarray
    products: np.ndarray
    spreads: np.ndarray
    units: Sequence[Units]

    @property
    def finite(self) -> bool:
        """Whether nothing has overflowed."""
        numbers = (self.loss, self.gradients, self.weight_gradients, self.spreads)
        return all(np.isfinite(number).all() for number in numbers)


def examine(network: Network, x: np.ndarray, y: np.ndarray, *, learns: bool = True) -> Flow:
    """Go through a network and back, and look at every layer on the way.

    Parameters
    ----------
    network : Network
    x : ndarray (B, n_in)
    y : integer ndarray (B,)
    learns : bool
        Whether to leave dL/d(parameter) in each one's ``grad``; else those of hidden layers are let go, since
        memory that is used again is much faster than new one.
    """
    passes = forward(network, x)
    loss, dh = loss_of(network, passes[-1].h, y)
    rows = []
    for layer, one in zip(reversed(network.hidden), reversed(passes), strict=True):
        gradient, weight = root_mean_square(dh), layer.weight
        dh = one.back(dh)
        assert weight.grad is not None
        product = float(np.vdot(weight.data, weight.grad))
        rows.append((gradient, root_mean_square(weight.grad), product, spread(one.h)))
        if not learns:
            layer.forget()
    seen = Seen([(one.before, one.after) for one in passes])
    gradients, weight_gradients, products, spreads = np.array(rows[::-1]).T
    return Flow(loss, gradients, weight_gradients, products, spreads, seen)


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
    mean = float(x.sum()) / x.size
    square = float(np.vdot(x, x)) / x.size
    if 1e-200 < square < 1e200 and square - mean * mean > 1e-3 * square:  # few digits cancel: no second pass
        return math.sqrt(square - mean * mean)
    deviation = root_mean_square(x - mean)
    return 0.0 if deviation < ROUNDING * abs(mean) else deviation


def histogram(x: np.ndarray) -> Histogram:
    """Return the shares of numbers in `N_BINS` equal bins between -reach and reach.

    Examples
    --------
    >>> found = histogram(np.array([-2.0, 0.0, 0.0, 1.9]))
    >>> found.shares[[0, 15, 30]], found.reach
    (array([0.25, 0.5 , 0.25]), 2.0)
    """
    reach = float(max(x.max(), -x.min()))
    if not math.isfinite(reach):
        return Histogram(np.zeros(N_BINS), reach)
    if 0 < reach < 1e-300:  # has no reciprocal
        return Histogram(histogram(x * 2.0**600).shares, reach)
    places = x.ravel() * (N_BINS / 2 / (reach or 1))
    places += N_BINS / 2
    counts = np.bincount(places.astype(np.intp), minlength=N_BINS + 1)
    counts[N_BINS - 1] += counts[N_BINS]  # reach itself belongs to the last bin
    return Histogram(counts[:N_BINS] / x.size, reach)
