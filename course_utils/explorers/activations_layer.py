"""A layer of units under an activation: what saturates, what is dead. Chapter 03."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits

PARAMETERS = {"leaky_relu": "negative_slope", "prelu": "weight", "elu": "alpha", "softplus": "beta"}
NAMES = ("sigmoid", "tanh", "hardtanh", "relu", *PARAMETERS, "selu", "gelu", "silu")
N_UNITS, N_EXAMPLES, N_NORMAL = 50, 100, 16  # N_NORMAL: inputs of a unit on the normal cloud
VIEW = 6.0  # x from -VIEW to VIEW
X = np.linspace(-VIEW, VIEW, 241)
BINS = np.linspace(-VIEW, VIEW, 49)
SHIFTS = np.linspace(-VIEW, VIEW, 25)


@dataclass(frozen=True)
class Layer:
    """A layer of units on a batch: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values.
    y, slope : ndarray (241,)
        The function and its slope at `X`.
    largest : float
        The largest slope, up or down, over `X`.
    z : ndarray (N_EXAMPLES, N_UNITS)
        Pre-activations.
    is_saturated : ndarray of bool, the shape of z
        Where the slope, up or down, is below the threshold's share of the largest.
    shares : ndarray (25, 2)
        Share of saturated pre-activations and of dead units at each of `SHIFTS`.
    saturated, dead : float
        Both shares at the present shift. A unit is dead if its slope is 0 on every example.
    mean, spread : float
        Mean and standard deviation of the outputs.
    """

    settings: dict[str, Any]
    y: np.ndarray
    slope: np.ndarray
    largest: float
    z: np.ndarray
    is_saturated: np.ndarray
    shares: np.ndarray
    saturated: float
    dead: float
    mean: float
    spread: float


def compute(
    *, activation: str, parameter: float, inputs: str, shift: float, scale: float, threshold: float
) -> Layer:
    """Apply the activation to a grid, and to 50 units on 100 examples whose biases all equal `shift`."""
    settings = {"activation": activation, "parameter": parameter, "inputs": inputs}
    settings |= {"shift": shift, "scale": scale, "threshold": threshold}
    y, slope = value_and_slope(activation, parameter, X)
    largest = float(np.abs(slope).max())
    x, weight = examples_and_weights(inputs)
    z = F.linear(x, scale * weight, np.full(N_UNITS, shift))  # (N_EXAMPLES, N_UNITS)
    outputs, slopes = value_and_slope(activation, parameter, z)
    is_saturated = np.abs(slopes) < threshold * largest
    shares = shares_over_shifts(activation, parameter, inputs, scale, threshold * largest)
    dead = float((slopes == 0).all(axis=0).mean())
    spread = float(outputs.std())
    at = float(is_saturated.mean()), dead, float(outputs.mean()), spread
    return Layer(settings, y, slope, largest, z, is_saturated, shares, *at)


def value_and_slope(activation: str, parameter: float, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an activation and its slope, which is what its pullback makes of ones.

    Examples
    --------
    >>> value, slope = value_and_slope("leaky_relu", 0.1, np.array([-2.0, 3.0]))
    >>> print(value, slope)
    [-0.2  3. ] [0.1 1. ]
    """
    options: dict[str, Any] = {}
    if activation in PARAMETERS:
        options[PARAMETERS[activation]] = np.array([parameter]) if activation == "prelu" else parameter
    value, pullback = getattr(F, activation).vjp(x, **options)
    return value, pullback(np.ones_like(x))[0]


@functools.lru_cache(maxsize=4)
def examples_and_weights(inputs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch of examples of mean square 1, and weights of variance 1 / (number of inputs)."""
    rng = np.random.default_rng(3)
    if inputs == "digits":
        x = load_digits(dtype=np.float64).x_train[:N_EXAMPLES]
        x = x / np.sqrt((x * x).mean())
    else:
        x = rng.normal(size=(N_EXAMPLES, N_NORMAL))
    weight = rng.normal(size=(N_UNITS, x.shape[1])) / np.sqrt(x.shape[1])
    return x, weight


@functools.lru_cache(maxsize=64)
def shares_over_shifts(
    activation: str, parameter: float, inputs: str, scale: float, least: float
) -> np.ndarray:
    """Return the share of slopes below `least`, and of dead units, for each of `SHIFTS`: (25, 2)."""
    x, weight = examples_and_weights(inputs)
    z = F.linear(x, scale * weight)
    _, slopes = value_and_slope(activation, parameter, z + SHIFTS[:, None, None])  # (25, examples, units)
    saturated = (np.abs(slopes) < least).mean(axis=(1, 2))
    return np.column_stack([saturated, (slopes == 0).all(axis=1).mean(axis=1)])
