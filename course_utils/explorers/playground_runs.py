"""What the playground trains: data in the plane and a small network, computed as far as it is shown."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils import nn
from course_utils.data.planar import moons, rings, spirals, xor
from course_utils.nn import Linear, Module, Sequential, Tensor
from course_utils.optim import SGD, Adam, Optimizer

VIEW = 2.4  # the plane is shown from -VIEW to VIEW, both ways
AXIS = np.linspace(-VIEW, VIEW, 40, dtype=np.float32)  # where the network is asked, both ways
N_STEPS = 150
N_TRAIN = N_HELD_OUT = 100
DATA_SEED = 7  # the points stay where they are when the network's seed changes
HELD_OUT_EVERY = 5  # steps between two looks at the held-out loss
FAR = 1e4  # a weight beyond this ends the run

ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "ReLU": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}
OPTIMIZERS: dict[str, Callable[[Any, float], Optimizer]] = {
    "SGD": lambda parameters, lr: SGD(parameters, lr=lr),
    "SGD, momentum 0.9": lambda parameters, lr: SGD(parameters, lr=lr, momentum=0.9),
    "Adam": lambda parameters, lr: Adam(parameters, lr=lr),
}


def blobs(n: int, noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw two round clouds, of standard deviation 0.4 before the noise: x (n, 2), y (n,)."""
    y = rng.permutation(np.arange(n) % 2)
    centre = np.where(y[:, None] == 1, [0.9, 0.5], [-0.9, -0.5])
    return centre + np.hypot(0.4, noise) * rng.standard_normal((n, 2)), y


def _scaled(
    draw: Callable[..., Any], scale: float, centre: tuple[float, float] = (0, 0)
) -> Callable[..., Any]:
    """Move and stretch a data set to the picture's middle and size; the noise is in the picture's units."""

    def drawn(n: int, noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x, y = draw(n, noise=noise / scale, rng=rng, dtype=np.float64)
        return scale * (x - centre), y

    return drawn


DATA: dict[str, Callable[[int, float, np.random.Generator], tuple[np.ndarray, np.ndarray]]] = {
    "moons": _scaled(moons, 1.25, (0.5, 0.25)),
    "rings": _scaled(rings, 0.8),
    "spirals": _scaled(spirals, 1.8),
    "XOR": _scaled(xor, 1.6),
    "blobs": blobs,
}


def network(units: int, depth: int, activation: str, rng: np.random.Generator) -> Sequential:
    """Return `depth` hidden layers of `units` each, and one logit."""
    layers: list[Module] = []
    for n_in in [2, *[units] * (depth - 1)]:
        layers += [Linear(n_in, units, rng=rng), ACTIVATIONS[activation]()]
    return Sequential(*layers, Linear(units, 1, rng=rng))


class Training:
    """A training run on the whole training set at once, advanced on demand; every step's weights are kept.

    Attributes
    ----------
    x, y : arrays
        Points (200, 2) and classes (200,); the first `N_TRAIN` are trained on, the others held out.
    losses : list of float
        Training loss before the first update and after each.
    held_out : dict of float
        Held-out loss by step, for every `HELD_OUT_EVERY`th.
    ended : bool
        Whether the weights left all bounds; the run stays at its last good step.
    """

    def __init__(
        self,
        data: str,
        noise: float,
        units: int,
        depth: int,
        activation: str,
        optimizer: str,
        lr: float,
        seed: int,
    ):
        x, self.y = DATA[data](N_TRAIN + N_HELD_OUT, noise, np.random.default_rng(DATA_SEED))
        self.x = x.astype(np.float32)
        self.target = self.y[:, None].astype(np.float32)  # (200, 1)
        self._model = network(units, depth, activation, np.random.default_rng(seed))
        self._viewer = network(units, depth, activation, np.random.default_rng(seed))
        self._viewer.requires_grad_(False)  # shows any step's weights, without a tape
        self._parameters, self._shown = self._model.parameters(), self._viewer.parameters()
        self._optimizer = OPTIMIZERS[optimizer](self._parameters, lr)
        self._weights: list[list[np.ndarray]] = []  # by step; an optimizer never writes into an array
        self._loss: Tensor | None = None
        self._lock = threading.RLock()
        self.losses: list[float] = []
        self.held_out: dict[int, float] = {}
        self.ended = False

    def advance(self, step: int) -> int:
        """Train until `step` is known; return it, or the last step before the weights left all bounds."""
        with self._lock, np.errstate(all="ignore"):
            while len(self.losses) <= step and not self.ended:
                self._update()
            return min(step, len(self.losses) - 1)

    def _update(self) -> None:
        if self._loss is not None:
            self._optimizer.zero_grad()
            self._loss.backward()
            self._optimizer.step()
        if not all(np.abs(parameter.data).max() <= FAR for parameter in self._parameters):  # NaN fails too
            self.ended = True
            return
        logits = self._model(self.x[:N_TRAIN])
        self._loss = F.binary_cross_entropy_with_logits(logits, self.target[:N_TRAIN])
        step = len(self.losses)
        self.losses.append(self._loss.item())
        self._weights.append([parameter.data for parameter in self._parameters])
        if step % HELD_OUT_EVERY == 0:
            self.held_out[step] = self.held_out_loss(self.logits(step, self.x[N_TRAIN:]))

    def logits(self, step: int, x: np.ndarray) -> np.ndarray:
        """Return the network's output (N,) for x (N, 2) with the weights of that step."""
        with self._lock, np.errstate(all="ignore"):
            for parameter, data in zip(self._shown, self._weights[step], strict=True):
                parameter.data = data
            output = self._viewer(x)
            return np.asarray(output.data if isinstance(output, Tensor) else output)[:, 0]

    def held_out_loss(self, logits: np.ndarray) -> float:
        """Return the cross-entropy of the held-out points, in nats."""
        return float(F.binary_cross_entropy_with_logits(logits[:, None], self.target[N_TRAIN:]))


@functools.lru_cache(maxsize=2)  # a run of the largest network keeps 8 MB of weights
def training(**settings: Any) -> Training:
    """Return the run with these settings, as far as it has got."""
    return Training(**settings)
