"""How far predicted numbers are from the right ones. Chapter 02."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of (y_true - y_pred)^2 over all entries, in the unit of y squared.

    Parameters
    ----------
    y_true, y_pred : arrays (N,) or (N, D)
        Of the same shape and finite, N at least 1; with D outputs the mean is over all.

    Raises
    ------
    ValueError
        If shapes differ, there is nothing to compare, or a value is nan or inf.

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    y_true, y_pred = _check_numbers(y_true, y_pred)
    return float(np.mean((y_true - y_pred) ** 2))


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of |y_true - y_pred| over all entries, in the unit of y.

    Arguments and errors as for `mean_squared_error`.

    Examples
    --------
    >>> mean_absolute_error([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    y_true, y_pred = _check_numbers(y_true, y_pred)
    return float(np.mean(np.abs(y_true - y_pred)))


def r2(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the coefficient of determination: 1 - squared error / squared error of the mean.

    1 is perfect, 0 no better than the mean, and below 0 worse: there is no lower bound. For D outputs the
    mean of theirs. If the right values are all equal, it is 1.0 for perfect predictions and else 0.0, as in
    scikit-learn.

    Parameters
    ----------
    y_true, y_pred : arrays (N,) or (N, D)
        As for `mean_squared_error`, but N at least 2.

    Raises
    ------
    ValueError
        As `mean_squared_error`, and for a single example, which has no variance.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])  # 1 - 1/2
    0.5
    >>> r2([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])  # 1 - 8/2
    -3.0
    """
    y_true, y_pred = _check_numbers(y_true, y_pred)
    if len(y_true) < 2:
        raise ValueError(f"expected at least 2 examples for a variance, got {len(y_true)}")
    residual = np.sum((y_true - y_pred) ** 2, axis=0)
    total = np.sum((y_true - y_true.mean(axis=0)) ** 2, axis=0)
    flat = np.where(residual == 0, 1.0, 0.0)  # where no variance is there to explain
    return float(np.mean(np.where(total == 0, flat, 1 - residual / np.where(total == 0, 1, total))))


def _check_numbers(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    truth, guess = np.asarray(y_true, dtype=np.float64), np.asarray(y_pred, dtype=np.float64)
    if truth.ndim not in (1, 2) or truth.shape != guess.shape or truth.size == 0:
        raise ValueError(
            "expected y_true and y_pred of one shape (N,) or (N, D), N >= 1, "
            f"got shapes {truth.shape} and {guess.shape}"
        )
    for name, numbers in (("y_true", truth), ("y_pred", guess)):
        if not np.isfinite(numbers).all():
            raise ValueError(
                f"expected finite {name}, got {int((~np.isfinite(numbers)).sum())} that are nan or inf"
            )
    return truth, guess
