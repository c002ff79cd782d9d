"""The picture of `SoftmaxTemperature`: logits, probabilities, slopes, and a curve over the temperature."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend, log_scale
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._numbers import number, short
from course_utils.explorers.softmax_temperature_logits import scan
from course_utils.explorers.softmax_temperature_numbers import COARSE, HIGHEST, LOWEST, TEMPERATURES, Softmax
from course_utils.explorers.softmax_temperature_words import (
    headline,
    little,
    names,
    probability,
    share_right,
)
from course_utils.figures import COLOURS

ENDS = tuple(digit * 10**power for power in range(5) for digit in (1, 2, 5))  # of the logits' axis
LEFT, WIDTH = 0.055, 0.225  # of that axis, in parts of the figure
RANGES = {"loss": (0.03, 300.0), "gradient": (1e-3, 100.0)}  # logarithmic; what is beyond lies on the edge
DECADES = {"loss": (0.1, 1, 10, 100), "gradient": (0.01, 1, 100)}
TITLES = {
    "entropy": "entropy (bits)",
    "largest p": "largest probability",
    "loss": "loss (nats)",
    "gradient": "size of the gradient",
}
SLOPES = LinearSegmentedColormap.from_list("slopes", [COLOURS["blue"], "white", COLOURS["vermillion"]])
TICKS = ("−1/4", "−1/16", "0", "1/16", "1/4")  # evenly spread by `shade`
WORDS: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "color": INK}
STAR: dict[str, Any] = {"marker": "*", "linestyle": "", "markersize": 13, "color": COLOURS["orange"]}
STAR |= {"markeredgecolor": INK, "markeredgewidth": 0.7, "zorder": 6, "clip_on": False}


def shade(slope: np.ndarray) -> np.ndarray:
    """Map slopes from -1/4 to 1/4 to shades from -1 to 1: the root of their size, so that small ones show."""
    return np.sign(slope) * np.sqrt(4 * np.abs(slope))


def end(value: float) -> float:
    """Return the end of an axis, from 5 up, that has room for a value."""
    return next(step for step in ENDS if step >= max(value, 5))


def bounds(found: Softmax) -> tuple[float, float]:
    """Return the ends of the logits' axis, which always shows 0."""
    low, high = float(found.z.min()), float(found.z.max())
    return -end(-low), end(high)


def background(found: Softmax) -> Hashable:
    """Return what the unmoving parts depend on."""
    return found.settings["logits"], found.settings["curve"]


def draw(figure: Figure, found: Softmax) -> dict[str, Artist]:
    """Draw all axes; return bars, stars, the heat map, the curve and its marks."""
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists: dict[str, Any] = {"headline": add_lettering(figure, 0.02, 0.962, **bold)}
    artists |= draw_bars(figure, found)
    artists |= draw_curve(figure, found)
    artists |= draw_jacobian(figure, found)
    return artists | draw_scan(figure, found)


def draw_bars(figure: Figure, found: Softmax) -> dict[str, Artist]:
    """Draw a row for each class: its logit, its probability, and the gradient at the logit."""
    n_classes = len(found.z)
    panels = {
        "z": add_axes(figure, (LEFT, 0.53, WIDTH, 0.345), x="", y="", title="logits z"),
        "p": add_axes(
            figure, (0.34, 0.53, 0.215, 0.345), x="", y="", title="p = softmax(z / T), ★ true class"
        ),
        "dz": add_axes(figure, (0.695, 0.53, 0.265, 0.345), x="", y="", title="gradient (p − y) / T"),
    }
    panels["z"].set(xticks=())  # its limits and their labels move
    panels["p"].set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"))
    panels["dz"].set(xlim=(-1, 1), xticks=(-1, 0, 1), xticklabels=())
    edges = np.sort(np.add.outer(np.arange(n_classes), [-0.34, 0.34]).ravel())
    colours = {"z": COLOURS["sky"], "p": COLOURS["blue"], "dz": COLOURS["purple"]}
    artists: dict[str, Any] = {}
    for name, axes in panels.items():
        axes.set(ylim=(n_classes - 0.45, -0.55), yticks=range(n_classes), yticklabels=names(found))
        axes.tick_params(axis="y", length=0, pad=7)
        axes.spines["left"].set_visible(False)
        looks: dict[str, Any] = {"orientation": "horizontal", "fill": True, "zorder": 3}
        artists[name] = axes.stairs(np.zeros(2 * n_classes - 1), edges, color=colours[name], **looks)
        tips: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": 4.5, "zorder": 5}
        artists[f"tips {name}"] = axes.plot([], [], color=INK, clip_on=False, **tips)[0]
        artists[f"zero {name}"] = axes.axvline(0, color=MUTED, linewidth=0.8, zorder=2.6)
    artists["star p"] = panels["p"].plot([], [], **STAR)[0]
    for i in range(n_classes):
        artists[f"value {i}"] = add_lettering(panels["p"], 1.09, i, va="center", **WORDS)
    below: dict[str, Any] = {"ha": "center", "va": "center", **WORDS}
    for name, x in (("low", 0.695), ("high", 0.96), ("z low", LEFT), ("z zero", 0), ("z high", LEFT + WIDTH)):
        artists[f"tick {name}"] = add_lettering(figure, x, 0.49, **below)
    figure.text(0.8275, 0.49, "0", **below)
    return artists


