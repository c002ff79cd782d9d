"""Activations as modules, so that they stand in a `Sequential`. Chapter 01b, and chapter 03 in depth."""

from __future__ import annotations

from typing import Any

from course_utils.nn import activations
from course_utils.nn.module import Module


class ReLU(Module):
    """Rectifier max(x, 0)."""

    def forward(self, x: Any) -> Any:
        """Apply `relu` to every entry."""
        return activations.relu(x)


class Sigmoid(Module):
    """Logistic function 1 / (1 + e^-x)."""

    def forward(self, x: Any) -> Any:
        """Apply `sigmoid` to every entry."""
        return activations.sigmoid(x)


class Tanh(Module):
    """Hyperbolic tangent."""

    def forward(self, x: Any) -> Any:
        """Apply `tanh` to every entry."""
        return activations.tanh(x)


class Softmax(Module):
    """Probabilities along `dim`. Not before `cross_entropy`, which has its own."""

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Apply `softmax` along the axis."""
        return activations.softmax(x, self.dim)
