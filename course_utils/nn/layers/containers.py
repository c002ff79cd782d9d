"""Modules made of modules, and the change of shape between them. Chapter 01b; `Residual` chapter 08."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from course_utils.nn.module import Module
from course_utils.nn.shapes import reshape


class Identity(Module):
    """Give back the input: a place to leave empty, such as the head of a network to be replaced."""

    def forward(self, x: Any) -> Any:
        """Return x."""
        return x


class Flatten(Module):
    """Axes `start_dim` to `end_dim` into one: by default all after the first, (B, ...) to (B, n).

    Parameters
    ----------
    start_dim, end_dim : int
        The first and the last axis to join; negative numbers count from the end.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """Reshape; an array of one number becomes a vector."""
        shape = np.shape(x) or (1,)
        start, end = (dim + len(shape) if dim < 0 else dim for dim in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < len(shape):
            raise ValueError(
                f"expected x with axes {self.start_dim} to {self.end_dim} to flatten, got shape {np.shape(x)}"
            )
        return reshape(x, (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]))


class Sequential(Module):
    """Modules one after the other, named "0", "1", ... as in torch.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Linear, ReLU
    >>> model = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), ReLU())
    >>> list(model.state_dict())
    ['0.weight', '0.bias']
    >>> model[:1]  # the same layer, in a model of its own
    Sequential(
      (0): Linear(2, 3, bias=True)
    )
    """

    def __init__(self, *layers: Module):
        for place, layer in enumerate(layers):
            self._put(place, layer)

    def append(self, layer: Module) -> Sequential:
        """Add a layer at the end; return this model."""
        self._put(len(self), layer)
        return self

    def _put(self, place: int, layer: Module) -> None:
        if not isinstance(layer, Module):
            raise ValueError(f"expected a module like ReLU(), got {type(layer).__name__} at place {place}")
        setattr(self, str(place), layer)

    def forward(self, x: Any) -> Any:
        """Apply one layer after the other."""
        before: Module | None = None
        for i, layer in enumerate(self):
            try:
                before, x = layer, layer(x)
            except (AttributeError, TypeError, ValueError) as error:
                if isinstance(x, tuple) and before is not None:
                    raise ValueError(_two_for_one(i, before, layer)) from error
                if isinstance(error, ValueError):
                    error.add_note(f"in layer {i} of this Sequential: {layer!r}")
                raise
        return x

    def __iter__(self):
        return self.children()

    def __len__(self) -> int:
        return len(list(self.children()))

    def __getitem__(self, index: int | slice) -> Any:
        layers = list(self)[index]
        return Sequential(*layers) if isinstance(layers, list) else layers  # a slice counts from 0 again


def _two_for_one(i: int, before: Module, layer: Module) -> str:
    """Say that layer i cannot take the tuple that came from the one before."""
    return (
        f"layer {i - 1} ({type(before).__name__}) gives a tuple, and layer {i} ({type(layer).__name__}) "
        "takes one tensor: put a module of your own between them, whose forward picks what goes on, or write "
        "a model with a forward of its own"
    )


class Residual(Module):
    """Layers with a way past them: y = x + f(x), where f is all `layers` one after the other.

    The block has to learn only the difference from its input, and the gradient has a path without a weight:
    He et al., 2016, "Deep residual learning for image recognition", section 3.2, arXiv:1512.03385. (Where
    they end a block with a ReLU, put one after it.)

    Parameters
    ----------
    *layers : Module
        At least one; named "layers.0", "layers.1", ... in the state.
    shortcut : Module, optional
        What to send x through on the way past: y = shortcut(x) + f(x). Needed where f changes the shape.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import ReLU
    >>> Residual(ReLU())(np.array([-1.0, 2.0]))  # x + relu(x)
    array([-1.,  4.])
    """

    def __init__(self, *layers: Module, shortcut: Module | None = None):
        if not layers:
            raise ValueError("expected at least one layer to go past, got none")
        if shortcut is not None and not isinstance(shortcut, Module):
            raise ValueError(f"expected a module as shortcut, got {type(shortcut).__name__}")
        self.layers = Sequential(*layers)
        self.shortcut = shortcut

    def forward(self, x: Any) -> Any:
        """Add the output of the layers to x, or to shortcut(x)."""
        y, past = self.layers(x), x if self.shortcut is None else self.shortcut(x)
        if np.shape(y) != np.shape(past):
            advice = "" if self.shortcut else ": pass a shortcut that maps one to the other"
            raise ValueError(
                f"expected layers and shortcut to give equal shapes, "
                f"got {np.shape(y)} and {np.shape(past)}{advice}"
            )
        return past + y
