"""Deep networks on digits, as drawn and in training, and what theory says of them. For `GradientFlow`.

A network is given by keywords: activation, initialization, std, normalization, residual, depth, width, seed.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from course_utils.data.digits import load_digits
from course_utils.explorers.layer_statistics import Flow, examine, linears
from course_utils.explorers.signal_theory import growth_back
from course_utils.models.deep_mlp import deep_mlp
from course_utils.nn import init
from course_utils.nn.layers import GELU, Identity, LeakyReLU, ReLU, Sequential, Sigmoid, Tanh
from course_utils.optim.sgd import SGD

ACTIVATIONS = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "ReLU": ReLU,
    "Leaky ReLU": LeakyReLU,
    "GELU": GELU,
    "linear": Identity,
}
ONE_SIDED = ("ReLU", "Leaky ReLU", "GELU")
INITIALIZATIONS = ("zeros", "normal", "Xavier", "He", "torch's default", "orthogonal")
N_SCANS, N_PIXELS, N_CLASSES = 64, 64, 10
N_STEPS, LR = 50, 0.03


@functools.lru_cache(maxsize=32)
def at_start(**network: Any) -> Flow:
    """Examine the network as it was drawn."""
    return examine(build(**network), *batch())


@functools.lru_cache(maxsize=2)
def train(**network: Any) -> tuple[tuple[Flow, ...], np.ndarray]:
    """Take `N_STEPS` steps of the engine's own `SGD` on one batch, and examine the network before each."""
    model = build(**network)
    optimizer = SGD(model.parameters(), lr=LR)
    hidden = linears(model)[:-1]
    start = [linear.weight.data for linear in hidden]
    flows: list[Flow] = []
    moved = []
    with np.errstate(all="ignore"):  # an explosion ends in an overflow, which ends the run
        for _ in range(N_STEPS + 1):
            optimizer.zero_grad()
            flow = examine(model, *batch())
            if flows and not flow.finite:
                break
            flows.append(flow)
            moved.append([change(old, linear.weight.data) for old, linear in zip(start, hidden, strict=True)])
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
) -> Sequential:
    """Draw a network; biases start at 0, but for torch's default."""
    rng = np.random.default_rng(seed)
    model = deep_mlp(
        N_PIXELS,
        width,
        depth,
        N_CLASSES,
        ACTIVATIONS[activation],
        normalization=normalization,
        residual=residual == "on",
        rng=rng,
        dtype=np.float64,
    )
    if initialization == "torch's default":
        return model
    for linear in linears(model):
        weight, bias = linear.weight, linear.bias
        assert bias is not None
        init.zeros_(bias)
        if initialization == "zeros":
            init.zeros_(weight)
        elif initialization == "normal":
            init.normal_(weight, std=std, rng=rng)
        elif initialization == "Xavier":
            init.xavier_normal_(weight, rng=rng)
        elif initialization == "He":
            init.kaiming_normal_(weight, nonlinearity="relu", rng=rng)
        else:
            init.orthogonal_(weight, rng=rng)
    return model


def wide_growth(*, initialization: str, std: float, width: int, **network: Any) -> np.ndarray | None:
    """Return `growth_back` of the network, or None where that says nothing.

    Residual connections around one-sided activations give all units one sign, and then the theory, which
    takes gradients and weights as independent, is wrong unless layers are very wide or normalised.
    """
    one_sided = network["activation"] in ONE_SIDED
    if initialization == "zeros" or (
        one_sided and network["residual"] == "on" and network["normalization"] == "none"
    ):
        return None
    variances = {  # of weights into `width` units, from n_in inputs, times n_in
        "normal": lambda n_in: n_in * std**2,
        "Xavier": lambda n_in: 2 * n_in / (n_in + width),
        "He": lambda n_in: 2.0,
        "torch's default": lambda n_in: 1 / 3,
        "orthogonal": lambda n_in: n_in / max(n_in, width),
    }
    default = initialization == "torch's default"
    return growth_back(
        ACTIVATIONS[network["activation"]],
        network["depth"],
        first_variance=variances[initialization](N_PIXELS) + (1 / 3 / N_PIXELS if default else 0),
        weight_variance=variances[initialization](width),
        bias_variance=1 / 3 / width if default else 0.0,
        normalization=network["normalization"],
        residual=network["residual"] == "on",
    )
