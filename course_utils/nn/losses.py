"""Losses: one number that says how wrong a prediction is, and its gradient. Chapter 01a.

Each takes ``reduction="mean"`` (default), ``"sum"`` or ``"none"``, as in torch. Here stand those of one class
out of several and of whole distributions; those of yes or no are in ``binary_losses.py``, those of predicted
numbers in ``regression_losses.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.binary_losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    hinge_loss,
)
from course_utils.nn.labels import (
    class_weights,
    counted,
    minus_products,
    one_row_each,
    shaped_back,
    weighted_targets,
)
from course_utils.nn.reductions import check_pair, check_range, reduce_losses
from course_utils.nn.regression_losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from course_utils.nn.softmax import log_softmax

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]


@primitive
def cross_entropy(
    logits: np.ndarray,
    labels: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
):
    """Cross-entropy in nats of softmax(logits) against the right classes, finite for any finite logits.

    The loss of one example is -ln p[label]. Softmax and logarithm are fused, which leaves the plain gradient
    p - y at the logits (y is 1 at the label and 0 elsewhere), divided by B for the mean: Bishop, 2006,
    *Pattern Recognition and Machine Learning*, section 4.3.4.

    Parameters
    ----------
    logits : array (B, K) or (B, K, ...)
        Scores of any size, before any softmax; axis 1 holds the classes.
    labels : integer array (B,) or (B, ...)
        The right classes, in 0..K-1, or `ignore_index`. Class probabilities as targets, which torch also
        takes, are not supported.
    weight : array (K,), optional
        Weight of each class. The mean is the weighted one: it divides by the sum of the labels' weights.
    ignore_index : int
        A label whose examples do not count, such as padding. If none counts the mean is nan, as in torch.
    reduction : {"mean", "sum", "none"}
        "none" gives the loss of each example, in the shape of the labels.
    label_smoothing : float in [0, 1]
        How much of y to spread evenly over all classes: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, 2016,
        "Rethinking the Inception architecture for computer vision", section 7.

    Raises
    ------
    ValueError
        If shapes, dtypes, labels or options do not fit.

    Examples
    --------
    >>> print(cross_entropy(np.array([[0.0, 0.0]]), np.array([1])).round(4))  # ln 2
    0.6931
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"expected label_smoothing in [0, 1], got {label_smoothing}")
    logits, labels = np.asarray(logits), np.asarray(labels)
    rows, classes = one_row_each("logits", logits, labels)  # (N, K), (N,)
    kept = counted(classes, rows.shape[1], ignore_index)
    log_p = log_softmax(rows, dim=1)
    if weight is None and kept is None and label_smoothing == 0:  # the usual case, without a table y
        (losses, slope), divisor = _against_labels(log_p, classes), None
    else:
        y, divisor = weighted_targets(classes, kept, class_weights(weight, rows), label_smoothing)
        losses, slope = _against_targets(log_p, y)
    loss, share = reduce_losses(losses.reshape(labels.shape), reduction, divisor)

    def pullback(dloss):
        dlogits = share(dloss).reshape(-1, 1) * slope()  # share: dloss / B each, for the mean
        return shaped_back(dlogits, logits.shape), None, None

    return loss, pullback


def _against_labels(log_p: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, Callable[[], np.ndarray]]:
    """Return the losses -ln p[label] (N,), and as a function their gradients p - y (N, K) at the logits."""
    examples = np.arange(len(classes))

    def slope():
        dlogits = np.exp(log_p)
        dlogits[examples, classes] -= 1  # p - y
        return dlogits

    return -log_p[examples, classes], slope


def _against_targets(log_p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, Callable[[], np.ndarray]]:
    """Do the same against rows y (N, K) that need not sum to 1."""
    return minus_products(y, log_p), lambda: np.exp(log_p) * y.sum(axis=1, keepdims=True) - y


@primitive
def nll_loss(
    log_p: np.ndarray,
    labels: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
):
    """Negative log-likelihood -ln p[label] of what `log_softmax` gives: the second half of cross-entropy.

    Parameters
    ----------
    log_p : array (B, K) or (B, K, ...)
        Logarithms of probabilities; axis 1 holds the classes.
    labels, weight, ignore_index, reduction
        As in `cross_entropy`.

    Raises
    ------
    ValueError
        If shapes, dtypes or labels do not fit.

    Examples
    --------
    >>> print(nll_loss(np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0]), reduction="sum").round(4))
    0.9808
    """
    log_p, labels = np.asarray(log_p), np.asarray(labels)
    rows, classes = one_row_each("log_p", log_p, labels)  # (N, K), (N,)
    kept = counted(classes, rows.shape[1], ignore_index)
    y, divisor = weighted_targets(classes, kept, class_weights(weight, rows))
    loss, share = reduce_losses(minus_products(y, rows).reshape(labels.shape), reduction, divisor)

    def pullback(dloss):
        return shaped_back(share(dloss).reshape(-1, 1) * -y, log_p.shape), None, None

    return loss, pullback


@primitive
def kl_div(input: np.ndarray, target: np.ndarray, reduction: str = "mean", log_target: bool = False):
    """Kullback-Leibler divergence, entry by entry t (ln t - input), of targets t from predictions e^input.

    What it costs, in nats, to take the prediction for the truth (Kullback and Leibler, 1951, "On information
    and sufficiency"). Mind the order: the predictions come first, and as logarithms.

    Parameters
    ----------
    input : array, any shape
        Logarithms of the predicted probabilities, such as `log_softmax` gives.
    target : array, same shape
        The right probabilities t, at least 0, or their logarithms with `log_target`. An entry of 0 costs
        nothing (0 ln 0 is 0), and its gradient is taken as 0 where torch gives nan.
    reduction : {"mean", "batchmean", "sum", "none"}
        "mean" divides by the number of entries; "batchmean", by the length of axis 0, is the divergence of
        the definition, averaged over examples.
    log_target : bool
        Whether the targets come as logarithms.

    Raises
    ------
    ValueError
        If the shapes differ or a probability is negative.

    Examples
    --------
    >>> p, t = np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    >>> print(kl_div(np.log(p), t, reduction="batchmean").round(4))  # ln 2
    0.6931
    """
    input, target = np.asarray(input), np.asarray(target)
    check_pair("input", input, "target", target)
    t = target.astype(input.dtype, copy=False)
    if log_target:
        difference, t = t - input, np.exp(t)
        slope = t * (difference + 1)  # d(e^u (u - input)) / du
    else:
        check_range("targets", t, 0, np.inf)
        difference = np.log(np.where(t == 0, 1, t)) - np.where(t == 0, 0, input)
        slope = np.where(t == 0, 0, difference + 1)
    by_example = reduction == "batchmean" and input.ndim > 0
    divisor = len(input) if by_example else None
    loss, share = reduce_losses(t * difference, "mean" if by_example else reduction, divisor)
    return loss, lambda dloss: (-share(dloss) * t, share(dloss) * slope)
