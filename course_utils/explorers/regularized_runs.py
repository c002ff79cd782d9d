"""A small network fitted to noisy points, with dropout and a penalty, as far as it is shown. Chapter 06.

The penalty acts by `proximal_step` after each step of Adam on the loss alone: apart from Adam's averages, as
the weight decay of AdamW is, and able to set weights to exactly 0.

A step takes a few small operations, so that most of its time would go into keeping a tape and into updating
four parameters one by one. Here each operation gives its value and its pullback, and all weights lie in one
array: Adam and the penalty treat every weight alike, whichever parameter it belongs to.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.explorers.noisy_points import CURVE, points
from course_utils.explorers.penalized_polynomials import L1_RATIOS
from course_utils.nn import Linear, Tensor
from course_utils.nn.penalties import proximal_step
from course_utils.optim import Adam

N_STEPS, LR = 200, 0.04
LOOK_EVERY = 5  # steps between two looks at the errors
ONE = np.ones((), np.float32)  # dL/dL
STRETCH = 6.0  # the input goes from -6 to 6, so that units bend at many places from the start


def stretched(x: np.ndarray) -> np.ndarray:
    """Return the network's input for x: (n,) to (n, 1) float32."""
    return (STRETCH * x[:, None]).astype(np.float32)


AT_CURVE = stretched(CURVE)
ACTIVATIONS: dict[str, Any] = {"tanh": F.tanh, "ReLU": F.relu}


def start(units: int, seed: int) -> np.ndarray:
    """Return the weights of one input, a hidden layer and one output: (3 units + 1,) as `parts` has them."""
    rng = np.random.default_rng([seed, 1])
    first, last = Linear(1, units, rng=rng), Linear(units, 1, rng=rng)
    assert first.bias is not None
    assert last.bias is not None
    both = (first.weight, last.weight, first.bias, last.bias)
    return np.concatenate([parameter.data.ravel() for parameter in both])


def parts(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return views of the hidden layer's weight and bias, and of the output's, as `linear` takes them.

    Examples
    --------
    >>> [part.tolist() for part in parts(np.arange(7.0))]
    [[[0.0], [1.0]], [4.0, 5.0], [[2.0, 3.0]], [6.0]]
    """
    units = len(weights) // 3
    hidden, output = weights[:units, None], weights[None, units : 2 * units]
    return hidden, weights[2 * units : -1], output, weights[-1:]


def gradient(
    weights: np.ndarray, x: np.ndarray, target: np.ndarray, bend: Any, p: float, rng: np.random.Generator
) -> np.ndarray:
    """Return that of the mean squared error, with a share `p` of the hidden units dropped: (3 units + 1,)."""
    weight, bias, output_weight, output_bias = parts(weights)
    z, to_hidden = F.linear.vjp(x, weight, bias)
    h, to_z = bend.vjp(z)
    kept, to_h = F.dropout.vjp(h, p, rng=rng) if p else (h, None)
    y, to_output = F.linear.vjp(kept, output_weight, output_bias)
    _, to_y = F.mse_loss.vjp(y, target)
    dh, doutput_weight, doutput_bias = to_output(to_y(ONE)[0])
    if to_h is not None:
        (dh,) = to_h(dh)
    _, dweight, dbias = to_hidden(*to_z(dh))
    return np.concatenate([dweight.ravel(), doutput_weight.ravel(), dbias, doutput_bias])


class Training:
    """A run of Adam on all training points at once, advanced on demand; every step's weights are kept.

    Attributes
    ----------
    data : Points
        What is fitted.
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
        self._bend, self._dropout, self._rng = (
            ACTIVATIONS[activation],
            dropout,
            np.random.default_rng([seed, 2]),
        )
        self._all = Tensor(start(units, seed), requires_grad=True)
        self._optimizer = Adam([self._all], lr=LR)
        ratio = L1_RATIOS.get(penalty)
        self._pull = None if ratio is None else (strength * ratio, strength * (1 - ratio))
        self._weights = [self._all.data]  # by step
        self._lock = threading.RLock()
        self._looked = [self._outputs(0, self._everywhere)]  # every `LOOK_EVERY` steps

    def advance(self, step: int) -> None:
        """Train until `step` is known."""
        with self._lock:
            while len(self._weights) <= step:
                self._update()

    def _update(self) -> None:
        weights = self._all
        weights.grad = gradient(weights.data, self._x, self._target, self._bend, self._dropout, self._rng)
        self._optimizer.step()
        if self._pull:
            l1, l2 = self._pull
            n_biases = len(weights.data) // 3 + 1
            free, pulled = weights.data[-n_biases:], Tensor(weights.data[:-n_biases])
            proximal_step([pulled], LR, l1=l1, l2=l2)  # the biases go free
            weights.data = np.concatenate([pulled.data, free])
        self._weights.append(weights.data)
        step = len(self._weights) - 1
        if step % LOOK_EVERY == 0:
            self._looked.append(self._outputs(step, self._everywhere))

    def rmse(self, step: int) -> np.ndarray:
        """Return the errors at that step without dropout, in training and held out, (2,)."""
        y, n = self._outputs(step, self._everywhere), len(self.data.x)
        return self.data.rmse(y[:n], y[n:])

    def path(self, step: int) -> np.ndarray:
        """Return the errors at step 0, 5, 10 and so on up to `step`, (k, 2); see `rmse`."""
        y, n = np.array(self._looked[: step // LOOK_EVERY + 1]), len(self.data.x)
        return self.data.rmse(y[:, :n], y[:, n:])

    def curve(self, step: int) -> np.ndarray:
        """Return the network's values along `CURVE` at that step without dropout, (161,)."""
        return self._outputs(step, AT_CURVE)

    def _outputs(self, step: int, x: np.ndarray) -> np.ndarray:
        weight, bias, output_weight, output_bias = parts(self._weights[step])
        hidden = self._bend(F.linear(x, weight, bias))
        return F.linear(hidden, output_weight, output_bias)[:, 0].astype(np.float64)

    def output_weights(self, step: int) -> np.ndarray:
        """Return each hidden unit's weight in the output, (units,)."""
        return parts(self._weights[step])[2][0]


@functools.lru_cache(maxsize=8)  # 0.3 MB a run of the largest network
def training(**settings: int | float | str) -> Training:
    """Return the run with these settings, as far as it has got."""
    return Training(**settings)  # type: ignore[arg-type]
