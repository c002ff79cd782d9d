"""Polynomial fits to many data sets at once, and what they tell of bias and variance. Chapter 06.

All data sets share their x, and each has noise of its own. A fit by least squares, with or without a ridge
penalty, is linear in y: its weights are ``operator @ y``. So one factorization serves all data sets, the mean
fit is the fit to the truth itself, and the variance is the operator's squared size times that of the noise.
The basis is orthonormal on [-1, 1]: mean squared distances of curves are squared distances of their weights.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from course_utils.explorers.noisy_points import MOST, points, truth
from course_utils.explorers.penalized_polynomials import HIGHEST, basis, true_weights

MOST_SETS, MOST_MEMBERS, N_FRESH = 200, 20, 200


class Measured(NamedTuple):
    """What R fits tell at k places: arrays (k,)."""

    bias: np.ndarray  # squared; can come out below 0, since variance / R has been taken off
    variance: np.ndarray
    fresh: np.ndarray  # mean squared error on fresh points


class Draws(NamedTuple):
    """Standard normal numbers of a seed, and the places of fresh points."""

    first: np.ndarray  # (200, 60): noise of the first member of each ensemble, with others or without
    x_fresh: np.ndarray  # (200,): one in each 200th of [-1, 1]
    fresh: np.ndarray  # (200, 200): noise of each data set's own fresh points


@functools.lru_cache(maxsize=8)
def draws(seed: int) -> Draws:
    """Draw what all ensembles of a seed need; the first data set is that of `points`."""
    rng = np.random.default_rng([seed, 6])
    first = rng.standard_normal((MOST_SETS, MOST))
    ones = points(MOST, 1.0, seed)
    first[0] = ones.y - truth(ones.x)
    x_fresh = 2 * (np.arange(N_FRESH) + rng.random(N_FRESH)) / N_FRESH - 1
    return Draws(first, x_fresh, rng.standard_normal((MOST_SETS, N_FRESH)))


@functools.lru_cache(maxsize=3)
def other_members(seed: int) -> np.ndarray:
    """Draw the noise of the second to the last member; row i has the sum of i + 1 of them: (19, 200, 60)."""
    rng = np.random.default_rng([seed, 7])
    return np.cumsum(rng.standard_normal((MOST_MEMBERS - 1, MOST_SETS, MOST)), axis=0)


def shared_variance(members: Any, correlation: float) -> Any:
    """Return the variance of a mean of m numbers of variance 1 and that correlation with each other.

    Examples
    --------
    >>> shared_variance(4, 0.0), shared_variance(4, 1.0), shared_variance(4, 0.5)
    (0.25, 1.0, 0.625)
    """
    return correlation + (1 - correlation) / members


def mean_noise(seed: int, n: int, n_sets: int, members: int, correlation: float) -> np.ndarray:
    """Return noise of variance 1 in n points, averaged over the members of each ensemble: (R, n).

    A mean of variance s has covariance s with each of the numbers: it is s times the first one and
    sqrt(s - s^2) times something independent. Without correlation that is the plain mean.
    """
    first = draws(seed).first[:n_sets, :n]
    if members == 1:
        return first
    s = shared_variance(members, correlation)
    others = other_members(seed)[members - 2, :n_sets, :n] / np.sqrt(members - 1)
    return s * first + np.sqrt(s - s * s) * others


@functools.lru_cache(maxsize=64)
def design(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all Legendre polynomials at the points, (n, 16), and that as a product Q R."""
    x = basis(points(n, 0.0, seed).x, HIGHEST)
    return x, *np.linalg.qr(x)


@functools.lru_cache(maxsize=512)
def operator(n: int, seed: int, degree: int, strength: float) -> np.ndarray:
    """Return what turns y (n,) into weights (16,): least squares, or ridge where strength is above 0.

    The minimum is that of `penalized_polynomials.fit`: half the mean squared error plus strength / 2 times
    the squared weights without the constant's; without penalty and with fewer points than weights, the
    smallest weights that go through all points.
    """
    size = degree + 1
    x, q, r = design(n, seed)
    x = x[:, :size]
    found = np.zeros((HIGHEST + 1, n))
    if strength > 0:
        curved = x.T @ x / n + strength * np.diag(np.arange(size) > 0)
        found[:size] = np.linalg.solve(curved, x.T / n)
    elif n < size:
        found[:size] = np.linalg.pinv(x)
    else:  # the first columns of Q and R are those of the first columns of x: one product for all degrees
        found[:size] = np.linalg.solve(r[:size, :size], q[:, :size].T)
    return found


def beyond() -> float:
    """Return the mean square of the part of the truth that takes higher degrees than `HIGHEST`."""
    return float(max(0.5 - np.square(true_weights()).sum(), 0.0))  # 0.5 is the mean square of the sine


@functools.lru_cache(maxsize=2048)
def bias_and_size(n: int, seed: int, degree: int, strength: float) -> tuple[float, float]:
    """Return the bias squared, and the variance for noise of variance 1 in a single fit."""
    found = operator(n, seed, degree, strength)
    gap = found @ truth(points(n, 0.0, seed).x) - true_weights()
    return float(np.square(gap).sum()) + beyond(), float(np.square(found).sum())


def measure(weights: np.ndarray, noise: float, seed: int) -> Measured:
    """Estimate bias squared and variance from fits (k, R, 16), and their error on fresh points.

    The mean of R fits is itself off by variance / R on average, which is taken off the bias squared. For each
    data set `N_FRESH` points of the truth with noise are drawn; y = truth + e and a fit's weights w = w* + d
    make the squared error (phi d - e)^2, whose mean is d G d - 2 d p + mean e^2.
    """
    n_sets = weights.shape[1]
    d = weights - true_weights()  # (k, R, 16)
    mean = d.mean(axis=1)
    apart = d - mean[:, None]
    variance = np.einsum("krw,krw->k", apart, apart) / (n_sets - 1)
    bias = np.square(mean).sum(axis=-1) + beyond() - variance / n_sets
    found = draws(seed)
    phi = basis(found.x_fresh, HIGHEST)  # (200, 16)
    error = truth(found.x_fresh) - phi @ true_weights() + noise * found.fresh[:n_sets]  # (R, 200)
    curved = (d.reshape(-1, HIGHEST + 1) @ (phi.T @ phi / N_FRESH)).reshape(d.shape)
    products = d.reshape(len(d), -1) @ (error @ phi / N_FRESH).ravel()
    squares = (np.einsum("krw,krw->k", curved, d) - 2 * products) / n_sets
    return Measured(bias, variance, squares + np.square(error).mean())
