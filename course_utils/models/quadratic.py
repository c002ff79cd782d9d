"""How many steps descent needs on quadratics, counted. Chapter 05a.

A means of experiments, not a model: import it by this module's name.
"""

from __future__ import annotations

import numpy as np


def steps_to_arrive(
    curvatures: np.ndarray,
    lr: np.ndarray,
    momentum: np.ndarray,
    start: np.ndarray,
    *,
    share: float = 1e-3,
    most: int = 200_000,
) -> np.ndarray:
    """Count the steps of v = momentum v + c w, w = w - lr v until |w| is below `share` of the start's.

    Parameters
    ----------
    curvatures, start : array (S, n)
        Of S valleys of n directions each.
    lr, momentum : array (S, 1)
    share : float
        What may be left.
    most : int
        After so many steps it stops.

    Returns
    -------
    integer array (S,)
        The first step at which it is so; 0 where it never is.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> steps_to_arrive(one, 0.5 * one, 0 * one, one, share=0.2)  # 1/2, 1/4, 1/8
    array([3])
    """
    w, v = start, np.zeros_like(start)
    arrived, goal = np.zeros(len(start), int), share * np.linalg.norm(start, axis=1)
    for step in range(1, most + 1):
        v = momentum * v + curvatures * w
        w = w - lr * v
        arrived[(arrived == 0) & (np.linalg.norm(w, axis=1) < goal)] = step
        if arrived.all():
            break
    return arrived


def plain_and_momentum(curvatures: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the steps to 1/1000 at the best rate without momentum, and at Polyak's best pair.

    The rate is 2 / (low + high), the pair 4 / (sqrt(high) + sqrt(low))^2 with the square of (sqrt(high) -
    sqrt(low)) / (sqrt(high) + sqrt(low)), where low and high are the ends of each valley's curvatures (B. T.
    Polyak, 1964, "Some methods of speeding up the convergence of iteration methods").

    Parameters
    ----------
    curvatures, start : array (S, n)
        Of S valleys; the curvatures positive.

    Returns
    -------
    integer array (S,), integer array (S,)
        Steps without momentum and with it.
    """
    low, high = curvatures.min(axis=1, keepdims=True), curvatures.max(axis=1, keepdims=True)
    total = high**0.5 + low**0.5
    momentum = ((high**0.5 - low**0.5) / total) ** 2
    plain = steps_to_arrive(curvatures, 2 / (low + high), 0 * low, start)
    return plain, steps_to_arrive(curvatures, 4 / total**2, momentum, start)
