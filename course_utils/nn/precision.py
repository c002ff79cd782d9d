"""Whether data are of a wider dtype than the weights that they meet. Chapter 01b."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_width(name: str, x: Any, dtype: np.dtype) -> None:
    """Refuse float64 data where weights are float32: everything would be computed in float64, and slowly.

    torch refuses every mixture; here whole numbers and narrower floats pass.

    Raises
    ------
    ValueError
        If `x` is of a wider floating dtype than the weights' `dtype`.
    """
    own = getattr(x, "dtype", dtype)
    if own.kind == "f" and own.itemsize > dtype.itemsize:
        cure = f"write {name}.astype(np.{dtype})"
        if not isinstance(x, np.ndarray):  # a Tensor has no astype: what it was made from has
            cure = f"the data, noise or weights that it was made from need .astype(np.{dtype})"
        raise ValueError(f"expected {name} of the weights' dtype {dtype}, got {own}: {cure}")
