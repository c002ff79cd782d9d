"""Momentum on a quadratic: the matrix of a step, its eigenvalues, and the best pairs. Chapter 05a."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

METHODS = ("momentum", "Nesterov")


class Direction(NamedTuple):
    """What a step does along one direction, in the long run."""

    curvature: float  # in parts of the largest
    eigenvalues: tuple[complex, complex]  # the larger one first, or the one with positive imaginary part
    factor: float  # the larger size of the two
    kind: str  # "creeps", "flips", "swings", "arrives", "diverges" or "never settles"


class Pair(NamedTuple):
    """A learning rate (times the largest curvature) and a momentum, with the factor per step."""

    lr: float
    momentum: float
    factor: float


def trace_and_determinant(step: Any, momentum: Any, method: str) -> tuple[Any, Any]:
    """Return what the 2 x 2 matrix of one step has: the sum and the product of its eigenvalues.

    Along curvature c a step takes (weight w, velocity v) to v' = momentum v + c w and w' = w - lr v'; with
    Nesterov's variant w' = w - lr (c w + momentum v'). With s = lr c, the matrices on (w, v) are

    - momentum: [[1 - s, -lr momentum], [c, momentum]], of trace 1 + momentum - s and determinant momentum;
    - Nesterov: [[1 - s - s momentum, -lr momentum^2], [c, momentum]], of trace (1 + momentum) (1 - s) and
      determinant momentum (1 - s).

    Parameters
    ----------
    step : float or ndarray
        Learning rate times curvature.
    momentum : float or ndarray
        Part of the velocity that is kept.
    method : str
        One of `METHODS`.

    Examples
    --------
    >>> trace_and_determinant(1.0, 0.5, "momentum"), trace_and_determinant(0.5, 0.5, "Nesterov")
    ((0.5, 0.5), (0.75, 0.25))
    """
    if method == "Nesterov":
        return (1 + momentum) * (1 - step), momentum * (1 - step)
    return 1 + momentum - step, momentum


def largest_size(trace: np.ndarray, determinant: np.ndarray) -> np.ndarray:
    """Return the larger |eigenvalue| of 2 x 2 matrices.

    Examples
    --------
    >>> largest_size(np.array([0.0, -1.3]), np.array([0.25, 0.4]))  # +-0.5i, and -0.5 and -0.8
    array([0.5, 0.8])
    """
    under_root = trace * trace / 4 - determinant
    real = np.abs(trace) / 2 + np.sqrt(np.maximum(under_root, 0))
    return np.where(under_root < 0, np.sqrt(np.maximum(determinant, 0)), real)


def direction(curvature: float, lr: float, momentum: float, method: str) -> Direction:
    """Return eigenvalues, factor and kind along one direction."""
    trace, determinant = trace_and_determinant(lr * curvature, momentum, method)
    under_root = trace * trace / 4 - determinant
    if abs(under_root) < 1e-13:  # rounding of a double root
        under_root = 0.0
    root = complex(0, math.sqrt(-under_root)) if under_root < 0 else complex(math.sqrt(under_root), 0)
    sign = -1 if trace < 0 and not root.imag else 1
    larger, smaller = trace / 2 + sign * root, trace / 2 - sign * root
    return Direction(curvature, (larger, smaller), abs(larger), kind_of(larger))


def kind_of(eigenvalue: complex) -> str:
    """Name what the larger eigenvalue makes a weight do.

    Examples
    --------
    >>> kind_of(0.9), kind_of(-0.9), kind_of(0.6 + 0.6j), kind_of(-1.2), kind_of(-1), kind_of(0)
    ('creeps', 'flips', 'swings', 'diverges', 'never settles', 'arrives')
    """
    size = abs(eigenvalue)
    if abs(size - 1) < 1e-12:
        return "never settles"
    if size > 1:
        return "diverges"
    if size < 1e-7:
        return "arrives"
    if complex(eigenvalue).imag:
        return "swings"
    return "creeps" if complex(eigenvalue).real > 0 else "flips"


def limit(momentum: Any, method: str) -> Any:
    """Return the learning rate, times the largest curvature, from which on the steep direction diverges.

    There its eigenvalue is -1: 1 + trace + determinant = 0.

    Examples
    --------
    >>> limit(0.5, "momentum"), limit(0.5, "Nesterov")
    (3.0, 1.5)
    """
    if method == "Nesterov":
        return 2 * (1 + momentum) / (1 + 2 * momentum)
    return 2 * (1 + momentum)


def swinging(momentum: Any, method: str) -> tuple[Any, Any]:
    """Return between which values of learning rate times curvature a direction's eigenvalues are complex.

    There trace^2 < 4 determinant.

    Examples
    --------
    >>> swinging(0.25, "momentum"), swinging(0.25, "Nesterov")
    ((0.25, 2.25), (0.36, 1.0))
    """
    if method == "Nesterov":
        return ((1 - momentum) / (1 + momentum)) ** 2, 1 + 0 * momentum
    root = momentum**0.5
    return (1 - root) ** 2, (1 + root) ** 2


def best_pair(condition: float, method: str) -> Pair:
    """Return the best pair of a method, with the largest curvature 1 and the smallest 1 / condition.

    Momentum: Polyak, 1964, "Some methods of speeding up the convergence of iteration methods". Nesterov, on
    quadratics: Lessard, Recht and Packard, 2016, "Analysis and design of optimization algorithms via integral
    quadratic constraints".

    Examples
    --------
    >>> best_pair(9.0, "momentum")
    Pair(lr=2.25, momentum=0.25, factor=0.5)
    >>> best_pair(5.0, "Nesterov")
    Pair(lr=1.25, momentum=0.3333333333333333, factor=0.5)
    """
    if method == "Nesterov":
        root = math.sqrt(3 * condition + 1)
        return Pair(4 / (3 + 1 / condition), (root - 2) / (root + 2), 1 - 2 / root)
    root = math.sqrt(condition)
    factor = (root - 1) / (root + 1)
    return Pair(4 / (1 + 1 / root) ** 2, factor**2, factor)


def best_without_momentum(condition: float) -> Pair:
    """Return the best learning rate for a momentum of 0.

    Examples
    --------
    >>> best_without_momentum(3.0)
    Pair(lr=1.5, momentum=0.0, factor=0.5)
    """
    return Pair(2 / (1 + 1 / condition), 0.0, (condition - 1) / (condition + 1))
