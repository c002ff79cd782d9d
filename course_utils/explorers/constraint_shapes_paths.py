"""Two weights under a penalty: where loss and penalty balance, exactly, for every strength. Chapter 06b."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

L1_SHARES = {"L2": 0.0, "elastic net": 0.5, "L1": 1.0}
STRENGTHS = np.geomspace(1e-3, 10, 161)  # of the path
FLAT = 1e-12  # a weight below this is rounding


@dataclass(frozen=True)
class Balance:
    """The weights at which the sum of loss and penalty is smallest.

    Parameters
    ----------
    settings : dict
        The controls' values.
    hessian : ndarray (2, 2)
        The loss is (w - minimum)' hessian (w - minimum) / 2.
    minimum : ndarray (2,)
        The weights without a penalty.
    weights : ndarray (2,)
        The weights at the strength chosen.
    path : ndarray (161, 2)
        Those at each of `STRENGTHS`.
    kept : ndarray (2,)
        Along the steep and the flat direction: the weights' part there, as a share of the minimum's; nan
        where the minimum has none.
    """

    settings: dict[str, Any]
    hessian: np.ndarray
    minimum: np.ndarray
    weights: np.ndarray
    path: np.ndarray
    kept: np.ndarray

    @property
    def zeros(self) -> np.ndarray:
        """Which weights are exactly 0, (2,) bool."""
        return self.weights == 0


def compute(
    *, penalty: str, strength: float, w1: float, w2: float, condition: float, angle: float
) -> Balance:
    """Solve for the weights at `strength`, and for the path over all strengths."""
    settings = dict(penalty=penalty, strength=strength, w1=w1, w2=w2, condition=condition, angle=angle)
    directions, curvatures = axes_of_loss(condition, angle)
    hessian = directions * curvatures @ directions.T
    minimum = np.array([w1, w2])
    solved = balanced(hessian, minimum, np.append(STRENGTHS, strength), L1_SHARES[penalty])
    along, parts = directions.T @ minimum, directions.T @ solved[-1]
    kept = np.divide(parts, along, out=np.full(2, np.nan), where=np.abs(along) > FLAT)
    return Balance(settings, hessian, minimum, solved[-1], solved[:-1], kept)


def axes_of_loss(condition: float, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the steep and the flat direction as columns (2, 2), and the curvatures 1 and 1 / `condition`.

    `angle` is that of the flat direction, in degrees from the axis of the first weight.
    """
    turn = np.deg2rad(angle)
    steep, flat = (-np.sin(turn), np.cos(turn)), (np.cos(turn), np.sin(turn))
    return np.column_stack([steep, flat]), np.array([1.0, 1 / condition])


def balanced(hessian: np.ndarray, minimum: np.ndarray, strengths: np.ndarray, l1_share: float) -> np.ndarray:
    """Return the weights of the smallest sum of loss and penalty, (n, 2), one row for each of `strengths`.

    The penalty is strength * (l1_share |w|_1 + (1 - l1_share) |w|^2 / 2). Where the signs of the weights are
    known (-1, 0 or 1), the gradient's zero is a linear equation; of the nine cases the best is taken, among
    those whose solution has the signs assumed.
    """
    l1, l2 = strengths * l1_share, strengths * (1 - l1_share)
    pull = hessian @ minimum
    best, lowest = np.zeros((len(strengths), 2)), np.full(len(strengths), np.inf)
    for signs in product((-1.0, 0.0, 1.0), repeat=2):
        weights = with_signs(hessian, pull, l1, l2, np.array(signs))
        loss = ((weights - minimum) @ hessian * (weights - minimum)).sum(axis=1) / 2
        loss += l1 * np.abs(weights).sum(axis=1) + l2 * (weights**2).sum(axis=1) / 2
        better = (np.sign(weights) == signs).all(axis=1) & (loss < lowest)
        best[better], lowest[better] = weights[better], loss[better]
    return best


def with_signs(
    hessian: np.ndarray, pull: np.ndarray, l1: np.ndarray, l2: np.ndarray, signs: np.ndarray
) -> np.ndarray:
    """Solve (hessian + l2) w = pull - l1 signs among the weights whose sign is not 0: (n, 2)."""
    weights = np.zeros((len(l1), 2))
    free = np.flatnonzero(signs)
    if len(free):
        systems = hessian[np.ix_(free, free)] + l2[:, None, None] * np.eye(len(free))
        sides = pull[free] - l1[:, None] * signs[free]
        weights[:, free] = np.linalg.solve(systems, sides[..., None])[..., 0]
    return weights


def boundary(balance: Balance, n_points: int = 241) -> np.ndarray:
    """Return the line on which the penalty is what it is at the weights: (n_points, 2)."""
    share = L1_SHARES[balance.settings["penalty"]]
    size = share * np.abs(balance.weights).sum() + (1 - share) * (balance.weights**2).sum() / 2
    angle = np.linspace(0, 2 * np.pi, n_points)  # 0 and the other corners of the diamond are among them
    ways = np.column_stack([np.cos(angle), np.sin(angle)])
    ways[np.abs(ways) < FLAT] = 0
    a, b = (1 - share) / 2, share * np.abs(ways).sum(axis=1)  # a r^2 + b r = size along each way
    radius = 2 * size / np.maximum(b + np.sqrt(b**2 + 4 * a * size), FLAT)
    return radius[:, None] * ways


def level(balance: Balance, loss: float, n_points: int = 161) -> np.ndarray:
    """Return the ellipse on which the loss without penalty is `loss`: (n_points, 2)."""
    directions, curvatures = axes_of_loss(balance.settings["condition"], balance.settings["angle"])
    angle = np.linspace(0, 2 * np.pi, n_points)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return balance.minimum + circle * np.sqrt(2 * loss / curvatures) @ directions.T


def loss_at(balance: Balance, weights: np.ndarray) -> float:
    """Return the loss without penalty."""
    away = weights - balance.minimum
    return float(away @ balance.hessian @ away / 2)
