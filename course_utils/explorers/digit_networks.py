"""Deep networks on digits, as drawn and in training, and what theory says of them. For `GradientFlow`.

A network is given by keywords: activation, initialization, std, normalization, residual, depth, width, seed.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
from course_utils.explorers.deep_network import Layer, Network
from course_utils.explorers.layer_statistics import Flow, examine
from course_utils.explorers.random_weights import random_layers, spread_of_weights
from course_utils.explorers.signal_theory import growth_back
from course_utils.nn.module import Parameter
from course_utils.optim.sgd import SGD

ACTIVATIONS: dict[str, Any] = {
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "ReLU": F.relu,
    "Leaky ReLU": F.leaky_relu,
    "GELU": F.gelu,
    "linear": None,
}
ONE_SIDED = ("ReLU", "Leaky ReLU", "GELU")
N_SCANS, N_PIXELS, N_CLASSES = 48, 64, 10
N_STEPS, LR = 50, 0.03
SCANS = 0.85, 1.24  # mean squares of the faintest and the strongest scan
UNSURE = 0.02  # a layer: theory that leaves more to chance is not shown


@functools.lru_cache(maxsize=2)  # with all that passed, up to 7 MB each
def at_start(**network: Any) -> Flow:
    """Examine the network as it was drawn."""
    return examine(build(**network), *batch(), learns=False)


@functools.lru_cache(maxsize=5)  # as many as presets train
def train(**network: Any) -> tuple[tuple[Flow, ...], np.ndarray]:
    """Take `N_STEPS` steps of the engine's own `SGD` on one batch, and examine the network before each."""
    model = build(**network, learns=True)
    optimizer = SGD([p for layer in (*model.hidden, model.head) for p in layer.parameters], lr=LR)
    weights = [layer.weight for layer in model.hidden]
    start = [weight.data for weight in weights]
    flows: list[Flow] = []
    moved = []
    with np.errstate(all="ignore"):  # an explosion ends in an overflow, which ends the run
        for _ in range(N_STEPS + 1):
            flow = examine(model, *batch())
            if flows and not flow.finite:
                break
            flows.append(replace(flow, units=tuple(flow.units)))  # looked at now: what passed is let go
            moved.append([change(old, weight.data) for old, weight in zip(start, weights, strict=True)])
            optimizer.step()
    return tuple(flows), np.array(moved)


def change(old: np.ndarray, new: np.ndarray) -> float:
    """Return the norm of a change of weights (n_out, n_in) as a part of the old norm.

    If all were 0, as a part of the norm of weights of standard deviation 1 / sqrt(n_in).
    """
    return float(np.linalg.norm(new - old) / (np.linalg.norm(old) or np.sqrt(len(old))))


@functools.cache
def batch() -> tuple[np.ndarray, np.ndarray]:
    """Return scans with pixels of mean 0 and variance 1 over all of them, (N_SCANS, N_PIXELS), and labels."""
    digits = load_digits(dtype=np.float64)  # float32 ends at 1e-45: too soon for a hundred layers of sigmoid
    x, y = digits.x_train[:N_SCANS], digits.y_train[:N_SCANS]
    return (x - x.mean()) / x.std(), y


def build(
    *,
    activation: str,
    initialization: str,
    std: float,
    normalization: str,
    residual: str,
    depth: int,
    width: int,
    seed: int,
    learns: bool = False,
) -> Network:
    """Draw a network; biases start at 0, but for torch's default, and are left out then unless it learns."""
    layers = []
    for weight, bias in random_layers(initialization, std, (N_PIXELS, width, N_CLASSES), depth, seed):
        if bias is None and learns:
            bias = np.zeros(len(weight))
        layers.append(Layer(Parameter(weight), None if bias is None else Parameter(bias)))
    *hidden, head = layers
    if normalization != "none":
        hidden = [
            replace(layer, scale=Parameter(np.ones(width)), shift=Parameter(np.zeros(width)))
            for layer in hidden
        ]
    return Network(hidden, head, ACTIVATIONS[activation], normalization, residual == "on")


def wide_growth(*, initialization: str, std: float, width: int, **network: Any) -> np.ndarray | None:
    """Return `growth_back` of the network, or None where that says nothing.

    Residual connections around one-sided activations give all units one sign, and then the theory, which
    takes gradients and weights as independent, is wrong unless layers are very wide or normalised. And with
    weights near those of He, signals through GELU grow in one scan and die in another, a little fainter.
    """
    one_sided = network["activation"] in ONE_SIDED
    plain = network["normalization"] == "none"
    if initialization == "zeros" or (one_sided and plain and network["residual"] == "on"):
        return None
    default = initialization == "torch's default"
    n_factors = network["depth"] - 1
    grows = functools.partial(
        growth_back,
        ACTIVATIONS[network["activation"]],
        10 * (1 + n_factors // 10),  # its beginning is wanted: depths in a row find it in the cache
        weight_variance=spread_of_weights(initialization, std, width, width),
        bias_variance=1 / 3 / width if default else 0.0,
        normalization=network["normalization"],
        residual=network["residual"] == "on",
    )
    variance = spread_of_weights(initialization, std, N_PIXELS, width)
    variance += 1 / 3 / N_PIXELS if default else 0
    if network["activation"] == "GELU" and plain:
        faint, strong = (grows(first_variance=variance * part)[:n_factors] for part in SCANS)
        if abs(np.log(strong / faint).mean()) > UNSURE:
            return None
    return grows(first_variance=variance)[:n_factors]
