"""Chapter 05c: small runs whose loss curves are to be diagnosed, each by the rule that it illustrates."""

from __future__ import annotations

import numpy as np


def _measured(rng, train, gap, spread=5e-4):
    """Validate a little above the training loss, and measure both with a small scatter."""
    val = train * (1.0 + gap)
    return tuple(curve * (1.0 + spread * rng.normal(size=len(curve))) for curve in (train, val))


def _bowl(n_epochs, lr, curvatures, start):
    """Gradient descent on a quadratic, in float32: 0.5 sum c w² before each step."""
    w, losses = start.astype(np.float32), []
    curvatures, lr = curvatures.astype(np.float32), np.float32(lr)
    with np.errstate(all="ignore"):
        for _ in range(n_epochs):
            losses.append(0.5 * np.sum(curvatures * w * w))
            w = w - lr * curvatures * w
    return np.array(losses, dtype=float)


def diverging(rng, scale, powers_of_ten):
    """Let the steepest direction, small at first, grow by so many powers of ten."""
    n_epochs = int(rng.integers(120, 240))
    curvatures = np.geomspace(0.02, 1.0, 20)
    start = rng.choice([-1.0, 1.0], size=20) * rng.uniform(0.7, 1.3, size=20)
    start[-1] = 0.02
    lr = 1.0 + 10.0 ** (powers_of_ten / n_epochs)
    train = 0.5 + _bowl(n_epochs, lr, curvatures, start)
    return _measured(rng, scale * train, rng.uniform(0.2, 0.4))


def creeping(rng, scale, share):
    """Step so little that the steepest direction loses only a share of its loss in the whole run."""
    n_epochs = int(rng.integers(120, 240))
    curvatures = np.geomspace(0.5, 1.0, 20)
    lr = -0.5 * np.log(1.0 - share) / n_epochs
    train = _bowl(n_epochs, lr, curvatures, rng.uniform(0.7, 1.3, size=20))
    return _measured(rng, scale * train, rng.uniform(0.2, 0.4), spread=1e-4)


def level_then_falling(rng, scale, first_fall):
    """Learn u v = 1 from near the saddle at u = v = 0; `first_fall` goes quickly before that."""
    n_epochs = int(rng.integers(160, 280))
    lr, turn = 15.0 / n_epochs, rng.uniform(0.68, 0.72)
    u, losses = np.sqrt(0.5) * (1.0 + lr) ** (-turn * n_epochs), []
    for epoch in range(n_epochs):
        losses.append(0.5 * (1.0 - u * u) ** 2 + first_fall * np.exp(-35.0 * epoch / n_epochs) + 0.02)
        u = u + lr * (1.0 - u * u) * u  # v goes as u does
    return _measured(rng, scale * np.array(losses), rng.uniform(0.2, 0.4))


def trembling(rng, scale):
    """Descend a quadratic by gradients with noise, and measure the loss on a mini-batch."""
    n_epochs = int(rng.integers(160, 280))
    w, losses = 2.0 * rng.normal(size=200), []
    for _ in range(n_epochs):
        losses.append(0.5 * np.mean(w**2))
        w = w - 0.3 * (w + rng.normal(size=200))
    excess = scale * np.array(losses)
    floor = excess[n_epochs // 2 :].mean()
    train = (excess + 0.5 * floor) * (1.0 + 0.2 * np.clip(rng.normal(size=n_epochs), -2.5, 2.5))
    return train, excess + floor


def memorising(rng, scale):
    """Fit 30 weights, 3 of which matter, to 34 examples with noisy targets by gradient descent."""
    n_epochs = int(rng.integers(120, 240))
    spread, true = np.repeat([1.0, 0.35], [3, 27]), np.repeat([4.0, 0.0], [3, 27])
    x, x_val = (rng.normal(size=(size, 30)) * spread for size in (34, 400))
    y, y_val = x @ true + 5.0 * rng.normal(size=34), x_val @ true + rng.normal(size=400)
    lr, w, losses = 45.0 / n_epochs / np.linalg.norm(x, 2) ** 2, np.zeros(30), []
    for _ in range(n_epochs):
        losses.append((np.mean((x @ w - y) ** 2), np.mean((x_val @ w - y_val) ** 2)))
        w = w - lr * x.T @ (x @ w - y)
    train, val = scale * np.array(losses).T
    return train, val


EXERCISES = ()  # this module serves `ch05c_diagnose`
