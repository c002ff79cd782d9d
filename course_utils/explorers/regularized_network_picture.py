"""The picture of `RegularizedNetwork`: points and curves, the sizes of weights, errors over the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
from course_utils.explorers.regularized_runs import N_STEPS
from course_utils.figures import COLOURS

if TYPE_CHECKING:
    from course_utils.explorers.regularized_network import Moment

REACHES = (0.6, 2.4, 10.0, 60.0)  # ends of the axis of the weights; few, so that it is seldom redrawn


def reach(moment: Moment) -> float:
    """Return the end of the axis of the weights."""
    largest = max(moment.sizes[0], moment.start[0])
    return next((end for end in REACHES if end > 1.02 * largest), REACHES[-1])


def draw(figure: Figure, moment: Moment) -> dict[str, Artist]:
    """Draw the axes and the truth; return what moves."""
    left = add_axes(figure, LEFT, x="x", y="y", title="")
    lower = add_axes(figure, LOWER, x="step", y="", title="error (RMSE), without dropout")
    title = "sizes of the output weights"
    upper = add_axes(figure, UPPER, x="hidden units, the largest weight first (%)", y="", title=title)
    style: dict[str, Any] = {"color": COLOURS["purple"], "linewidth": 2.2, "linestyle": "-.", "zorder": 3.5}
    stopped = left.plot([], [], **style)[0]
    artists = draw_points(left, {"stopped early": stopped}) | {"stopped": stopped}
    artists |= _draw_sizes(upper, reach(moment))
    lower.set(xlim=(-0.02 * N_STEPS, 1.02 * N_STEPS), xticks=range(0, N_STEPS + 1, 50))
    artists |= draw_errors(lower, [0.05, 0.1, 0.2, 0.5, 1, 2])
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = add_lettering(figure, 0.02, 0.962, **bold)
    return artists


def _draw_sizes(axes: Axes, end: float) -> dict[str, Any]:
    axes.set(xlim=(-1, 101), ylim=(-0.04 * end, end), xticks=range(0, 101, 25), yticks=[0, end / 2, end])
    axes.set_yticklabels(["0", number(end / 2), number(end)])
    start: dict[str, Any] = {"color": INK, "linewidth": 1.3, "linestyle": ":", "zorder": 3}
    mark: dict[str, Any] = {"linestyle": "", "zorder": 5, "clip_on": False}
    dot: dict[str, Any] = {"marker": "o", "markersize": 4.5}
    cross: dict[str, Any] = {"marker": "x", "markersize": 5, "markeredgewidth": 1.5}
    artists: dict[str, Any] = {
        "start": axes.plot([], [], **start)[0],
        "sizes": axes.plot([], [], color=COLOURS["vermillion"], **mark, **dot)[0],
        "zeros": axes.plot([], [], color=COLOURS["blue"], **mark, **cross)[0],
    }
    names = {"now": "sizes", "exactly 0": "zeros", "at the start": "start"}
    draw_legend(axes, {label: artists[name] for label, name in names.items()})
    return artists


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Put points, curves, weights and errors where they are at this step."""
    move_points(artists, moment.data, moment.curve)
    artists["stopped"].set_data(CURVE, moment.stopped)
    share = 100 * np.arange(len(moment.sizes)) / (len(moment.sizes) - 1)
    n_used = len(moment.sizes) - moment.n_zeros
    artists["sizes"].set_data(share[:n_used], moment.sizes[:n_used])
    artists["zeros"].set_data(share[n_used:], moment.sizes[n_used:])
    artists["start"].set_data(share, moment.start)
    axes = axes_of(artists["best"])
    for name, error in (("train error", moment.path[:, 0]), ("held-out error", moment.path[:, 1])):
        artists[name].set_data(moment.steps, within(error, axes))
    for name, error in (("train now", moment.rmse[0]), ("held out now", moment.rmse[1])):
        artists[name].set_data([moment.settings["step"]], [within(error, axes)])
    artists["best"].set_data([moment.best], [within(moment.path[:, 1].min(), axes)])
    artists["noise"].set_data([0, 1], [within(moment.settings["noise"], axes)] * 2)
