"""Sequences of unequal length in one array: padding, and masks that tell what is padding. Chapter 09."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor, primitive


def pad_sequence(sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0) -> Any:
    """Lay sequences side by side, each filled up at its end, as ``torch.nn.utils.rnn.pad_sequence``.

    Parameters
    ----------
    sequences : sequence of arrays or Tensors (L_n, ...)
        At least one; of any lengths, but alike in all other axes.
    batch_first : bool
        Whether the result is (N, L, ...) instead of (L, N, ...), with L the greatest length.
    padding_value : float
        What to fill up with; a whole number if the sequences are made of those.

    Returns
    -------
    array or Tensor (L, N, ...)

    Raises
    ------
    ValueError
        If there is no sequence, their other axes differ, or the padding does not fit their dtype.

    Examples
    --------
    >>> pad_sequence([np.array([1, 2, 3]), np.array([4])], batch_first=True, padding_value=-1)
    array([[ 1,  2,  3],
           [ 4, -1, -1]])
    """
    if isinstance(sequences, Tensor | np.ndarray) or len(sequences) == 0:
        got = "none" if not isinstance(sequences, Tensor) and len(sequences) == 0 else "a single array"
        raise ValueError(f"expected a list of at least one sequence, got {got}")
    return _pad(batch_first, padding_value, *sequences)


@primitive
def _pad(batch_first: bool, padding_value: float, *sequences: np.ndarray):
    sequences = tuple(np.asarray(sequence) for sequence in sequences)
    shapes = [sequence.shape for sequence in sequences]
    if any(shape == () or shape[1:] != shapes[0][1:] for shape in shapes):
        raise ValueError(
            f"expected sequences (length, ...) that differ in length alone, got {', '.join(map(str, shapes))}"
        )
    dtype = np.result_type(*sequences)
    if dtype.kind in "iu" and not _holds(dtype, padding_value):
        raise ValueError(f"expected a whole padding_value for sequences of {dtype}, got {padding_value}")
    L, N = max(shape[0] for shape in shapes), len(sequences)
    padded = np.full((N, L, *shapes[0][1:]), padding_value, dtype)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence

    def pullback(dpadded):
        rows = dpadded if batch_first else np.swapaxes(dpadded, 0, 1)  # (N, L, ...)
        return None, None, *(row[: shape[0]] for row, shape in zip(rows, shapes, strict=True))

    return padded if batch_first else np.swapaxes(padded, 0, 1), pullback


def _holds(dtype: np.dtype, value: float) -> bool:
    """Tell whether an integer dtype can hold a number."""
    limits = np.iinfo(dtype)
    return limits.min <= value <= limits.max and value == int(value)


def length_mask(lengths: Any, max_length: int) -> np.ndarray:
    """Tell sequence from padding: True at the first ``lengths[n]`` steps of row n.

    Parameters
    ----------
    lengths : integer array_like (N,)
        Length of each sequence, from 1 to `max_length`, in any order.
    max_length : int
        Number of steps of the padded array.

    Returns
    -------
    bool array (N, max_length)

    Raises
    ------
    ValueError
        If the lengths are not whole, not in one row, or out of range.

    Examples
    --------
    >>> length_mask([3, 1], 3)
    array([[ True,  True,  True],
           [ True, False, False]])
    """
    lengths = np.asarray(lengths)
    if lengths.ndim != 1:
        raise ValueError(f"expected lengths (N,), got shape {lengths.shape}")
    if lengths.size and lengths.dtype.kind not in "iu":
        raise ValueError(f"expected whole lengths, got {lengths.dtype}")
    wrong = (lengths < 1) | (lengths > max_length)
    if wrong.any():
        n = int(wrong.argmax())
        raise ValueError(f"expected lengths from 1 to {max_length}, got {lengths[n]} for sequence {n}")
    return np.arange(max_length) < lengths[:, np.newaxis]


@primitive
def mask_padding(x: np.ndarray, lengths: Any, batch_first: bool = False):
    """Set all that stands past the end of each sequence to 0, whatever it was.

    Parameters
    ----------
    x : array (L, N, ...)
        Padded sequences; (N, L, ...) with `batch_first`.
    lengths : integer array_like (N,)
        Length of each sequence, from 1 to L, in any order.
    batch_first : bool
        Whether the sequences stand in rows.

    Returns
    -------
    array of the shape of x

    Raises
    ------
    ValueError
        If the lengths are out of range or not as many as the sequences.

    Examples
    --------
    >>> mask_padding(np.array([[5.0, 6.0], [7.0, np.nan]]), [2, 1])
    array([[5., 6.],
           [7., 0.]])
    """
    x = np.asarray(x)
    if x.ndim < 2:
        raise ValueError(f"expected x ({'N, L' if batch_first else 'L, N'}, ...), got shape {x.shape}")
    L, N = (x.shape[1], x.shape[0]) if batch_first else x.shape[:2]
    mask = length_mask(lengths, L)  # (N, L)
    if len(mask) != N:
        raise ValueError(f"expected lengths ({N},) for x {x.shape}, got shape ({len(mask)},)")
    mask = mask if batch_first else mask.T
    mask = mask.reshape(*mask.shape, *(1,) * (x.ndim - 2))
    return np.where(mask, x, x.dtype.type(0)), lambda dy: (np.where(mask, dy, dy.dtype.type(0)), None)
