"""Choose among numbers: the largest, those within bounds, one or the other. Chapters 05, 08 and 10.

A gradient goes only to the numbers that were chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.nn.arithmetic import unbroadcast, with_axes
from course_utils.nn.autodiff import primitive
from course_utils.nn.operators import connect, python_number

Array = Any
"""A NumPy array or a number, of a floating dtype."""


@primitive
def amax(x: np.ndarray, dim: int | tuple[int, ...] | None = None, keepdim: bool = False):
    """Largest entry over the axes `dim` (all by default), which stay as length 1 with `keepdim`.

    Entries that are equally large share the gradient evenly, as with ``torch.amax``.

    Raises
    ------
    ValueError
        If there is nothing to choose from.

    Examples
    --------
    >>> amax(np.array([[1.0, 3.0], [4.0, 2.0]]), dim=1)
    array([3., 4.])
    """
    x = np.asarray(x)
    y = np.max(x, axis=dim, keepdims=keepdim)

    def pullback(dy):
        chosen = x == with_axes(y, x.shape, dim)
        n_equal = np.maximum(chosen.sum(axis=dim, keepdims=True), 1)  # none is equal where there is a nan
        return (with_axes(dy, x.shape, dim) * (chosen / n_equal).astype(x.dtype),)

    return y, pullback


@primitive
def clamp(x: Array, min: float | None = None, max: float | None = None):
    """Put what is below `min` to `min` and what is above `max` to `max`, as ``torch.clamp``.

    The slope is 1 from bound to bound, both included, and 0 beyond.

    Parameters
    ----------
    x : array
    min, max : float, optional
        At least one of them. Where `min` is above `max`, the result is `max`.

    Raises
    ------
    ValueError
        If there is no bound.

    Examples
    --------
    >>> clamp(np.array([-2.0, 0.5, 3.0]), min=0.0, max=1.0)
    array([0. , 0.5, 1. ])
    """
    if min is None and max is None:
        raise ValueError("expected min or max, or both, got neither")
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    y = np.minimum(np.maximum(x, low), high)
    return y, lambda dy: (dy * ((x >= low) & (x <= high)), None, None)


@primitive
def where(condition: np.ndarray, x: Array, other: Array):
    """Take the entry of `x` where the condition holds and that of `other` elsewhere, with broadcasting.

    As ``torch.where``. Both are computed before: a nan that is not taken still spoils the gradient of what
    made it.

    Examples
    --------
    >>> where(np.array([True, False]), np.array([1.0, 2.0]), 0.0)
    array([1., 0.])
    """
    if np.asarray(condition).dtype.kind != "b":
        raise ValueError(f"expected a condition of booleans, got {np.asarray(condition).dtype}")

    def pullback(dy):
        dx, dother = np.where(condition, dy, 0), np.where(condition, 0, dy)
        return None, unbroadcast(dx, np.shape(x)), unbroadcast(dother, np.shape(other))

    return np.where(condition, python_number(x), python_number(other)), pullback


connect(amax, clamp)
