"""The multi-layer perceptron: affine layers with an activation between them. Chapter 01b."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.layers import Linear, ReLU, Sequential
from course_utils.nn.module import Module


def mlp(
    sizes: Sequence[int],
    activation: Callable[[], Module] = ReLU,
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> Sequential:
    """Stack Linear layers with an activation after each but the last, whose outputs are logits.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of hidden units layer by layer, and of outputs: ``[64, 128, 10]``.
    activation : callable
        Makes the activation layer: ``ReLU``, ``Tanh``, ``Sigmoid``.
    rng : numpy.random.Generator
        Draws the weights, first layer first.
    dtype : dtype
        float32 (default) or float64.

    Raises
    ------
    ValueError
        If there are fewer than two sizes.

    Examples
    --------
    >>> mlp([64, 128, 10], rng=np.random.default_rng(0))
    Sequential(
      (0): Linear(64, 128, bias=True)
      (1): ReLU()
      (2): Linear(128, 10, bias=True)
    )
    """
    if len(sizes) < 2:
        raise ValueError(f"expected at least an input and an output size, got {list(sizes)}")
    layers: list[Module] = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [Linear(n_in, n_out, rng=rng, dtype=dtype), activation()]
    return Sequential(*layers[:-1])
