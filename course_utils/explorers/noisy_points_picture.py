"""What pictures of fits to noisy points share: points and curves, and axes of errors. Chapter 06."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_legend, log_scale
from course_utils.explorers._numbers import number
from course_utils.explorers.noisy_points import CURVE, Points, truth
from course_utils.figures import COLOURS

LEFT, UPPER, LOWER = (0.078, 0.112, 0.405, 0.715), (0.57, 0.607, 0.41, 0.22), (0.57, 0.112, 0.41, 0.25)
TRAIN: dict[str, Any] = {"color": COLOURS["green"], "linewidth": 2.2, "zorder": 4}
HELD_OUT: dict[str, Any] = {"color": COLOURS["blue"], "linewidth": 2.2, "linestyle": "--", "zorder": 3}


def within(error: Any, axes: Axes) -> np.ndarray:
    """Return errors moved onto the axis of their axes; those beyond lie on its ends."""
    return np.clip(error, *axes.get_ylim())


def error_text(error: float) -> str:
    """Return an error in at most 3 digits; what is rounding noise is not printed.

    Examples
    --------
    >>> error_text(0.31415), error_text(3e-16)
    ('0.314', 'below 1e−6')
    """
    return "below 1e−6" if error < 1e-6 else number(float(f"{error:.3g}"))


def draw_legend(axes: Axes, lines: dict[str, Artist]) -> None:
    """Name lines in rows of up to four between axes and their title."""
    style: dict[str, Any] = {
        "loc": "lower left",
        "ncols": 4 if len(lines) <= 4 else 3,
        "handlelength": 1.35,
        "borderpad": 0,
    }
    style |= {"handletextpad": 0.3, "columnspacing": 0.8, "borderaxespad": 0}
    add_legend(axes, lines, {label: label for label in lines}, (0, 1.03), **style)
    axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=TEXT_SIZE, color=INK, pad=22)


def draw_points(axes: Axes, besides: dict[str, Artist] | None = None) -> dict[str, Any]:
    """Draw the truth and a legend, also of lines `besides`; return "train", "held out" and "curve"."""
    axes.set(xlim=(-1.04, 1.04), ylim=(-2.8, 2.8), xticks=[-1, -0.5, 0, 0.5, 1], yticks=range(-2, 3))
    known = axes.plot(CURVE, truth(CURVE), color=INK, linewidth=1.5, linestyle="--", zorder=2)[0]
    artists: dict[str, Any] = {
        "curve": axes.plot([], [], color=COLOURS["vermillion"], linewidth=2.4, zorder=4)[0]
    }
    mark: dict[str, Any] = {"linestyle": "", "markeredgecolor": INK, "zorder": 5}
    mark |= {"marker": "o", "markersize": 6.5, "markeredgewidth": 0.7, "color": TRAIN["color"]}
    artists["train"] = axes.plot([], [], **mark)[0]
    mark |= {"marker": "s", "markersize": 4.5, "markeredgewidth": 1, "color": "white", "zorder": 3}
    artists["held out"] = axes.plot([], [], **{**mark, "markeredgecolor": HELD_OUT["color"]})[0]
    names = {"training": "train", "held out": "held out", "fit": "curve"}
    named = {label: artists[name] for label, name in names.items()}
    draw_legend(axes, {"truth": known} | named | (besides or {}))
    return artists


def move_points(artists: dict[str, Any], data: Points, curve: np.ndarray) -> None:
    """Set both kinds of points and the fitted curve."""
    artists["train"].set_data(data.x, data.y)
    artists["held out"].set_data(data.x_held_out, data.y_held_out)
    artists["curve"].set_data(CURVE, np.clip(curve, -100, 100))


def draw_errors(axes: Axes, ticks: Sequence[float]) -> dict[str, Any]:
    """Prepare axes for errors of both kinds, the noise, and marks for the present and the best fit.

    The axis goes from the first of the `ticks` to the last.
    """
    log_scale(axes)
    axes.set_ylim(ticks[0], ticks[-1])
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    dotted: dict[str, Any] = {"color": INK, "linewidth": 1.5, "linestyle": ":", "zorder": 3}
    artists: dict[str, Any] = {
        "train error": axes.plot([], [], **TRAIN)[0],
        "held-out error": axes.plot([], [], **HELD_OUT)[0],
        "noise": axes.plot([], [], transform=axes.get_yaxis_transform(), **dotted)[0],
    }
    for name, marker, line in (("train now", "o", TRAIN), ("held out now", "s", HELD_OUT)):
        mark: dict[str, Any] = {"linestyle": "", "marker": marker, "color": line["color"], "zorder": 6}
        mark |= {"markersize": 7.5, "markeredgecolor": INK, "clip_on": False}
        artists[name] = axes.plot([], [], **mark)[0]
    mark = {"linestyle": "", "marker": "D", "color": COLOURS["yellow"], "zorder": 5}
    artists["best"] = axes.plot([], [], **mark, markersize=8, markeredgecolor=INK, clip_on=False)[0]
    names = {"training": "train error", "held out": "held-out error", "noise": "noise", "lowest": "best"}
    draw_legend(axes, {label: artists[name] for label, name in names.items()})
    return artists
