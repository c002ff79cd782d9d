"""Training steps of multi-layer perceptrons: forward, cross-entropy, backward, SGD with momentum."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from benchmarks.pairs import Pair, Step
from course_utils.models import mlp
from course_utils.nn import functional as F
from course_utils.optim import SGD


def batch_of(sizes: list[int], batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs and labels."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch_size, sizes[0])).astype(np.float32)
    return x, rng.integers(0, sizes[-1], size=batch_size)


def engine_step(sizes: list[int], batch_size: int) -> Step:
    """Prepare the step of the engine."""
    x, labels = batch_of(sizes, batch_size)
    model = mlp(sizes, rng=np.random.default_rng(0))
    optimizer = SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def torch_step(sizes: list[int], batch_size: int) -> Step:
    """Prepare the same step in torch."""
    x, labels = map(torch.from_numpy, batch_of(sizes, batch_size))
    layers: list[torch.nn.Module] = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def pair(sizes: list[int], batch_size: int, budget: float) -> Pair:
    """Return both steps of one network."""
    name = f"MLP {'-'.join(map(str, sizes))}, batch {batch_size}"
    return Pair(name, budget, partial(engine_step, sizes, batch_size), partial(torch_step, sizes, batch_size))


PAIRS = [
    pair([64, 128, 10], 64, 1.0),
    pair([784, 256, 10], 64, 1.0),
    pair([784, 512, 10], 256, 1.5),
]
