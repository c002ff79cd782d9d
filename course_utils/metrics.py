"""Metrics: how good a classifier is, counted. Chapter 01b, and chapter 02 in depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the share of predictions that are right, in [0, 1].

    Parameters
    ----------
    y_true, y_pred : arrays (N,)
        The right classes and the predicted ones; class numbers, not scores.

    Raises
    ------
    ValueError
        If the shapes differ or there is nothing to count.

    Examples
    --------
    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1])
    0.75
    """
    y_true, y_pred = _check_classes(y_true, y_pred)
    return float(np.mean(y_true == y_pred))


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, n_classes: int | None = None) -> np.ndarray:
    """Count how often class i was taken for class j.

    Parameters
    ----------
    y_true, y_pred : integer arrays (N,)
        The right classes and the predicted ones, in 0..n_classes-1.
    n_classes : int, optional
        By default the largest class number plus one.

    Returns
    -------
    integer array (n_classes, n_classes)
        Rows are the right classes, columns the predicted ones, as in scikit-learn.

    Raises
    ------
    ValueError
        If shapes, dtypes or class numbers do not fit.

    Examples
    --------
    >>> confusion_matrix([0, 1, 1, 1], [0, 1, 1, 0])
    array([[1, 0],
           [1, 2]])
    """
    y_true, y_pred = _check_classes(y_true, y_pred)
    for name, classes in (("y_true", y_true), ("y_pred", y_pred)):
        if classes.dtype.kind not in "iu":
            raise ValueError(f"expected integer classes in {name}, got {classes.dtype}")
    lowest, highest = min(y_true.min(), y_pred.min()), max(y_true.max(), y_pred.max())
    n_classes = int(highest) + 1 if n_classes is None else n_classes
    if lowest < 0 or highest >= n_classes:
        raise ValueError(f"expected classes in 0..{n_classes - 1}, got {lowest}..{highest}")
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


def _check_classes(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.ndim != 1 or y_true.shape != y_pred.shape or y_true.size == 0:
        raise ValueError(
            f"expected y_true and y_pred (N,), N >= 1, got shapes {y_true.shape} and {y_pred.shape}"
        )
    return y_true, y_pred
