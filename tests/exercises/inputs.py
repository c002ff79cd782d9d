"""What the tests of reference answers share: the references, and the inputs that their cases draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.exercises import find

by_seed = pytest.mark.parametrize("seed", [0, 1, 2])


def reference(id: str) -> Any:
    """Return the reference answer of an exercise."""
    return find(id).reference


def drawn(id: str, seed: int) -> Iterator[Any]:
    """Draw the inputs of every case, of those with several calls one after the other."""
    for place, case in enumerate(find(id).cases):
        inputs = case.inputs(np.random.default_rng([seed, place]))
        yield from inputs if case.many else [inputs]


def tensors(*arrays: Any) -> list[torch.Tensor]:
    """Return tensors of these numbers that ask for gradients."""
    return [torch.tensor(array, requires_grad=True) for array in arrays]
