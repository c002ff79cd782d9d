"""Losses: one number that says how wrong a prediction is, and its gradient. Chapter 01a.

Each takes ``reduction="mean"`` (default), ``"sum"`` or ``"none"``, as in torch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.nn.activations import log_softmax, sigmoid
from course_utils.nn.autodiff import primitive


@primitive
def cross_entropy(logits: np.ndarray, labels: np.ndarray, reduction: str = "mean"):
    """Cross-entropy in nats of softmax(logits) against the right classes, finite for any finite logits.

    The loss of one example is -ln p[label]. Softmax and logarithm are fused, which leaves the plain gradient
    p - y at the logits (y is 1 at the label and 0 elsewhere), divided by B for the mean: Bishop, 2006,
    *Pattern Recognition and Machine Learning*, section 4.3.4.

    Parameters
    ----------
    logits : array (B, K)
        Scores of any size, before any softmax.
    labels : integer array (B,)
        The right classes, in 0..K-1. Class probabilities as targets, which torch also takes, are not
        supported.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If shapes, dtypes or labels do not fit.

    Examples
    --------
    >>> print(cross_entropy(np.array([[0.0, 0.0]]), np.array([1])).round(4))  # ln 2
    0.6931
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    _check_labels(logits, labels)
    rows = np.arange(len(logits))
    log_p = log_softmax(logits, dim=1)  # (B, K)
    loss, share = _reduce(-log_p[rows, labels], reduction)

    def pullback(dloss):
        dlogits = np.exp(log_p)
        dlogits[rows, labels] -= 1  # p - y
        return share(dloss)[:, None] * dlogits, None  # share: dloss / B each, for the mean

    return loss, pullback


@primitive
def binary_cross_entropy_with_logits(logits: np.ndarray, target: np.ndarray, reduction: str = "mean"):
    """Cross-entropy in nats of sigmoid(logits) against probabilities, finite for any finite logits.

    One entry's loss is -t ln p - (1 - t) ln(1 - p) with p = sigmoid(z), computed as max(z, 0) - z t + ln(1 +
    e^-|z|); its gradient at z is p - t.

    Parameters
    ----------
    logits : array, any shape
    target : array, same shape
        Right probabilities in [0, 1]; 0 and 1 may be integers or booleans (torch wants floats).
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If shapes differ or a target lies outside [0, 1].

    Examples
    --------
    >>> print(binary_cross_entropy_with_logits(np.array([0.0]), np.array([1.0])).round(4))  # ln 2
    0.6931
    """
    logits, target = np.asarray(logits), np.asarray(target)
    _check_pair("logits", logits, "target", target)
    if not ((target >= 0) & (target <= 1)).all():
        raise ValueError(f"expected targets in [0, 1], got values from {target.min()} to {target.max()}")
    t = target.astype(logits.dtype, copy=False)
    losses = np.maximum(logits, 0) - logits * t + np.log1p(np.exp(-np.abs(logits)))
    loss, share = _reduce(losses, reduction)

    def pullback(dloss):
        dlosses = share(dloss)
        return dlosses * (sigmoid(logits) - t), -dlosses * logits

    return loss, pullback


@primitive
def mse_loss(input: np.ndarray, target: np.ndarray, reduction: str = "mean"):
    """Mean of (input - target)^2 over all n entries; its gradient is 2 (input - target) / n.

    Parameters
    ----------
    input, target : arrays of the same shape
        Broadcasting is refused: (B, 1) against (B,) would quietly compare every prediction with every target.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> print(mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))  # (0 + 4) / 2
    2.0
    """
    input, target = np.asarray(input), np.asarray(target)
    _check_pair("input", input, "target", target)
    difference = input - target.astype(input.dtype, copy=False)
    loss, share = _reduce(difference * difference, reduction)

    def pullback(dloss):
        dinput = share(dloss) * 2 * difference
        return dinput, -dinput

    return loss, pullback


def _reduce(losses: np.ndarray, reduction: str) -> tuple[np.ndarray, Callable[..., np.ndarray]]:
    """Reduce the entries' losses; also return the map from dL/d(reduced) to each entry's share of it."""
    if losses.size == 0:
        raise ValueError(f"expected at least one example, got losses of shape {losses.shape}")
    if reduction == "none":
        return losses, lambda dloss: np.broadcast_to(np.asarray(dloss, losses.dtype), losses.shape)
    if reduction == "sum":
        return losses.sum(), lambda dloss: np.full(losses.shape, dloss, losses.dtype)
    if reduction == "mean":
        return losses.mean(), lambda dloss: np.full(losses.shape, dloss / losses.size, losses.dtype)
    raise ValueError(f'expected reduction "mean", "sum" or "none", got {reduction!r}')


def _check_labels(logits: np.ndarray, labels: np.ndarray) -> None:
    if logits.ndim != 2:
        raise ValueError(f"expected logits (B, K), got shape {logits.shape}")
    if logits.dtype.kind != "f":
        raise ValueError(f"expected floating logits, got {logits.dtype}")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"expected integer labels, got {labels.dtype}: pass class numbers, not one-hot rows")
    if labels.shape != logits.shape[:1]:
        raise ValueError(
            f"expected labels ({len(logits)},) for logits {logits.shape}, got shape {labels.shape}"
        )
    n_classes = logits.shape[1]
    if labels.size and (labels.min() < 0 or labels.max() >= n_classes):
        raise ValueError(f"expected labels in 0..{n_classes - 1}, got {labels.min()}..{labels.max()}")


def _check_pair(first: str, x: np.ndarray, second: str, target: np.ndarray) -> None:
    if x.dtype.kind != "f":
        raise ValueError(f"expected floating {first}, got {x.dtype}")
    if x.shape != target.shape:
        raise ValueError(
            f"expected {second} of the same shape as {first} {x.shape}, got shape {target.shape}"
        )