def draw_curve(figure: Figure, found: Softmax) -> dict[str, Artist]:
    """Draw the axes of the curve over the temperature, with its limit; return curve and marks."""
    curve = found.settings["curve"]
    width = 0.415 if found.is_digit else 0.525
    caption = "temperature T: drag ◆" + (", ▲ best for new writers" if found.is_digit else "")
    axes = add_axes(figure, (0.075, 0.12, width, 0.27), x=caption, y="", title=TITLES[curve])
    axes.set(xscale="log", xlim=(LOWEST, HIGHEST), xticks=(0.05, 0.1, 0.3, 1, 3, 10, 20))
    axes.set(xticklabels=("0.05", "0.1", "0.3", "1", "3", "10", "20"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    draw_limit(axes, found)
    line: dict[str, Any] = {"color": COLOURS["blue"], "linewidth": 2.2, "zorder": 4}
    mark: dict[str, Any] = {"linestyle": "", "markeredgecolor": "white", "zorder": 6, "clip_on": False}
    artists: dict[str, Any] = {
        "curve": axes.plot([], [], **line)[0],
        "now": axes.plot([], [], marker="D", markersize=10, color=INK, **mark)[0],
        "writers": axes.plot([], [], color=COLOURS["green"], linestyle="--", linewidth=2, zorder=3)[0],
    }
    mark |= {"transform": axes.get_xaxis_transform(), "clip_on": True}
    artists["best"] = axes.plot([], [], marker="^", markersize=12, color=COLOURS["green"], **mark)[0]
    if found.is_digit and curve == "loss":
        shown = {"curve": "this scan", "writers": "mean of new writers"}
        add_legend(figure, artists, shown, (0.182, 0.414), ncols=2, handlelength=1.6)
    return artists


def draw_limit(axes: Axes, found: Softmax) -> None:
    """Set the y axis of the curve, and draw the value at infinite temperature, or the largest possible."""
    curve, n_classes = found.settings["curve"], len(found.z)
    looks: dict[str, Any] = {"color": MUTED, "linewidth": 1.2, "linestyle": ":", "zorder": 2}
    if curve in RANGES:
        log_scale(axes)
        axes.set(ylim=RANGES[curve], yticks=DECADES[curve])
    if curve == "gradient":
        axes.plot(TEMPERATURES, math.sqrt(2) / TEMPERATURES, **looks)
        axes.text(0.3, 9, "never above √2 / T", va="bottom", zorder=2, **WORDS)
        return
    value, label, top = {
        "entropy": (found.limit, f"log₂ {n_classes} = {number(found.limit)}", 1.2 * found.limit),
        "largest p": (1 / n_classes, f"1 / {n_classes}", 1.08),
        "loss": (math.log(n_classes), f"ln {n_classes}:\n{short(math.log(n_classes))}", None),
    }[curve]
    if top:
        axes.set(ylim=(0, top))
    axes.axhline(value, **looks)
    beside: dict[str, Any] = {"textcoords": "offset points", "zorder": 2, **WORDS}
    if curve == "loss":  # beside the axes: within, a curve may cross this line anywhere
        axes.annotate(label, (HIGHEST, value), xytext=(7, 0), va="center", **beside)
    else:
        axes.annotate(label, (LOWEST, value), xytext=(2, 4), **beside)


def draw_jacobian(figure: Figure, found: Softmax) -> dict[str, Artist]:
    """Draw the axes of the Jacobian and its colours, in parts of 1 / T; return heat map and largest slope."""
    axes = add_axes(figure, (0.70, 0.12, 0.165, 0.27), x="z", y="p", title="slopes ∂p/∂z, times T")
    n_classes = len(found.z)
    axes.set(xticks=(), yticks=())
    looks: dict[str, Any] = {"cmap": SLOPES, "vmin": -1, "vmax": 1, "interpolation": "nearest"}
    image = axes.imshow(np.zeros((n_classes, n_classes)), aspect="auto", zorder=2.6, **looks)
    for spine in axes.spines.values():
        spine.set_visible(True)
    bar = add_axes(figure, (0.89, 0.12, 0.018, 0.27), x="", y="", title="")
    bar.imshow(np.linspace(-1, 1, 101)[:, None], origin="lower", extent=(0, 1, -1, 1), aspect="auto", **looks)
    bar.yaxis.tick_right()
    bar.set(xticks=(), yticks=np.linspace(-1, 1, 5), yticklabels=TICKS)
    bar.spines["left"].set_visible(False)
    return {"jacobian": image, "largest": add_lettering(figure, 0.70, 0.04, va="center", **WORDS)}


def draw_scan(figure: Figure, found: Softmax) -> dict[str, Artist]:
    """Show the digit, if these are its logits, and how it is read; return the text on all new writers."""
    written = scan(found.settings["logits"])
    if written is None:
        return {}
    axes = add_axes(figure, (0.565, 0.17, 0.1, 0.1 * 720 / 440), x="", y="", title="")
    axes.imshow(written.pixels, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set(xticks=(), yticks=())
    axes.spines[:].set_visible(True)
    looks: dict[str, Any] = {"ha": "center", "va": "center", **WORDS}
    figure.text(0.615, 0.375, f"a {written.label}", **looks)
    figure.text(0.615, 0.14, f"read as {found.winner}", **looks)
    return {"sureness": add_lettering(figure, 0.615, 0.053, **looks)}


def move(artists: dict[str, Any], found: Softmax) -> None:
    """Set bars, tips, star, heat map, curve and marks."""
    settings, n_classes = found.settings, len(found.z)
    temperature, rows = settings["temperature"], np.arange(n_classes)
    for name, lengths in (("z", found.z), ("p", found.p), ("dz", temperature * found.dz)):
        steps = np.zeros(2 * n_classes - 1)  # gaps between the bars are steps, too
        steps[::2] = lengths
        artists[name].set_data(steps)
        artists[f"tips {name}"].set_data(lengths, rows)
    for i, p in enumerate(found.p):
        artists[f"value {i}"].set_text(probability(p))
    move_axis(artists, found)
    artists["star p"].set_data([1], [found.label])
    artists["tick low"].set_text(short(-1 / temperature))
    artists["tick high"].set_text(short(1 / temperature))
    artists["jacobian"].set_data(shade(temperature * found.jacobian))
    artists["largest"].set_text(f"largest slope {little(np.abs(found.jacobian).max())}")
    curve = settings["curve"]
    ends = RANGES.get(curve, (0, np.inf))
    artists["curve"].set_data(TEMPERATURES, np.clip(found.curves[curve], *ends))
    artists["now"].set_data([temperature], np.clip([found.at[curve]], *ends))
    if found.best is not None and found.sureness is not None:
        said = f"new writers:\nmean p {probability(found.sureness)},\n{share_right()} right"
        artists["sureness"].set_text(said)
        artists["best"].set_data([found.best], [0.045])
        artists["best"].set_visible(found.best <= HIGHEST)
    if found.writers_loss is not None and curve == "loss":
        artists["writers"].set_data(COARSE, found.writers_loss)
    artists["headline"].set_text(headline(found))


def move_axis(artists: dict[str, Any], found: Softmax) -> None:
    """Set the limits of the logits' axis, whose labels are moving text: no background is redrawn for them."""
    low, high = bounds(found)
    artists["z"].axes.set_xlim(low, high)
    zero = -low / (high - low)
    for name, value, away in (("low", low, zero), ("high", high, 1 - zero)):
        artists[f"tick z {name}"].set_text(number(value) if away > 0.13 else "")
    artists["tick z zero"].set_text("0")
    artists["tick z zero"].set_x(LEFT + zero * WIDTH)
