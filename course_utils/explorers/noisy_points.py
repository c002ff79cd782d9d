"""Noisy points of a known curve, and when a fit to them is called about right. Chapter 06."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

MOST, N_HELD_OUT = 60, 40
CURVE = np.linspace(-1, 1, 161)  # where fits are drawn


def truth(x: np.ndarray) -> np.ndarray:
    """Return sin(3/2 pi x): one and a half waves over [-1, 1], odd.

    Examples
    --------
    >>> print(truth(np.array([-1.0, 0.0, 1 / 3])))
    [1. 0. 1.]
    """
    return np.sin(1.5 * np.pi * x)


@dataclass(frozen=True)
class Points:
    """Points to fit and points to judge the fit by, float64.

    Parameters
    ----------
    x, y : ndarray (n,)
        For training.
    x_held_out, y_held_out : ndarray (40,)
        Drawn in the same way.
    """

    x: np.ndarray
    y: np.ndarray
    x_held_out: np.ndarray
    y_held_out: np.ndarray

    def rmse(self, y: np.ndarray, y_held_out: np.ndarray) -> np.ndarray:
        """Return root mean squared errors of fitted values: (..., n) and (..., 40) to (..., 2)."""
        own, others = (
            np.square(y - self.y).mean(axis=-1),
            np.square(y_held_out - self.y_held_out).mean(axis=-1),
        )
        return np.sqrt(np.stack([own, others], axis=-1))


@functools.lru_cache(maxsize=64)
def points(n: int, noise: float, seed: int) -> Points:
    """Draw points of the truth with Gaussian noise.

    Two points for training lie at the ends of [-1, 1], so that held-out ones never lie outside; the others
    are spread without large gaps, each a golden section of the interval from the one before, from a random
    start. More points of the same seed are the same and some besides; another noise stretches the errors.

    Parameters
    ----------
    n : int
        For training, up to `MOST`.
    noise : float
        Standard deviation.
    seed : int
        At least 0.
    """
    rng = np.random.default_rng(seed)
    spread = 2 * ((rng.random() + np.arange(MOST - 2) * (np.sqrt(5) - 1) / 2) % 1) - 1
    x = np.concatenate([[-1, 1], spread, rng.uniform(-1, 1, N_HELD_OUT)])
    y = truth(x) + noise * rng.standard_normal(len(x))
    return Points(x[:n], y[:n], x[MOST:], y[MOST:])


def verdict(now: ArrayLike, others: ArrayLike) -> str:
    """Judge a fit by the best of others to the same points; all are pairs (training, held-out) of RMSE.

    About right: its held-out error is at most 1.15 times that of the best, or 0.02 above it. If not, it is
    overfitting where its training error is below that of the best, and underfitting otherwise.

    Examples
    --------
    >>> fits = [(0.60, 0.70), (0.22, 0.30), (0.01, 0.90)]
    >>> [verdict(fit, fits) for fit in fits]
    ['underfitting', 'about right', 'overfitting']
    """
    own, held_out = np.asarray(now)
    best_own, best_held_out = min(np.asarray(others), key=lambda pair: pair[1])
    if held_out <= max(1.15 * best_held_out, best_held_out + 0.02):
        return "about right"
    return "overfitting" if own < best_own else "underfitting"
