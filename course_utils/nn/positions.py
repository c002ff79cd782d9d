"""Positions as sines and cosines: what tells attention the order of its inputs. Chapter 10."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike


def sinusoidal_positions(
    length: int, d_model: int, base: float = 10000.0, dtype: DTypeLike = np.float32
) -> np.ndarray:
    """Table of sines and cosines of the position, at wavelengths from 2 pi up towards 2 pi `base`.

    Entry (t, 2i) is sin(t w_i) and entry (t, 2i + 1) is cos(t w_i), with w_i = base^(-2i / d_model). A step
    of k positions turns each of these pairs by the angle k w_i, wherever it starts, so that a linear map can
    look k positions away. Vaswani et al., 2017, "Attention is all you need", section 3.5.

    Parameters
    ----------
    length : int
        Number of positions, from 0.
    d_model : int
        Number of features; of an odd number the last pair keeps its sine only.
    base : float
        Ratio, above 0, that the wavelengths span; 10000 in the paper.
    dtype : dtype
        Of the table, float32 (default) or float64; the angles are computed in float64 in any case.

    Returns
    -------
    array (length, d_model)

    Raises
    ------
    ValueError
        If a length is negative, there are no features, or `base` is not above 0.

    Examples
    --------
    >>> sinusoidal_positions(2, 2, dtype=np.float64).round(4)  # sin 0, cos 0; sin 1, cos 1
    array([[0.    , 1.    ],
           [0.8415, 0.5403]])
    """
    if length < 0 or d_model < 1 or not 0 < base < np.inf:
        raise ValueError(
            f"expected length >= 0, d_model >= 1 and base > 0, got {length}, {d_model} and {base}"
        )
    frequencies = float(base) ** (-np.arange(0, d_model, 2) / d_model)  # radians a position
    angles = np.arange(length)[:, None] * frequencies  # (length, pairs)
    table = np.empty((length, d_model), dtype)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : d_model // 2])
    return table
