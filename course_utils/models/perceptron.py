"""Rosenblatt's perceptron, an early machine that learnt, and the bound on its mistakes. Chapter 01a."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class PerceptronRun(NamedTuple):
    """How a training run of the perceptron ended.

    Attributes
    ----------
    weight : float64 array (n_in,)
        The line's normal vector.
    n_updates : int
        Mistakes made, each of which moved the line once.
    n_epochs : int
        Passes over the data, the last one included.
    converged : bool
        Whether the last pass was free of mistakes.
    """

    weight: np.ndarray
    n_updates: int
    n_epochs: int
    converged: bool


def with_bias(x: np.ndarray) -> np.ndarray:
    """Append a column of ones, so that the last weight is the bias: (N, n_in) to (N, n_in + 1)."""
    if np.ndim(x) != 2:
        raise ValueError(f"expected x (N, n_in), got shape {np.shape(x)}")
    return np.column_stack([x, np.ones(len(x))])


def train_perceptron(
    x: np.ndarray,
    y: np.ndarray,
    *,
    max_epochs: int = 100,
    rng: np.random.Generator | None = None,
) -> PerceptronRun:
    """Start at zero and add y_i x_i at every mistake, until a whole pass makes none.

    Parameters
    ----------
    x : array (N, n_in)
        Inputs; append the bias with `with_bias` if the line need not pass through the origin.
    y : array (N,)
        Labels -1 and +1.
    max_epochs : int
        Passes over the data at most.
    rng : numpy.random.Generator, optional
        Shuffles the examples before every pass; without it they keep their order.

    Returns
    -------
    PerceptronRun
        ``weight, n_updates, n_epochs, converged``. An example on the line itself, x_i w = 0, counts as a
        mistake.

    Raises
    ------
    ValueError
        If shapes or labels do not fit.

    Notes
    -----
    Rosenblatt, 1958, "The perceptron: a probabilistic model for information storage and organization in
    the brain".

    Examples
    --------
    >>> run = train_perceptron(np.array([[2.0, 1.0], [-1.0, 1.0]]), np.array([1, -1]))
    >>> run.weight, run.n_updates, run.converged  # after one mistake w = (2, 1); then -1*2 + 1*1 < 0 is right
    (array([2., 1.]), 1, True)
    """
    x, y = _check_examples(x, y)
    weight, n_updates = np.zeros(x.shape[1]), 0
    for epoch in range(1, max_epochs + 1):
        n_before = n_updates
        for i in range(len(x)) if rng is None else rng.permutation(len(x)):
            if y[i] * (x[i] @ weight) <= 0:
                weight += y[i] * x[i]
                n_updates += 1
        if n_updates == n_before:
            return PerceptronRun(weight, n_updates, epoch, True)
    return PerceptronRun(weight, n_updates, max_epochs, False)


def novikoff_bound(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Return (R / margin)^2, which the perceptron's mistakes never exceed.

    R is the largest norm of an input, the margin the smallest distance y_i x_i w / |w| from the line; any
    separating `weight` gives a bound, the one with the widest margin the best. Novikoff, 1962, "On
    convergence proofs on perceptrons".

    Parameters
    ----------
    x : array (N, n_in)
        The inputs as they were trained on (with the column of ones, if there was one).
    y : array (N,)
        Labels -1 and +1.
    weight : array (n_in,)
        A weight that separates the classes.

    Raises
    ------
    ValueError
        If `weight` does not separate them.

    Examples
    --------
    >>> x, y = np.array([[3.0, 4.0], [-1.0, 0.0]]), np.array([1, -1])
    >>> novikoff_bound(x, y, np.array([1.0, 0.0]))  # R = 5, margin 1
    25.0
    """
    x, y = _check_examples(x, y)
    weight = np.asarray(weight, dtype=np.float64)
    if weight.shape != x.shape[1:]:
        raise ValueError(f"expected weight {x.shape[1:]} for x {x.shape}, got shape {weight.shape}")
    smallest = (y * (x @ weight)).min()
    if smallest <= 0:
        raise ValueError(
            f"expected a weight that separates the classes, got y (x @ weight) down to {smallest:.3g}"
        )
    radius = np.linalg.norm(x, axis=1).max()
    return float((radius * np.linalg.norm(weight) / smallest) ** 2)


def _check_examples(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y)
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"expected x (N, n_in) with N >= 1, got shape {x.shape}")
    if y.shape != (len(x),):
        raise ValueError(f"expected y ({len(x)},) for x {x.shape}, got shape {y.shape}")
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"expected labels -1 and +1, got {np.unique(y)}")
    return x, y.astype(np.float64)
