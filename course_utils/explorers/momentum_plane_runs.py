"""A run of momentum on a quadratic, and the map of the factor per step over all pairs. Chapter 05a."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.explorers.momentum_plane_theory import (
    Direction,
    Pair,
    best_pair,
    best_without_momentum,
    direction,
    largest_size,
    limit,
    trace_and_determinant,
)
from course_utils.nn.module import Parameter
from course_utils.optim.sgd import SGD

LOWEST_LR, HIGHEST_LR, HIGHEST_MOMENTUM = 0.01, 6.0, 0.99  # ends of the map
FAR = 1e100  # a distance beyond this ends the run, before it overflows
SAME = 1e-6  # factors that differ by less are alike: a double root turns rounding into 1e-8
N_CELLS = 280  # of the map, each way


@dataclass(frozen=True)
class Plane:
    """A point of the map, and the run there: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values.
    steep, flat : Direction
        The directions of the largest and of the smallest curvature.
    decides : str
        "steep", "flat" or "both": whose factor is the larger one.
    limit : float
        The learning rate (times the largest curvature) beyond which it diverges with this momentum.
    best, plain : Pair
        The best pair of this method, and the best without momentum.
    path : ndarray (n + 1, 2)
        How far the steep and the flat weight are from the minimum, before the first step and after each;
        both start at 1.
    """

    settings: dict[str, Any]
    steep: Direction
    flat: Direction
    decides: str
    limit: float
    best: Pair
    plain: Pair
    path: np.ndarray

    @property
    def factor(self) -> float:
        """What the distance is multiplied by at each step, in the long run."""
        return max(self.steep.factor, self.flat.factor)


def compute(*, lr: float, momentum: float, condition: float, method: str, steps: int) -> Plane:
    """Find both directions' eigenvalues, and descend by the engine's own `SGD`.

    The largest curvature is 1, so that `lr` is the learning rate times the largest curvature.
    """
    settings = {"lr": lr, "momentum": momentum, "condition": condition, "method": method, "steps": steps}
    steep = direction(1.0, lr, momentum, method)
    flat = direction(1 / condition, lr, momentum, method)
    difference = steep.factor - flat.factor
    return Plane(
        settings=settings,
        steep=steep,
        flat=flat,
        decides="both" if abs(difference) < SAME else "steep" if difference > 0 else "flat",
        limit=float(limit(momentum, method)),
        best=best_pair(condition, method),
        plain=best_without_momentum(condition),
        path=descend(lr, momentum, condition, method, steps),
    )


def up_the_axis(momentum: Any) -> Any:
    """Return how high a momentum lies on its axis: 1 - sqrt(1 - momentum) has room near 0 and near 1."""
    return 1 - np.sqrt(np.maximum(1 - np.asarray(momentum, dtype=float), 0))


def down_the_axis(height: Any) -> Any:
    """Return the momentum at a height of that axis."""
    return 1 - np.maximum(1 - np.asarray(height, dtype=float), 0) ** 2


def cells() -> tuple[np.ndarray, np.ndarray]:
    """Return the learning rates and momenta in the middles of the map's cells, (280,) each."""
    middles = (np.arange(N_CELLS) + 0.5) / N_CELLS
    lr = LOWEST_LR * (HIGHEST_LR / LOWEST_LR) ** middles
    return lr, down_the_axis(middles * up_the_axis(HIGHEST_MOMENTUM))


def factor_map(condition: float, method: str) -> np.ndarray:
    """Return the factor per step in all cells: (momentum 280, learning rate 280)."""
    lr, momentum = cells()
    flat = largest_size(*trace_and_determinant(lr / condition, momentum[:, None], method))
    return np.maximum(steep_map(method), flat)


@functools.lru_cache(maxsize=2)
def steep_map(method: str) -> np.ndarray:
    """Return the same of the steep direction alone, the same for all conditions, to be left as it is."""
    lr, momentum = cells()
    return largest_size(*trace_and_determinant(lr, momentum[:, None], method))


@functools.lru_cache(maxsize=16)
def descend(lr: float, momentum: float, condition: float, method: str, steps: int) -> np.ndarray:
    """Descend from (1, 1): the distances after each step, (n + 1, 2); beyond `FAR` the run ends.

    Without momentum both methods are plain gradient descent.
    """
    curvatures = np.array([1.0, 1 / condition])
    weights = Parameter(np.ones(2))
    optimizer = SGD([weights], lr=lr, momentum=momentum, nesterov=method == "Nesterov" and momentum > 0)
    path = [weights.data]
    for _ in range(steps):
        weights.grad = curvatures * weights.data
        optimizer.step()
        path.append(weights.data)
        if np.abs(weights.data).max() > FAR:
            break
    return np.abs(path)
