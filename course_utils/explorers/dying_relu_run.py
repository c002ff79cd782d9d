"""A small hidden layer that learns two classes of a cloud, while the cloud may move. Chapter 03b.

A step takes a few small operations, so that most of its time would go into keeping a tape and into updating
parameters one by one. Here each operation gives its value and its pullback, and all weights lie in one array.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.planar import moons
from course_utils.nn import Linear, PReLU, Tensor, init
from course_utils.optim import SGD

N_UNITS, N_EXAMPLES, N_STEPS = 14, 60, 120
LEAVES, ARRIVES = 40, 80  # the steps between which the cloud drifts, at an even pace
FAR = 1e4  # a weight beyond this ends the run
STAYS, DRIFTS, BELOW = "stays", "drifts", "moved by a layer below"
ACTIVATIONS: dict[str, Any] = {
    "ReLU": F.relu,
    "Leaky ReLU": F.leaky_relu,
    "PReLU": F.prelu,
    "ELU": F.elu,
}
ONE = np.ones((), np.float32)  # dL/dL
EVERYWHERE = np.ones((N_EXAMPLES, N_UNITS), np.float32)


@functools.lru_cache(maxsize=1)
def cloud() -> tuple[np.ndarray, np.ndarray]:
    """Return the examples (60, 2), two moons of mean 0, and their classes (60,)."""
    x, y = moons(N_EXAMPLES, noise=0.1, rng=np.random.default_rng(7), dtype=np.float64)
    x = 0.9 * (x - x.mean(axis=0))
    return x.astype(np.float32), y


def progress(step: int) -> float:
    """Return which part of its way a drifting cloud has gone.

    Examples
    --------
    >>> [progress(step) for step in (0, 40, 60, 80, 120)]
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    return min(max((step - LEAVES) / (ARRIVES - LEAVES), 0.0), 1.0)


def start(activation: str, bias: float, moves: str, seed: int) -> list[np.ndarray]:
    """Return weight and bias of the layer, and of the output; a PReLU's slope; those of a layer below.

    The layer starts by He's rule with all biases alike, the output by torch's default, and a layer below as
    the identity: all three clouds start at the same place.
    """
    rng = np.random.default_rng(seed)
    layer, output = Linear(2, N_UNITS, rng=rng), Linear(N_UNITS, 1, rng=rng)
    assert layer.bias is not None
    assert output.bias is not None
    init.kaiming_normal_(layer.weight, rng=rng)
    init.constant_(layer.bias, bias)
    parameters = [layer.weight, layer.bias, output.weight, output.bias]
    if activation == "PReLU":
        parameters.append(PReLU().weight)
    arrays = [parameter.data for parameter in parameters]
    return [*arrays, np.eye(2, dtype=np.float32), np.zeros(2, np.float32)] if moves == BELOW else arrays


class Training:
    """A run of gradient descent on all examples at once, advanced on demand; every step's weights are kept.

    Attributes
    ----------
    losses : list of float
        Cross-entropy before the first update and after each, on the cloud where it is at that step.
    ended : bool
        Whether a weight went beyond `FAR`; the run stays at its last good step.
    """

    def __init__(self, activation: str, lr: float, bias: float, moves: str, x: float, y: float, seed: int):
        self._x, classes = cloud()
        self._target = classes[:, None].astype(np.float32)
        self._way = np.array([x, y]) if moves == DRIFTS else np.zeros(2)
        self._bend, self._below, self._prelu = ACTIVATIONS[activation], moves == BELOW, activation == "PReLU"
        arrays = start(activation, bias, moves, seed)
        ends = np.cumsum([0, *(array.size for array in arrays)]).tolist()
        self._places = [(slice(*ends[i : i + 2]), array.shape) for i, array in enumerate(arrays)]
        self._all = Tensor(np.concatenate([array.ravel() for array in arrays]), requires_grad=True)
        self._optimizer = SGD([self._all], lr=lr)
        self._weights: list[np.ndarray] = []  # by step; an optimizer never writes into an array
        self._active: list[np.ndarray] = []  # by step: (60, 14), whether z > 0
        self._alive: list[np.ndarray] = []  # by step: (14,)
        self._lock = threading.RLock()
        self.losses: list[float] = []
        self.ended = False

    def advance(self, step: int) -> int:
        """Train until `step` is known; return it, or the last step before the weights left all bounds."""
        with self._lock, np.errstate(all="ignore"):
            while len(self.losses) <= step and not self.ended:
                if self.losses:
                    self._optimizer.step()
                if np.abs(self._all.data).max() <= FAR:  # NaN is not
                    self._all.grad = self._look(len(self.losses))
                else:
                    self.ended = True
            return min(step, len(self.losses) - 1)

    def _look(self, step: int) -> np.ndarray:
        """Note loss and units at the present weights; return the gradient, as long as the weights."""
        self._weights.append(self._all.data)
        weight, bias, output_weight, output_bias, *others = self.parts(step)
        h, to_below = self._inputs(step, others)
        z, to_layer = F.linear.vjp(h, weight, bias)
        a, to_z = self._bend.vjp(z, *others[: self._prelu])
        logits, to_output = F.linear.vjp(a, output_weight, output_bias)
        loss, to_logits = F.binary_cross_entropy_with_logits.vjp(logits, self._target)
        self.losses.append(float(loss))
        self._active.append(z > 0)
        self._alive.append(to_z(EVERYWHERE)[0].any(axis=0))  # a slope that is not 0, on any example
        da, *doutput = to_output(to_logits(ONE)[0])
        dz, *dslope = to_z(da)
        dh, *dlayer = to_layer(dz)
        dbelow = to_below(dh)[1:] if to_below else ()
        return np.concatenate([part.ravel() for part in (*dlayer, *doutput, *dslope, *dbelow)])

    def parts(self, step: int) -> list[np.ndarray]:
        """Return the weights at that step, cut up as `start` has them."""
        weights = self._weights[step]
        return [weights[place].reshape(shape) for place, shape in self._places]

    def _inputs(self, step: int, others: list[np.ndarray]) -> tuple[np.ndarray, Any]:
        """Return the cloud as the layer sees it, and the pullback through a layer below."""
        if self._below:
            return F.linear.vjp(self._x, *others[-2:])
        return self._x + (progress(step) * self._way).astype(np.float32), None

    def inputs(self, step: int) -> np.ndarray:
        """Return the cloud as the layer sees it at that step, (60, 2)."""
        return self._inputs(step, self.parts(step))[0]

    def alive(self, step: int) -> np.ndarray:
        """Return at each step up to this one which units are alive: (step + 1, 14) bool."""
        return np.array(self._alive[: step + 1])

    def shares(self, step: int) -> np.ndarray:
        """Return on which part of the examples each unit was active, at each step: (step + 1, 14)."""
        return np.array(self._active[: step + 1]).mean(axis=1)


@functools.lru_cache(maxsize=8)  # 0.2 MB a run
def training(**settings: Any) -> Training:
    """Return the run with these settings, as far as it has got."""
    return Training(**settings)
