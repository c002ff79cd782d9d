"""Normalisation by the batch: give every channel mean 0 and variance 1. Chapters 04, 06 and 08.

The normalisations differ in what they average over. Each lays its input out as (B, C, L), such that every c
is normalised over b and l; here that is (B, C, positions). The rest is `standardize` and
`through_statistics`. For those that leave the batch alone see ``normalization.py``.
"""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.standardization import (
    by_channel,
    check_vectors,
    column,
    given,
    moments,
    scale_and_shift,
    standardize,
    through_statistics,
    with_channels,
)


@primitive
def batch_norm(
    x: np.ndarray,
    running_mean: np.ndarray | None,
    running_var: np.ndarray | None,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    training: bool = False,
    *,
    eps: float = 1e-5,
):
    """Normalise every channel over the batch and all positions, then scale and shift it.

    In training by mean and (biased) variance of this batch, through both of which the gradient goes; else by
    the running statistics, which are constants. A primitive writes into nothing, so the running statistics
    are not updated here and there is no `momentum`: `batch_statistics` tells what to update them with, and
    the layers BatchNorm1d and BatchNorm2d do so. Ioffe and Szegedy, 2015, "Batch normalization: accelerating
    deep network training by reducing internal covariate shift", section 3, arXiv:1502.03167.

    Parameters
    ----------
    x : array (B, C, ...)
        In training with more than one value for each channel.
    running_mean, running_var : array (C,) or None
        Used only if not `training`, and then not None.
    weight, bias : array (C,), optional
        Scale and shift of each channel; 1 and 0 if left out.
    training : bool
        Whether to use the statistics of this batch.
    eps : float
        Added to the variance, above 0.

    Raises
    ------
    ValueError
        If shapes, dtype or `eps` do not fit, or a channel has one value only.

    Examples
    --------
    >>> batch_norm(np.array([[1.0], [3.0]]), None, None, training=True).round(3)  # (x - 2) / 1
    array([[-1.],
           [ 1.]])
    """
    x = with_channels(x, eps)
    check_vectors(x.shape[1], running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    if training:
        _check_several_values(x)
        x_hat, std = standardize(by_channel(x), eps)  # (B, C, L), (C, 1)
    elif running_mean is None or running_var is None:
        raise ValueError("expected running_mean and running_var unless training=True, got None")
    else:
        std = np.sqrt(running_var + eps)[:, None]
        x_hat = (by_channel(x) - running_mean[:, None]) / std
    y = scale_and_shift(x_hat, column(weight), column(bias))

    def pullback(dy):
        dy = dy.reshape(x_hat.shape)
        dbias = np.einsum("bcl->c", dy)
        dweight = np.einsum("bcl,bcl->c", dy, x_hat)
        slope = (1 if weight is None else weight[:, None]) / std  # (C, 1)

        def dx():
            if not training:  # constants do not move with x
                return (dy * slope).reshape(x.shape)
            mean, mean_product = (total[:, None] * len(dbias) / x_hat.size for total in (dbias, dweight))
            return through_statistics(dy, x_hat, mean, mean_product, slope).reshape(x.shape)

        return dx, None, None, given(weight, dweight), given(bias, dbias)

    return y.reshape(x.shape), pullback


def batch_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and biased variance of every channel of x (B, C, ...), each (C,)."""
    x = with_channels(x)
    _check_several_values(x)
    mean, _, var = moments(by_channel(x))
    return mean[:, 0], var[:, 0]


def _check_several_values(x: np.ndarray) -> None:
    if x.shape[1] and x.size // x.shape[1] < 2:
        raise ValueError(f"expected more than one value per channel in training, got shape {x.shape}")
