"""Search that must meet the right basin by chance: random restarts and simulated annealing. Chapter 05a.

A means of experiments, not a model: import it by this module's name.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Surface = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
HALF_WIDTH = 5.12  # of the cube in which the starts are drawn
COLDEST = 0.05  # the temperature at the end


def turned(surface: Surface, rotation: np.ndarray) -> Surface:
    """Return the surface in axes turned by an orthogonal matrix (d, d): no search can go weight by weight.

    Examples
    --------
    >>> swapped = turned(lambda w: (w[..., 0] ** 2, w * [2, 0]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> loss, slope = swapped(np.array([5.0, 3.0]))
    >>> loss.item(), slope.tolist()
    (9.0, [0.0, 6.0])
    """

    def loss_and_gradient(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        loss, gradient = surface(w @ rotation)
        return loss, gradient @ rotation.T

    return loss_and_gradient


def restarts(
    surface: Surface, d: int, budget: int, runs: int, rng: np.random.Generator, per_start: int, lr: float
) -> np.ndarray:
    """Descend from many random places and keep the best, in `runs` independent runs.

    Parameters
    ----------
    surface : callable
        Points (..., d) to losses (...) and gradients (..., d).
    d : int
        Number of dimensions.
    budget : int
        Evaluations a run, at least `per_start`.
    runs : int
        How many runs, side by side.
    rng : numpy.random.Generator
        Draws the starts.
    per_start : int
        Evaluations spent on each start, the last on the loss found.
    lr : float
        Learning rate.

    Returns
    -------
    ndarray (runs,)
        The lowest loss of each run.
    """
    if budget < per_start:
        raise ValueError(f"expected a budget of at least {per_start}, got {budget}")
    w = rng.uniform(-HALF_WIDTH, HALF_WIDTH, (runs, budget // per_start, d))
    for _ in range(per_start - 1):
        w = w - lr * surface(w)[1]
    return surface(w)[0].min(axis=1)


def anneal(
    surface: Surface,
    d: int,
    budget: int,
    runs: int,
    rng: np.random.Generator,
    hot: float,
    reach: float,
    *,
    single: bool = False,
) -> np.ndarray:
    """Propose random steps; take those that go down, and by luck some that go up, fewer as it cools.

    A step up by D is taken with probability exp(-D / T) (Kirkpatrick, Gelatt and Vecchi, 1983); the
    temperature T falls geometrically from `hot` to 0.05.

    Parameters
    ----------
    surface, d, budget, runs, rng
        As for `restarts`.
    hot : float
        The first temperature.
    reach : float
        Standard deviation of a proposed step in each dimension.
    single : bool
        Whether a step moves one weight, drawn at random, rather than all of them.

    Returns
    -------
    ndarray (runs,)
        The lowest loss of each run.
    """
    w = rng.uniform(-HALF_WIDTH, HALF_WIDTH, (runs, d))
    loss = lowest = surface(w)[0]
    for step in range(1, budget):
        move = reach * rng.normal(size=w.shape)
        if single:
            move *= np.arange(d) == rng.integers(d, size=(runs, 1))
        trial = w + move
        loss_there = surface(trial)[0]
        temperature = hot * (COLDEST / hot) ** (step / budget)
        taken = rng.random(runs) < np.exp(np.minimum(0, (loss - loss_there) / temperature))
        w, loss = np.where(taken[:, None], trial, w), np.where(taken, loss_there, loss)
        lowest = np.minimum(lowest, loss)
    return lowest
