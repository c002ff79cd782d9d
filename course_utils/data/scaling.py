"""Scaling: bring columns of different units to one scale, by statistics of the training data. Chapter 02.

Fit on what is learnt from, then transform all parts: a scaler that has seen the test data has leaked them.
Names and results are scikit-learn's; the inside is short enough to read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike


class StandardScaler:
    """Take each column's mean away and divide by its standard deviation (the biased one, over n).

    A column without spread is divided by 1, so it becomes 0.

    Attributes
    ----------
    mean_, scale_ : float64 array (D,)
        What is taken away and divided by; there after `fit`.

    Examples
    --------
    >>> scaler = StandardScaler().fit(np.array([[0.0, 5.0], [2.0, 5.0]]))
    >>> scaler.transform(np.array([[3.0, 6.0]]))  # (3 - 1) / 1 and (6 - 5) / 1
    array([[2., 1.]])
    """

    mean_: np.ndarray
    scale_: np.ndarray

    def fit(self, x: np.ndarray) -> StandardScaler:
        """Learn mean and spread of each column of x (N, D)."""
        x = _table(x).astype(np.float64)
        n, eps = len(x), np.finfo(np.float64).eps
        self.mean_, variance = x.mean(axis=0), x.var(axis=0)
        rounding = n * eps * variance + (n * self.mean_ * eps) ** 2  # what a constant column's may come to
        self.scale_ = np.where(variance <= rounding, 1.0, np.sqrt(variance))
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Scale x (N, D); its dtype is kept."""
        x = _table(x, _n_columns(self, "mean_"))
        return ((x - self.mean_) / self.scale_).astype(x.dtype)

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Learn from x and scale it."""
        return self.fit(x).transform(x)

    def inverse_transform(self, x: np.ndarray) -> np.ndarray:
        """Go back to the units of before."""
        x = _table(x, _n_columns(self, "mean_"))
        return (x * self.scale_ + self.mean_).astype(x.dtype)


class MinMaxScaler:
    """Map each column's range in the training data to `feature_range`; new data may fall outside of it.

    A column without spread becomes the lower end.

    Parameters
    ----------
    feature_range : tuple of two floats
        Lower and upper end, (0, 1) by default.

    Attributes
    ----------
    data_min_, data_range_ : float64 array (D,)
        Smallest value of each column, and largest minus smallest (1 where that is 0); there after `fit`.

    Examples
    --------
    >>> MinMaxScaler().fit(np.array([[10.0], [20.0]])).transform(np.array([[15.0], [30.0]]))
    array([[0.5],
           [2. ]])
    """

    data_min_: np.ndarray
    data_range_: np.ndarray

    def __init__(self, feature_range: tuple[float, float] = (0.0, 1.0)):
        self.low, self.high = feature_range
        if not self.low < self.high:
            raise ValueError(f"expected feature_range (low, high) with low < high, got {feature_range}")

    def fit(self, x: np.ndarray) -> MinMaxScaler:
        """Learn the range of each column of x (N, D)."""
        x = _table(x).astype(np.float64)
        self.data_min_ = x.min(axis=0)
        spread = x.max(axis=0) - self.data_min_
        self.data_range_ = np.where(spread < 10 * np.finfo(np.float64).eps, 1.0, spread)
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Scale x (N, D); its dtype is kept."""
        x = _table(x, _n_columns(self, "data_min_"))
        share = (x - self.data_min_) / self.data_range_
        return (self.low + share * (self.high - self.low)).astype(x.dtype)

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Learn from x and scale it."""
        return self.fit(x).transform(x)

    def inverse_transform(self, x: np.ndarray) -> np.ndarray:
        """Go back to the units of before."""
        x = _table(x, _n_columns(self, "data_min_"))
        share = (x - self.low) / (self.high - self.low)
        return (share * self.data_range_ + self.data_min_).astype(x.dtype)


def one_hot(labels: np.ndarray, n_classes: int, dtype: DTypeLike = np.float32) -> np.ndarray:
    """Write class numbers as rows with a single 1.

    Parameters
    ----------
    labels : integer array, any shape
        In 0..n_classes-1.
    n_classes : int
        Length of the rows.
    dtype : dtype
        Of the rows (torch's ``one_hot`` gives int64, which no loss takes).

    Raises
    ------
    ValueError
        If labels are not integers or out of range.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise ValueError(f"expected integer labels, got {labels.dtype}")
    if labels.size and (labels.min() < 0 or labels.max() >= n_classes):
        raise ValueError(f"expected labels in 0..{n_classes - 1}, got {labels.min()}..{labels.max()}")
    return np.eye(n_classes, dtype=dtype)[labels]


def _n_columns(scaler: object, attribute: str) -> int:
    """Return the number of columns that a scaler was fitted to."""
    if not hasattr(scaler, attribute):
        raise ValueError(f"expected a fitted scaler, got {type(scaler).__name__} before fit(x_train)")
    return len(getattr(scaler, attribute))


def _table(x: np.ndarray, n_columns: int | None = None) -> np.ndarray:
    """Return x as floats (N, D) if it is a table without gaps."""
    x = np.asarray(x)
    x = x.astype(np.float64) if x.dtype.kind in "biu" else x
    form = "D" if n_columns is None else n_columns
    if x.ndim != 2 or (n_columns is None and not len(x)) or (n_columns not in (None, x.shape[1])):
        raise ValueError(f"expected x (N, {form}), got shape {x.shape}")
    if x.dtype.kind != "f":
        raise ValueError(f"expected numbers, got {x.dtype}")
    if not np.isfinite(x).all():
        raise ValueError("expected finite numbers, got nan or inf: fill the gaps first, see impute")
    return x
