"""Loss surfaces to descend: small functions with known minima, in one or two weights.

Each takes points (..., n_weights) and returns the loss (...) and its gradient (..., n_weights). All are
shifted so that the smallest loss is 0, and all are worth looking at on [-2.4, 2.4] in every weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

VIEW = 2.4  # half the width of the picture


def parabola(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x^2 / 2 and its gradient: curvature 1 everywhere, so the bound for the learning rate is 2."""
    return point[..., 0] ** 2 / 2, point


def two_minima_1d(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (x^2 - 1)^2 / 4 + x / 10, shifted, and its gradient: shallow minimum right, deep one left."""
    x = point[..., 0]
    return (x**2 - 1) ** 2 / 4 + x / 10 + DEPTH, (x**3 - x + 0.1)[..., None]


def bowl(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (x^2 + y^2) / 2 and its gradient: equally steep every way."""
    return (point**2).sum(axis=-1) / 2, point


def ravine(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (x^2 + 25 y^2) / 2 and its gradient: condition number 25, bound for the learning rate 2/25."""
    gradient = point * np.array([1.0, 25.0])
    return (point * gradient).sum(axis=-1) / 2, gradient


def rosenbrock(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (1 - x)^2 + 10 (y - x^2)^2 and its gradient: a bent valley with a nearly flat floor.

    H. H. Rosenbrock (1960, "An automatic method for finding the greatest or least value of a function",
    equation 3) has 100 in place of 10; the milder valley can be walked in the steps a picture has room for.
    """
    x, y = point[..., 0], point[..., 1]
    off_floor = y - x**2
    gradient = np.stack([2 * (x - 1) - 40 * x * off_floor, 20 * off_floor], axis=-1)
    return (1 - x) ** 2 + 10 * off_floor**2, gradient


def saddle(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x^2 / 2 + (y^2 - 2)^2 / 8 and its gradient: a saddle at the origin between two equal minima."""
    x, y = point[..., 0], point[..., 1]
    return x**2 / 2 + (y**2 - 2) ** 2 / 8, np.stack([x, y * (y**2 - 2) / 2], axis=-1)


def two_minima(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the one-dimensional `two_minima_1d` in x plus y^2 / 2, and its gradient."""
    along_x, slope = two_minima_1d(point[..., :1])
    y = point[..., 1]
    return along_x + y**2 / 2, np.stack([slope[..., 0], y], axis=-1)


_stationary = np.sort(np.roots([1, 0, -1, 0.1]).real)  # of two_minima_1d: deep minimum, hill, shallow minimum
DEPTH = float(-((_stationary[0] ** 2 - 1) ** 2 / 4 + _stationary[0] / 10))


@dataclass(frozen=True)
class Surface:
    """A function to descend.

    Parameters
    ----------
    name : str
        As the learner chooses it.
    n_weights : int
        1 or 2.
    loss : callable
        Points (..., n_weights) to loss (...) and gradient (..., n_weights).
    """

    name: str
    n_weights: int
    loss: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


SURFACES = {
    surface.name: surface
    for surface in (
        Surface("parabola", 1, parabola),
        Surface("two minima (1-D)", 1, two_minima_1d),
        Surface("bowl", 2, bowl),
        Surface("ravine", 2, ravine),
        Surface("Rosenbrock", 2, rosenbrock),
        Surface("saddle", 2, saddle),
        Surface("two minima", 2, two_minima),
    )
}
