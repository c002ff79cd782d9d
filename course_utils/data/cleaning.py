"""Cleaning: fill the gaps in a table, and find values that stand far out. Chapter 02.

A gap is nan. Columns are judged one by one; outliers are shown, not removed: that takes a reason.
"""

from __future__ import annotations

import numpy as np

IMPUTATIONS = ("mean", "median", "knn")


def impute(
    train: np.ndarray, *others: np.ndarray, strategy: str = "mean", n_neighbors: int = 5
) -> tuple[np.ndarray, ...]:
    """Fill gaps by what the training data alone tell, in it and in the other parts.

    Parameters
    ----------
    train : floating array (N, D)
        What is learnt from; every column has at least one value.
    *others : floating arrays (M, D)
        Parts to be tested on, filled by the statistics of `train`.
    strategy : {"mean", "median", "knn"}
        The column's mean or median, or the mean over the `n_neighbors` rows of `train` that are nearest in
        the columns known of both (Troyanskaya et al., 2001, "Missing value estimation methods for DNA
        microarrays"; bring columns to one scale before). By scikit-learn's SimpleImputer and KNNImputer.
    n_neighbors : int
        Of "knn".

    Returns
    -------
    tuple of arrays
        Filled copies of `train` and `others`.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, the strategy is unknown, or a column of `train` is all gaps.

    Examples
    --------
    >>> train, test = impute(np.array([[1.0], [3.0]]), np.array([[np.nan]]))
    >>> test
    array([[2.]])
    """
    if strategy not in IMPUTATIONS:
        raise ValueError(f"expected strategy in {IMPUTATIONS}, got {strategy!r}")
    parts = [_floats(part) for part in (train, *others)]
    for part in parts[1:]:
        if part.shape[1] != parts[0].shape[1]:
            raise ValueError(f"expected {parts[0].shape[1]} columns as in train, got shape {part.shape}")
    empty = np.flatnonzero(np.isnan(parts[0]).all(axis=0))
    if len(empty):
        raise ValueError(f"expected a value in every column of train, got none in {empty.tolist()}")
    from sklearn.impute import KNNImputer, SimpleImputer  # here, since it takes a second to import

    knn = strategy == "knn"
    imputer = KNNImputer(n_neighbors=n_neighbors) if knn else SimpleImputer(strategy=strategy)
    imputer.fit(parts[0])
    return tuple(imputer.transform(part) if len(part) else part.copy() for part in parts)


def z_scores(x: np.ndarray) -> np.ndarray:
    """Distance of each value from its column's mean, in (biased) standard deviations.

    Gaps stay gaps and do not count; a column without spread gets 0.

    Parameters
    ----------
    x : floating array (N,) or (N, D)

    Returns
    -------
    array of the shape of x

    Examples
    --------
    >>> z_scores(np.array([1.0, 3.0]))  # mean 2, standard deviation 1
    array([-1.,  1.])
    """
    x = _columns(x)
    mean, deviation = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    constant = np.nanmax(x, axis=0) == np.nanmin(x, axis=0)  # whose deviation may come to a rounding error
    return np.where(constant, x * 0, (x - mean) / np.where(constant, 1, deviation))


def z_score_outliers(x: np.ndarray, threshold: float = 3.0) -> np.ndarray:
    """Tell which values lie more than `threshold` standard deviations from their column's mean.

    Mean and deviation are moved by the very values that are sought. Of n values none can lie further out than
    sqrt(n - 1) (with the unbiased deviation (n - 1) / sqrt(n)): among 10 values no outlier, however far,
    exceeds 3. Shiffler, 1988, "Maximum Z scores and outliers". See `iqr_outliers`.

    Parameters
    ----------
    x : floating array (N,) or (N, D)
    threshold : float
        In standard deviations, above 0.

    Returns
    -------
    bool array of the shape of x
        False for gaps.

    Examples
    --------
    >>> [int(z_score_outliers(np.array([0.0] * n + [1e9])).sum()) for n in (8, 9, 10)]
    [0, 0, 1]
    """
    if not threshold > 0:
        raise ValueError(f"expected a threshold above 0, got {threshold}")
    return np.abs(z_scores(x)) > threshold


def iqr_outliers(x: np.ndarray, factor: float = 1.5) -> np.ndarray:
    """Tell which values lie more than `factor` times the interquartile range outside the quartiles.

    Up to a quarter of the values may be anything without moving these fences beyond all bounds. Of normal
    data 0.7 % lie outside. Tukey, 1977, *Exploratory Data Analysis*.

    Parameters
    ----------
    x : floating array (N,) or (N, D)
    factor : float
        In interquartile ranges, from 0.

    Returns
    -------
    bool array of the shape of x
        False for gaps.

    Examples
    --------
    >>> iqr_outliers(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))  # quartiles 2 and 4: fences at -1 and 7
    array([False, False, False, False,  True])
    """
    if not factor >= 0:
        raise ValueError(f"expected a factor of at least 0, got {factor}")
    x = _columns(x)
    first, third = np.nanpercentile(x, [25, 75], axis=0)
    reach = factor * (third - first)
    return (x < first - reach) | (x > third + reach)


def _floats(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim != 2:
        raise ValueError(f"expected a table (N, D), got shape {x.shape}")
    if x.dtype.kind != "f":
        raise ValueError(f"expected floats with nan for gaps, got {x.dtype}")
    return x


def _columns(x: np.ndarray) -> np.ndarray:
    """Return x as floats if it is a table (or a column) with a value in every column."""
    x = np.asarray(x)
    x = x.astype(np.float64) if x.dtype.kind in "iu" else x
    if x.dtype.kind != "f" or x.ndim not in (1, 2):
        raise ValueError(f"expected floating x (N,) or (N, D), got {x.dtype} of shape {x.shape}")
    if np.isnan(x).all(axis=0).any():
        raise ValueError("expected a value in every column, got one that is empty or nan throughout")
    return x
