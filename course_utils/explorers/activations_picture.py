"""The picture of `Activations`: function and slope, the pre-activations, and both shares over the bias."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._numbers import number
from course_utils.explorers.activations_layer import BINS, SHIFTS, VIEW, Layer, X
from course_utils.explorers.activations_words import headline
from course_utils.figures import COLOURS

SLOPE_TOPS, VALUE_TOPS = (0.3, 2.2), (1.5, 4, 15, 80)  # ends of the axes, so that few changes redraw
FILL: dict[str, Any] = {"facecolor": (0.84, 0.37, 0, 0.2), "linewidth": 0}
FILL |= {"zorder": 2.6}  # above the axes' own lines, below curves and bars
CAPTION = "pre-activations x; ◆ their bias: drag it"


def axis_tops(layer: Layer) -> tuple[float, float]:
    """Return the upper ends of the function's axis and of its slope's."""
    at_zero = np.interp(0, X, layer.y)
    lowest = 1.5 if layer.settings["activation"] in ("sigmoid", "tanh", "hardtanh") else 4
    value = next(top for top in VALUE_TOPS if top >= max(lowest, 1.1 * at_zero))
    return value, next(top for top in SLOPE_TOPS if top >= 1.04 * layer.largest)


def draw(figure: Figure, layer: Layer) -> dict[str, Artist]:
    """Draw the axes; return curves, histogram and marks."""
    value_top, slope_top = axis_tops(layer)
    panels = {
        "value": add_axes(figure, (0.075, 0.655, 0.515, 0.22), x="", y="", title="activation"),
        "slope": add_axes(figure, (0.075, 0.385, 0.515, 0.18), x="", y="", title="its slope"),
        "z": add_axes(figure, (0.075, 0.115, 0.515, 0.18), x="x", y="", title=CAPTION),
    }
    panels["value"].set(ylim=(-1.25 if value_top < 2 else -2.25, value_top))
    for top, ticks in ((1.5, (-1, 0, 1)), (4, (-2, 0, 2, 4))):
        if value_top == top:
            panels["value"].set_yticks(ticks)
    panels["slope"].set(ylim=(-0.2 if slope_top > 1 else -0.03, slope_top))
    panels["z"].set(ylim=(0, 0.3), yticks=(0, 0.15, 0.3), yticklabels=("0", "15 %", "30 %"))
    artists: dict[str, Any] = {}
    for name, axes in panels.items():
        axes.set(xlim=(-VIEW, VIEW), xticks=np.arange(-6, 7, 2))
        across = axes.get_xaxis_transform()
        artists[f"region {name}"] = axes.fill_between(X, 0, 1, where=X > VIEW, transform=across, **FILL)
        if name != "z":
            axes.axhline(0, color="#aaaaaa", linewidth=0.8)
            axes.tick_params(labelbottom=False)
    line: dict[str, Any] = {"linewidth": 2.2, "zorder": 4}
    artists["value"] = panels["value"].plot(X, layer.y, color=COLOURS["blue"], **line)[0]
    artists["slope"] = panels["slope"].plot(X, layer.slope, color=COLOURS["green"], **line)[0]
    empty = np.zeros(len(BINS) - 1)
    bars: dict[str, Any] = {"fill": True, "zorder": 3}
    artists["all"] = panels["z"].stairs(empty, BINS, color=COLOURS["sky"], **bars)
    artists["saturated"] = panels["z"].stairs(empty, BINS, color=COLOURS["vermillion"], zorder=4, fill=True)
    diamond: dict[str, Any] = {"marker": "D", "color": INK, "markeredgecolor": "white", "clip_on": False}
    artists["bias"] = panels["z"].plot([], [], markersize=9, zorder=6, **diamond)[0]
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = add_lettering(figure, 0.02, 0.962, **bold)
    return artists | draw_shares(figure)


def draw_shares(figure: Figure) -> dict[str, Artist]:
    """Draw the axes of both shares over the bias; return the lines, the marks and the text below."""
    axes = add_axes(figure, (0.70, 0.425, 0.275, 0.45), x="bias of all units", y="", title="share")
    axes.set(xlim=(-VIEW, VIEW), ylim=(-0.02, 1.04), xticks=np.arange(-6, 7, 3))
    axes.set(yticks=(0, 0.5, 1), yticklabels=("0", "50 %", "100 %"))
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    orange, black = COLOURS["vermillion"], COLOURS["black"]
    mark: dict[str, Any] = {"linestyle": "", "markersize": 9, "markeredgecolor": "white", "zorder": 6}
    mark["clip_on"] = False
    artists: dict[str, Any] = {
        "shares saturated": axes.plot([], [], color=orange, linewidth=2, zorder=4)[0],
        "shares dead": axes.plot([], [], color=black, linewidth=2, linestyle="--", zorder=4)[0],
        "at saturated": axes.plot([], [], marker="o", color=orange, **mark)[0],
        "at dead": axes.plot([], [], marker="X", color=black, **mark)[0],
        "mean": add_lettering(figure, 0.80, 0.075, fontsize=TEXT_SIZE, color=INK),
    }
    lines = [artists[name] for name in ("shares saturated", "shares dead")]
    shown = [*lines, Patch(**FILL)]
    names = ["saturated", "dead units", "saturated x"]
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0.63, 0.325), "frameon": False}
    figure.legend(shown, names, fontsize=TEXT_SIZE, labelcolor=INK, handlelength=2.2, **place)
    figure.text(0.645, 0.075, "mean output", fontsize=TEXT_SIZE, color=INK)
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=":")
    return artists


def move(artists: dict[str, Any], layer: Layer) -> None:
    """Set curves, shaded regions, histogram and marks."""
    settings = layer.settings
    artists["value"].set_ydata(layer.y)
    artists["slope"].set_ydata(layer.slope)
    saturated = np.abs(layer.slope) < settings["threshold"] * layer.largest
    for name in ("value", "slope", "z"):
        artists[f"region {name}"].set_data(X, np.zeros_like(X), np.ones_like(X), where=saturated)
    for name, z in (("all", layer.z.ravel()), ("saturated", layer.z[layer.is_saturated])):
        artists[name].set_data(np.histogram(z, BINS)[0] / layer.z.size)
    artists["bias"].set_data([settings["shift"]], [0])
    for column, name in enumerate(("saturated", "dead")):
        artists[f"shares {name}"].set_data(SHIFTS, layer.shares[:, column])
        artists[f"at {name}"].set_data([settings["shift"]], [getattr(layer, name)])
    artists["mean"].set_text(number(layer.mean))
    artists["headline"].set_text(headline(layer))
