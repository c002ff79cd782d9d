"""Activations: what bends the line between two affine maps. Chapter 01a, and chapter 03 in depth."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive


@primitive
def relu(x: np.ndarray):
    """Rectifier max(x, 0) for any shape; its slope at 0 is taken as 0.

    Nair and Hinton, 2010, "Rectified linear units improve restricted Boltzmann machines".

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    return np.maximum(x, 0), lambda dy: (dy * np.greater(x, 0),)


@primitive
def sigmoid(x: np.ndarray):
    """Logistic function 1 / (1 + e^-x) for any shape; no overflow at any finite x. Its slope is y (1 - y).

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0, -1000.0]))
    array([0.5, 1. , 0. ])
    """
    small = np.exp(-np.abs(x))  # in (0, 1], so nothing overflows
    y = np.where(np.less(x, 0), small, 1) / (1 + small)
    return y, lambda dy: (dy * y * (1 - y),)


@primitive
def tanh(x: np.ndarray):
    """Hyperbolic tangent for any shape, with values in [-1, 1] and slope 1 - y^2."""
    y = np.tanh(x)
    return y, lambda dy: (dy * (1 - y * y),)


@primitive
def softmax(x: np.ndarray, dim: int = -1):
    """Probabilities e^x / sum(e^x) along `dim`; the maximum is taken away first, so that nothing overflows.

    The Jacobian is diag(y) - y y^T, so that the pullback is y (dy - <dy, y>): Bridle, 1990, "Probabilistic
    interpretation of feedforward classification network outputs".

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    exps = np.exp(x - np.max(x, axis=dim, keepdims=True))
    y = exps / exps.sum(axis=dim, keepdims=True)

    def pullback(dy):
        return (y * (dy - (dy * y).sum(axis=dim, keepdims=True)),)

    return y, pullback


@primitive
def log_softmax(x: np.ndarray, dim: int = -1):
    """Logarithm of the softmax along `dim`, exact where the probability itself would round to 0.

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    shifted = x - np.max(x, axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))

    def pullback(dy):
        return (dy - np.exp(y) * np.sum(dy, axis=dim, keepdims=True),)

    return y, pullback
