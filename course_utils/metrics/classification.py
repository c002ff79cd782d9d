"""How good a classifier is, counted: from the decisions it makes. Chapter 01b, and chapter 02 in depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the share of predictions that are right, in [0, 1].

    Parameters
    ----------
    y_true, y_pred : arrays (N,)
        The right classes and the predicted ones: numbers, booleans or names, not scores.

    Raises
    ------
    ValueError
        If the shapes differ, there is nothing to count, or scores came for classes.

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
    y_true, y_pred : integer or boolean arrays (N,)
        The right classes and the predicted ones, in 0..n_classes-1; True is class 1.
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
    y_true, y_pred = _check_numbers(y_true, y_pred)
    lowest, highest = min(y_true.min(), y_pred.min()), max(y_true.max(), y_pred.max())
    n_classes = int(highest) + 1 if n_classes is None else n_classes
    if lowest < 0 or highest >= n_classes:
        raise ValueError(f"expected classes in 0..{n_classes - 1}, got {lowest}..{highest}")
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


def precision_recall_f1(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    average: str | None = "binary",
    labels: Sequence[int] | None = None,
    zero_division: float = 0.0,
) -> tuple[Any, Any, Any]:
    """Return precision TP/(TP+FP), recall TP/(TP+FN) and F1 = 2 TP/(2 TP+FP+FN), each in [0, 1].

    F1 is the harmonic mean of the other two: van Rijsbergen, 1979, *Information Retrieval*, chapter 7.

    Parameters
    ----------
    y_true, y_pred : integer or boolean arrays (N,)
        The right classes and the predicted ones; True is class 1.
    average : {"binary", "macro", "micro", "weighted", None}
        "binary": of class 1, where only 0 and 1 occur. None: an array with one entry a class. "macro": the
        mean of these; for F1 that is the mean of the F1s, not the F1 of the means. "weighted": their mean
        weighted by how often each class is right. "micro": from the counts of all classes together.
    labels : sequence of int, optional
        Classes to look at, by default all that occur in either array, in rising order. Not with "binary".
    zero_division : float
        What 0/0 gives: 0.0, 1.0 or nan (then the class is left out of the mean), as in scikit-learn, which
        warns besides.

    Raises
    ------
    ValueError
        If shapes, dtypes or options do not fit.

    Examples
    --------
    >>> precision_recall_f1([0, 1, 1, 1], [0, 1, 1, 0])  # 2 of 2, 2 of 3
    (1.0, 0.6666666666666666, 0.8)
    """
    classes, hits, n_predicted, n_right = _counts(y_true, y_pred, average, labels)
    if average == "micro":
        hits, n_predicted, n_right = (np.sum(n, keepdims=True) for n in (hits, n_predicted, n_right))
    scores = (
        _ratio(hits, n_predicted, zero_division),
        _ratio(hits, n_right, zero_division),
        _ratio(2 * hits, n_predicted + n_right, zero_division),
    )
    if average is None:
        return scores
    if average == "binary":
        one = list(classes).index(1) if 1 in classes else None
        return tuple(float(zero_division) if one is None else float(score[one]) for score in scores)  # type: ignore[return-value]
    weights = n_right if average == "weighted" else np.ones(len(hits))
    return tuple(_weighted_mean(score, weights) for score in scores)  # type: ignore[return-value]


def precision(y_true: ArrayLike, y_pred: ArrayLike, **options: Any) -> Any:
    """Return the share of the predicted that is right; options as for `precision_recall_f1`.

    Examples
    --------
    >>> precision([0, 1, 0, 1], [1, 1, 0, 1]).__round__(4)  # 2 of 3
    0.6667
    """
    return precision_recall_f1(y_true, y_pred, **options)[0]


def recall(y_true: ArrayLike, y_pred: ArrayLike, **options: Any) -> Any:
    """Return the share of the right that is found; options as for `precision_recall_f1`.

    Examples
    --------
    >>> recall([0, 1, 1, 1], [1, 1, 0, 1]).__round__(4)  # 2 of 3
    0.6667
    """
    return precision_recall_f1(y_true, y_pred, **options)[1]


def f1(y_true: ArrayLike, y_pred: ArrayLike, **options: Any) -> Any:
    """Return the harmonic mean of precision and recall; options as for `precision_recall_f1`.

    Examples
    --------
    >>> f1([0, 1, 1, 1], [0, 1, 1, 0])
    0.8
    """
    return precision_recall_f1(y_true, y_pred, **options)[2]


def _counts(
    y_true: ArrayLike, y_pred: ArrayLike, average: str | None, labels: Sequence[int] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the classes looked at and, for each, how many hits, predictions and right answers."""
    if average not in ("binary", "macro", "micro", "weighted", None):
        raise ValueError(f'expected average "binary", "macro", "micro", "weighted" or None, got {average!r}')
    y_true, y_pred = _check_numbers(y_true, y_pred)
    occurring = np.union1d(y_true, y_pred)
    if average == "binary" and (labels is not None or not np.isin(occurring, (0, 1)).all()):
        raise ValueError(
            f'expected classes 0 and 1 and no labels for average "binary", got classes {occurring.tolist()}'
            f'{"" if labels is None else f" and labels {list(labels)}"}: take "macro", "micro" or "weighted"'
        )
    classes = occurring if labels is None else np.asarray(labels)
    if classes.size == 0 or len(np.unique(classes)) < len(classes):
        raise ValueError(f"expected at least one label, each once, got {classes.tolist()}")
    truth, guess = y_true[:, None] == classes, y_pred[:, None] == classes  # (N, K)
    return classes, (truth & guess).sum(axis=0), guess.sum(axis=0), truth.sum(axis=0)


def _ratio(part: np.ndarray, whole: np.ndarray, zero_division: float) -> np.ndarray:
    """Divide counts, with `zero_division` for 0/0."""
    return np.where(whole == 0, zero_division, part / np.where(whole == 0, 1, whole))


def _weighted_mean(scores: np.ndarray, weights: np.ndarray) -> float:
    """Average over the classes that have a score; if all weights are 0, they count alike."""
    known = ~np.isnan(scores)
    if not known.any():
        return float("nan")
    return float(np.average(scores[known], weights=weights[known] if weights[known].any() else None))


def _check_classes(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays (N,), having seen that they hold classes."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.ndim != 1 or y_true.shape != y_pred.shape or y_true.size == 0:
        raise ValueError(
            f"expected y_true and y_pred (N,), N >= 1, got shapes {y_true.shape} and {y_pred.shape}"
        )
    for name, classes in (("y_true", y_true), ("y_pred", y_pred)):
        if classes.dtype.kind == "f" and (classes != np.rint(classes)).any():
            first = classes[classes != np.rint(classes)][0]
            raise ValueError(f"expected classes in {name}, got {first}: take argmax, or compare, before")
    return y_true, y_pred


def _check_numbers(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both as integer arrays (N,)."""
    y_true, y_pred = _check_classes(y_true, y_pred)
    for name, classes in (("y_true", y_true), ("y_pred", y_pred)):
        if classes.dtype.kind not in "iub":
            raise ValueError(f"expected integer classes in {name}, got {classes.dtype}")
    return y_true.astype(np.int64), y_pred.astype(np.int64)
