"""Initializers: the numbers a network starts from, with the names of ``torch.nn.init``. Chapter 04.

Each gives a tensor new numbers of the same shape and dtype, and returns it; the underscore says so. What is
random comes from ``rng`` alone (torch's use a hidden global state). The Xavier and Kaiming rules keep the
variance of signals (or of gradients) from layer to layer; the numbers that they need, gains and fans, are in
``gains.py``.
"""

from __future__ import annotations

import math

import numpy as np

from course_utils.nn.autodiff import Tensor
from course_utils.nn.gains import GAINS, calculate_fan_in_and_fan_out, calculate_gain, floating_shape
from course_utils.randomness import check_generator

__all__ = [
    "GAINS",
    "calculate_fan_in_and_fan_out",
    "calculate_gain",
    "constant_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return constant_(tensor, 1.0)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value."""
    return _set(tensor, np.full(floating_shape(tensor), val))


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity: 1 on the diagonal, 0 elsewhere, square or not.

    Raises
    ------
    ValueError
        If the tensor is not a matrix.
    """
    shape = floating_shape(tensor)
    if len(shape) != 2:
        raise ValueError(f"expected a matrix (n, m), got shape {shape}")
    return _set(tensor, np.eye(*shape))


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Draw from the uniform distribution between a and b.

    Raises
    ------
    ValueError
        If `a` is above `b`.
    """
    if not a <= b:
        raise ValueError(f"expected a at most b, got {a} and {b}")
    return _set(tensor, check_generator(rng).uniform(a, b, size=floating_shape(tensor)))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Draw from the normal distribution of that mean and standard deviation.

    Raises
    ------
    ValueError
        If `std` is negative.
    """
    if not std >= 0:
        raise ValueError(f"expected std of at least 0, got {std}")
    return _set(tensor, check_generator(rng).normal(mean, std, size=floating_shape(tensor)))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Draw uniformly within +-gain sqrt(6 / (fan_in + fan_out)), a compromise between forward and backward.

    Glorot and Bengio, 2010, "Understanding the difficulty of training deep feedforward neural networks",
    equation 16.

    Parameters
    ----------
    tensor : Tensor (n_out, n_in, ...)
    gain : float
        See `calculate_gain`.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or no entries.
    """
    bound = math.sqrt(3) * _xavier_std(tensor, gain)  # a uniform distribution's is bound / sqrt(3)
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Draw normally with standard deviation gain sqrt(2 / (fan_in + fan_out)); see `xavier_uniform_`."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), rng=rng)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator,
) -> Tensor:
    """Draw uniformly within +-gain sqrt(3 / fan), so that rectifiers do not shrink the signal layer by layer.

    He, Zhang, Ren and Sun, 2015, "Delving deep into rectifiers", section 2.2.

    Parameters
    ----------
    tensor : Tensor (n_out, n_in, ...)
    a : float
        Slope of the rectifier for negative x, 0 for relu; used for leaky_relu alone.
    mode : {"fan_in", "fan_out"}
        Whether to keep the variance of signals on the way forward or of gradients on the way back.
    nonlinearity : str
        What follows the layer, see `calculate_gain`.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes or no entries, or a name is unknown.
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator,
) -> Tensor:
    """Draw normally with standard deviation gain / sqrt(fan); see `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), rng=rng)


def orthogonal_(tensor: Tensor, gain: float = 1.0, *, rng: np.random.Generator) -> Tensor:
    """Draw a matrix with orthogonal rows or columns, whichever are fewer, all of length `gain`.

    Axes after the first are taken as one. Saxe, McClelland and Ganguli, 2014, "Exact solutions to the
    nonlinear dynamics of learning in deep linear neural networks".

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or no entries.
    """
    calculate_fan_in_and_fan_out(tensor)  # checks the axes
    shape = _nonempty(tensor)
    n_rows, n_columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(check_generator(rng).normal(size=(max(n_rows, n_columns), min(n_rows, n_columns))))
    q = q * np.sign(np.diagonal(r))  # else the signs would depend on the algorithm, and q not be uniform
    return _set(tensor, gain * (q if n_rows >= n_columns else q.T).reshape(shape))


def _xavier_std(tensor: Tensor, gain: float) -> float:
    fan_in, fan_out = calculate_fan_in_and_fan_out(tensor)
    _nonempty(tensor)
    return gain * math.sqrt(2 / (fan_in + fan_out))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fans = dict(zip(("fan_in", "fan_out"), calculate_fan_in_and_fan_out(tensor), strict=True))
    _nonempty(tensor)
    if mode not in fans:
        raise ValueError(f'expected mode "fan_in" or "fan_out", got {mode!r}')
    return calculate_gain(nonlinearity, a) / math.sqrt(fans[mode])


def _nonempty(tensor: Tensor) -> tuple[int, ...]:
    if tensor.data.size == 0:
        raise ValueError(f"expected at least one weight, got shape {tensor.data.shape}")
    return tensor.data.shape


def _set(tensor: Tensor, values: np.ndarray) -> Tensor:
    """Replace the tensor's numbers, in its own dtype."""
    tensor.data = values.astype(tensor.data.dtype)
    return tensor
