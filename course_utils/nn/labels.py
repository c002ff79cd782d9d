"""Class numbers as targets: checking them, ignoring some, weighing others. Chapter 01a."""

from __future__ import annotations

import numpy as np


def one_row_each(name: str, scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (B, K, ...) as rows (N, K) and labels (B, ...) as (N,), or say what does not fit."""
    if scores.ndim < 2 or scores.shape[1] == 0:
        raise ValueError(f"expected {name} (B, K), K >= 1, got shape {scores.shape}")
    if scores.dtype.kind != "f":
        raise ValueError(f"expected floating {name}, got {scores.dtype}")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"expected integer labels, got {labels.dtype}: pass class numbers, not one-hot rows")
    expected = (scores.shape[0], *scores.shape[2:])
    if labels.shape != expected:
        advice = ""
        if labels.shape == scores.shape[:-1]:
            advice = ": axis 1 holds the classes"
            advice += f", so write {name}.transpose(1, 2)" if scores.ndim == 3 else ""
        raise ValueError(
            f"expected labels {expected} for {name} {scores.shape}, got shape {labels.shape}{advice}"
        )
    if scores.ndim == 2:
        return scores, labels
    return np.moveaxis(scores, 1, -1).reshape(-1, scores.shape[1]), labels.reshape(-1)


def shaped_back(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo `one_row_each`: rows (N, K) in the shape (B, K, ...)."""
    if len(shape) == 2:
        return rows
    return np.moveaxis(rows.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


def counted(labels: np.ndarray, n_classes: int, ignore_index: int) -> np.ndarray | None:
    """Return which labels (N,) are not ignored, or None if none is, having seen that these are classes."""
    kept = labels != ignore_index
    all_kept = bool(kept.all())
    real = labels if all_kept else labels[kept]
    if real.size and (real.min() < 0 or real.max() >= n_classes):
        raise ValueError(f"expected labels in 0..{n_classes - 1}, got {real.min()}..{real.max()}")
    return None if all_kept else kept


def class_weights(weight: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    """Return the weights (K,) in the dtype of the rows (N, K); 1 for each class if none are given."""
    n_classes = rows.shape[1]
    weights = np.ones(n_classes, rows.dtype) if weight is None else np.asarray(weight, rows.dtype)
    if weights.shape != (n_classes,):
        raise ValueError(f"expected weight ({n_classes},), one for each class, got shape {weights.shape}")
    return weights


def weighted_targets(
    labels: np.ndarray, kept: np.ndarray | None, weights: np.ndarray, smoothing: float = 0.0
) -> tuple[np.ndarray, float]:
    """Return targets y (N, K), one-hot rows after smoothing times the class weights; what is ignored gets 0.

    Also return the sum of the labels' own weights, by which the weighted mean divides.

    Examples
    --------
    >>> y, divisor = weighted_targets(np.array([1]), None, np.array([1.0, 3.0]), smoothing=0.5)
    >>> print(y, divisor)  # (0.25, 0.75) times (1, 3)
    [[0.25 2.25]] 3.0
    """
    n, n_classes = len(labels), len(weights)
    counts = np.ones(n, bool) if kept is None else kept
    y = np.zeros((n, n_classes), weights.dtype)
    y[counts] = smoothing / n_classes
    y[np.flatnonzero(counts), labels[counts]] += 1 - smoothing
    return y * weights, float(weights[labels[counts]].sum())


def minus_products(y: np.ndarray, log_p: np.ndarray) -> np.ndarray:
    """Return -sum of y ln p (N,) over the classes, in which 0 ln 0 is 0."""
    return -np.multiply(y, log_p, out=np.zeros_like(log_p), where=y != 0).sum(axis=1)
