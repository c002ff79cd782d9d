"""A network's loss as a function of one long vector of weights. Chapter 05a.

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
