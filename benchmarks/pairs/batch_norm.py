"""Training steps of normalisation layers: forward and backward, to the input and to the parameters."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from benchmarks.pairs import Pair, Step
from course_utils import nn

Shape = tuple[int, ...]


def arrays(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Draw an input and an upstream gradient."""
    rng = np.random.default_rng(0)
    return rng.normal(size=shape).astype(np.float32), rng.normal(size=shape).astype(np.float32)


def engine_step(name: str, size: int, shape: Shape) -> Step:
    """Prepare the step of the engine."""
    data, upstream = arrays(shape)
    x, layer = nn.Tensor(data, requires_grad=True), getattr(nn, name)(size)

    def step() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x).backward(upstream)

    return step


def torch_step(name: str, size: int, shape: Shape) -> Step:
    """Prepare the same step in torch."""
    data, upstream = map(torch.from_numpy, arrays(shape))
    x, layer = data.requires_grad_(), getattr(torch.nn, name)(size)

    def step() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x).backward(upstream)

    return step


def pair(name: str, size: int, shape: Shape, budget: float) -> Pair:
    """Return both steps of one layer."""
    arguments = (name, size, shape)
    return Pair(f"{name} {shape}", budget, partial(engine_step, *arguments), partial(torch_step, *arguments))


PAIRS = [
    pair("BatchNorm2d", 32, (64, 32, 14, 14), 2.0),
    pair("BatchNorm1d", 128, (256, 128), 2.0),
    pair("LayerNorm", 64, (32 * 32, 64), 2.5),
]
