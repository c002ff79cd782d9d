"""Explorer: a polynomial fitted to noisy points, too stiff, about right or memorizing. Chapter 06."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import polynomial_fit_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number
from course_utils.explorers.noisy_points import MOST, Points, points, verdict
from course_utils.explorers.noisy_points_picture import error_text
from course_utils.explorers.penalized_polynomials import (
    HIGHEST,
    L1_RATIOS,
    STRENGTHS,
    errors,
    errors_by_degree,
    errors_by_strength,
    fit,
    true_weights,
)


@dataclass(frozen=True)
class Fit:
    """A fitted polynomial, and the errors of its neighbours.

    Parameters
    ----------
    settings : dict
        The controls' values.
    data : Points
        What it was fitted to, and what it is judged by.
    weights : ndarray (degree + 1,)
        Of the scaled Legendre polynomials.
    rmse : ndarray (2,)
        In training and held out.
    places, path : ndarray (k,) and (k, 2)
        All degrees if there is no penalty, else strengths of it; and the errors with that and all else alike.
    state : str
        "underfitting", "about right" or "overfitting", as `verdict` has it, among the errors of all degrees
        without penalty and those of `path`.
    """

    settings: dict[str, Any]
    data: Points
    weights: np.ndarray
    rmse: np.ndarray
    places: np.ndarray
    path: np.ndarray
    state: str

    @property
    def by_strength(self) -> bool:
        """Whether `path` goes over strengths of the penalty."""
        return self.settings["penalty"] != "none"

    @property
    def zeros(self) -> np.ndarray:
        """The degrees whose weight is exactly 0."""
        return np.flatnonzero(self.weights == 0)


def compute(*, n: int, noise: float, seed: int, degree: int, penalty: str, strength: float) -> Fit:
    """Fit the polynomial, and all along the axis of its errors."""
    settings: dict[str, Any] = {"n": n, "noise": noise, "seed": seed}
    settings |= {"degree": degree, "penalty": penalty, "strength": strength}
    data = points(n, noise, seed)
    weights = fit(data, degree, penalty, strength)
    rmse, others = errors(data, weights), errors_by_degree(n, noise, seed)
    if penalty == "none":
        return Fit(settings, data, weights, rmse, np.arange(HIGHEST + 1), others, verdict(rmse, others))
    path = errors_by_strength(n, noise, seed, degree, penalty)
    state = verdict(rmse, np.concatenate([others, path]))
    return Fit(settings, data, weights, rmse, STRENGTHS, path, state)


def headline(found: Fit) -> str:
    """Say in a few words how the fit is."""
    own, others = found.rmse
    return f"{found.state}: error {error_text(own)} in training, {error_text(others)} held out"


class PolynomialFit(Explorer):
    """A polynomial fitted to noisy points of a known curve, with or without a penalty on its weights.

    Left the points, 40 held-out ones, the truth and the fit; right the weight of each degree, and the error
    on both sets over the strength of the penalty, or over the degree where there is no penalty. The
    polynomials are Legendre's, scaled to a mean square of 1; the constant is never penalized.

    Questions it lets one answer:

    - Without penalty: from which degree on does the held-out error rise? With three times the points?
    - What do weights and curve look like when the polynomial goes through every point?
    - At degree 15, how strong must L2 be, and does it ever set a weight to exactly 0?
    - The truth needs odd degrees only. Which penalty finds that out, and at which strength?
    - Without noise, is any penalty of use?

    Parameters
    ----------
    n : int
        Training points, 10 to 60.
    noise : float
        Standard deviation of the error in y, 0 to 0.6; the curve goes from -1 to 1.
    seed : int
        Draws all points, 0 to 20.
    degree : int
        0 to 15.
    penalty : str
        "none", "L2", "L1" or "elastic net", which is half of both.
    strength : float
        Factor of the penalty beside half the mean squared error, 1e-5 to 10.

    Examples
    --------
    >>> explorer = PolynomialFit(degree=15, penalty="none", n=16)  # as many weights as points
    >>> explorer.result.state, explorer.result.rmse[0] < 1e-6
    ('overfitting', np.True_)
    >>> explorer.close()
    """

    title = "Polynomial fit"
    size = (720, 440)

    degree = IntegerSlider("degree", 0, HIGHEST, default=15)
    penalty = Choice("penalty", ("none", *L1_RATIOS), default="L1")
    strength = LogSlider("strength", float(STRENGTHS[0]), float(STRENGTHS[-1]), default=0.03)
    n = IntegerSlider("training points", 10, MOST, default=20)
    noise = Slider("noise", 0, 0.6, default=0.25, step=0.01)
    seed = IntegerSlider("seed", 0, 20, default=0)

    presets = {
        "too stiff": {"degree": 3, "penalty": "none"},
        "about right": {"degree": 7, "penalty": "none"},
        "memorizes": {"n": 12, "penalty": "none"},
        "as many weights as points": {"n": 16, "penalty": "none"},
        "more points": {"n": 60, "penalty": "none"},
        "L2 shrinks": {"penalty": "L2", "strength": 0.1},
        "L1 selects": {"n": 40, "strength": 0.03},
        "penalty too strong": {"penalty": "L2", "strength": 10},
    }

    compute = staticmethod(compute)

    def background(self, found: Fit) -> tuple[float, bool]:
        """Redraw for another end of the axis of the weights, or another axis of the errors."""
        return polynomial_fit_picture.reach(found), found.by_strength

    def idle(self, found: Fit) -> tuple[str, ...]:
        """Grey out the strength without penalty, and both where there is but the constant."""
        if found.settings["degree"] == 0:
            return ("strength",)
        return () if found.by_strength else ("strength",)

    def hover(self, found: Fit) -> dict[str, list[str]]:
        """Tell weights beside the truth's, and held-out errors."""
        true, axis = true_weights(), "strength" if found.by_strength else "degree"
        said = [
            f"degree {k}: {number(float(f'{w:.3g}'))}, the truth's {number(round(true[k], 3))}"
            for k, w in enumerate(found.weights)
        ]
        zeros = found.weights == 0
        return {
            "weights": [text for text, zero in zip(said, zeros, strict=True) if not zero],
            "zeros": [f"degree {k}: exactly 0, the truth's {number(round(true[k], 3))}" for k in found.zeros],
            "held-out error": [
                f"{axis} {number(float(f'{at:.3g}'))}: "
                f"{error_text(own)} in training, {error_text(others)} held out"
                for at, (own, others) in zip(found.places, found.path, strict=True)
            ],
        }

    def draw(self, figure: Figure, found: Fit) -> dict[str, Artist]:
        """Draw the axes, the truth and its weights."""
        return polynomial_fit_picture.draw(figure, found)

    def move(self, artists: dict[str, Any], found: Fit) -> None:
        """Set points, curve, weights, errors and headline."""
        polynomial_fit_picture.move(artists, found)
        artists["headline"].set_text(headline(found))

    def describe(self, found: Fit) -> str:
        """Name points, polynomial and penalty, the errors, the weights, and the best of the axis."""
        settings, best = found.settings, found.path[:, 1].argmin()
        largest = error_text(np.abs(found.weights).max())
        penalty = "no penalty"
        if found.by_strength:
            penalty = f"{settings['penalty']} penalty of strength {number(settings['strength'])}"
        axis = "strength" if found.by_strength else "degree"
        return (
            f"Polynomial of degree {settings['degree']} fitted to {settings['n']} points with noise "
            f"{number(settings['noise'])}, seed {settings['seed']}, {penalty}. "
            f"{headline(found).capitalize()}. The largest weight is {largest}, "
            f"{len(found.zeros)} of {len(found.weights)} are exactly 0. The lowest held-out error, "
            f"{error_text(found.path[best, 1])}, is at {axis} {number(float(f'{found.places[best]:.3g}'))}."
        )
