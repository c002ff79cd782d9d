"""Deep networks of equal layers, plain, normalised or residual: what depth does. Chapters 04 and 06."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.layers import BatchNorm1d, LayerNorm, Linear, ReLU, Residual, Sequential
from course_utils.nn.module import Module

NORMALIZATIONS: dict[str, Callable[..., Module]] = {"batch": BatchNorm1d, "layer": LayerNorm}
"""Layers that normalise, by the name that `deep_mlp` knows them by."""


def deep_mlp(
    n_in: int,
    width: int,
    depth: int,
    n_out: int,
    activation: Callable[[], Module] = ReLU,
    *,
    normalization: str = "none",
    residual: bool = False,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> Sequential:
    """Stack `depth` blocks Linear, normalization, activation of one width, and a Linear that gives logits.

    Parameters
    ----------
    n_in, width, depth, n_out : int
        Numbers of inputs, of units in every hidden layer, of hidden layers and of outputs, at least 1 each.
    activation : callable
        Makes the activation layer: ``ReLU``, ``Tanh``, ``Identity``.
    normalization : {"none", "batch", "layer"}
        What stands between the affine map and the activation.
    residual : bool
        Whether every block but the first, which changes the width, adds its output to its input.
    rng : numpy.random.Generator
        Draws the weights, first layer first.
    dtype : dtype
        float32 (default) or float64.

    Returns
    -------
    Sequential
        Of `depth` blocks, each a `Sequential` or a `Residual`, and a `Linear`.

    Raises
    ------
    ValueError
        If there is no layer, or the normalization is none of these.

    Examples
    --------
    >>> deep_mlp(64, 32, 2, 10, normalization="batch", residual=True, rng=np.random.default_rng(0))[1]
    Residual(
      (layers): Sequential(
        (0): Linear(32, 32, bias=True)
        (1): BatchNorm1d(32, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
        (2): ReLU()
      )
    )
    """
    if depth < 1:
        raise ValueError(f"expected a depth of at least 1, got {depth}")
    if normalization not in ("none", *NORMALIZATIONS):
        raise ValueError(f'expected normalization "none", "batch" or "layer", got {normalization!r}')
    blocks: list[Module] = []
    for n_before in (n_in, *(width for _ in range(depth - 1))):
        layers: list[Module] = [Linear(n_before, width, rng=rng, dtype=dtype)]
        if normalization != "none":
            layers.append(NORMALIZATIONS[normalization](width, dtype=dtype))
        layers.append(activation())
        blocks.append(Residual(*layers) if residual and blocks else Sequential(*layers))
    return Sequential(*blocks, Linear(width, n_out, rng=rng, dtype=dtype))


def parts(block: Module) -> list[Module]:
    """Return the layers of a block of `deep_mlp`, the affine map first and the activation last."""
    return list(block.layers if isinstance(block, Residual) else block)  # type: ignore[call-overload]
