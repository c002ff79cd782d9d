"""From the losses of many examples to one number, and what the losses check. Chapter 01a."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def reduce_losses(
    losses: np.ndarray, reduction: str, divisor: float | None = None
) -> tuple[np.ndarray, Callable[..., np.ndarray]]:
    """Reduce the entries' losses; also return the map from dL/d(reduced) to each entry's share of it.

    Parameters
    ----------
    losses : floating array, any shape but an empty one
    reduction : {"mean", "sum", "none"}
    divisor : float, optional
        What the mean divides the sum by; the number of entries if not given. 0 makes the mean nan, as in
        torch, and every share 0.

    Raises
    ------
    ValueError
        If there are no losses, or the reduction is none of these.

    Examples
    --------
    >>> loss, share = reduce_losses(np.array([1.0, 3.0]), "mean")
    >>> print(loss, share(1.0))
    2.0 [0.5 0.5]
    """
    if losses.size == 0:
        raise ValueError(f"expected at least one example, got losses of shape {losses.shape}")
    if reduction == "none":
        return losses, lambda dloss: np.broadcast_to(np.asarray(dloss, losses.dtype), losses.shape)
    if reduction == "sum":
        return losses.sum(), lambda dloss: np.full(losses.shape, dloss, losses.dtype)
    if reduction == "mean" and divisor == 0:
        return losses.dtype.type(np.nan), lambda dloss: np.zeros_like(losses)
    if reduction == "mean":
        n = losses.size if divisor is None else divisor
        return losses.sum() / n, lambda dloss: np.full(losses.shape, dloss / n, losses.dtype)
    raise ValueError(f'expected reduction "mean", "sum" or "none", got {reduction!r}')


def check_pair(first: str, x: np.ndarray, second: str, target: np.ndarray) -> None:
    """Raise a ValueError unless x is floating and the target has its shape."""
    if x.dtype.kind != "f":
        raise ValueError(f"expected floating {first}, got {x.dtype}")
    if x.shape != target.shape:
        raise ValueError(
            f"expected {second} of the same shape as {first} {x.shape}, got shape {target.shape}"
        )


def check_range(name: str, x: np.ndarray, low: float, high: float) -> None:
    """Raise a ValueError if an entry lies outside [low, high]; nan passes, and comes out of the loss."""
    if ((x < low) | (x > high)).any():
        interval = f"in [{low}, {high}]" if np.isfinite(high) else f"of at least {low}"
        raise ValueError(f"expected {name} {interval}, got values from {np.nanmin(x)} to {np.nanmax(x)}")
