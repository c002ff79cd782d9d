"""Layers that add a position's features to what stands there. Chapter 10; torch has none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.module import Module, Parameter
from course_utils.nn.positions import sinusoidal_positions
from course_utils.randomness import check_generator


class PositionalEncoding(Module):
    """Adds `sinusoidal_positions`, which are fixed, to inputs (..., L, d_model), so batch first.

    The table is computed, not learnt, and so no part of the state.

    Parameters
    ----------
    max_length : int
        Longest input that will come.
    d_model : int
        Number of features.
    base : float
        As in `sinusoidal_positions`.
    dtype : dtype
        Of the table, float32 (default) or float64: that of the inputs.

    Examples
    --------
    >>> PositionalEncoding(10, 2)(np.zeros((1, 2), dtype=np.float32))
    array([[0., 1.]], dtype=float32)
    """

    def __init__(
        self, max_length: int, d_model: int, base: float = 10000.0, *, dtype: DTypeLike = np.float32
    ):
        self.max_length, self.d_model, self.base = max_length, d_model, base
        self.table = sinusoidal_positions(max_length, d_model, base, dtype)

    def forward(self, x: Any) -> Any:
        """Add the first L rows of the table to x (..., L, d_model)."""
        _check_length(x, self.max_length, self.d_model)
        return x + self.table[: x.shape[-2]]

    def __repr__(self) -> str:
        return f"PositionalEncoding({self.max_length}, {self.d_model}, base={self.base})"


class LearnedPositions(Module):
    """Adds a learned row for each position to inputs (..., L, d_model), so batch first.

    Gehring et al., 2017, "Convolutional sequence to sequence learning", section 3.1. The rows start normal
    with standard deviation 0.02, small beside what they are added to.

    Parameters
    ----------
    max_length : int
        Longest input that will come; unlike sines, a row never trained means nothing.
    d_model : int
        Number of features.
    rng : numpy.random.Generator
        Draws the start.
    dtype : dtype
        float32 (default) or float64.

    Examples
    --------
    >>> layer = LearnedPositions(10, 2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((5, 3, 2), dtype=np.float32)).shape
    (5, 3, 2)
    """

    def __init__(
        self,
        max_length: int,
        d_model: int,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if max_length < 1 or d_model < 1:
            raise ValueError(
                f"expected at least one position and one feature, got {max_length} and {d_model}"
            )
        check_generator(rng)
        self.max_length, self.d_model = max_length, d_model
        self.weight = Parameter(rng.normal(0, 0.02, size=(max_length, d_model)).astype(dtype))

    def forward(self, x: Any) -> Any:
        """Add the first L rows to x (..., L, d_model)."""
        _check_length(x, self.max_length, self.d_model)
        return x + self.weight[: x.shape[-2]]

    def __repr__(self) -> str:
        return f"LearnedPositions({self.max_length}, {self.d_model})"


def _check_length(x: Any, max_length: int, d_model: int) -> None:
    shape = np.shape(x)
    if len(shape) < 2 or shape[-1] != d_model:
        raise ValueError(f"expected x (..., L, {d_model}), got shape {shape}")
    if shape[-2] > max_length:
        raise ValueError(f"expected at most {max_length} positions, got {shape[-2]}")
