"""Softmax and its logarithm: scores turned into probabilities. Chapter 01a, and chapter 03 in depth."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive


@primitive
def softmax(x: np.ndarray, dim: int = -1):
    """Probabilities e^x / sum(e^x) along `dim`; the maximum is taken away first, so that nothing overflows.

    The Jacobian is diag(y) - y y^T, so that the pullback is y (dy - <dy, y>): Bridle, 1990, "Probabilistic
    interpretation of feedforward classification network outputs".

    Parameters
    ----------
    x : array with at least one axis
        Scores of any size. An entry of -inf gets probability 0.
    dim : int
        The axis of at least one score along which the probabilities sum to 1; -1 is the last.

    Raises
    ------
    ValueError
        If `x` has no axis `dim`, or nothing along it.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    exps = np.exp(_shifted(x, dim))
    y = exps / exps.sum(axis=dim, keepdims=True)

    def pullback(dy):
        return (y * (dy - (dy * y).sum(axis=dim, keepdims=True)),)

    return y, pullback


@primitive
def log_softmax(x: np.ndarray, dim: int = -1):
    """Logarithm of the softmax along `dim`, exact where the probability itself would round to 0.

    Parameters and errors are those of `softmax`.

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    shifted = _shifted(x, dim)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))

    def pullback(dy):
        return (dy - np.exp(y) * np.sum(dy, axis=dim, keepdims=True),)

    return y, pullback


def _shifted(x: np.ndarray, dim: int) -> np.ndarray:
    """Subtract the maximum along an axis: the same probabilities, and no exponential above 1."""
    shape = np.shape(x)
    if not -len(shape) <= dim < len(shape) or shape[dim] == 0:
        raise ValueError(f"expected at least one score along axis {dim}, got shape {shape}")
    return x - np.max(x, axis=dim, keepdims=True)
