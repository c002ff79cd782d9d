"""The picture of `BiasVariance`: many fits and their band, the error's parts along an axis, their sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend, log_scale
from course_utils.explorers._edges import axes_of
from course_utils.explorers._lettering import add_headline, add_lettering
from course_utils.explorers._numbers import number
from course_utils.explorers.bias_variance_fits import MOST_MEMBERS
from course_utils.explorers.bias_variance_runs import (
    OFF,
    ManyFits,
)
from course_utils.explorers.bias_variance_words import headline, measured_bias, part_text
from course_utils.explorers.noisy_points import MOST, truth
from course_utils.explorers.noisy_points_picture import error_text, within
from course_utils.explorers.penalized_polynomials import HIGHEST, STRENGTHS, basis
from course_utils.figures import COLOURS

CURVE = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 91))  # x where fits are drawn: more near the ends
AT_CURVE = basis(CURVE, HIGHEST)  # (91, 16)
LEFT, UPPER, LOWER = (0.072, 0.112, 0.405, 0.69), (0.58, 0.45, 0.4, 0.352), (0.64, 0.112, 0.34, 0.13)
MOST_LINES = 20  # fits that are drawn
BIAS, VARIANCE, NOISE = COLOURS["blue"], COLOURS["orange"], "#8a8a8a"
GRIPS = {"degree": "now", "penalty": "now penalty", "points": "now points", "fits averaged": "now members"}
CAPTIONS = {
    "degree": "degree",
    "penalty": "strength of the penalty",
    "points": "points in each data set",
    "fits averaged": "fits averaged",
}


def draw(figure: Figure, found: ManyFits) -> dict[str, Artist]:
    """Draw all axes, the truth and the legends; return what moves."""
    artists: dict[str, Any] = {"headline": add_headline(figure)}
    artists |= draw_fits(add_axes(figure, LEFT, x="x", y="y", title=""))
    upper = add_axes(figure, UPPER, x="", y="mean squared error", title="")
    artists |= draw_parts(upper, found.settings["axis"])
    return artists | draw_bars(add_axes(figure, LOWER, x="part of the measured error", y="", title=""))


def draw_fits(axes: Axes) -> dict[str, Artist]:
    """Return truth, fits, their mean and band, the gap between mean and truth, and a sample."""
    axes.set(xlim=(-1.04, 1.04), ylim=(-2.8, 2.8), xticks=[-1, -0.5, 0, 0.5, 1], yticks=range(-2, 3))
    single: dict[str, Any] = {"color": COLOURS["green"], "zorder": 4.5}
    mark: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 5.5, "markeredgecolor": INK}
    artists: dict[str, Any] = {
        "truth": axes.plot(CURVE, truth(CURVE), color=INK, linewidth=1.8, linestyle="--", zorder=6)[0],
        "fits": axes.plot([], [], color="#8a8a8a", linewidth=0.45, zorder=2.6)[0],
        "band": axes.fill([], [], color=VARIANCE, alpha=0.4, linewidth=0, zorder=3)[0],
        "gap": axes.fill([], [], color=COLOURS["sky"], alpha=0.6, linewidth=0, zorder=4)[0],
        "sample fit": axes.plot([], [], linewidth=1.4, **single)[0],
        "mean": axes.plot([], [], color=BIAS, linewidth=2.8, zorder=5)[0],
        "sample": axes.plot([], [], markeredgewidth=0.6, **mark, **single)[0],
    }
    names = {"truth": "truth", "mean": "mean of fits", "gap": "gap: bias", "band": "band: spread"}
    names |= {"sample": "one sample", "sample fit": "its fit"}
    draw_legend(axes, artists, names, 1.35)
    return artists


def draw_legend(axes: Axes, artists: dict[str, Any], names: dict[str, str], length: float) -> None:
    """Name artists in two rows above axes, with lines of that length."""
    style: dict[str, Any] = {"loc": "lower left", "ncols": 3, "handlelength": length, "borderpad": 0}
    style |= {"columnspacing": 0.8, "borderaxespad": 0}
    add_legend(axes, artists, names, (-0.02, 1.035), **style)


def draw_parts(axes: Axes, axis: str) -> dict[str, Artist]:
    """Prepare the axes of the errors; return lines of what is expected, and marks of what is measured."""
    log_scale(axes)
    axes.set(ylim=(1e-4, 10))
    axes.yaxis.set_major_locator(FixedLocator([1e-3, 0.1, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.set_xlabel(f"{CAPTIONS[axis]}: drag ◆", fontsize=TEXT_SIZE, color=INK, labelpad=2)
    set_places(axes, axis)
    artists: dict[str, Any] = {}
    looks: dict[str, dict[str, Any]] = {
        "bias": {"color": BIAS, "linestyle": "--", "linewidth": 2},
        "variance": {"color": VARIANCE, "linestyle": "-.", "linewidth": 2},
        "noise": {"color": NOISE, "linestyle": ":", "linewidth": 2},
        "total": {"color": INK, "linestyle": "-", "linewidth": 2},
    }
    for depth, (name, look) in enumerate(looks.items()):
        artists[name] = axes.plot([], [], zorder=3 + depth / 10, **look)[0]
    mark: dict[str, Any] = {"linestyle": "", "clip_on": False, "markeredgewidth": 0.9}
    for name, shape, colour in (("bias", "s", BIAS), ("variance", "^", VARIANCE), ("fresh", "o", INK)):
        style: dict[str, Any] = {
            "marker": shape,
            "color": "white" if name == "fresh" else colour,
            "markeredgecolor": colour,
        }
        size = 5 if name == "fresh" else 4
        artists[f"measured {name}"] = axes.plot([], [], markersize=size, zorder=4, **mark, **style)[0]
    artists["level"] = axes.plot([], [], color=MUTED, linewidth=1, zorder=2.6)[0]
    diamond: dict[str, Any] = {"marker": "D", "markersize": 9, "color": INK, "markeredgecolor": "white"}
    for name in (*GRIPS.values(), "off"):
        artists[name] = axes.plot([], [], linestyle="", clip_on=False, zorder=7, **diamond)[0]
    names = {"bias": "bias²", "variance": "variance", "noise": "noise", "total": "sum"}
    draw_legend(axes, artists, names | {"measured fresh": "fresh points", "measured bias": "measured"}, 2.4)
    return artists


def set_places(axes: Axes, axis: str) -> None:
    """Set limits and ticks of the axis that the errors are drawn over."""
    if axis == "penalty":
        axes.set(xscale="log", xlim=(OFF / 1.2, STRENGTHS[-1] * 1.2))
        axes.xaxis.set_major_locator(FixedLocator([OFF, 1e-4, 0.01, 1]))
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: "off" if value == OFF else number(value))
        )
        axes.xaxis.set_minor_locator(NullLocator())
    elif axis == "degree":
        axes.set(xlim=(0.15, HIGHEST + 0.85), xticks=range(1, HIGHEST + 1, 2))
    elif axis == "points":
        axes.set(xlim=(8.5, MOST + 1.5), xticks=range(10, MOST + 1, 10))
    else:
        axes.set(xlim=(0.2, MOST_MEMBERS + 0.8), xticks=(1, 5, 10, 15, 20))


def draw_bars(axes: Axes) -> dict[str, Artist]:
    """Draw the axes of the sum; return its parts, the measured error and the text above them."""
    axes.set(xlim=(0, 1.12), ylim=(1.55, -0.55), xticks=(0, 0.5, 1), yticks=(0, 1))
    axes.set_xticklabels(["0", "50 %", "100 %"])
    axes.set_yticklabels(["sum", "fresh"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(1, color=MUTED, linewidth=1, linestyle=":", zorder=2)
    artists: dict[str, Any] = {}
    for name, colour in (("bias", BIAS), ("variance", VARIANCE), ("noise", NOISE), ("fresh", "white")):
        edge = INK if name == "fresh" else "white"
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": edge, "linewidth": 1, "zorder": 3}
        artists[f"bar {name}"] = axes.fill([], [], **look)[0]
    words: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "color": INK, "va": "center"}
    figure = axes.figure
    artists["equation"] = add_lettering(figure, 0.54, 0.307, **words)  # type: ignore[arg-type]
    return artists


def move(artists: dict[str, Any], found: ManyFits) -> None:
    """Set fits, errors, bars and words."""
    move_fits(artists, found)
    move_parts(artists, found)
    move_bars(artists, found)
    artists["headline"].set_text(headline(found))


def move_fits(artists: dict[str, Any], found: ManyFits) -> None:
    """Draw the fits as one line with gaps; mean and band are those of all fits, drawn or not."""
    curves = found.weights @ AT_CURVE.T  # (R, 91)
    mean, deviation = curves.mean(axis=0), curves.std(axis=0, ddof=1)
    few = np.clip(curves[:MOST_LINES], -100, 100)
    gaps = np.column_stack([few, np.full(len(few), np.nan)])
    artists["fits"].set_data(np.tile([*CURVE, np.nan], len(few)), gaps.ravel())
    artists["mean"].set_data(CURVE, np.clip(mean, -100, 100))
    artists["band"].set_xy(outline(mean - deviation, mean + deviation))
    artists["gap"].set_xy(outline(truth(CURVE), mean))
    artists["sample"].set_data(found.x, found.sample)
    artists["sample fit"].set_data(CURVE, np.clip(AT_CURVE @ found.sample_weights, -100, 100))


def outline(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the corners of the area between two curves, (182, 2)."""
    y = np.concatenate([low, high[::-1]])
    return np.column_stack([np.concatenate([CURVE, CURVE[::-1]]), np.clip(y, -100, 100)])


