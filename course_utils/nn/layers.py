"""Layers: the functions of the engine as modules, with torch's names and defaults. Chapter 01b."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import course_utils.nn.functional as F
from course_utils.nn.arithmetic import reshape
from course_utils.nn.module import Module, Parameter


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
        bound = 1 / np.sqrt(in_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(rng.uniform(-bound, bound, size=(out_features, in_features)).astype(dtype))
        self.bias = Parameter(rng.uniform(-bound, bound, size=out_features).astype(dtype)) if bias else None

    def forward(self, x: Any) -> Any:
        """Map x (..., in_features) to (..., out_features)."""
        return F.linear(x, self.weight, self.bias)

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features}, bias={self.bias is not None})"


class ReLU(Module):
    """Rectifier max(x, 0)."""

    def forward(self, x: Any) -> Any:
        """Apply `relu` to every entry."""
        return F.relu(x)


class Sigmoid(Module):
    """Logistic function 1 / (1 + e^-x)."""

    def forward(self, x: Any) -> Any:
        """Apply `sigmoid` to every entry."""
        return F.sigmoid(x)


class Tanh(Module):
    """Hyperbolic tangent."""

    def forward(self, x: Any) -> Any:
        """Apply `tanh` to every entry."""
        return F.tanh(x)


class Softmax(Module):
    """Probabilities along `dim`. Not before `cross_entropy`, which has its own."""

    def __init__(self, dim: int = -1):
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """Apply `softmax` along the axis."""
        return F.softmax(x, self.dim)


class Flatten(Module):
    """All axes after the first into one: (B, ...) to (B, n)."""

    def forward(self, x: Any) -> Any:
        """Reshape every example to a row."""
        return reshape(x, (len(x), -1))


class Sequential(Module):
    """Modules one after the other, named "0", "1", ... as in torch.

    Examples
    --------
    >>> model = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), ReLU())
    >>> list(model.state_dict())
    ['0.weight', '0.bias']
    """

    def __init__(self, *layers: Module):
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise ValueError(f"expected a module like ReLU(), got {type(layer).__name__} at place {i}")
            setattr(self, str(i), layer)

    def forward(self, x: Any) -> Any:
        """Apply one layer after the other."""
        for layer in self:
            x = layer(x)
        return x

    def __iter__(self):
        return (layer for _, layer in self.named_children())

    def __len__(self) -> int:
        return len(list(self.named_children()))

    def __getitem__(self, index: int) -> Module:
        return list(self)[index]
