"""What the perceptron's scene runs: data in the plane, and all that the perceptron does with them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from course_utils.data.planar import moons, xor_class
from course_utils.models.perceptron import novikoff_bound, perceptron_visits, widest_margin, with_bias

VIEW = 2.0  # the plane is shown from -VIEW to VIEW, both ways
MOST, MOST_PASSES = 200, 100  # mistakes and passes after which a run is given up
SAME, SHUFFLED = "the same every pass", "shuffled every pass"


def two_sides(n: int, margin: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw points of a square and a line through it, and push both sides `margin` away from the line.

    The line leaves 20 to 80 % of the points on either side, and points in any direction.

    Returns
    -------
    x : array (n, 2)
    y : array (n,)
        -1 or +1, of each at least one.
    """
    angle = rng.uniform(0, 2 * np.pi)
    normal = np.array([np.cos(angle), np.sin(angle)])
    x = rng.uniform(-1.1, 1.1, (n, 2))
    side = x @ normal
    side -= np.quantile(side, rng.uniform(0.2, 0.8)) + 1e-6  # no point lies on the line itself
    y = np.where(side > 0, 1, -1)
    return x + margin * y[:, None] * normal, y


def one_wrong_label(n: int, margin: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw as `two_sides`, then turn the label of the point in the very middle of the class +1."""
    x, y = two_sides(n, margin, rng)
    distance = np.linalg.norm(x - x[y == 1].mean(axis=0), axis=1)
    y[np.where(y == 1, distance, np.inf).argmin()] = -1
    return x, y


def two_moons(n: int, margin: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw half circles that reach into each other; `margin` has no effect."""
    x, y = moons(n, noise=0.08, rng=rng, dtype=np.float64)
    return 1.2 * (x - [0.5, 0.25]), 2 * y - 1


def xor_corners(n: int, margin: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the four corners of a square, with +1 where the coordinates differ; nothing is random."""
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return x, 2 * xor_class(x) - 1


DATA = {
    "two sides of a line": two_sides,
    "one wrong label": one_wrong_label,
    "two moons": two_moons,
    "XOR": xor_corners,
}


@dataclass(frozen=True)
class Run:
    """All that the perceptron did until it settled, or was given up.

    Parameters
    ----------
    x, y : ndarray
        Points (N, 2), without the constant 1, and labels -1 and +1 (N,).
    example, epoch, mistake : ndarray
        Of every visit: which example, in which pass, and whether it was a mistake.
    weights : ndarray
        (w1, w2, bias) before the first mistake and after each, (n_mistakes + 1, 3).
    settled : bool
        Whether the last pass was free of mistakes.
    radius, margin : float
        Length of the longest input (with its constant 1), and the widest margin there is; 0 without a line.
    bound : float
        (radius / margin)^2, infinite without a line.
    """

    x: np.ndarray
    y: np.ndarray
    example: np.ndarray
    epoch: np.ndarray
    mistake: np.ndarray
    weights: np.ndarray
    settled: bool
    radius: float
    margin: float
    bound: float


@functools.lru_cache(maxsize=8)
def practise(data: str, margin: float, examples: int, order: str, seed: int) -> Run:
    """Draw the data and let the course's perceptron learn them; the arrays are read-only."""
    x, y = DATA[data](examples, margin, np.random.default_rng([seed, 0]))
    inputs = with_bias(x)
    rng = np.random.default_rng([seed, 1]) if order == SHUFFLED else None
    visits, weights = [], [np.zeros(3)]
    for visit in perceptron_visits(inputs, y, max_epochs=MOST_PASSES, rng=rng):
        visits.append(visit[:3])
        if visit.mistake:
            weights.append(visit.weight)
            if len(weights) == MOST + 1:
                break
    epoch, example, mistake = (np.array(column) for column in zip(*visits, strict=True))
    radius = float(np.linalg.norm(inputs, axis=1).max())
    best = widest_margin(inputs, y)
    bound = np.inf if best is None else novikoff_bound(inputs, y, best)
    arrays = x, y, example, epoch, mistake.astype(bool), np.array(weights)
    for array in arrays:
        array.flags.writeable = False
    settled = not mistake[epoch == epoch[-1]].any()
    return Run(*arrays, settled, radius, radius / np.sqrt(bound), bound)
