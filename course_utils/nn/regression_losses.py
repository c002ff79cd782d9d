"""Losses of predicted numbers: how far from the target, and how much a far one counts. Chapter 01a.

All compare arrays of the same shape; broadcasting is refused, for (B, 1) against (B,) would quietly compare
every prediction with every target. Each takes ``reduction="mean"`` (over all entries), ``"sum"`` or
``"none"``, as in torch. Options are made Python's floats, since NumPy's own would turn float32 arrays into
float64. With d = input - target, the gradients are

========================  ===========================================================
loss of one entry         its slope at the input; at the target the same with minus
========================  ===========================================================
mse d^2                   2 d
l1 abs(d)                 the sign of d, 0 at d = 0
huber                     d, held within [-delta, delta]
smooth l1                 d / beta, held within [-1, 1]
========================  ===========================================================
"""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.reductions import check_pair, reduce_losses


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
    d = _difference(input, target)
    loss, share = reduce_losses(d * d, reduction)

    def pullback(dloss):
        dinput = share(dloss) * 2 * d
        return dinput, -dinput

    return loss, pullback


@primitive
def l1_loss(input: np.ndarray, target: np.ndarray, reduction: str = "mean"):
    """Mean of abs(input - target): an outlier pulls no harder than any other. Its slope at 0 is taken as 0.

    Parameters and errors are those of `mse_loss`.

    Examples
    --------
    >>> print(l1_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))  # (0 + 2) / 2
    1.0
    """
    d = _difference(input, target)
    loss, share = reduce_losses(np.abs(d), reduction)

    def pullback(dloss):
        dinput = share(dloss) * np.sign(d)
        return dinput, -dinput

    return loss, pullback


@primitive
def huber_loss(input: np.ndarray, target: np.ndarray, reduction: str = "mean", delta: float = 1.0):
    """Mean of d^2 / 2 for differences d up to `delta`, and of the tangent line beyond.

    Huber, 1964, "Robust estimation of a location parameter".

    Parameters
    ----------
    input, target : arrays of the same shape
    reduction : {"mean", "sum", "none"}
    delta : float
        Where the parabola becomes a line, above 0; the largest slope.

    Raises
    ------
    ValueError
        If the shapes differ or `delta` is not above 0.

    Examples
    --------
    >>> huber_loss(np.array([1.0, 3.0]), np.array([0.0, 0.0]), reduction="none", delta=2.0)  # 2 * (3 - 1)
    array([0.5, 4. ])
    """
    if not delta > 0:
        raise ValueError(f"expected delta above 0, got {delta}")
    delta = float(delta)
    d = _difference(input, target)
    size = np.abs(d)
    losses = np.where(size <= delta, d * d / 2, delta * (size - delta / 2))
    loss, share = reduce_losses(losses, reduction)

    def pullback(dloss):
        dinput = share(dloss) * np.clip(d, -delta, delta)
        return dinput, -dinput

    return loss, pullback


@primitive
def smooth_l1_loss(input: np.ndarray, target: np.ndarray, reduction: str = "mean", beta: float = 1.0):
    """`l1_loss` with its tip, up to differences of `beta`, rounded to a parabola: `huber_loss` / beta.

    Girshick, 2015, "Fast R-CNN", section 2.3 (with beta = 1).

    Parameters
    ----------
    input, target : arrays of the same shape
    reduction : {"mean", "sum", "none"}
    beta : float
        Where the parabola becomes a line, at least 0; with 0 it is `l1_loss`.

    Raises
    ------
    ValueError
        If the shapes differ or `beta` is negative.

    Examples
    --------
    >>> smooth_l1_loss(np.array([1.0, 3.0]), np.array([0.0, 0.0]), reduction="none", beta=2.0)
    array([0.25, 2.  ])
    """
    if not beta >= 0:
        raise ValueError(f"expected beta of at least 0, got {beta}")
    if beta == 0:
        return l1_loss.vjp(input, target, reduction)
    beta = float(beta)
    losses, pullback_of_entries = huber_loss.vjp(input, target, "none", beta)
    loss, share = reduce_losses(losses / beta, reduction)
    return loss, lambda dloss: pullback_of_entries(share(dloss) / beta)


def _difference(input: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return input - target in the input's dtype."""
    input, target = np.asarray(input), np.asarray(target)
    check_pair("input", input, "target", target)
    return input - target.astype(input.dtype, copy=False)
