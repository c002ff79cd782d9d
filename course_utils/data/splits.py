"""Splits: which examples to learn from and which to be tested on, always as indices. Chapter 02.

Indices serve inputs and labels alike: ``x[train], y[train]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from course_utils.randomness import check_generator

Fold = tuple[np.ndarray, np.ndarray]
"""Indices to learn from, indices to be tested on."""


def random_split(n: int, fractions: Sequence[float], *, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Deal the indices 0..n-1 out at random, so many to each part.

    Parameters
    ----------
    n : int
        Number of examples.
    fractions : sequence of float
        Share of each part; they sum to 1. Lengths are rounded so that none is off by 1 or more.
    rng : numpy.random.Generator
        Draws the order.

    Returns
    -------
    tuple of integer arrays
        One for each fraction, disjoint, together all indices.

    Raises
    ------
    ValueError
        If the fractions do not fit, or a part would be empty.

    Examples
    --------
    >>> train, validation, test = random_split(10, [0.6, 0.2, 0.2], rng=np.random.default_rng(0))
    >>> len(train), len(validation), len(test)
    (6, 2, 2)
    """
    shares = np.asarray(fractions, dtype=float)
    if shares.ndim != 1 or not shares.size or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-9:
        raise ValueError(f"expected fractions above 0 that sum to 1, got {fractions}")
    ends = np.floor(np.cumsum(shares)[:-1] * n + 0.5 + 1e-9).astype(int)  # halves go up, all of them
    parts = np.split(check_generator(rng).permutation(n), ends)
    if not all(len(part) for part in parts):
        raise ValueError(f"expected enough examples for every part of {fractions}, got {n}")
    return tuple(parts)


def group_split(
    groups: np.ndarray, fractions: Sequence[float], *, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Deal whole groups out at random, such as all scans of one writer, so that no group is in two parts.

    Parameters
    ----------
    groups : array (N,)
        Group of each example: numbers or names.
    fractions : sequence of float
        Share of the groups (not of the examples) for each part; they sum to 1.
    rng : numpy.random.Generator
        Draws the order of the groups.

    Returns
    -------
    tuple of integer arrays
        Increasing indices, one array for each fraction.

    Raises
    ------
    ValueError
        If the fractions do not fit, or there are too few groups.

    Examples
    --------
    >>> train, test = group_split(np.array(list("aabbbc")), [0.67, 0.33], rng=np.random.default_rng(1))
    >>> train, test
    (array([0, 1, 2, 3, 4]), array([5]))
    """
    names, group = np.unique(_labels("groups", groups), return_inverse=True)  # group (N,) in 0..n_groups-1
    parts = random_split(len(names), fractions, rng=rng)
    return tuple(np.flatnonzero(np.isin(group, part)) for part in parts)


def k_fold(n: int, n_splits: int = 5, *, rng: np.random.Generator | None = None) -> Iterator[Fold]:
    """Yield k pairs (train, test) of indices; each example is tested on exactly once.

    Parameters
    ----------
    n : int
        Number of examples.
    n_splits : int
        k, from 2 to n; the first n mod k folds test on one example more.
    rng : numpy.random.Generator, optional
        Shuffles the examples first; without it the folds are runs of neighbours, which misleads where
        neighbours are alike or the classes come in order.

    Raises
    ------
    ValueError
        If `n_splits` is not in 2..n.

    Notes
    -----
    Fold for fold the same as scikit-learn's KFold without shuffling. Stone, 1974, "Cross-validatory choice
    and assessment of statistical predictions".

    Examples
    --------
    >>> for train, test in k_fold(5, 2):
    ...     print(train, test)
    [3 4] [0 1 2]
    [0 1 2] [3 4]
    """
    if not 2 <= n_splits <= n:
        raise ValueError(f"expected n_splits in 2..{n} for {n} examples, got {n_splits}")
    fold = np.repeat(np.arange(n_splits), _shares(n, n_splits))
    return _folds(fold if rng is None else check_generator(rng).permutation(fold), n_splits)


def stratified_k_fold(
    labels: np.ndarray, n_splits: int = 5, *, rng: np.random.Generator | None = None
) -> Iterator[Fold]:
    """Yield k pairs (train, test) of indices, with each class spread as evenly as possible over the folds.

    Parameters
    ----------
    labels : array (N,)
        Class of each example: numbers or names.
    n_splits : int
        k, at least 2 and at most the size of the smallest class (scikit-learn only warns there).
    rng : numpy.random.Generator, optional
        Shuffles each class first.

    Raises
    ------
    ValueError
        If `n_splits` does not fit.

    Notes
    -----
    Fold for fold the same as scikit-learn's StratifiedKFold without shuffling. Kohavi, 1995, "A study of
    cross-validation and bootstrap for accuracy estimation and model selection".

    Examples
    --------
    >>> for train, test in stratified_k_fold(np.array(list("aaaabb")), 2):
    ...     print(train, test)
    [2 3 5] [0 1 4]
    [0 1 4] [2 3 5]
    """
    labels = _labels("labels", labels)
    names, first, label = np.unique(labels, return_index=True, return_inverse=True)
    sizes = np.bincount(label, minlength=1)
    if n_splits < 2 or n_splits > sizes.min():
        raise ValueError(
            f"expected n_splits in 2..{sizes.min()}, the size of the smallest class, got {n_splits}"
        )
    fold = np.empty(len(labels), dtype=int)
    begin = 0  # the classes one after the other, in order of appearance, are dealt out like cards
    for k in np.argsort(first):
        dealt = np.bincount(np.arange(begin, begin + sizes[k]) % n_splits, minlength=n_splits)
        begin += sizes[k]
        run = np.repeat(np.arange(n_splits), dealt)
        fold[label == k] = run if rng is None else check_generator(rng).permutation(run)
    return _folds(fold, n_splits)


def _folds(fold: np.ndarray, n_splits: int) -> Iterator[Fold]:
    """Yield for each fold the indices outside and inside of it."""
    return ((np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(n_splits))


def _shares(n: int, n_parts: int) -> np.ndarray:
    """Share n out to parts as equal as possible, the larger ones first."""
    return n // n_parts + (np.arange(n_parts) < n % n_parts)


def _labels(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"expected {name} (N,) with N >= 1, got shape {values.shape}")
    return values
