"""What `BiasVariance` says: its headline, what the mouse reads, and its alternative text. Chapter 06."""

from __future__ import annotations

import numpy as np

from course_utils.explorers._numbers import number, plural
from course_utils.explorers.bias_variance_runs import OFF, ManyFits
from course_utils.explorers.noisy_points_picture import error_text

MOSTLY = {"too stiff": "too stiff, mostly bias", "too wild": "too wild, mostly variance"}
AXES = {
    "degree": "degree",
    "penalty": "strength",
    "points": "number of points",
    "fits averaged": "number of fits averaged",
}


def part_text(part: float) -> str:
    """Return a part of an error in at most 3 digits; where there is none at all, 0.

    Examples
    --------
    >>> part_text(0.31415), part_text(3e-16), part_text(0.0)
    ('0.314', 'below 1e−6', '0')
    """
    return "0" if part == 0 else error_text(part)


def measured_bias(bias: float) -> str:
    """Return an estimate of the bias squared in at most 3 digits; it may be below 0.

    Examples
    --------
    >>> measured_bias(0.10512), measured_bias(-0.00031), measured_bias(-1e-17)
    ('0.105', '−0.00031', 'about 0')
    """
    return "about 0" if abs(bias) < 1e-6 else number(float(f"{bias:.3g}"))


def headline(found: ManyFits) -> str:
    """Say how the method is, and that its parts add up to what is measured."""
    return (
        f"{MOSTLY.get(found.state, found.state)}: expected error {error_text(found.exact.total)}, "
        f"measured {error_text(found.measured.fresh[0])}"
    )


def place_text(axis: str, place: float) -> str:
    """Return a place on an axis in words.

    Examples
    --------
    >>> place_text("degree", 7), place_text("penalty", OFF), place_text("penalty", 0.1)
    ('degree 7', 'no penalty', 'strength 0.1')
    """
    if axis == "penalty" and place == OFF:
        return "no penalty"
    return f"{AXES[axis]} {error_text(float(place))}"


def readouts(found: ManyFits) -> dict[str, list[str]]:
    """Return what the points of the sum and those measured say under the mouse."""
    axis = found.settings["axis"]
    sums, measured = [], []
    for place, bias, variance, total in zip(found.places, *found.path[:2], found.path.total, strict=True):
        sums.append(
            f"{place_text(axis, place)}: bias² {part_text(bias)} + variance {part_text(variance)} + noise "
            f"{part_text(found.exact.noise)} = {error_text(total)}"
        )
    for place, bias, variance, fresh in zip(found.marks, *found.measured_path, strict=True):
        measured.append(
            f"{place_text(axis, place)}, measured: bias² {measured_bias(bias)}, variance "
            f"{part_text(variance)}, error on fresh points {error_text(fresh)}"
        )
    return {"total": sums, "measured fresh": measured}


def describe(found: ManyFits) -> str:
    """Name method and data, the parts expected and measured, and the best of the axis."""
    settings, measured, best = found.settings, found.measured, np.maximum(found.path.total, 1e-6).argmin()
    ridge = f"ridge penalty of strength {number(settings['strength'])}"
    penalty = ridge if settings["penalty"] == "ridge" else "no penalty"
    said = headline(found)
    total = measured.bias[0] + measured.variance[0] + found.exact.noise
    return (
        f"Polynomials of degree {settings['degree']}, {penalty}, fitted to {settings['n_sets']} data sets of "
        f"{settings['n']} points with noise {number(settings['noise'])}, seed {settings['seed']}"
        f"{of_members(found)}. {said[0].upper()}{said[1:]}. Expected: bias squared "
        f"{part_text(found.exact.bias)}, variance {part_text(found.exact.variance)}, noise "
        f"{part_text(found.exact.noise)}. From the fits: bias squared {measured_bias(measured.bias[0])}"
        f"{' (too small for them to tell)' if measured.bias[0] < 0 else ''}, "
        f"variance {part_text(measured.variance[0])}; with the noise {error_text(total)}, on fresh points "
        f"{error_text(measured.fresh[0])}. The lowest expected error along the axis, "
        f"{error_text(found.path.total[best])}, is at {place_text(settings['axis'], found.places[best])}."
    )


def of_members(found: ManyFits) -> str:
    """Say how many fits make an average, where it is more than one or where that is the axis."""
    settings = found.settings
    if "correlation" in idle(found):
        return ""
    return (
        f", averages of {plural(settings['members'], 'fit')} whose noise has correlation "
        f"{number(settings['correlation'])}"
    )


def idle(found: ManyFits) -> tuple[str, ...]:
    """Return the controls that have no effect: the strength of no penalty, the correlation of one fit."""
    settings, names = found.settings, []
    if settings["penalty"] == "none":
        names.append("strength")
    if settings["members"] == 1 and settings["axis"] != "fits averaged":
        names.append("correlation")
    return tuple(names)
