"""A small network fitted to noisy points, with dropout and a penalty, as far as it is shown. Chapter 06.

The penalty acts by `proximal_step` after each step of Adam on the loss alone: apart from Adam's averages, as
the weight decay of AdamW is, and able to set weights to exactly 0.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable

import numpy as np

import course_utils.nn.functional as F
from course_utils import nn
from course_utils.explorers.noisy_points import CURVE, points
from course_utils.explorers.penalized_polynomials import L1_RATIOS
from course_utils.nn import Dropout, Linear, Module, Sequential, Tensor
from course_utils.nn.penalties import proximal_step
from course_utils.optim import Adam

N_STEPS, LR = 200, 0.04
LOOK_EVERY = 5  # steps between two looks at the errors
STRETCH = 6.0  # the input goes from -6 to 6, so that units bend at many places from the start


def stretched(x: np.ndarray) -> np.ndarray:
    """Return the network's input for x: (n,) to (n, 1) float32."""
    return (STRETCH * x[:, None]).astype(np.float32)


AT_CURVE = stretched(CURVE)
ACTIVATIONS: dict[str, Callable[[], Module]] = {"tanh": nn.Tanh, "ReLU": nn.ReLU}


def network(units: int, activation: str, dropout: float, seed: int) -> Sequential:
    """Return one input, a hidden layer with dropout behind it, and one output; weights depend on the seed."""
    rng = np.random.default_rng([seed, 1])
    first, last = Linear(1, units, rng=rng), Linear(units, 1, rng=rng)
    return Sequential(
        first, ACTIVATIONS[activation](), Dropout(dropout, rng=np.random.default_rng([seed, 2])), last
    )


class Training:
    """A run of Adam on all training points at once, advanced on demand; every step's weights are kept.

    Attributes
    ----------
    data : Points
        What is fitted.
    errors : list of ndarray (2,)
        RMSE in training and held out, without dropout, before step 0, 5, 10 and so on.
    """

    def __init__(
        self,
        n: int,
        noise: float,
        units: int,
        activation: str,
        dropout: float,
        penalty: str,
        strength: float,
        seed: int,
    ):
        self.data = points(n, noise, seed)
        self._x = stretched(self.data.x)  # (n, 1)
        self._target = self.data.y[:, None].astype(np.float32)
        self._everywhere = stretched(np.concatenate([self.data.x, self.data.x_held_out]))
        self._model = network(units, activation, dropout, seed)
        self._viewer = network(units, activation, dropout, seed).eval()
        self._viewer.requires_grad_(False)  # shows any step's weights, without dropout or a tape
        self._parameters, self._shown = self._model.parameters(), self._viewer.parameters()
        self._optimizer = Adam(self._parameters, lr=LR)
        ratio = L1_RATIOS.get(penalty)
        self._pull = None if ratio is None else (strength * ratio, strength * (1 - ratio))
        self._weights = [[parameter.data for parameter in self._parameters]]  # by step
        self._lock = threading.RLock()
        self.errors = [self.rmse(0)]

    def advance(self, step: int) -> None:
        """Train until `step` is known."""
        with self._lock:
            while len(self._weights) <= step:
                self._update()

    def _update(self) -> None:
        self._optimizer.zero_grad()
        F.mse_loss(self._model(self._x), self._target).backward()
        self._optimizer.step()
        if self._pull:
            l1, l2 = self._pull
            proximal_step(self._parameters[::2], LR, l1=l1, l2=l2)  # the biases go free
        self._weights.append([parameter.data for parameter in self._parameters])
        step = len(self._weights) - 1
        if step % LOOK_EVERY == 0:
            self.errors.append(self.rmse(step))

    def rmse(self, step: int) -> np.ndarray:
        """Return the errors at that step without dropout, in training and held out, (2,)."""
        y, n = self._outputs(step, self._everywhere), len(self.data.x)
        return self.data.rmse(y[:n], y[n:])

    def curve(self, step: int) -> np.ndarray:
        """Return the network's values along `CURVE` at that step without dropout, (161,)."""
        return self._outputs(step, AT_CURVE)

    def _outputs(self, step: int, x: np.ndarray) -> np.ndarray:
        with self._lock:
            for parameter, data in zip(self._shown, self._weights[step], strict=True):
                parameter.data = data
            output = self._viewer(x)
        return np.asarray(output.data if isinstance(output, Tensor) else output)[:, 0].astype(np.float64)

    def output_weights(self, step: int) -> np.ndarray:
        """Return each hidden unit's weight in the output, (units,)."""
        return self._weights[step][2][0]


@functools.lru_cache(maxsize=8)  # 0.3 MB a run of the largest network
def training(**settings: int | float | str) -> Training:
    """Return the run with these settings, as far as it has got."""
    return Training(**settings)  # type: ignore[arg-type]
