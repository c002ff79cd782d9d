"""Loss surfaces to descend: small functions with known minima, in one or two weights. Chapters 01b and 05.

Each takes points (..., n_weights) and returns the loss (...) and its gradient (..., n_weights). All are
shifted so that the smallest loss is 0, and all but Beale's are worth looking at on [-2.4, 2.4] each way.
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


@dataclass(frozen=True)
class Quadratic:
    """The loss (u^2 + condition v^2) / 2, where u and v are x and y, or both turned by 45 degrees.

    Parameters
    ----------
    condition : float
        The condition number: the ratio of the largest curvature to the smallest, at least 1. The bound for
        the learning rate of gradient descent is 2 / condition.
    turned : bool
        Whether the axes of the ellipses lie between those of the weights.
    """

    condition: float
    turned: bool = False

    def __call__(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return loss and gradient."""
        x, y = point[..., 0], point[..., 1]
        gradient = np.empty(point.shape)
        if self.turned:
            along, across = (x + y) / 2, self.condition * (y - x) / 2
            gradient[..., 0], gradient[..., 1] = along - across, along + across
        else:
            gradient[..., 0], gradient[..., 1] = x, self.condition * y
        return (point * gradient).sum(axis=-1) / 2, gradient

    def level(self, loss: float, n_points: int) -> np.ndarray:
        """Return the ellipse of that loss, (n_points, 2)."""
        angle = np.linspace(0, 2 * np.pi, n_points)
        u, v = np.cos(angle), np.sin(angle) / np.sqrt(self.condition)
        if self.turned:
            u, v = (u - v) / np.sqrt(2), (u + v) / np.sqrt(2)
        return np.sqrt(2 * loss) * np.column_stack([u, v])


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


def beale(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of (1.5 - x + x y)^2, (2.25 - x + x y^2)^2, (2.625 - x + x y^3)^2, and its gradient.

    Beale's function (1958): a flat valley along the lines of the minimum (3, 0.5), walls that rise as the
    sixth power of y, and a saddle at (0, 1).
    """
    x, y = point[..., 0], point[..., 1]
    one, two, three = y - 1, y * y - 1, y * y * y - 1
    a, b, c = 1.5 + x * one, 2.25 + x * two, 2.625 + x * three
    gradient = np.empty(point.shape)
    gradient[..., 0] = 2 * (a * one + b * two + c * three)
    gradient[..., 1] = 2 * x * (a + 2 * b * y + 3 * c * (y * y))
    return a * a + b * b + c * c, gradient


def rastrigin(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of w^2 + 10 (1 - cos 2 pi w) over both weights, and its gradient.

    Rastrigin's function (1974): a bowl with a dip near every point of whole numbers; only the one at 0 is the
    lowest.
    """
    turn = 2 * np.pi * point
    return (point**2 + 10 * (1 - np.cos(turn))).sum(axis=-1), 2 * point + 20 * np.pi * np.sin(turn)


_stationary = np.sort(np.roots([1, 0, -1, 0.1]).real)  # of two_minima_1d: deep minimum, hill, shallow minimum
DEEPEST = float(_stationary[0])
DEPTH = -((DEEPEST**2 - 1) ** 2 / 4 + DEEPEST / 10)


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
    minima : tuple of tuple of float
        The points at which the loss is 0.
    view : float
        Half the width of the picture, in every weight.
    several : bool
        Whether there are other minima, as low or not, so that one asks which was found.
    """

    name: str
    n_weights: int
    loss: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    minima: tuple[tuple[float, ...], ...]
    view: float = VIEW
    several: bool = False

    @property
    def has_condition(self) -> bool:
        """Whether it has a condition number to choose."""
        return isinstance(self.loss, Quadratic)


SURFACES = {
    surface.name: surface
    for surface in (
        Surface("parabola", 1, parabola, minima=((0.0,),)),
        Surface("two minima (1-D)", 1, two_minima_1d, minima=((DEEPEST,),), several=True),
        Surface("bowl", 2, Quadratic(1.0), minima=((0.0, 0.0),)),
        Surface("ravine", 2, Quadratic(25.0), minima=((0.0, 0.0),)),
        Surface("Rosenbrock", 2, rosenbrock, minima=((1.0, 1.0),)),
        Surface("saddle", 2, saddle, minima=((0.0, -(2**0.5)), (0.0, 2**0.5)), several=True),
        Surface("two minima", 2, two_minima, minima=((DEEPEST, 0.0),), several=True),
    )
}

_RACES_ONLY = {
    surface.name: surface
    for surface in (
        Surface("Beale", 2, beale, minima=((3.0, 0.5),), view=4.5),
        Surface("Rastrigin", 2, rastrigin, minima=((0.0, 0.0),), several=True),
    )
}
RACE_TRACKS = (
    "bowl",
    "diagonal ravine",
    "Rosenbrock",
    "saddle",
    "Beale",
    "Rastrigin",
    "two minima (1-D)",
    "two minima",
)


def race_track(name: str, condition: float) -> Surface:
    """Return one of the `RACE_TRACKS`; the first two have the given condition number."""
    if name in ("bowl", "diagonal ravine"):
        return Surface(name, 2, Quadratic(condition, turned=name != "bowl"), minima=((0.0, 0.0),))
    return _RACES_ONLY[name] if name in _RACES_ONLY else SURFACES[name]
