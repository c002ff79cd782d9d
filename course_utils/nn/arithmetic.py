"""Arithmetic with pullbacks: the primitives behind the operators of `Tensor`. Chapter 01a.

Where NumPy stretches an input to fit the other (broadcasting), one entry is used several times; its gradient
is the sum over those uses. Names follow torch, so `sum`, `abs` and `pow` here hide Python's own within this
module.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.operators import connect

Array = Any
"""A NumPy array or a number, of a floating dtype."""


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> np.ndarray:
    """Sum a gradient over the axes along which an input of `shape` was stretched.

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    gradient = np.asarray(gradient)
    if gradient.shape == shape:
        return gradient
    n_new = gradient.ndim - len(shape)
    stretched = [n_new + axis for axis, length in enumerate(shape) if length == 1]
    return gradient.sum(axis=(*range(n_new), *stretched)).reshape(shape)


@primitive
def add(x: Array, other: Array):
    """Sum ``x + other`` with broadcasting."""

    def pullback(dy):
        return unbroadcast(dy, np.shape(x)), unbroadcast(dy, np.shape(other))

    return x + other, pullback


@primitive
def sub(x: Array, other: Array):
    """Difference ``x - other`` with broadcasting."""

    def pullback(dy):
        return unbroadcast(dy, np.shape(x)), unbroadcast(-dy, np.shape(other))

    return x - other, pullback


@primitive
def mul(x: Array, other: Array):
    """Product ``x * other``, entry by entry, with broadcasting."""

    def pullback(dy):
        return unbroadcast(dy * other, np.shape(x)), unbroadcast(dy * x, np.shape(other))

    return x * other, pullback


@primitive
def div(x: Array, other: Array):
    """Quotient ``x / other``, entry by entry, with broadcasting."""

    def pullback(dy):
        return unbroadcast(dy / other, np.shape(x)), unbroadcast(-dy * x / other / other, np.shape(other))

    return x / other, pullback


@primitive
def pow(x: Array, exponent: Array):
    """Power ``x ** exponent``, entry by entry, with broadcasting.

    A Python number as exponent is a constant; an array gets the gradient y ln(x), which is 0 where x is 0 and
    the exponent is not negative, and nan where x is negative.
    """
    y = x**exponent

    def pullback(dy):
        lowered = np.where(np.equal(exponent, 0), 0, exponent - 1)  # avoids 0 * 0^-1 at x = 0
        dx = unbroadcast(dy * (exponent * x ** lowered.astype(np.result_type(y))), np.shape(x))
        if isinstance(exponent, int | float):
            return dx, None
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(np.equal(x, 0) & np.greater_equal(exponent, 0), 0, y * np.log(x))
        return dx, unbroadcast(dy * slope, np.shape(exponent))

    return y, pullback


@primitive
def matmul(x: np.ndarray, other: np.ndarray):
    """Matrix product ``x @ other``: matrices, stacks of matrices with broadcasting, or vectors.

    Raises
    ------
    ValueError
        If an input has no axes, or the inner lengths differ.
    """
    if np.ndim(x) == 0 or np.ndim(other) == 0:
        raise ValueError(
            f"expected at least one axis each for @, got shapes {np.shape(x)} and {np.shape(other)}"
        )
    n_inner = other.shape[-2] if other.ndim > 1 else other.shape[0]
    if x.shape[-1] != n_inner:
        raise ValueError(f"expected equal inner lengths for @, got shapes {x.shape} and {other.shape}")

    def pullback(dy):
        a = x[None, :] if x.ndim == 1 else x  # (..., n, k): a vector on the left is a row
        b = other[:, None] if other.ndim == 1 else other  # (..., k, m): and on the right a column
        dy = np.expand_dims(dy, -1) if other.ndim == 1 else dy
        dy = np.expand_dims(dy, -2) if x.ndim == 1 else dy  # (..., n, m)
        dx = unbroadcast(dy @ np.swapaxes(b, -1, -2), a.shape)
        dother = unbroadcast(np.swapaxes(a, -1, -2) @ dy, b.shape)
        return dx.reshape(x.shape), dother.reshape(other.shape)

    return x @ other, pullback


@primitive
def neg(x: Array):
    """Negative ``-x``."""
    return -x, lambda dy: (-dy,)


@primitive
def exp(x: Array):
    """Exponential e^x, entry by entry."""
    y = np.exp(x)
    return y, lambda dy: (dy * y,)


@primitive
def log(x: Array):
    """Natural logarithm, entry by entry; as NumPy's, it warns at 0 and below."""
    return np.log(x), lambda dy: (dy / x,)


@primitive
def sqrt(x: Array):
    """Square root, entry by entry; its slope at 0 is infinite, and as NumPy's, it warns below 0."""
    y = np.sqrt(x)
    return y, lambda dy: (dy / (2 * y),)


@primitive
def abs(x: Array):
    """Absolute value, entry by entry; the slope at 0 is taken as 0, as in torch."""
    return np.abs(x), lambda dy: (dy * np.sign(x),)


@primitive
def sum(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False):
    """Sum over the axes `dim` (all by default), which stay as length 1 with `keepdim`."""
    shape = np.shape(x)

    def pullback(dy):
        return (np.broadcast_to(with_axes(dy, shape, dim), shape),)

    return np.sum(x, axis=dim, keepdims=keepdim), pullback


@primitive
def mean(x: Array, dim: int | tuple[int, ...] | None = None, keepdim: bool = False):
    """Mean over the axes `dim` (all by default), which stay as length 1 with `keepdim`."""
    shape = np.shape(x)
    value = np.mean(x, axis=dim, keepdims=keepdim)

    def pullback(dy):
        n_averaged = np.size(x) // builtins.max(np.size(value), 1)
        return (np.broadcast_to(with_axes(dy, shape, dim) / n_averaged, shape),)

    return value, pullback


def with_axes(dy: Array, shape: tuple[int, ...], dim: int | tuple[int, ...] | None) -> np.ndarray:
    """Give back the axes that a reduction over `dim` removed, with length 1."""
    summed = range(len(shape)) if dim is None else np.atleast_1d(dim) % len(shape) if shape else ()
    return np.reshape(dy, [1 if axis in summed else length for axis, length in enumerate(shape)])


connect(add, sub, mul, div, pow, matmul, neg, exp, log, sqrt, abs, sum, mean)
