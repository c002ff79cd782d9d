"""Random weights of deep networks, drawn layer by layer as far as they are asked for. For `GradientFlow`."""

from __future__ import annotations

import functools
import threading

import numpy as np

from course_utils.nn import init
from course_utils.nn.autodiff import Tensor

INITIALIZATIONS = ("zeros", "normal", "Xavier", "He", "torch's default", "orthogonal")
NORMAL = ("normal", "Xavier", "He")  # which differ in the standard deviation alone


class Draws:
    """The weights of one seed: a deeper network begins with the same layers, which are drawn once.

    Parameters
    ----------
    initialization : {"normal", "torch's default", "orthogonal"}
        Normal weights have standard deviation 1 here.
    n_in, width, n_out : int
        Numbers of inputs, of units in every hidden layer and of outputs.
    seed : int
    """

    def __init__(self, initialization: str, n_in: int, width: int, n_out: int, seed: int):
        self._initialization, self._n_in, self._width, self._n_out = initialization, n_in, width, n_out
        self._rng = np.random.default_rng(seed)
        self._hidden: list[tuple[np.ndarray, np.ndarray | None]] = []
        self._states = [self._rng.bit_generator.state]  # of the generator behind 0, 1, ... layers
        self._lock = threading.RLock()

    def layers(self, depth: int) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """Return weight (n_out, n_in) and bias (n_out,) or None of all hidden layers and of the last one."""
        with self._lock:
            while len(self._hidden) < depth:
                n_in = self._width if self._hidden else self._n_in
                self._hidden.append(self._layer(n_in, self._width, self._rng))
                self._states.append(self._rng.bit_generator.state)
            rng = np.random.default_rng()
            rng.bit_generator.state = self._states[depth]
            return [*self._hidden[:depth], self._layer(self._width, self._n_out, rng)]

    def _layer(self, n_in: int, n_out: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
        weight = Tensor(np.empty((n_out, n_in)))
        if self._initialization == "normal":
            return init.normal_(weight, rng=rng).data, None
        if self._initialization == "orthogonal":
            return init.orthogonal_(weight, rng=rng).data, None
        bound, bias = 1 / np.sqrt(n_in), Tensor(np.empty(n_out))
        init.uniform_(weight, -bound, bound, rng=rng)
        return weight.data, init.uniform_(bias, -bound, bound, rng=rng).data


@functools.lru_cache(maxsize=2)  # at most 3 MB each
def drawn_so_far(initialization: str, n_in: int, width: int, n_out: int, seed: int) -> Draws:
    """Return the draws of that seed, as far as they have got."""
    return Draws(initialization, n_in, width, n_out, seed)


def random_layers(
    initialization: str, std: float, sizes: tuple[int, int, int], depth: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Return weight and bias of all layers; a bias that is 0 everywhere is None.

    Parameters
    ----------
    initialization : str
        One of `INITIALIZATIONS`.
    std : float
        Of "normal" weights.
    sizes : tuple of int
        Numbers of inputs, of units in every hidden layer and of outputs.
    depth : int
        Number of hidden layers.
    seed : int
    """
    if initialization == "zeros":
        n_before, width, n_out = sizes
        shapes = [(width, n_before), *[(width, width)] * (depth - 1), (n_out, width)]
        return [(np.zeros(shape), None) for shape in shapes]
    kind = "normal" if initialization in NORMAL else initialization
    layers = drawn_so_far(kind, *sizes, seed).layers(depth)
    if kind != "normal":
        return layers
    return [(standard_deviation(initialization, std, weight.shape) * weight, None) for weight, _ in layers]


def standard_deviation(initialization: str, std: float, shape: tuple[int, ...]) -> float:
    """Return that of weights (n_out, n_in)."""
    n_out, n_in = shape
    if initialization == "normal":
        return std
    return (spread_of_weights(initialization, std, n_in, n_out) / n_in) ** 0.5


def spread_of_weights(initialization: str, std: float, n_in: int, n_out: int) -> float:
    """Return the variance of weights (n_out, n_in), times n_in."""
    return {
        "normal": n_in * std**2,
        "Xavier": 2 * n_in / (n_in + n_out),
        "He": 2.0,
        "torch's default": 1 / 3,
        "orthogonal": n_in / max(n_in, n_out),
    }[initialization]
