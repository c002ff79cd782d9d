"""How many updates networks side by side need to a loss, by batch size. Chapter 05a.

A means of experiments, not a model: import it by this module's name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.models.side_by_side import losses_each, networks_each, train_each
from course_utils.nn.layers import ReLU
from course_utils.optim import SGD


def updates_needed(
    x: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    rates: Sequence[float] | np.ndarray,
    seeds: Sequence[int],
    *,
    target: float,
    rng: np.random.Generator,
    width: int = 16,
    n_watched: int = 300,
) -> np.ndarray:
    """Train one network a rate and seed by SGD until the best rate is three times past its goal.

    Parameters
    ----------
    x, y : float32 array (N, n_in), integer array (N,)
        Examples and classes.
    batch_size : int
    rates : sequence of float
    seeds : sequence of int
        Of the weights.
    target : float
        The loss to be reached, on `n_watched` examples that are spread over x.
    rng : numpy.random.Generator
        Draws the batches.
    width : int
        ReLU units of the one hidden layer.
    n_watched : int
        At most N.

    Returns
    -------
    ndarray (n_rates, n_seeds)
        Updates until the loss is first seen below the target (looked at every 50 examples, or after each
        update); inf where that was not so before the end.
    """
    if not 0 < n_watched <= len(x):
        raise ValueError(f"expected 1 to {len(x)} examples to watch, got {n_watched}")
    shape, each = (len(rates), len(seeds)), np.repeat(np.asarray(rates, np.float32), len(seeds))
    sizes = x.shape[1], width, int(y.max()) + 1
    model = networks_each(list(seeds) * len(rates), sizes, 1, lambda S, units: [ReLU()])
    optimizer, watched = SGD(model.parameters(), lr=1.0), np.linspace(0, len(x) - 1, n_watched).astype(int)
    x_seen, y_seen = (np.repeat(part[watched][:, None], each.size, axis=1) for part in (x, y))
    needed, every, step = np.full(shape, np.inf), max(1, 50 // batch_size), 0
    while step < 3 * needed.mean(axis=1).min() and step < 200 + 8000 // batch_size:
        train_each(model, optimizer, x, y, n_steps=every, batch_size=batch_size, rates=each, rng=rng)
        step += every
        with np.errstate(over="ignore", invalid="ignore"):  # the larger rates diverge
            losses = losses_each(model, x_seen, y_seen).data.reshape(shape)
        needed[(losses < target) & np.isinf(needed)] = step
    return needed
