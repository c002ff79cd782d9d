"""Dropout as a layer, which is at work in training only. Chapter 06."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.nn.dropout import check_probability, dropout
from course_utils.nn.module import Module
from course_utils.randomness import check_generator


class Dropout(Module):
    """Set entries to 0 with probability p in training and divide the others by 1 - p; nothing in evaluation.

    Parameters
    ----------
    p : float
        Probability of 0, in [0, 1].
    rng : numpy.random.Generator
        Draws a new mask at every call; torch uses a hidden global state instead.
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator):
        check_probability(p)
        self.p, self.rng = p, check_generator(rng)

    def forward(self, x: Any) -> Any:
        """Apply `dropout` in the layer's mode."""
        return dropout(x, self.p, self.training, rng=self.rng)

    def __repr__(self) -> str:
        return f"Dropout(p={self.p})"
