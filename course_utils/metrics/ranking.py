"""How well scores rank positives above negatives, over all thresholds at once. Chapter 02."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def roc_curve(
    y_true: ArrayLike, y_score: ArrayLike, *, drop_intermediate: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the receiver operating characteristic: rates of false and true alarms for every threshold.

    Parameters
    ----------
    y_true : integer or boolean array (N,)
        1 for positives, 0 for negatives; both must occur.
    y_score : array (N,)
        The higher, the more likely positive; any finite numbers.
    drop_intermediate : bool
        Leave out thresholds whose points lie half way between their neighbours': the curve is the same.

    Returns
    -------
    false_positive_rate, true_positive_rate, thresholds : float64 arrays (M,)
        From (0, 0) at threshold inf to (1, 1); a point counts scores >= threshold as positive.

    Raises
    ------
    ValueError
        If shapes or values do not fit, or only one class occurs.

    Notes
    -----
    Fawcett, 2006, "An introduction to ROC analysis", algorithm 1 (doi:10.1016/j.patrec.2005.10.010).

    Examples
    --------
    >>> fpr, tpr, thresholds = roc_curve([0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8])
    >>> fpr.tolist(), tpr.tolist()
    ([0.0, 0.0, 0.0, 1.0], [0.0, 0.5, 1.0, 1.0])
    """
    true_alarms, false_alarms, thresholds = _cumulative_counts(y_true, y_score, both=True)
    if drop_intermediate and len(thresholds) > 2:
        bends = np.diff(true_alarms, 2).astype(bool) | np.diff(false_alarms, 2).astype(bool)
        kept = np.concatenate([[True], bends, [True]])
        true_alarms, false_alarms, thresholds = true_alarms[kept], false_alarms[kept], thresholds[kept]
    true_alarms, false_alarms = np.append(0, true_alarms), np.append(0, false_alarms)
    return false_alarms / false_alarms[-1], true_alarms / true_alarms[-1], np.append(np.inf, thresholds)


def roc_auc(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the area under the ROC curve: the chance that a positive outranks a negative (a tie is half).

    Arguments and errors as for `roc_curve`. The equality with the pairwise chance is the Mann-Whitney
    statistic: Hanley and McNeil, 1982 (doi:10.1148/radiology.143.1.7063747).

    Examples
    --------
    >>> roc_auc([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])  # pairs won: 1, 1, 1/2, 1 of 4
    0.875
    """
    false_positive_rate, true_positive_rate, _ = roc_curve(y_true, y_score)
    return float(np.trapezoid(true_positive_rate, false_positive_rate))


def precision_recall_curve(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision and recall for every threshold; unlike ROC they see how rare the positives are.

    Parameters
    ----------
    y_true : integer or boolean array (N,)
        1 for positives, of which there must be one, 0 for negatives.
    y_score : array (N,)
        The higher, the more likely positive; any finite numbers.

    Returns
    -------
    precision, recall : float64 arrays (M + 1,)
        In order of rising thresholds; the last point, (1, 0), has no threshold.
    thresholds : float64 array (M,)
        A point counts scores >= threshold as positive.

    Raises
    ------
    ValueError
        If shapes or values do not fit, or there is no positive.

    Examples
    --------
    >>> precision, recall, thresholds = precision_recall_curve([0, 1, 1], [0.1, 0.4, 0.8])
    >>> recall.tolist(), thresholds.tolist()
    ([1.0, 1.0, 0.5, 0.0], [0.1, 0.4, 0.8])
    """
    true_alarms, false_alarms, thresholds = _cumulative_counts(y_true, y_score, both=False)
    precision = true_alarms / (true_alarms + false_alarms)
    recall = true_alarms / true_alarms[-1]
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1]


def average_precision(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Return the mean of the precisions, each weighted by the recall gained there; no interpolation.

    Arguments and errors as for `precision_recall_curve`.

    Examples
    --------
    >>> average_precision([1, 0, 1], [0.9, 0.8, 0.7]).__round__(4)  # (1/1 + 2/3) / 2
    0.8333
    """
    precision, recall, _ = precision_recall_curve(y_true, y_score)
    return float(-np.sum(np.diff(recall) * precision[:-1]))


def _cumulative_counts(
    y_true: ArrayLike, y_score: ArrayLike, both: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count positives and negatives at or above each distinct score, the highest first."""
    y_true, y_score = check_binary(y_true, y_score)
    n_positive = int(y_true.sum())
    if n_positive == 0 or (both and n_positive == len(y_true)):
        expected = "both classes" if both else "at least one positive"
        raise ValueError(f"expected {expected} in y_true, got {n_positive} positives of {len(y_true)}")
    order = np.argsort(-y_score, kind="stable")
    y_true, y_score = y_true[order], y_score[order]
    last_of_ties = np.append(np.nonzero(np.diff(y_score))[0], len(y_score) - 1)
    true_alarms = np.cumsum(y_true)[last_of_ties]
    return true_alarms, 1 + last_of_ties - true_alarms, y_score[last_of_ties]


def check_binary(y_true: ArrayLike, y_score: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return labels as int64 and scores as float64, both (N,), or raise an error that says what came."""
    labels, scores = np.asarray(y_true), np.asarray(y_score, dtype=np.float64)
    if labels.ndim != 1 or labels.shape != scores.shape or labels.size == 0:
        raise ValueError(
            f"expected y_true and scores (N,), N >= 1, got shapes {labels.shape} and {scores.shape}"
        )
    if labels.dtype.kind not in "iub" or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"expected y_true of 0 and 1, got {np.unique(labels).tolist()[:5]} ({labels.dtype})")
    if not np.isfinite(scores).all():
        raise ValueError(
            f"expected finite scores, got {int((~np.isfinite(scores)).sum())} that are nan or inf"
        )
    return labels.astype(np.int64), scores
