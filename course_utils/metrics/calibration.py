"""Whether predicted probabilities mean what they say: do 70 % of the 70 % forecasts come true? Chapter 02."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from course_utils.metrics.ranking import check_binary


def calibration_curve(
    y_true: ArrayLike, y_prob: ArrayLike, *, n_bins: int = 5, strategy: str = "uniform"
) -> tuple[np.ndarray, np.ndarray]:
    """Sort predictions into bins; return how often each bin came true and what it had promised.

    Parameters
    ----------
    y_true : integer or boolean array (N,)
        1 where the event came true, else 0.
    y_prob : array (N,)
        Predicted probabilities of 1, in [0, 1].
    n_bins : int
        Number of bins, at least 1; empty ones are left out.
    strategy : {"uniform", "quantile"}
        Bins of equal width, or with equal numbers of predictions.

    Returns
    -------
    share_true, mean_predicted : float64 arrays (M,)
        One entry for each bin that is not empty; equal for a perfectly calibrated model.

    Raises
    ------
    ValueError
        If shapes, values or options do not fit.

    Examples
    --------
    >>> calibration_curve([0, 1, 1, 1], [0.25, 0.25, 0.75, 1.0], n_bins=2)
    (array([0.5, 1. ]), array([0.25 , 0.875]))
    """
    labels, probabilities = _check_probabilities(y_true, y_prob)
    n_in_bin, n_true, promised = _bins(labels, probabilities, n_bins, strategy)
    filled = n_in_bin > 0
    return n_true[filled] / n_in_bin[filled], promised[filled] / n_in_bin[filled]


def expected_calibration_error(
    y_true: ArrayLike, y_prob: ArrayLike, *, n_bins: int = 10, strategy: str = "uniform"
) -> float:
    """Return the mean distance between promise and outcome of the bins, weighted by their sizes, in [0, 1].

    Arguments and errors as for `calibration_curve`. Naeini et al., 2015, "Obtaining well calibrated
    probabilities using Bayesian binning". It depends on the bins, and few examples a bin inflate it.

    Examples
    --------
    >>> expected_calibration_error([0, 1], [0.25, 0.25])
    0.25
    """
    labels, probabilities = _check_probabilities(y_true, y_prob)
    _, n_true, promised = _bins(labels, probabilities, n_bins, strategy)
    return float(np.abs(n_true - promised).sum() / len(labels))


def brier_score(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Return the mean squared distance between probability and outcome, in [0, 1]; 0 is best.

    Brier, 1950 (doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2), halved for two classes as usual.
    Arguments and errors as for `calibration_curve`.

    Examples
    --------
    >>> brier_score([0, 1], [0.5, 1.0])  # (0.25 + 0) / 2
    0.125
    """
    labels, probabilities = _check_probabilities(y_true, y_prob)
    return float(np.mean((probabilities - labels) ** 2))


def _bins(
    labels: np.ndarray, probabilities: np.ndarray, n_bins: int, strategy: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each bin how many predictions it holds, how many came true, and their promised sum."""
    if n_bins < 1:
        raise ValueError(f"expected n_bins >= 1, got {n_bins}")
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "quantile":
        edges = np.percentile(probabilities, edges * 100)
    elif strategy != "uniform":
        raise ValueError(f'expected strategy "uniform" or "quantile", got {strategy!r}')
    place = np.searchsorted(edges[1:-1], probabilities)
    sums = (np.bincount(place, weights, n_bins) for weights in (None, labels, probabilities))
    return tuple(sums)  # type: ignore[return-value]


def _check_probabilities(y_true: ArrayLike, y_prob: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    labels, probabilities = check_binary(y_true, y_prob)
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise ValueError(
            "expected probabilities in [0, 1], "
            f"got values from {probabilities.min()} to {probabilities.max()}"
        )
    return labels, probabilities
