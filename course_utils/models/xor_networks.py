"""Many networks 2-hidden-1 that learn XOR side by side. Chapter 05a.

A means of experiments, not a model: import it by this module's name.
"""

from __future__ import annotations

import numpy as np

X = np.array([[-1.0, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]])  # the last column feeds the biases
T = np.array([-1.0, 1, 1, -1])  # 1 where exactly one input is


def outputs(W: np.ndarray, V: np.ndarray, b: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return tanh units (runs, B, hidden) and outputs (runs, B) on x (B, 3) or (runs, B, 3)."""
    h = np.tanh(x @ W)
    return h, (h @ V[..., None])[..., 0] + b


def learn_xor(
    hidden: int, n_steps: int, *, single: bool = False, lr: float = 0.5, runs: int = 200, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train networks of tanh units by the logistic loss ln(1 + exp(-t output)).

    Parameters
    ----------
    hidden : int
        Number of hidden units.
    n_steps : int
        Steps of gradient descent.
    single : bool
        Whether a step sees one of the four points, drawn at random, rather than all.
    lr : float
        Learning rate.
    runs : int
        Number of networks.
    seed : int
        Draws weights and points.

    Returns
    -------
    ndarray (runs,), boolean ndarray (runs,), ndarray (runs,)
        Loss of each network on the four points, whether it gets one of them wrong, and the length of its
        first layer's weights.
    """
    rng, each = np.random.default_rng(seed), np.arange(runs)[:, None]
    W, b = rng.normal(size=(runs, 3, hidden)), np.zeros((runs, 1))
    V = rng.normal(size=(runs, hidden)) / hidden**0.5
    for _ in range(n_steps):
        chosen = rng.integers(4, size=(runs, 1)) if single else 0 * each + np.arange(4)
        x, t = X[chosen], T[chosen]  # (runs, B, 3), (runs, B)
        h, out = outputs(W, V, b, x)
        dout = -t / (1 + np.exp(t * out)) / t.shape[1]
        dV = (dout[..., None] * h).sum(axis=1)
        dW = x.swapaxes(1, 2) @ (dout[..., None] * V[:, None] * (1 - h * h))
        W, V, b = W - lr * dW, V - lr * dV, b - lr * dout.sum(axis=1, keepdims=True)
    margins = T * outputs(W, V, b, X)[1]
    return np.log1p(np.exp(-margins)).mean(axis=1), margins.min(axis=1) <= 0, (W**2).sum(axis=(1, 2)) ** 0.5
