"""One training step of an MLP: this engine against torch on one thread, side by side in one run.

Run ``python benchmarks/engine.py``. Steps alternate between the two, so that a busy machine slows both; trust
the median ratio.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from course_utils.models import mlp
from course_utils.nn import functional as F
from course_utils.optim import SGD

N_STEPS, N_WARM_UP = 200, 20
SIZES = [([64, 128, 10], 32), ([64, 128, 10], 256), ([64, 256, 256, 10], 64), ([784, 256, 128, 10], 64)]


def engine_step(sizes: list[int], x: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    """Prepare one step of the engine: forward, loss, backward, update."""
    model = mlp(sizes, rng=np.random.default_rng(0))
    optimizer = SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def torch_step(sizes: list[int], x: np.ndarray, labels: np.ndarray) -> Callable[[], None]:
    """Prepare the same step in torch."""
    layers: list[torch.nn.Module] = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(labels)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()

    return step


def alternate(first: Callable[[], None], second: Callable[[], None]) -> np.ndarray:
    """Return milliseconds (N_STEPS, 2) of steps taken in turn."""
    times = np.empty((N_STEPS + N_WARM_UP, 2))
    for row in times:
        for column, step in enumerate((first, second)):
            start = time.perf_counter()
            step()
            row[column] = 1000 * (time.perf_counter() - start)
    return times[N_WARM_UP:]


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    table = Table(
        "network", "batch", "engine ms", "torch ms", "median ratio", title="one training step, float32"
    )
    for sizes, batch in SIZES:
        x = rng.normal(size=(batch, sizes[0])).astype(np.float32)
        labels = rng.integers(0, sizes[-1], size=batch)
        times = alternate(engine_step(sizes, x, labels), torch_step(sizes, x, labels))
        engine, other = np.median(times, axis=0)
        ratio = np.median(times[:, 0] / times[:, 1])
        table.add_row("-".join(map(str, sizes)), str(batch), f"{engine:.3f}", f"{other:.3f}", f"{ratio:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
