"""Training steps of recurrent networks: a layer over a batch of sequences, a label at each end, plain SGD."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.pairs import Pair, Step
from course_utils import nn
from course_utils.nn import functional as F
from course_utils.optim import SGD

N_CLASSES = 10
LARGE, SMALL = (64, 128, 32, 32), (2, 32, 50, 64)
"""Input, hidden, steps, batch."""


def batch_of(sizes: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences (L, N, input) and labels (N,)."""
    n_in, _, n_steps, batch_size = sizes
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_steps, batch_size, n_in)).astype(np.float32)
    return x, rng.integers(0, N_CLASSES, size=batch_size)


def engine_step(name: str, sizes: tuple[int, int, int, int]) -> Step:
    """Prepare the step of the engine."""
    x, labels = batch_of(sizes)
    rng = np.random.default_rng(0)
    layer = getattr(nn, name)(*sizes[:2], rng=rng)
    head = nn.Linear(sizes[1], N_CLASSES, rng=rng)
    optimizer = SGD([*layer.parameters(), *head.parameters()], lr=0.01)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(head(layer(x)[0][-1]), labels).backward()
        optimizer.step()

    return step


def torch_step(name: str, sizes: tuple[int, int, int, int]) -> Step:
    """Prepare the same step in torch."""
    x, labels = map(torch.from_numpy, batch_of(sizes))
    layer: Any = getattr(torch.nn, name)(*sizes[:2])
    head = torch.nn.Linear(sizes[1], N_CLASSES)
    optimizer = torch.optim.SGD([*layer.parameters(), *head.parameters()], lr=0.01)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(head(layer(x)[0][-1]), labels).backward()
        optimizer.step()

    return step


def pair(name: str, sizes: tuple[int, int, int, int]) -> Pair:
    """Return both steps of one network."""
    n_in, hidden, n_steps, batch_size = sizes
    title = f"{name} {n_in}-{hidden}, {n_steps} steps, batch {batch_size}"
    return Pair(title, 2.5, partial(engine_step, name, sizes), partial(torch_step, name, sizes))


PAIRS = [pair(name, sizes) for name in ("LSTM", "GRU", "RNN") for sizes in (LARGE, SMALL)]
