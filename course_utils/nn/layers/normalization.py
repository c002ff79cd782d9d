"""Layers that normalise: over the batch, over each example, over groups. Chapters 04, 06 and 08."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.autodiff import Tensor
from course_utils.nn.batch_norm import batch_norm, batch_statistics
from course_utils.nn.module import Module, Parameter
from course_utils.nn.normalization import as_shape, check_groups, group_norm, layer_norm


class _BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share; they differ in the shapes that they take."""

    shapes: dict[int, str] = {}  # number of axes: how they are called
    running_mean: np.ndarray | None
    running_var: np.ndarray | None
    num_batches_tracked: np.ndarray

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ):
        if num_features < 1:
            raise ValueError(f"expected at least one channel, got {num_features}")
        if momentum is not None and not 0 <= momentum <= 1:
            raise ValueError(f"expected momentum in [0, 1] or None, got {momentum}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine and bias else None
        self.running_mean = self.running_var = None
        if track_running_stats:
            self.register_buffer("running_mean", np.zeros(num_features, dtype))
            self.register_buffer("running_var", np.ones(num_features, dtype))
            self.register_buffer("num_batches_tracked", np.array(0, np.int64))

    def forward(self, x: Any) -> Any:
        """Normalise by the batch in training and where nothing is tracked, else by what was tracked."""
        if np.ndim(x) not in self.shapes or np.shape(x)[1] != self.num_features:
            expected = " or ".join(self.shapes.values())
            raise ValueError(f"expected x {expected} with C = {self.num_features}, got shape {np.shape(x)}")
        by_batch = self.training or not self.track_running_stats
        if self.training and self.track_running_stats:
            self._track(x.data if isinstance(x, Tensor) else np.asarray(x))
        return batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, by_batch, eps=self.eps
        )

    def _track(self, x: np.ndarray) -> None:
        """Move the running statistics towards those of this batch; new arrays, nothing is written into."""
        mean, biased_var = batch_statistics(x)  # (C,), (C,)
        n_values = x.size // self.num_features
        unbiased_var = biased_var * (n_values / (n_values - 1))
        self.num_batches_tracked = self.num_batches_tracked + 1
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean = _moved(self.running_mean, mean, share)
        self.running_var = _moved(self.running_var, unbiased_var, share)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats})"
        )


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of x (B, C) or (B, C, L), with running statistics for evaluation.

    In training each channel is normalised by its mean and biased variance over the batch; the running mean
    and the running *unbiased* variance move by ``momentum`` towards the batch's (which is 1 minus what
    optimizers call momentum). In evaluation those running numbers are used, so that no example depends on its
    neighbours. Ioffe and Szegedy, 2015, arXiv:1502.03167, algorithms 1 and 2.

    Parameters
    ----------
    num_features : int
        Number of channels C, at least 1.
    eps : float
        Added to the variance, above 0.
    momentum : float or None
        Share of the newest batch in the running statistics, in [0, 1]; None: all batches weigh alike.
    affine : bool
        Whether to learn a scale (from 1) for each channel.
    track_running_stats : bool
        If False, keep none and use the batch's in evaluation too.
    bias : bool
        Whether to learn a shift (from 0) too; only with `affine`.
    dtype : dtype
        Of parameters and running statistics: float32 (default) or float64.
    """

    shapes = {2: "(B, C)", 3: "(B, C, L)"}


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of x (B, C, H, W), with running statistics for evaluation.

    Parameters as for `BatchNorm1d`; every channel is averaged over the batch and all positions.
    """

    shapes = {4: "(B, C, H, W)"}


class LayerNorm(Module):
    """Normalise every example over its last axes; alike in training and evaluation.

    Ba, Kiros and Hinton, 2016, arXiv:1607.06450.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Lengths of the axes to average over.
    eps : float
        Added to the variance, above 0.
    elementwise_affine : bool
        Whether to learn a scale (from 1) for each entry.
    bias : bool
        Whether to learn a shift (from 0) too; only with `elementwise_affine`.
    dtype : dtype
        float32 (default) or float64.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ):
        self.normalized_shape, self.eps = as_shape(normalized_shape), eps
        self.elementwise_affine = elementwise_affine
        self.weight = Parameter(np.ones(self.normalized_shape, dtype)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape, dtype)) if elementwise_affine and bias else None

    def forward(self, x: Any) -> Any:
        """Apply `layer_norm` to x (..., *normalized_shape)."""
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def __repr__(self) -> str:
        return (
            f"LayerNorm({self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None})"
        )


class GroupNorm(Module):
    """Normalise groups of channels of every example of x (B, C, ...); alike in training and evaluation.

    Wu and He, 2018, arXiv:1803.08494.

    Parameters
    ----------
    num_groups, num_channels : int
        Number of groups, a divisor of the number of channels C.
    eps : float
        Added to the variance, above 0.
    affine : bool
        Whether to learn a scale (from 1) for each channel.
    bias : bool
        Whether to learn a shift (from 0) too; only with `affine`.
    dtype : dtype
        float32 (default) or float64.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ):
        if num_channels < 1:
            raise ValueError(f"expected at least one channel, got {num_channels}")
        check_groups(num_groups, num_channels)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.weight = Parameter(np.ones(num_channels, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, dtype)) if affine and bias else None

    def forward(self, x: Any) -> Any:
        """Apply `group_norm` to x (B, num_channels, ...)."""
        if np.ndim(x) < 2 or np.shape(x)[1] != self.num_channels:
            raise ValueError(f"expected x (B, {self.num_channels}, ...), got shape {np.shape(x)}")
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def __repr__(self) -> str:
        return f"GroupNorm({self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine})"


def _moved(running: Any, newest: np.ndarray, share: float) -> np.ndarray:
    """Return the weighted mean of both, in the dtype of the first."""
    return ((1 - share) * running + share * newest).astype(running.dtype, copy=False)
