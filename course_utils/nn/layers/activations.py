"""Activations as modules, so that they stand in a `Sequential`. Chapter 01b, and chapter 03 in depth.

The functions of the same names in ``course_utils.nn.functional`` say what each computes and what its options
mean; torch's option ``inplace`` does not exist here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn import activations
from course_utils.nn.module import Module, Parameter


class ReLU(Module):
    """Rectifier max(x, 0)."""

    def forward(self, x: Any) -> Any:
        """Apply `relu` to every entry."""
        return activations.relu(x)


class LeakyReLU(Module):
    """Rectifier with a slope for negative x too."""

    def __init__(self, negative_slope: float = 0.01):
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Any:
        """Apply `leaky_relu` to every entry."""
        return activations.leaky_relu(x, self.negative_slope)

    def __repr__(self) -> str:
        return f"LeakyReLU(negative_slope={self.negative_slope})"


class PReLU(Module):
    """Rectifier whose slope for negative x is learnt.

    Parameters
    ----------
    num_parameters : int
        1 for one slope, or the number of channels (axis 1) for one each.
    init : float
        Where every slope starts.
    dtype : dtype
        float32 (default) or float64.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = np.float32):
        if num_parameters < 1:
            raise ValueError(f"expected at least one parameter, got {num_parameters}")
        self.weight = Parameter(np.full(num_parameters, init, dtype))

    def forward(self, x: Any) -> Any:
        """Apply `prelu` to every entry."""
        return activations.prelu(x, self.weight)

    def __repr__(self) -> str:
        return f"PReLU(num_parameters={self.weight.data.size})"


class ELU(Module):
    """Rectifier that levels off at -alpha, exponentially."""

    def __init__(self, alpha: float = 1.0):
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        """Apply `elu` to every entry."""
        return activations.elu(x, self.alpha)

    def __repr__(self) -> str:
        return f"ELU(alpha={self.alpha})"


class SELU(Module):
    """Scaled `ELU` that keeps mean 0 and variance 1."""

    def forward(self, x: Any) -> Any:
        """Apply `selu` to every entry."""
        return activations.selu(x)


class GELU(Module):
    """Product x P(Z <= x) with a standard normal Z, the usual bend of transformers."""

    def __init__(self, approximate: str = "none"):
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        """Apply `gelu` to every entry."""
        return activations.gelu(x, self.approximate)

    def __repr__(self) -> str:
        return f"GELU(approximate={self.approximate!r})"


class SiLU(Module):
    """Product x sigmoid(x), also called swish."""

    def forward(self, x: Any) -> Any:
        """Apply `silu` to every entry."""
        return activations.silu(x)


class Softplus(Module):
    """Smooth rectifier ln(1 + e^(beta x)) / beta."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Any) -> Any:
        """Apply `softplus` to every entry."""
        return activations.softplus(x, self.beta, self.threshold)

    def __repr__(self) -> str:
        return f"Softplus(beta={self.beta}, threshold={self.threshold})"


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


class Hardtanh(Module):
    """Identity between two bounds, constant beyond."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0):
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x: Any) -> Any:
        """Apply `hardtanh` to every entry."""
        return activations.hardtanh(x, self.min_val, self.max_val)

    def __repr__(self) -> str:
        return f"Hardtanh(min_val={self.min_val}, max_val={self.max_val})"


class Softmax(Module):
    """Probabilities along `dim`. Not before `cross_entropy`, which has its own."""

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Apply `softmax` along the axis."""
        return activations.softmax(x, self.dim)

    def __repr__(self) -> str:
        return f"Softmax(dim={self.dim})"


class LogSoftmax(Module):
    """Logarithms of probabilities along `dim`, as `nll_loss` takes them."""

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Apply `log_softmax` along the axis."""
        return activations.log_softmax(x, self.dim)

    def __repr__(self) -> str:
        return f"LogSoftmax(dim={self.dim})"
