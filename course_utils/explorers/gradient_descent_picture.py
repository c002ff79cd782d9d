"""The picture of `GradientDescent`: the path over the surface, and the loss over the steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import TICKDOWN

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._edges import arrow_head, mark_end, visible_part
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers.gradient_descent_run import HIGHEST, LOWEST, Descent
from course_utils.explorers.surface_pictures import draw_contours, draw_curve, surface_axes
from course_utils.figures import COLOURS

STEP_LIMITS = (25, 50, 100, 200)  # the step axis ends at one of these
N_TICKS = 6  # of the step axis, both ends included


def draw(figure: Figure, run: Descent) -> dict[str, Artist]:
    """Draw the surface and the axes of the loss; return what moves."""
    surface = run.surface
    left = surface_axes(figure, (0.085, 0.13, 0.40, 0.675), surface)
    (draw_contours if surface.n_weights == 2 else draw_curve)(left, surface)
    right = add_axes(figure, (0.60, 0.13, 0.375, 0.675), x="", y="", title="loss, logarithmic")
    log_scale(right)
    right.set(ylim=(LOWEST, HIGHEST), xticks=[])
    halo: dict[str, Any] = {"color": "white", "linewidth": 3.5, "zorder": 3}
    path: dict[str, Any] = {
        "color": COLOURS["vermillion"],
        "linewidth": 1.4,
        "marker": "o",
        "markersize": 3.5,
    }
    path["zorder"] = 4
    mark: dict[str, Any] = {"linestyle": "", "markeredgecolor": INK, "zorder": 5}
    star: dict[str, Any] = {
        "marker": "*",
        "markersize": 15,
        "color": COLOURS["yellow"],
        "clip_on": False,
        **mark,
    }
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists: dict[str, Any] = {
        "halo": left.plot([], [], **halo)[0],
        "path": left.plot([], [], **path)[0],
        "start": left.plot([], [], marker="o", markersize=10, color="white", **mark)[0],
        "end": left.plot([], [], **star)[0],
        "loss": right.plot([], [], **path)[0],
        "last": right.plot([], [], **star)[0],
        "headline": add_lettering(figure, 0.02, 0.962, **bold),
        **draw_steps(right),
    }
    arrow = Line2D([], [], **{**star, "marker": arrow_head(1, 0), "color": COLOURS["orange"]})
    legend: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (0.008, 0.905), "ncols": 3}
    legend |= {"frameon": False, "fontsize": TEXT_SIZE - 1, "labelcolor": INK}
    legend |= {"handletextpad": 0.1, "columnspacing": 1.2}
    handles = [artists["start"], artists["end"], arrow]
    figure.legend(handles, ["start", "end", "leaves the picture"], **legend)
    return artists


def draw_steps(axes: Axes) -> dict[str, Artist]:
    """Draw the marks of the step axis, which stay; its numbers move, so that another end redraws nothing."""
    places = (0.02 + np.linspace(0, 1, N_TICKS)) / 1.04
    down: dict[str, Any] = {"marker": TICKDOWN, "markersize": 3.5, "linestyle": "", "clip_on": False}
    axes.plot(places, np.zeros(N_TICKS), color=INK, transform=axes.transAxes, **down)
    words: dict[str, Any] = {"color": INK, "ha": "center", "va": "center", "transform": axes.transAxes}
    axes.text(0.5, -0.128, "step", fontsize=TEXT_SIZE, **words)
    return {
        f"tick {i}": add_lettering(axes, place, -0.05, fontsize=TEXT_SIZE - 1, **words)
        for i, place in enumerate(places)
    }


def move_steps(artists: dict[str, Any], n_steps: int) -> None:
    """Have the step axis end at the first of `STEP_LIMITS` that has room for all steps."""
    end = next(limit for limit in STEP_LIMITS if limit >= n_steps)
    artists["loss"].axes.set_xlim(-0.02 * end, 1.02 * end)
    for i in range(N_TICKS):
        artists[f"tick {i}"].set_text(str(end * i // (N_TICKS - 1)))


def move(artists: dict[str, Any], run: Descent) -> None:
    """Put the path, its marks and the loss where this run has them."""
    move_steps(artists, run.settings["steps"])
    x = run.path[:, 0]
    y = run.losses if run.surface.n_weights == 1 else run.path[:, 1]
    for line in (artists["halo"], artists["path"]):
        line.set_data(*visible_part(line, x, y))
    artists["start"].set_data(x[:1], y[:1])
    mark_end(artists["end"], x, y)
    steps = np.arange(len(run.losses))
    artists["loss"].set_data(*visible_part(artists["loss"], steps, run.losses))
    mark_end(artists["last"], steps, run.losses)
