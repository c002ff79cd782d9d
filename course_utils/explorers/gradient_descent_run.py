"""A run of gradient descent on a small surface, and the name of what it does. Chapter 01b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.explorers.surfaces import SURFACES, VIEW, Surface
from course_utils.nn.module import Parameter
from course_utils.optim.sgd import SGD

FAR = 100.0  # a weight beyond this ends the run: it diverges
LOWEST, HIGHEST = 1e-6, 1e4  # ends of the loss axis


@dataclass(frozen=True)
class Descent:
    """A run of gradient descent: what `compute` found.

    Parameters
    ----------
    surface : Surface
        Where.
    settings : dict
        The controls' values.
    path : ndarray
        Weights before the first step and after each, (n_steps + 1, n_weights).
    losses : ndarray
        The loss at each, (n_steps + 1,).
    state : str
        "converging", "oscillating", "stalled" or "diverging".
    """

    surface: Surface
    settings: dict[str, Any]
    path: np.ndarray
    losses: np.ndarray
    state: str


def compute(*, surface: str, lr: float, momentum: float, x0: float, y0: float, steps: int) -> Descent:
    """Descend by the engine's own `SGD`; a run that leaves [-`FAR`, `FAR`] ends there."""
    chosen = SURFACES[surface]
    weights = Parameter(np.array([x0, y0][: chosen.n_weights]))
    optimizer = SGD([weights], lr=lr, momentum=momentum)
    path = [weights.data]
    for _ in range(steps):
        _, weights.grad = chosen.loss(weights.data)
        optimizer.step()
        path.append(weights.data)
        if np.abs(weights.data).max() > FAR:
            break
    walked = np.array(path)  # (n_steps + 1, n_weights)
    losses = chosen.loss(walked)[0]
    settings = {"lr": lr, "momentum": momentum, "x0": x0, "y0": y0, "steps": steps}
    return Descent(chosen, settings, walked, losses, state_of(walked, losses))


def state_of(path: np.ndarray, losses: np.ndarray) -> str:
    """Name what a run does.

    Diverging: it ends higher than it started, or far out. Oscillating: it turns back five times or more in
    some weight by visible steps, and is not down to a hundredth of the first loss. Stalled: above `LOWEST`,
    the last tenth of the steps gains less than 2 %. Converging: everything else.

    Examples
    --------
    >>> path = np.array([[2.0], [1.0], [0.5]])
    >>> state_of(path, path[:, 0] ** 2)
    'converging'
    """
    first, last = losses[0], losses[-1]
    if np.abs(path[-1]).max() > FAR or last > first:
        return "diverging"
    moves = np.diff(path, axis=0)  # (n_steps, n_weights)
    moves[np.abs(moves) < VIEW / 100] = 0  # not to be seen
    turns = (moves[1:] * moves[:-1] < 0).sum(axis=0)
    if turns.max(initial=0) >= 5 and last > first / 100:
        return "oscillating"
    before = losses[-1 - max(1, (len(losses) - 1) // 10)]
    if last > LOWEST and before - last < 0.02 * before:
        return "stalled"
    return "converging"
