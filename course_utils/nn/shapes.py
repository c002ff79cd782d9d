"""Move numbers about: other shapes, parts, and arrays joined to one. Chapter 01a."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor, primitive
from course_utils.nn.operators import connect


@primitive
def reshape(x: np.ndarray, shape: int | tuple[int, ...]):
    """Return the same numbers in another shape; one length may be -1."""
    return np.reshape(x, shape), lambda dy: (np.reshape(dy, np.shape(x)),)


@primitive
def transpose(x: np.ndarray, dim0: int, dim1: int):
    """Swap the axes `dim0` and `dim1`."""
    return np.swapaxes(x, dim0, dim1), lambda dy: (np.swapaxes(dy, dim0, dim1),)


@primitive
def getitem(x: np.ndarray, index: Any):
    """Entries ``x[index]``; an entry taken several times gets the sum of its gradients, the index none."""

    def pullback(dy):
        dx = np.zeros_like(x)
        if _takes_each_entry_once(index):
            dx[index] = dy
        else:
            np.add.at(dx, index, dy)  # slower, but sums over repeated entries
        return dx, None

    return x[index], pullback


def _takes_each_entry_once(index: Any) -> bool:
    """Tell whether an index is made of whole numbers and slices only, so that nothing can repeat."""
    parts = index if isinstance(index, tuple) else (index,)
    plain = int | np.integer | slice | type(None) | type(Ellipsis)
    return all(isinstance(part, plain) and not isinstance(part, bool) for part in parts)


def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Join arrays or tensors along an axis that they have, as ``torch.cat``.

    Parameters
    ----------
    tensors : sequence of arrays or Tensors
        At least one; of equal shapes but for the axis `dim`.
    dim : int
        The axis to join along.

    Raises
    ------
    ValueError
        If there is nothing to join or the shapes do not fit.

    Examples
    --------
    >>> cat([np.array([1.0]), np.array([2.0, 3.0])])
    array([1., 2., 3.])
    """
    return _cat(dim, *_at_least_one(tensors))


def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Join arrays or tensors of equal shape along a new axis, as ``torch.stack``.

    Parameters
    ----------
    tensors : sequence of arrays or Tensors
        At least one, all of one shape.
    dim : int
        Place of the new axis in the result.

    Raises
    ------
    ValueError
        If there is nothing to join or the shapes differ.

    Examples
    --------
    >>> stack([np.array([1.0, 2.0]), np.array([3.0, 4.0])], dim=1)
    array([[1., 3.],
           [2., 4.]])
    """
    return _stack(dim, *_at_least_one(tensors))


@primitive
def _cat(dim: int, *arrays: np.ndarray):
    ndim = np.ndim(arrays[0])
    if not -ndim <= dim < ndim or any(_without(a, dim) != _without(arrays[0], dim) for a in arrays):
        shapes = ", ".join(str(np.shape(a)) for a in arrays)
        raise ValueError(f"expected shapes that differ in axis {dim} alone, got {shapes}")
    ends = np.cumsum([np.shape(a)[dim] for a in arrays])[:-1]
    return np.concatenate(arrays, axis=dim), lambda dy: (None, *np.split(dy, ends, axis=dim))


@primitive
def _stack(dim: int, *arrays: np.ndarray):
    if len({np.shape(a) for a in arrays}) > 1:
        raise ValueError(f"expected equal shapes, got {', '.join(str(np.shape(a)) for a in arrays)}")
    return np.stack(arrays, axis=dim), lambda dy: (None, *np.moveaxis(dy, dim, 0))


def _without(array: np.ndarray, dim: int) -> tuple[int, ...]:
    """Return a shape without its axis `dim`."""
    return tuple(length for axis, length in enumerate(np.shape(array)) if axis != dim % np.ndim(array))


def _at_least_one(tensors: Sequence[Any]) -> Sequence[Any]:
    if isinstance(tensors, Tensor) or len(tensors) == 0:
        got = "a single Tensor" if isinstance(tensors, Tensor) else "none"
        raise ValueError(f"expected a list of at least one tensor to join, got {got}")
    return tensors


connect(reshape, transpose, getitem)
