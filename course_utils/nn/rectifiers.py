"""Rectifiers: activations that let positive numbers pass. Chapter 01a, and chapter 03 in depth.

Each works entry by entry on an array of any shape. At the kink at 0, where there is no slope, each takes the
one that torch takes; its docstring says which. Options are made Python's floats, since NumPy's own would
turn float32 arrays into float64.
"""

from __future__ import annotations

import numpy as np

from course_utils.nn.arithmetic import unbroadcast
from course_utils.nn.autodiff import primitive

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""What makes mean 0 and variance 1 a fixed point of a layer with `selu`."""


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
def leaky_relu(x: np.ndarray, negative_slope: float = 0.01):
    """Rectifier that lets a little through: x where x > 0, else `negative_slope` times x.

    The slope at 0 is the negative side's. Maas, Hannun and Ng, 2013, "Rectifier nonlinearities improve neural
    network acoustic models".

    Examples
    --------
    >>> leaky_relu(np.array([-2.0, 3.0]))
    array([-0.02,  3.  ])
    """
    x, slope = np.asarray(x), float(negative_slope)
    positive = np.greater(x, 0)
    return np.where(positive, x, slope * x), lambda dy: (np.where(positive, dy, slope * dy),)


@primitive
def prelu(x: np.ndarray, weight: np.ndarray):
    """Leaky rectifier whose slope for negative x is learnt; the slope at 0 is the negative side's.

    He, Zhang, Ren and Sun, 2015, "Delving deep into rectifiers", section 2.1.

    Parameters
    ----------
    x : array (B, C, ...), or any shape if there is one slope
    weight : array (1,) or (C,)
        One slope for all entries, or one for each channel.

    Raises
    ------
    ValueError
        If there are neither one slope nor as many as channels.

    Examples
    --------
    >>> prelu(np.array([[-2.0, -2.0, 3.0]]), np.array([0.5, 0.25, 0.0]))
    array([[-1. , -0.5,  3. ]])
    """
    slope = _one_per_channel(np.asarray(weight), np.shape(x))
    positive = np.greater(x, 0)

    def pullback(dy):
        dslope = unbroadcast(np.where(positive, 0, dy * x), slope.shape)
        return np.where(positive, dy, slope * dy), dslope.reshape(np.shape(weight))

    return np.where(positive, x, slope * x), pullback


def _one_per_channel(weight: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give the slopes of `prelu` a shape that broadcasts along axis 1 of x."""
    if weight.ndim > 1 or (weight.size != 1 and (len(shape) < 2 or weight.size != shape[1])):
        raise ValueError(
            f"expected weight (1,) or (C,) for x (B, C, ...), got shapes {weight.shape} and {shape}"
        )
    if weight.size == 1:
        return weight.reshape(())
    return weight.reshape(-1, *(1 for _ in shape[2:]))  # (C, 1, ..., 1)


@primitive
def elu(x: np.ndarray, alpha: float = 1.0):
    """Exponential linear unit: x where x > 0, else alpha (e^x - 1), which levels off at -alpha.

    The slope at 0 is alpha, the negative side's. Clevert, Unterthiner and Hochreiter, 2016, "Fast and
    accurate deep network learning by exponential linear units (ELUs)".

    Examples
    --------
    >>> elu(np.array([-1000.0, 0.0, 3.0]))
    array([-1.,  0.,  3.])
    """
    alpha = float(alpha)
    positive, below = np.greater(x, 0), np.minimum(x, 0)  # no exponential of a large x
    y = np.where(positive, x, alpha * np.expm1(below))
    return y, lambda dy: (dy * np.where(positive, 1, alpha * np.exp(below)),)


@primitive
def selu(x: np.ndarray):
    """Scaled `elu`, which keeps the mean 0 and variance 1 of its inputs through many layers.

    With weights drawn independently of variance 1/n_in: Klambauer, Unterthiner, Mayr and Hochreiter, 2017,
    "Self-normalizing neural networks". The slope at 0 is the negative side's, about 1.76.
    """
    y, pullback = elu.vjp(x, SELU_ALPHA)
    return SELU_SCALE * y, lambda dy: pullback(SELU_SCALE * dy)
