"""Bias, variance and noise of polynomial fits along an axis, expected and as measured. Chapter 06."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from course_utils.explorers.bias_variance_fits import (
    MOST_MEMBERS,
    Measured,
    bias_and_size,
    mean_noise,
    measure,
    operator,
    shared_variance,
)
from course_utils.explorers.noisy_points import MOST, points, truth
from course_utils.explorers.penalized_polynomials import HIGHEST, STRENGTHS

OFF = float(STRENGTHS[0]) / 6  # where "no penalty" stands on the axis of strengths
COMPARED = STRENGTHS[::2]
PLACES = {
    "degree": np.arange(1, HIGHEST + 1),
    "penalty": np.array([OFF, *COMPARED]),
    "points": np.array([*range(10, 21), 22, 24, 27, 30, 34, 38, 43, 48, 54, MOST]),
    "fits averaged": np.arange(1, MOST_MEMBERS + 1),
}
MARKED = {axis: np.arange(len(places)) for axis, places in PLACES.items()}  # which places have marks
MARKED["penalty"] = np.array([0, *range(1, len(COMPARED) + 1, 2)])


class Parts(NamedTuple):
    """Parts of a mean squared error, each a number or an array (k,)."""

    bias: Any  # squared
    variance: Any
    noise: Any

    @property
    def total(self) -> Any:
        """The sum of all three."""
        return self.bias + self.variance + self.noise


@dataclass(frozen=True)
class ManyFits:
    """Fits to many data sets, and their errors along an axis.

    Parameters
    ----------
    settings : dict
        The controls' values.
    weights : ndarray (R, 16)
        Of each fit, or of each average of fits; those above the degree are 0.
    sample, sample_weights : ndarray (n,) and (16,)
        One data set's y, and the weights of the single fit to it.
    exact, measured : Parts, Measured
        At the present setting: expected over all noise, and from these fits (with k = 1).
    places : ndarray (k,)
        Where on the axis the errors are known.
    path : Parts
        What is expected there.
    marks : ndarray (j,)
        Those places where fits have been made.
    measured_path : Measured
        What they tell there.
    state : str
        "too stiff", "about right" or "too wild".
    """

    settings: dict[str, Any]
    weights: np.ndarray
    sample: np.ndarray
    sample_weights: np.ndarray
    exact: Parts
    measured: Measured
    places: np.ndarray
    path: Parts
    marks: np.ndarray
    measured_path: Measured
    state: str

    @property
    def here(self) -> float:
        """Where the present setting stands on the axis."""
        return place_of(self.settings)

    @property
    def x(self) -> np.ndarray:
        """The places of the points, (n,)."""
        return points(self.settings["n"], 0.0, self.settings["seed"]).x


def place_of(settings: dict[str, Any]) -> float:
    """Return where settings stand on their axis."""
    if settings["axis"] == "penalty":
        return settings["strength"] if settings["penalty"] == "ridge" else OFF
    return settings[{"degree": "degree", "points": "n", "fits averaged": "members"}[settings["axis"]]]


def at_place(settings: dict[str, Any], place: float) -> dict[str, Any]:
    """Return settings moved to a place of their axis."""
    if settings["axis"] == "penalty":
        return {**settings, "penalty": "none" if place == OFF else "ridge", "strength": float(place)}
    name = {"degree": "degree", "points": "n", "fits averaged": "members"}[settings["axis"]]
    return {**settings, name: int(place)}


def fitted_by(settings: dict[str, Any]) -> tuple[int, int, int, float]:
    """Return the arguments of `operator`."""
    strength = settings["strength"] if settings["penalty"] == "ridge" else 0.0
    return settings["n"], settings["seed"], settings["degree"], strength


def exact_parts(many: list[dict[str, Any]]) -> Parts:
    """Return bias squared, variance and noise of settings, as expected over all noise: arrays (k,)."""
    bias, size = np.array([bias_and_size(*fitted_by(one)) for one in many]).T
    noise = np.array([one["noise"] ** 2 for one in many])
    shared = np.array([shared_variance(one["members"], one["correlation"]) for one in many])
    return Parts(bias, noise * shared * size, noise)


def fit_all(settings: dict[str, Any]) -> np.ndarray:
    """Return the weights of the fit to each data set, or of each average of m fits: (R, 16).

    Fits are linear in y, so the average of m fits is the fit to the average of their y.
    """
    n, seed, _, _ = fitted_by(settings)
    noise = mean_noise(seed, n, settings["n_sets"], settings["members"], settings["correlation"])
    y = truth(points(n, 0.0, seed).x) + settings["noise"] * noise  # (R, n)
    return y @ operator(*fitted_by(settings)).T


def verdict(now: Parts, settings: dict[str, Any]) -> str:
    """Judge an error by the least that any degree without penalty, or any strength at this degree, has.

    About right: its root is at most 1.15 times that of the least, or 0.02 above it, as in `noisy_points`. If
    not, it is too stiff where the bias squared is larger than the variance, and too wild otherwise.
    """
    plain = {**settings, "penalty": "none"}
    others = [{**plain, "degree": int(degree)} for degree in PLACES["degree"]]
    others += [{**settings, "penalty": "ridge", "strength": float(strength)} for strength in COMPARED[::2]]
    least = np.sqrt(exact_parts(others).total.min())
    if np.sqrt(now.total) <= max(1.15 * least, least + 0.02):
        return "about right"
    return "too stiff" if now.bias > now.variance else "too wild"


def compute(**settings: Any) -> ManyFits:
    """Fit all data sets, here and along the axis, and split the errors."""
    places, marked = PLACES[settings["axis"]], MARKED[settings["axis"]]
    many = [at_place(settings, place) for place in places]
    noise, seed = settings["noise"], settings["seed"]
    weights = fit_all(settings)
    sample = points(settings["n"], noise, seed).y
    exact = Parts(*(float(part[0]) for part in exact_parts([settings])))
    return ManyFits(
        settings=settings,
        weights=weights,
        sample=sample,
        sample_weights=operator(*fitted_by(settings)) @ sample,
        exact=exact,
        measured=measure(weights[None], noise, seed),
        places=places,
        path=exact_parts(many),
        marks=places[marked],
        measured_path=measure(np.stack([fit_all(many[i]) for i in marked]), noise, seed),
        state=verdict(exact, settings),
    )
