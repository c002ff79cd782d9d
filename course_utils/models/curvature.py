"""The largest curvature of a network's loss, from gradients alone. Chapter 05a.

A means of experiments, not a model: import it by this module's name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.nn.module import Module


def weights_of(model: Module) -> np.ndarray:
    """Return a copy of all weights of a model, one after the other (n_weights,)."""
    return np.concatenate([p.data.ravel() for p in model.parameters()])


def loss_and_gradient(
    model: Module, w: np.ndarray, x: np.ndarray, targets: np.ndarray, loss_fn: Callable[..., Any]
) -> tuple[float, np.ndarray]:
    """Put the weights w (n_weights,) into the model; return the loss and its gradient (n_weights,) there."""
    ends = np.cumsum([p.data.size for p in model.parameters()])
    if w.shape != (ends[-1],):
        raise ValueError(f"expected weights ({ends[-1]},), got shape {w.shape}")
    for p, piece in zip(model.parameters(), np.split(w, ends[:-1]), strict=True):
        p.data = piece.reshape(p.data.shape)
    model.zero_grad()
    loss = loss_fn(model(x), targets)
    loss.backward()
    return loss.item(), np.concatenate([np.asarray(p.grad).ravel() for p in model.parameters()])


def sharpest(
    gradient: Callable[[np.ndarray], np.ndarray],
    w: np.ndarray,
    v: np.ndarray,
    n_rounds: int,
    *,
    shift: float = 0.0,
    eps: float = 1e-4,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Find the curvature farthest from `shift` by power iteration on H - shift I, H being the Hessian at w.

    Parameters
    ----------
    gradient : callable
        Weights (n,) to gradient (n,).
    w : float64 array (n,)
        Where.
    v : array (n,)
        Direction to begin with, of any length but 0.
    n_rounds : int
        At least 1; each costs two gradients.
    shift : float
        With 0 the eigenvalue largest in size is found; with that one, the other end.
    eps : float
        Length of the two steps whose gradients are compared.

    Returns
    -------
    float, ndarray (n,), ndarray (n,)
        Curvature along the last direction, that direction (of length 1), and H times it.

    Examples
    --------
    >>> curvatures = np.array([1.0, 4.0])
    >>> round(sharpest(lambda w: curvatures * w, np.zeros(2), np.ones(2), 30)[0], 6)
    4.0
    """
    if n_rounds < 1:
        raise ValueError(f"expected at least one round, got {n_rounds}")
    for _ in range(n_rounds):
        v = v / np.linalg.norm(v)
        Hv = (gradient(w + eps * v) - gradient(w - eps * v)) / (2 * eps)
        curvature, direction, v = float(v @ Hv), v, Hv - shift * v
    return curvature, direction, Hv
