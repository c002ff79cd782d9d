"""Rosenblatt's perceptron, an early machine that learnt, and the bound on its mistakes. Chapter 01a."""

from __future__ import annotations

from collections.abc import Iterator
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


class Visit(NamedTuple):
    """One look at one example.

    Attributes
    ----------
    epoch : int
        The pass, from 1.
    example : int
        The row of x.
    mistake : bool
        Whether it was on the wrong side or on the line itself.
    weight : float64 array (n_in,)
        After the visit: moved by a mistake, else as before.
    """

    epoch: int
    example: int
    mistake: bool
    weight: np.ndarray


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
    weight, n_updates = np.zeros(_check_examples(x, y)[0].shape[1]), 0
    last_mistake = 0  # the pass it was in
    for visit in perceptron_visits(x, y, max_epochs=max_epochs, rng=rng):
        if visit.mistake:
            weight, n_updates, last_mistake = visit.weight, n_updates + 1, visit.epoch
    converged = last_mistake < max_epochs
    return PerceptronRun(weight, n_updates, last_mistake + 1 if converged else max_epochs, converged)


def perceptron_visits(
    x: np.ndarray,
    y: np.ndarray,
    *,
    max_epochs: int = 100,
    rng: np.random.Generator | None = None,
) -> Iterator[Visit]:
    """Yield every look at an example, to watch the rule of `train_perceptron` at work.

    Parameters
    ----------
    x, y, max_epochs, rng
        As in `train_perceptron`.

    Yields
    ------
    Visit
        ``epoch, example, mistake, weight``; the last pass is the first without a mistake, or `max_epochs`.

    Examples
    --------
    >>> for visit in perceptron_visits(np.array([[2.0, 1.0], [-1.0, 1.0]]), np.array([1, -1])):
    ...     print(visit.epoch, visit.example, visit.mistake, visit.weight)
    1 0 True [2. 1.]
    1 1 False [2. 1.]
    2 0 False [2. 1.]
    2 1 False [2. 1.]
    """
    x, y = _check_examples(x, y)
    weight = np.zeros(x.shape[1])
    for epoch in range(1, max_epochs + 1):
        clean = True
        for i in range(len(x)) if rng is None else rng.permutation(len(x)).tolist():
            mistake = bool(y[i] * (x[i] @ weight) <= 0)
            if mistake:
                weight = weight + y[i] * x[i]  # a new array: earlier visits keep theirs
                clean = False
            yield Visit(epoch, i, mistake, weight)
        if clean:
            return


def widest_margin(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Return the unit weight that separates the classes with the widest margin, or None if none does.

    The margin is the smallest y_i x_i w; through `novikoff_bound` this weight gives the lowest bound.

    Parameters
    ----------
    x : array (N, n_in)
        Inputs; append the bias with `with_bias` if the line need not pass through the origin.
    y : array (N,)
        Labels -1 and +1.

    Returns
    -------
    float64 array (n_in,), or None

    Notes
    -----
    The shortest w with y_i x_i w >= 1 for every i, found by non-negative least squares (Lawson and Hanson,
    1974, "Solving Least Squares Problems", chapter 23, least distance programming).

    Examples
    --------
    >>> weight = widest_margin(np.array([[1.0, 1.0], [3.0, -1.0], [-1.0, 1.0]]), np.array([1, 1, -1]))
    >>> print(weight.round(6) + 0.0)
    [1. 0.]
    >>> widest_margin(np.array([[1.0], [2.0]]), np.array([1, -1])) is None
    True
    """
    from scipy.optimize import nnls

    x, y = _check_examples(x, y)
    signed = y[:, None] * x  # (N, n_in): each must have a positive product with w
    longest = max(np.linalg.norm(signed, axis=1).max(), 1e-300)
    goal = np.append(np.zeros(x.shape[1]), 1.0)
    shares, _ = nnls(np.vstack([signed.T / longest, np.ones(len(x))]), goal)
    rest = np.append(signed.T @ shares / longest, shares.sum()) - goal
    if np.linalg.norm(rest) < 1e-9:  # 0 is a mixture of the signed inputs: no w has them all on one side
        return None
    weight = rest[:-1] / np.linalg.norm(rest[:-1])
    return weight if (signed @ weight).min() > 0 else None


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
