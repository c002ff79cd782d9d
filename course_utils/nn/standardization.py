"""Mean 0 and variance 1, and the way back through both: what the normalising functions share. Chapter 06.

Arrays are laid out as (B, C, L); every c is averaged over b and l. Sums go by ``np.einsum``, which takes a
third of the time of ``np.sum`` there and does not store the products that it sums.
"""

from __future__ import annotations

import math

import numpy as np

LONG_BATCH = 1000
"""Above this many examples a sum in float32 loses digits of the mean; summing in float64 takes longer."""


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean (C, 1) of every c of x (B, C, L), x minus it, and the biased variance (C, 1)."""
    n = x.shape[0] * x.shape[2]
    dtype = np.float64 if len(x) > LONG_BATCH else x.dtype
    mean = (np.einsum("bcl->c", x, dtype=dtype)[:, None] / n).astype(x.dtype, copy=False)
    centred = x - mean
    return mean, centred, np.einsum("bcl,bcl->c", centred, centred)[:, None] / n


def standardize(x: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return x_hat = (x - mean) / std for every c of x (B, C, L), and std = sqrt(var + eps) (C, 1).

    Examples
    --------
    >>> x_hat, std = standardize(np.array([[[1.0, 5.0], [0.0, 20.0]]]), eps=1e-12)
    >>> print(x_hat[0].round(3), std.ravel().round(3))
    [[-1.  1.]
     [-1.  1.]] [ 2. 10.]
    """
    _, centred, var = moments(x)
    std = np.sqrt(var + eps)
    centred *= 1 / std  # faster than to divide every entry
    return centred, std


def through_statistics(
    dx_hat: np.ndarray, x_hat: np.ndarray, mean: np.ndarray, mean_product: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    """Return dL/dx of `standardize`, given the means (C, 1) of dx_hat and of dx_hat * x_hat.

    Each of the n values moves the mean by 1 / n and std by x_hat / n. Hence dL/dx = slope (dx_hat -
    mean(dx_hat) - x_hat mean(dx_hat x_hat)) with slope = 1 / std. A constant scale after `standardize` may be
    left out of dx_hat and its means, and put into the slope.
    """
    dx = x_hat * -mean_product  # one new array, the rest in place
    dx += dx_hat
    dx -= mean
    dx *= slope
    return dx


def scale_and_shift(x_hat: np.ndarray, scale: np.ndarray | None, shift: np.ndarray | None) -> np.ndarray:
    """Return x_hat * scale + shift in an array of its own; 1 and 0 if left out."""
    y = x_hat.copy() if scale is None else x_hat * scale
    if shift is not None:
        y += shift
    return y


def given(argument: np.ndarray | None, gradient: np.ndarray) -> np.ndarray | None:
    """Return the gradient of an optional argument: None if it was left out."""
    return None if argument is None else gradient


def column(vector: np.ndarray | None) -> np.ndarray | None:
    """Shape (C,) as (C, 1), which meets the channels of (B, C, L)."""
    return None if vector is None else vector[:, None]


def by_channel(x: np.ndarray) -> np.ndarray:
    """Lay x (B, C, ...) out as (B, C, L)."""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def check_floating(x: np.ndarray, eps: float) -> None:
    """Raise a ValueError unless x is floating and eps above 0."""
    if x.dtype.kind != "f":
        raise ValueError(f"expected floating x, got {x.dtype}")
    if not eps > 0:
        raise ValueError(f"expected eps > 0, got {eps}")


def with_channels(x: np.ndarray, eps: float = 1.0) -> np.ndarray:
    """Return x as an array.

    Raises
    ------
    ValueError
        Unless it is floating, has channels, and eps is above 0.
    """
    x = np.asarray(x)
    check_floating(x, eps)
    if x.ndim < 2:
        raise ValueError(f"expected x (B, C, ...), got shape {x.shape}")
    return x


def check_vectors(n_channels: int, **vectors: np.ndarray | None) -> None:
    """Raise a ValueError unless every vector that is given has one number for each channel."""
    for name, vector in vectors.items():
        if vector is not None and np.shape(vector) != (n_channels,):
            raise ValueError(f"expected {name} ({n_channels},), got shape {np.shape(vector)}")
