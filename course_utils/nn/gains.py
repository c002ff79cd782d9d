"""What the rules of initialization go by: a layer's fans, and the gain of what follows it. Chapter 04."""

from __future__ import annotations

import math

from course_utils.nn.autodiff import Tensor

GAINS = {
    "linear": 1.0,
    **{f"conv{transposed}{n}d": 1.0 for transposed in ("", "_transpose") for n in (1, 2, 3)},
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}
"""Recommended gains by the name of the nonlinearity; that of leaky_relu depends on its slope."""


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights before a nonlinearity should be larger than before none.

    Parameters
    ----------
    nonlinearity : str
        "linear", "conv1d" and the like, "sigmoid", "tanh", "relu", "leaky_relu" or "selu".
    param : float, optional
        Slope of leaky_relu for negative x, 0.01 if not given.

    Raises
    ------
    ValueError
        If there is no recommended gain for that name.

    Examples
    --------
    >>> print(round(calculate_gain("relu") ** 2, 12))  # half of the signal is cut off
    2.0
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"expected one of {', '.join([*GAINS, 'leaky_relu'])}, got {nonlinearity!r}")
    return GAINS[nonlinearity]


def calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs each output sums over, and how many outputs each input goes into.

    Parameters
    ----------
    tensor : Tensor (n_out, n_in) or (n_out, n_in, ...)
        Weights of a linear layer, or kernels of a convolution with the size of the window at the end.

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes.

    Examples
    --------
    >>> import numpy as np
    >>> calculate_fan_in_and_fan_out(Tensor(np.zeros((8, 3, 5, 5))))  # 3 * 25 and 8 * 25
    (75, 200)
    """
    shape = floating_shape(tensor)
    if len(shape) < 2:
        raise ValueError(f"expected weights (n_out, n_in, ...) of at least two axes, got shape {shape}")
    n_out, n_in, *window = shape
    return n_in * math.prod(window), n_out * math.prod(window)


def floating_shape(tensor: Tensor) -> tuple[int, ...]:
    """Return the shape of a tensor whose numbers can be replaced by others, or say why it is none."""
    if not isinstance(tensor, Tensor):
        raise ValueError(f"expected a Tensor, whose data can be replaced, got {type(tensor).__name__}")
    if tensor.data.dtype.kind != "f":
        raise ValueError(f"expected a tensor of floating dtype, got {tensor.data.dtype}")
    return tensor.data.shape
