"""Normalisation of each example by itself, as a whole or by groups of channels. Chapters 06 and 08.

As in ``batch_norm.py`` the input is laid out as (B, C, L), such that every c is normalised over b and l: here
(1, examples, entries) for layers and (1, groups of all examples, entries) for groups. So the batch never
matters, and training and evaluation are alike.
"""

from __future__ import annotations

import math

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.standardization import (
    by_channel,
    check_floating,
    check_vectors,
    column,
    given,
    scale_and_shift,
    standardize,
    through_statistics,
    with_channels,
)


@primitive
def layer_norm(
    x: np.ndarray,
    normalized_shape: int | tuple[int, ...],
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
):
    """Normalise every example over its last axes, then scale and shift every entry by numbers of its own.

    Ba, Kiros and Hinton, 2016, "Layer normalization", arXiv:1607.06450.

    Parameters
    ----------
    x : array (..., *normalized_shape)
    normalized_shape : int or tuple of int
        Lengths of the axes to average over.
    weight, bias : array of shape `normalized_shape`, optional
        Scale and shift; 1 and 0 if left out.
    eps : float
        Added to the variance, above 0.

    Raises
    ------
    ValueError
        If shapes, dtype or `eps` do not fit.

    Examples
    --------
    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), 2).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    x, shape = np.asarray(x), as_shape(normalized_shape)
    check_floating(x, eps)
    if x.shape[x.ndim - len(shape) :] != shape or x.ndim < len(shape):
        raise ValueError(f"expected x (..., {', '.join(map(str, shape))}), got shape {x.shape}")
    for name, vector in (("weight", weight), ("bias", bias)):
        if vector is not None and vector.shape != shape:
            raise ValueError(f"expected {name} {shape}, got shape {vector.shape}")
    n = math.prod(shape)
    x_hat, std = standardize(x.reshape(1, -1, n), eps)  # (1, M, n), (M, 1)
    scale = np.ones(n, x.dtype) if weight is None else weight.ravel()
    y = scale_and_shift(x_hat, scale, None if bias is None else bias.ravel())

    def pullback(dy):
        dy = dy.reshape(x_hat.shape)
        products, ones = dy * x_hat, np.ones(x_hat.shape[1], dy.dtype)
        dbias, dweight = ((ones @ terms).reshape(shape) for terms in (dy, products))  # the fastest sums here

        def dx():  # the mean of dy * scale over l is a matrix product, and so is that of products * scale
            mean, mean_product = ((terms @ scale)[..., None] / n for terms in (dy, products))
            return through_statistics(dy * scale, x_hat, mean, mean_product, 1 / std).reshape(x.shape)

        return dx, None, given(weight, dweight), given(bias, dbias)

    return y.reshape(x.shape), pullback


@primitive
def group_norm(
    x: np.ndarray,
    num_groups: int,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
):
    """Normalise groups of channels of every example, then scale and shift every channel.

    Wu and He, 2018, "Group normalization", section 3.1, arXiv:1803.08494.

    Parameters
    ----------
    x : array (B, C, ...)
        A group of one value gives the bias (torch refuses that for a batch of one).
    num_groups : int
        Number of groups of neighbouring channels; divides C.
    weight, bias : array (C,), optional
        Scale and shift of each channel; 1 and 0 if left out.
    eps : float
        Added to the variance, above 0.

    Raises
    ------
    ValueError
        If shapes, dtype or `eps` do not fit, or `num_groups` does not divide C.

    Examples
    --------
    >>> group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), 2).round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    x = with_channels(x, eps)
    n_channels, n_values = x.shape[1], math.prod(x.shape[1:])
    check_groups(num_groups, n_channels)
    check_vectors(n_channels, weight=weight, bias=bias)
    if n_values == 0:
        raise ValueError(f"expected at least one value in each group, got shape {x.shape}")
    size = n_values // num_groups
    groups, std = standardize(x.reshape(1, -1, size), eps)  # (1, B num_groups, size), (B num_groups, 1)
    x_hat = by_channel(groups.reshape(x.shape))  # (B, C, L)
    y = scale_and_shift(x_hat, column(weight), column(bias))

    def pullback(dy):
        dy = dy.reshape(x_hat.shape)
        dbias = np.einsum("bcl->c", dy)
        dweight = np.einsum("bcl,bcl->c", dy, x_hat)

        def dx():
            dgroups = (dy if weight is None else dy * weight[:, None]).reshape(groups.shape)
            mean = np.einsum("bcl->c", dgroups)[:, None] / size
            mean_product = np.einsum("bcl,bcl->c", dgroups, groups)[:, None] / size
            return through_statistics(dgroups, groups, mean, mean_product, 1 / std).reshape(x.shape)

        return dx, None, given(weight, dweight), given(bias, dbias)

    return y.reshape(x.shape), pullback


def as_shape(normalized_shape: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return the lengths as a tuple.

    Raises
    ------
    ValueError
        If there is none, or one below 1.
    """
    shape = (normalized_shape,) if isinstance(normalized_shape, int | np.integer) else tuple(normalized_shape)
    if not shape or min(shape) < 1:
        raise ValueError(f"expected normalized_shape with lengths of at least 1, got {shape}")
    return shape


def check_groups(num_groups: int, n_channels: int) -> None:
    """Raise a ValueError unless the channels can be dealt into groups of equal size."""
    if num_groups < 1 or n_channels % num_groups:
        raise ValueError(f"expected num_groups that divides the {n_channels} channels, got {num_groups}")
