"""Activations: what bends the line between two affine maps. Chapter 01a, and chapter 03 in depth.

Each works entry by entry on an array of any shape. Here stand the bounded ones and the smooth ones; what lets
positive numbers pass stands in ``rectifiers.py``, and softmax, where entries compete, in ``softmax.py``.
Options are made Python's floats, since NumPy's own would turn float32 arrays into float64.
"""

from __future__ import annotations

import math

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.rectifiers import elu, leaky_relu, prelu, relu, selu
from course_utils.nn.softmax import log_softmax, softmax

__all__ = [
    "elu",
    "gelu",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


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
def hardtanh(x: np.ndarray, min_val: float = -1.0, max_val: float = 1.0):
    """Identity between two bounds, constant beyond them: a tanh of three straight lines.

    The slope at the bounds is 0.

    Parameters
    ----------
    x : array, any shape
    min_val, max_val : float
        The bounds, of which the first is the smaller.

    Raises
    ------
    ValueError
        If `min_val` is above `max_val`.

    Examples
    --------
    >>> hardtanh(np.array([-3.0, 0.25, 3.0]))
    array([-1.  ,  0.25,  1.  ])
    """
    if not min_val <= max_val:
        raise ValueError(f"expected min_val at most max_val, got {min_val} and {max_val}")
    min_val, max_val = float(min_val), float(max_val)
    between = np.greater(x, min_val) & np.less(x, max_val)
    return np.clip(x, min_val, max_val), lambda dy: (dy * between,)


@primitive
def silu(x: np.ndarray):
    """Product x sigmoid(x), also called swish: no kink, and a dip below 0 that is deepest at x = -1.28.

    Elfwing, Uchibe and Doya, 2018, "Sigmoid-weighted linear units for neural network function approximation
    in reinforcement learning".
    """
    gate = sigmoid(x)
    return x * gate, lambda dy: (dy * gate * (1 + x * (1 - gate)),)


@primitive
def softplus(x: np.ndarray, beta: float = 1.0, threshold: float = 20.0):
    """Smooth rectifier ln(1 + e^(beta x)) / beta; its slope is sigmoid(beta x).

    Dugas, Bengio, Bélisle, Nadeau and Garcia, 2001, "Incorporating second-order functional knowledge for
    better option pricing".

    Parameters
    ----------
    x : array, any shape
    beta : float
        How sharp the bend is, above 0; the rectifier is the limit of large `beta`.
    threshold : float
        Where beta x is above it, y is x itself, as in torch.

    Raises
    ------
    ValueError
        If `beta` is not above 0.

    Examples
    --------
    >>> print(softplus(np.array([0.0, 100.0])).round(4))  # ln 2, and nothing to add to 100
    [  0.6931 100.    ]
    """
    if not beta > 0:
        raise ValueError(f"expected beta above 0, got {beta}")
    x, beta = np.asarray(x), float(beta)
    z = beta * x
    linear = np.greater(z, threshold)
    smooth = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta  # no overflow: the exponent is below 0
    return np.where(linear, x, smooth), lambda dy: (dy * np.where(linear, 1, sigmoid(z)),)


@primitive
def gelu(x: np.ndarray, approximate: str = "none"):
    """Product x P(Z <= x) with a standard normal Z: an entry passes in the measure in which it exceeds Z.

    Hendrycks and Gimpel, 2016, "Gaussian error linear units (GELUs)", section 2.

    Parameters
    ----------
    x : array, any shape
    approximate : {"none", "tanh"}
        Exact, or with P(Z <= x) taken as (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2.

    Raises
    ------
    ValueError
        If `approximate` is neither.

    Examples
    --------
    >>> print(gelu(np.array([1.0])).round(4))  # P(Z <= 1)
    [0.8413]
    """
    if approximate == "none":
        probability, density = _normal(x)
    elif approximate == "tanh":
        probability, density = _nearly_normal(x)
    else:
        raise ValueError(f'expected approximate "none" or "tanh", got {approximate!r}')
    return x * probability, lambda dy: (dy * (probability + x * density()),)


def _normal(x):
    """Return P(Z <= x) of a standard normal Z, and its slope, the density, as a function."""
    # here, since SciPy is slow to import; NumPy has no error function
    from scipy.special import ndtr

    return ndtr(x), lambda: np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _nearly_normal(x):
    """Return the approximation of P(Z <= x) by a hyperbolic tangent, and its slope as a function."""
    scale = math.sqrt(2 / math.pi)
    t = np.tanh(scale * (x + 0.044715 * x * x * x))
    return (1 + t) / 2, lambda: (1 - t * t) * scale * (1 + 3 * 0.044715 * x * x) / 2
