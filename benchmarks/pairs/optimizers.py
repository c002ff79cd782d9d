"""Updates of the optimizers alone: ``step()`` with given gradients."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.pairs import Pair, Step
from course_utils import optim
from course_utils.nn import Parameter

Shapes = list[tuple[int, ...]]

MLP: Shapes = [(256, 784), (256,), (10, 256), (10,)]
MANY: Shapes = [(64, 64)] * 20


def weights_and_gradients(shapes: Shapes) -> list[tuple[np.ndarray, ...]]:
    """Draw a start and a gradient for each parameter."""
    rng = np.random.default_rng(0)
    return [tuple(rng.normal(size=(2, *shape)).astype(np.float32)) for shape in shapes]


def engine_step(name: str, options: dict[str, Any], shapes: Shapes) -> Step:
    """Prepare the update of the engine."""
    parameters = []
    for weights, gradient in weights_and_gradients(shapes):
        parameters.append(Parameter(weights))
        parameters[-1].grad = gradient
    return getattr(optim, name)(parameters, **options).step


def torch_step(name: str, options: dict[str, Any], shapes: Shapes) -> Step:
    """Prepare the same update in torch."""
    parameters = []
    for weights, gradient in weights_and_gradients(shapes):
        parameters.append(torch.tensor(weights, requires_grad=True))
        parameters[-1].grad = torch.tensor(gradient)
    return getattr(torch.optim, name)(parameters, **options).step


def pair(name: str, options: dict[str, Any], shapes: Shapes, where: str) -> Pair:
    """Return both updates of one rule on parameters of these shapes."""
    return Pair(
        f"update of {name}, {where}",
        1.5,
        partial(engine_step, name, options, shapes),
        partial(torch_step, name, options, shapes),
    )


RULES: list[tuple[str, dict[str, Any]]] = [
    ("Adam", {"lr": 1e-3}),
    ("AdamW", {"lr": 1e-3}),
    ("SGD", {"lr": 1e-3, "momentum": 0.9}),
    ("RMSprop", {"lr": 1e-3}),
]

PAIRS = [
    pair(name, options, shapes, where)
    for name, options in RULES
    for shapes, where in ((MLP, "MLP 784-256-10"), (MANY, "20 tensors of 64x64"))
]