def move_parts(artists: dict[str, Any], found: ManyFits) -> None:
    """Set lines, marks and the grip; what is beyond the axis lies on its ends."""
    axes, path = axes_of(artists["total"]), found.path
    parts = {"bias": path.bias, "variance": path.variance, "noise": path.noise, "total": path.total}
    for name, values in parts.items():
        artists[name].set_data(found.places, within(values, axes))
    for name in found.measured_path._fields:
        artists[f"measured {name}"].set_data(found.marks, within(getattr(found.measured_path, name), axes))
    artists["level"].set_data([found.here, found.here], axes.get_ylim())
    for name in (*GRIPS.values(), "off"):
        artists[name].set_data([], [])
    name = "off" if found.here == OFF else GRIPS[found.settings["axis"]]
    artists[name].set_data([found.here], [within(found.exact.total, axes)])


def move_bars(artists: dict[str, Any], found: ManyFits) -> None:
    """Stack the measured parts beside the measured error; a bias squared below 0 counts as 0."""
    bias, variance, fresh = (float(part[0]) for part in found.measured)
    total = bias + variance + found.exact.noise
    unit = max(fresh, 1e-12)
    ends = np.array([0, max(bias, 0), bias + variance, total]) / unit
    spans = dict(zip(("bias", "variance", "noise"), zip(ends[:-1], ends[1:], strict=True), strict=True))
    for name, (start, end) in {**spans, "fresh": (0, fresh / unit)}.items():
        row = int(name == "fresh")
        y = [row - 0.38, row + 0.38, row + 0.38, row - 0.38]
        artists[f"bar {name}"].set_xy(np.column_stack([[start, start, end, end], y]))
    artists["equation"].set_text(
        f"measured: bias² {measured_bias(bias)} + variance {part_text(variance)}\n"
        f"+ noise {part_text(found.exact.noise)} = {error_text(total)}; fresh points {error_text(fresh)}"
    )
