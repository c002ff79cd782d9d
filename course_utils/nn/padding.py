"""Circular padding: the image is a tile, and what leaves on one side enters on the other. Chapter 08."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive


@primitive
def circular_pad(x: np.ndarray, dim: int, before: int, after: int):
    """Continue x along the axis `dim` by its own other end.

    A convolution that pads so is exactly shift-equivariant: a rolled image gives the rolled output.

    Parameters
    ----------
    x : array, any shape
    dim : int
        The axis to continue.
    before, after : int
        Entries to add at either end, at most the length of the axis.

    Raises
    ------
    ValueError
        If that would go around more than once.

    Examples
    --------
    >>> circular_pad(np.array([1, 2, 3]), 0, before=1, after=2)
    array([3, 1, 2, 3, 1, 2])
    """
    length = np.shape(x)[dim]
    if not (0 <= before <= length and 0 <= after <= length):
        raise ValueError(
            f"expected circular padding of at most the length {length}, got {before} and {after}"
        )

    def pullback(dy):
        dy = np.moveaxis(dy, dim, 0)
        dx = dy[before : before + length].copy()
        dx[length - before :] += dy[:before]
        dx[:after] += dy[before + length :]
        return np.moveaxis(dx, 0, dim), None, None, None

    return np.take(x, np.arange(-before, length + after), axis=dim, mode="wrap"), pullback
