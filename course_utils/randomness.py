"""Whether what came as `rng` is a random generator of its own."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_generator(rng: Any) -> np.random.Generator:
    """Return `rng` if it is a generator; neither a seed nor NumPy's global state will do.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> check_generator(0)
    Traceback (most recent call last):
    ValueError: expected rng=np.random.default_rng(...), got int
    """
    if isinstance(rng, np.random.Generator):
        return rng
    got = "the module np.random" if rng is np.random else type(rng).__name__
    raise ValueError(f"expected rng=np.random.default_rng(...), got {got}")
