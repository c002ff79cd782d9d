"""Training steps of convolutional networks: forward, cross-entropy, backward, SGD with momentum."""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.pairs import Pair, Step
from course_utils.models import lenet5
from course_utils.nn import Conv2d, Tensor
from course_utils.nn import functional as F
from course_utils.optim import SGD

BATCH_SIZE = 64


def digits(batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw images (B, 1, 28, 28) and labels."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch_size, 1, 28, 28)).astype(np.float32)
    return x, rng.integers(0, 10, size=batch_size)


def engine_step(batch_size: int = BATCH_SIZE) -> Step:
    """Prepare the step of the engine."""
    x, labels = digits(batch_size)
    model = lenet5(rng=np.random.default_rng(0))
    optimizer = SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def torch_lenet() -> torch.nn.Module:
    """Build the same network in torch."""
    nn = torch.nn
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def torch_step(batch_size: int = BATCH_SIZE) -> Step:
    """Prepare the same step in torch."""
    x, labels = map(torch.from_numpy, digits(batch_size))
    model = torch_lenet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def maps() -> tuple[np.ndarray, np.ndarray]:
    """Draw feature maps (64, 32, 14, 14) and an upstream gradient of the same shape."""
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, BATCH_SIZE, 32, 14, 14)).astype(np.float32)
    return x, dy


def engine_layer() -> Step:
    """Prepare forward and backward through one layer, down to its input."""
    x, dy = maps()
    layer = Conv2d(32, 32, kernel_size=3, padding=1, rng=np.random.default_rng(0))

    def step() -> None:
        layer.zero_grad()
        layer(Tensor(x, requires_grad=True)).backward(dy)

    return step


def torch_layer() -> Step:
    """Prepare the same in torch."""
    x, dy = map(torch.from_numpy, maps())
    layer = torch.nn.Conv2d(32, 32, kernel_size=3, padding=1)

    def step() -> None:
        layer.zero_grad()
        layer(x.clone().requires_grad_()).backward(dy)

    return step


PAIRS = [
    Pair("LeNet-5, 28 x 28, batch 64", 4.0, engine_step, torch_step),
    Pair("Conv2d 32-32, 3 x 3 on 14 x 14, batch 64", 4.0, engine_layer, torch_layer),
]
