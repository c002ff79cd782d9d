"""A deep network of equal layers, walked forward and back by the engine's pullbacks. For `GradientFlow`.

`course_utils.models.deep_mlp` is the same network as a module. A tape keeps the gradients of its leaves
alone; here those of every layer's output are wanted, and so each operation gives its value and its pullback.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.nn.module import Parameter

Pullback = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Layer:
    """What is learnt in one layer.

    Parameters
    ----------
    weight : Parameter (n_out, n_in)
    bias : Parameter (n_out,), optional
    scale, shift : Parameter (n_out,), optional
        Behind a normalization.
    """

    weight: Parameter
    bias: Parameter | None = None
    scale: Parameter | None = None
    shift: Parameter | None = None

    @property
    def parameters(self) -> list[Parameter]:
        """All that there are."""
        found = (self.weight, self.bias, self.scale, self.shift)
        return [parameter for parameter in found if parameter is not None]

    def forget(self) -> None:
        """Let the gradients go."""
        for parameter in self.parameters:
            parameter.grad = None


@dataclass(frozen=True)
class Network:
    """Hidden layers of affine map, normalization and activation, and an affine map that gives logits.

    Parameters
    ----------
    hidden : list of Layer
    head : Layer
    activation : primitive or None
        Without any, layers are affine.
    normalization : {"none", "batch", "layer"}
        What stands before the activation.
    residual : bool
        Whether each hidden layer but the first adds its output to its input.
    """

    hidden: list[Layer]
    head: Layer
    activation: Any
    normalization: str
    residual: bool


@dataclass(frozen=True)
class Pass:
    """What passed a hidden layer, (B, n_out) each, and the way back through it.

    Parameters
    ----------
    before, after : ndarray
        What entered its activation, and what left it.
    h : ndarray
        Its output.
    back : callable
        From dL/dh of this layer to that of its input; leaves dL/d(parameter) in each one's ``grad``.
    """

    before: np.ndarray
    after: np.ndarray
    h: np.ndarray
    back: Pullback


def forward(network: Network, x: np.ndarray) -> list[Pass]:
    """Send examples (B, n_in) through all hidden layers."""
    h, passes = x, []
    for i, layer in enumerate(network.hidden):
        before, to_input = _before_activation(h, layer, network.normalization)
        after, to_before = _bent(before, network.activation)
        past = network.residual and i > 0
        h = h + after if past else after
        passes.append(Pass(before, after, h, _way_back(to_input, to_before, past)))
    return passes


def _way_back(to_input: Pullback, to_before: Pullback, past: bool) -> Pullback:
    if past:
        return lambda dh: dh + to_input(to_before(dh))
    return lambda dh: to_input(to_before(dh))


def loss_of(network: Network, h: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of the last hidden layer's output with labels (B,), and dL/dh of it."""
    logits, to_h = _affine(h, network.head)
    loss, to_logits = F.cross_entropy.vjp(logits, y)
    return float(loss), to_h(to_logits(np.ones_like(loss))[0])


def _affine(h: np.ndarray, layer: Layer) -> tuple[np.ndarray, Pullback]:
    """Return h W^T + b, and the way back to h, which leaves the parameters' gradients on the way."""
    weight, bias = layer.weight, layer.bias
    z, pullback = F.linear.vjp(h, weight.data, None if bias is None else bias.data)

    def back(dz: np.ndarray) -> np.ndarray:
        dh, weight.grad, dbias = pullback(dz)
        if bias is not None:
            bias.grad = dbias
        return dh

    return z, back


def _before_activation(h: np.ndarray, layer: Layer, normalization: str) -> tuple[np.ndarray, Pullback]:
    """Return what enters the activation, and the way back to h."""
    z, to_h = _affine(h, layer)
    scale, shift = layer.scale, layer.shift
    if normalization == "none" or scale is None or shift is None:
        return z, to_h
    if normalization == "batch":
        y, pullback = F.batch_norm.vjp(z, None, None, scale.data, shift.data, training=True)
    else:
        y, pullback = F.layer_norm.vjp(z, z.shape[1:], scale.data, shift.data)

    def back(dy: np.ndarray) -> np.ndarray:
        dz, *_, scale.grad, shift.grad = pullback(dy)
        return to_h(dz)

    return y, back


def _bent(z: np.ndarray, activation: Any) -> tuple[np.ndarray, Pullback]:
    if activation is None:
        return z, lambda da: da
    a, pullback = activation.vjp(z)
    return a, lambda da: pullback(da)[0]
