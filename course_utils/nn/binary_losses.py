"""Losses of yes-or-no questions: binary cross-entropy and the hinge. Chapter 01a.

Each takes ``reduction="mean"`` (over all entries), ``"sum"`` or ``"none"``, as in torch.
"""

from __future__ import annotations

import numpy as np

from course_utils.nn.activations import sigmoid
from course_utils.nn.autodiff import primitive
from course_utils.nn.reductions import check_pair, check_range, reduce_losses


@primitive
def binary_cross_entropy_with_logits(
    logits: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    reduction: str = "mean",
    pos_weight: np.ndarray | None = None,
):
    """Cross-entropy in nats of sigmoid(logits) against probabilities, finite for any finite logits.

    One entry's loss is -t ln p - (1 - t) ln(1 - p) with p = sigmoid(z); its gradient at z is p - t. The
    logarithms are computed from z itself, as -ln p = max(-z, 0) + ln(1 + e^-|z|), so that none is infinite.

    Parameters
    ----------
    logits : array, any shape
    target : array, same shape
        Right probabilities in [0, 1]; 0 and 1 may be integers or booleans (torch wants floats).
    weight : array that broadcasts to the shape, optional
        Factor of each entry's loss; the mean still divides by the number of entries.
    reduction : {"mean", "sum", "none"}
    pos_weight : array that broadcasts to the shape, optional
        Factor of -t ln p alone, which makes up for rare positives. Neither weight gets a gradient.

    Raises
    ------
    ValueError
        If shapes do not fit or a target lies outside [0, 1].

    Examples
    --------
    >>> print(binary_cross_entropy_with_logits(np.array([0.0]), np.array([1.0])).round(4))  # ln 2
    0.6931
    """
    z, target = np.asarray(logits), np.asarray(target)
    check_pair("logits", z, "target", target)
    check_range("targets", target, 0, 1)
    t = target.astype(z.dtype, copy=False)
    positive, every = _factors("pos_weight", pos_weight, z), _factors("weight", weight, z)
    tail = np.log1p(np.exp(-np.abs(z)))
    loss_of_1, loss_of_0 = positive * (np.maximum(-z, 0) + tail), np.maximum(z, 0) + tail
    loss, share = reduce_losses(every * (t * loss_of_1 + (1 - t) * loss_of_0), reduction)

    def pullback(dloss):
        p, dlosses = sigmoid(z), share(dloss) * every
        dlogits = dlosses * ((1 - t) * p - positive * t * (1 - p))  # p - t, unless positives weigh more
        return dlogits, lambda: dlosses * (loss_of_1 - loss_of_0), None, None, None

    return loss, pullback


@primitive
def binary_cross_entropy(
    p: np.ndarray, target: np.ndarray, weight: np.ndarray | None = None, reduction: str = "mean"
):
    """Cross-entropy in nats of probabilities p against probabilities: -t ln p - (1 - t) ln(1 - p).

    The logarithms are held at -100 or above, as in torch, so that a p of exactly 0 or 1 costs at most 100 and
    its gradient stays finite. From logits, `binary_cross_entropy_with_logits` is exact at any size.

    Parameters
    ----------
    p : array, any shape
        Predicted probabilities in [0, 1], such as `sigmoid` gives.
    target : array, same shape
        Right probabilities in [0, 1]; 0 and 1 may be integers or booleans (torch wants floats). Its gradient
        uses the held logarithms too, where torch's is infinite.
    weight : array that broadcasts to the shape, optional
        Factor of each entry's loss; the mean still divides by the number of entries. It gets no gradient.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If shapes do not fit, or a probability lies outside [0, 1].

    Examples
    --------
    >>> print(binary_cross_entropy(np.array([0.5, 0.0]), np.array([1, 1]), reduction="none").round(4))
    [  0.6931 100.    ]
    """
    p, target = np.asarray(p), np.asarray(target)
    check_pair("p", p, "target", target)
    check_range("p", p, 0, 1)
    check_range("targets", target, 0, 1)
    t, every = target.astype(p.dtype, copy=False), _factors("weight", weight, p)
    with np.errstate(divide="ignore"):  # ln 0 = -inf, held in the same line
        log_p, log_1_p = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    loss, share = reduce_losses(-every * (t * log_p + (1 - t) * log_1_p), reduction)

    def pullback(dloss):
        dlosses = share(dloss) * every
        dp = dlosses * (p - t) / np.maximum(p * (1 - p), 1e-12)
        return dp, lambda: dlosses * (log_1_p - log_p), None, None

    return loss, pullback


@primitive
def hinge_loss(scores: np.ndarray, target: np.ndarray, margin: float = 1.0, reduction: str = "mean"):
    """Hinge loss max(0, margin - y s) of scores s: nothing once a score is on its side by the margin.

    It is the loss of the support vector machine (Cortes and Vapnik, 1995, "Support-vector networks"). torch
    has none such: its ``hinge_embedding_loss`` compares distances. The slope at the kink is taken as 0.

    Parameters
    ----------
    scores : array, any shape
    target : array, same shape
        The right sides y, -1 or +1, of any dtype. They get no gradient.
    margin : float
        How far on its side a score has to be, at least 0; 0 is the loss of the perceptron.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or the margin is negative.

    Examples
    --------
    >>> hinge_loss(np.array([2.0, 0.25, -1.0]), np.array([1, 1, 1]), reduction="none")
    array([0.  , 0.75, 2.  ])
    """
    scores, target = np.asarray(scores), np.asarray(target)
    check_pair("scores", scores, "target", target)
    if not (np.abs(target) == 1).all():
        raise ValueError(f"expected targets of -1 and 1, got {np.unique(target)[:5].tolist()}")
    if not margin >= 0:
        raise ValueError(f"expected a margin of at least 0, got {margin}")
    y = target.astype(scores.dtype, copy=False)
    shortfall = float(margin) - y * scores  # NumPy's own float64 would make it float64
    loss, share = reduce_losses(np.maximum(shortfall, 0), reduction)
    return loss, lambda dloss: (-share(dloss) * y * np.greater(shortfall, 0), None)


def _factors(name: str, weight: np.ndarray | None, x: np.ndarray) -> np.ndarray | float:
    """Return a weight in the dtype of x, having seen that it broadcasts to its shape; 1 for None."""
    if weight is None:
        return 1.0
    weight = np.asarray(weight)
    fits = all(n in (1, length) for n, length in zip(weight.shape[::-1], x.shape[::-1], strict=False))
    if weight.ndim > x.ndim or not fits:
        raise ValueError(f"expected {name} that broadcasts to {x.shape}, got shape {weight.shape}")
    return weight.astype(x.dtype, copy=False)
