"""Linear: the affine map with its weights. Chapter 01b."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.linear import linear
from course_utils.nn.module import Module, Parameter
from course_utils.nn.precision import check_width
from course_utils.randomness import check_generator


class Linear(Module):
    """Affine layer x W^T + b.

    Weight and bias start uniform in [-1/sqrt(n_in), 1/sqrt(n_in)], torch's default (after LeCun et al., 1998,
    "Efficient BackProp", section 4.6, though with a third of that variance).

    Parameters
    ----------
    in_features, out_features : int
        Lengths of input and output, at least 1.
    bias : bool
        Whether to add one.
    rng : numpy.random.Generator
        Draws the start; torch uses a hidden global state instead.
    dtype : dtype
        float32 (default) or float64.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if in_features < 1 or out_features < 1:
            raise ValueError(
                f"expected at least one input and one output, got {in_features} and {out_features}"
            )
        check_generator(rng)
        bound = 1 / np.sqrt(in_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(rng.uniform(-bound, bound, size=(out_features, in_features)).astype(dtype))
        self.bias = Parameter(rng.uniform(-bound, bound, size=out_features).astype(dtype)) if bias else None

    def forward(self, x: Any) -> Any:
        """Map x (..., in_features) to (..., out_features)."""
        check_width("x", x, self.weight.dtype)
        return linear(x, self.weight, self.bias)

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features}, bias={self.bias is not None})"
