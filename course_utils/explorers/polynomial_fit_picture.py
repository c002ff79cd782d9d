"""The picture of `PolynomialFit`: points and curve, the weights of all degrees, the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes
from course_utils.explorers._edges import axes_of
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._numbers import number
from course_utils.explorers.noisy_points import CURVE
from course_utils.explorers.noisy_points_picture import (
    LEFT,
    LOWER,
    UPPER,
    draw_errors,
    draw_legend,
    draw_points,
    move_points,
    within,
)
from course_utils.explorers.penalized_polynomials import HIGHEST, STRENGTHS, basis, true_weights
from course_utils.figures import COLOURS

if TYPE_CHECKING:
    from course_utils.explorers.polynomial_fit import Fit

AT_CURVE = basis(CURVE, HIGHEST)
REACHES = [digit * 10.0**k for k in range(9) for digit in (1, 2, 5)]  # ends of the axis of the weights


def reach(found: Fit) -> float:
    """Return the end of the axis of the weights: 1, 2, 5, 10 and so on."""
    return next((end for end in REACHES if end > 1.02 * np.abs(found.weights).max()), REACHES[-1])


def draw(figure: Figure, found: Fit) -> dict[str, Artist]:
    """Draw the axes, the truth and its weights; return what moves."""
    left = add_axes(figure, LEFT, x="x", y="y", title="")
    title = "weight of each Legendre polynomial"
    upper = add_axes(figure, UPPER, x="degree", y="", title=title)
    lower = add_axes(figure, LOWER, x="", y="", title="error (RMSE)")
    artists = draw_points(left)
    artists |= _draw_weights(upper, reach(found))
    artists |= draw_errors(lower, [0.01, 0.1, 1, 10])
    if found.by_strength:
        lower.set(xscale="log", xlim=(STRENGTHS[0] / 1.2, STRENGTHS[-1] * 1.2))
        lower.xaxis.set_major_locator(FixedLocator([1e-5, 1e-3, 0.1, 10]))
        lower.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        lower.xaxis.set_minor_locator(NullLocator())
        lower.set_xlabel("strength of the penalty", fontsize=TEXT_SIZE, color=INK)
    else:
        lower.set(xlim=(-0.5, HIGHEST + 0.5), xticks=range(0, HIGHEST + 1, 3))
        lower.set_xlabel("degree", fontsize=TEXT_SIZE, color=INK)
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = add_lettering(figure, 0.02, 0.962, **bold)
    return artists


def _draw_weights(axes: Axes, end: float) -> dict[str, Any]:
    axes.set(xlim=(-0.6, HIGHEST + 0.6), ylim=(-end, end), yticks=[-end, 0, end])
    axes.set_yticklabels([number(-end), "0", number(end)])
    axes.set_xticks(range(0, HIGHEST + 1, 3))
    axes.axhline(0, color="#999999", linewidth=0.8)
    degrees = np.arange(HIGHEST + 1)
    level: dict[str, Any] = {"linestyle": "", "marker": "_", "markersize": 11, "markeredgewidth": 2}
    level |= {"color": INK, "zorder": 3}
    truth = axes.plot(degrees, true_weights(), **level)[0]
    artists: dict[str, Any] = {
        "stems": axes.plot([], [], color=COLOURS["vermillion"], linewidth=2, zorder=4)[0]
    }
    mark: dict[str, Any] = {"linestyle": "", "zorder": 5, "markersize": 6, "color": COLOURS["vermillion"]}
    artists["weights"] = axes.plot([], [], marker="o", **mark)[0]
    mark |= {"markeredgewidth": 2.2, "markersize": 7.5, "color": COLOURS["blue"]}
    artists["zeros"] = axes.plot([], [], marker="x", **mark)[0]
    draw_legend(axes, {"fitted": artists["weights"], "exactly 0": artists["zeros"], "the truth's": truth})
    return artists


def move(artists: dict[str, Any], found: Fit) -> None:
    """Put points, curve, weights and errors where this fit has them."""
    move_points(artists, found.data, AT_CURVE[:, : len(found.weights)] @ found.weights)
    degrees = np.arange(len(found.weights))
    weights, other = found.weights, found.weights != 0
    artists["weights"].set_data(degrees[other], weights[other])
    artists["zeros"].set_data(found.zeros, np.zeros(len(found.zeros)))
    heights = np.column_stack([np.zeros(len(weights)), weights, np.full(len(weights), np.nan)])
    artists["stems"].set_data(np.repeat(degrees, 3), heights.ravel())
    axes = axes_of(artists["best"])
    for name, error in (("train error", found.path[:, 0]), ("held-out error", found.path[:, 1])):
        artists[name].set_data(found.places, within(error, axes))
    here = found.settings["strength" if found.by_strength else "degree"]
    for name, error in (("train now", found.rmse[0]), ("held out now", found.rmse[1])):
        artists[name].set_data([here], [within(error, axes)])
    best = found.path[:, 1].argmin()
    artists["best"].set_data(found.places[best : best + 1], [within(found.path[best, 1], axes)])
    artists["noise"].set_data([0, 1], [within(found.settings["noise"], axes)] * 2)
