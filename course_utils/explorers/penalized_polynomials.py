"""Polynomials fitted to noisy points, with a penalty on their weights. Chapter 06.

A polynomial is a weighted sum of Legendre polynomials, scaled so that each has a mean square of 1 over
[-1, 1]: they are orthogonal there, so that weights of different degrees can be compared and penalized alike.
Minimized is half the mean squared error plus ``strength * elastic_net_penalty(weights, l1_ratio)`` of
``course_utils.nn.penalties``, which leaves out the constant.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.polynomial import legendre

from course_utils.explorers.noisy_points import Points, points, truth

HIGHEST = 15  # degree
L1_RATIOS = {"L2": 0.0, "L1": 1.0, "elastic net": 0.5}
STRENGTHS = np.logspace(-5, 1, 49)  # of the penalty, where the errors are drawn


def basis(x: np.ndarray, degree: int) -> np.ndarray:
    """Return sqrt(2 k + 1) P_k(x) for k = 0 to degree: (n,) to (n, degree + 1).

    Examples
    --------
    >>> basis(np.array([1.0, -1.0]), 1).round(3)
    array([[ 1.   ,  1.732],
           [ 1.   , -1.732]])
    """
    return legendre.legvander(x, degree) * np.sqrt(2 * np.arange(degree + 1) + 1)


@functools.cache
def true_weights() -> np.ndarray:
    """Return the truth's own weights, (16,): its mean products with the basis."""
    x, mass = legendre.leggauss(60)
    return basis(x, HIGHEST).T @ (truth(x) * mass / 2)


def fit(
    data: Points, degree: int, penalty: str, strength: float, start: np.ndarray | None = None
) -> np.ndarray:
    """Return the weights (degree + 1,) of the best polynomial; `start` may save time.

    Without penalty least squares, and where several polynomials go through all points the one with the
    smallest weights; for L2 the solution of linear equations; for the others `sparse_weights`.
    """
    x = basis(data.x, degree)  # (n, degree + 1)
    if penalty == "none":
        return np.linalg.lstsq(x, data.y)[0]
    gram, products = x.T @ x / len(x), x.T @ data.y / len(x)
    if penalty == "L2":
        return np.linalg.solve(gram + strength * np.diag(np.arange(degree + 1) > 0), products)
    l1, l2 = strength * L1_RATIOS[penalty], strength * (1 - L1_RATIOS[penalty])
    return sparse_weights(gram, products, l1, l2, np.zeros(degree + 1) if start is None else start)


def sparse_weights(
    gram: np.ndarray, products: np.ndarray, l1: float, l2: float, start: np.ndarray
) -> np.ndarray:
    """Minimize w G w / 2 - p w + l1 sum abs(w) + l2/2 sum w^2, sums without the first weight, exactly.

    While the signs of the weights are known, the minimum is the solution of linear equations. The search
    walks there; a weight that reaches 0 on the way stops and stays 0. At the solution the weight at 0 that
    most wants to leave is let go, until none does. Lee, Battle, Raina and Ng, 2007, "Efficient sparse coding
    algorithms", call it feature-sign search; `nn.penalties.proximal_step` gets there too, in many steps.

    Parameters
    ----------
    gram, products : ndarray (k, k) and (k,)
        G = X^T X / n and p = X^T y / n.
    l1, l2 : float
        Strengths, at least 0.
    start : ndarray (k,)
        Weights to search from; those of a similar strength save time.
    """
    weights, signs = start.copy(), np.sign(start)
    signs[0] = 0
    penalized = np.arange(len(start)) > 0
    curved = gram + np.diag(np.where(penalized, max(l2, 1e-10), 0))  # 1e-10: more weights than points
    while True:
        free = np.flatnonzero((signs != 0) | ~penalized)
        target = np.zeros_like(weights)
        target[free] = np.linalg.solve(curved[np.ix_(free, free)], (products - l1 * signs)[free])
        crossing = np.flatnonzero(signs * target < 0)
        if len(crossing):
            ways = weights[crossing] / (weights - target)[crossing]  # in [0, 1): how far each may go
            first = crossing[ways.argmin()]
            weights += ways.min() * (target - weights)
            weights[first] = signs[first] = 0
            continue
        weights = target
        slope = products - curved @ weights  # downhill, of everything but l1
        wish = np.where(penalized & (signs == 0), np.abs(slope), 0)
        if wish.max() <= l1 + 1e-9:
            return weights
        signs[wish.argmax()] = np.sign(slope[wish.argmax()])


def errors(data: Points, weights: np.ndarray) -> np.ndarray:
    """Return the RMSE of polynomials in training and held out: weights (..., degree + 1) to (..., 2)."""
    degree = weights.shape[-1] - 1
    return data.rmse(weights @ basis(data.x, degree).T, weights @ basis(data.x_held_out, degree).T)


@functools.lru_cache(maxsize=64)
def errors_by_degree(n: int, noise: float, seed: int) -> np.ndarray:
    """Return the RMSE without penalty, in training and held out, for the degrees 0 to 15: (16, 2)."""
    data = points(n, noise, seed)
    x = basis(data.x, HIGHEST)  # (n, 16): those of lower degrees are its first columns
    weights = np.zeros((HIGHEST + 1, HIGHEST + 1))
    for degree, row in enumerate(weights):
        row[: degree + 1] = np.linalg.lstsq(x[:, : degree + 1], data.y)[0]
    return errors(data, weights)


@functools.lru_cache(maxsize=64)
def errors_by_strength(n: int, noise: float, seed: int, degree: int, penalty: str) -> np.ndarray:
    """Return the RMSE in training and held out for all `STRENGTHS`: (49, 2)."""
    data = points(n, noise, seed)
    weights, found = np.zeros(degree + 1), []
    for strength in STRENGTHS[::-1]:  # from the strongest down, where few weights differ from 0
        weights = fit(data, degree, penalty, float(strength), weights)
        found.append(weights)
    return errors(data, np.array(found[::-1]))
