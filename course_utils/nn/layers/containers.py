"""Modules made of modules, and the change of shape between them. Chapter 01b."""

from __future__ import annotations

from typing import Any

from course_utils.nn.module import Module
from course_utils.nn.shapes import reshape


class Flatten(Module):
    """All axes after the first into one: (B, ...) to (B, n)."""

    def forward(self, x: Any) -> Any:
        """Reshape every example to a row."""
        return reshape(x, (len(x), -1))


class Sequential(Module):
    """Modules one after the other, named "0", "1", ... as in torch.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Linear, ReLU
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
