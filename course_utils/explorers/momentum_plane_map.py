"""The map of `MomentumPlane`: the factor per step over learning rate and momentum, with its borders."""

from __future__ import annotations

import functools
import math
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, add_legend
from course_utils.explorers.momentum_plane_runs import (
    HIGHEST_LR,
    HIGHEST_MOMENTUM,
    LOWEST_LR,
    Plane,
    down_the_axis,
    factor_map,
    up_the_axis,
)
from course_utils.explorers.momentum_plane_theory import limit, swinging
from course_utils.explorers.playground_picture import PixelMap

N_BANDS, SLOWEST = 32, 4.0  # bands of colour, over that many decades of steps to a tenth
STRIPED: dict[str, Any] = {"facecolor": "#e4e4e4", "edgecolor": "#8a8a8a", "hatch": "///", "linewidth": 1}
MOMENTA = down_the_axis(np.linspace(0, up_the_axis(HIGHEST_MOMENTUM), 121))


def _palette() -> np.ndarray:
    """Return (N_BANDS, 3) uint8: from fast, yellow, to slow, dark violet."""
    colours = matplotlib.colormaps["viridis"](np.linspace(1, 0, N_BANDS))[:, :3]
    return np.rint(255 * colours).astype(np.uint8)


PALETTE = _palette()


def band(factor: np.ndarray) -> np.ndarray:
    """Return the band of colour of factors: evenly spread over the logarithm of the steps to a tenth.

    Examples
    --------
    >>> band(np.array([0.0, 0.1, 0.1**0.01, 0.99999, 1.0, 2.0])).tolist()
    [0, 0, 16, 31, 31, 31]
    """
    with np.errstate(divide="ignore"):
        n_steps = math.log(10) / -np.log(np.minimum(factor, 1 - 1e-9))
    place = np.log10(np.maximum(n_steps, 1)) / SLOWEST
    return np.minimum((N_BANDS * place + 1e-9).astype(np.intp), N_BANDS - 1)


@functools.lru_cache(maxsize=16)
def colour_map(condition: float, method: str) -> np.ndarray:
    """Paint the factors of all cells: (280, 280, 3) uint8 from below, to be left as it is."""
    return PALETTE[band(factor_map(condition, method))]


def draw_map(figure: Figure) -> dict[str, Artist]:
    """Draw the axes of the map; return its colours, borders and marks."""
    axes = add_axes(
        figure,
        (0.085, 0.115, 0.395, 0.575),
        x="learning rate × largest curvature: drag ◆",
        y="momentum",
        title="",
    )
    axes.set_xscale("log")
    axes.set_yscale("function", functions=(up_the_axis, down_the_axis))
    axes.set(xlim=(LOWEST_LR, HIGHEST_LR), ylim=(0, HIGHEST_MOMENTUM))
    axes.spines[:].set_visible(False)  # the moving map would cover half of their width
    for axis, ticks in (
        (axes.xaxis, (0.01, 0.03, 0.1, 0.3, 1, 2, 4)),
        (axes.yaxis, (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)),
    ):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FixedFormatter([f"{tick:g}" for tick in ticks]))
        axis.set_minor_locator(NullLocator())
    casing: dict[str, Any] = {"color": INK, "linewidth": 2.6}
    core: dict[str, Any] = {"color": "white", "linewidth": 1.2}
    artists: dict[str, Any] = {"map": axes.add_artist(PixelMap())}
    artists["diverges"] = axes.add_patch(Polygon([(1, 0)], zorder=4, **STRIPED))
    for name, dashes, zorder in (("steep", (0, (2.5, 1.5)), 3), ("flat", "-", 3.4)):
        artists[f"casing {name}"] = axes.plot([], [], zorder=zorder, **casing)[0]
        artists[f"border {name}"] = axes.plot([], [], linestyle=dashes, zorder=zorder + 0.2, **core)[0]
    mark: dict[str, Any] = {"linestyle": "", "clip_on": False, "markeredgecolor": INK}
    star: dict[str, Any] = {"marker": "*", "markersize": 13, "color": "white", "zorder": 7}
    triangle: dict[str, Any] = {"marker": "^", "markersize": 10, "color": "white", "zorder": 5}
    here: dict[str, Any] = {"marker": "D", "markersize": 11.5, "color": INK, "zorder": 6}
    artists["best"] = axes.plot([], [], **mark | star)[0]
    artists["plain"] = axes.plot([], [], **mark | triangle)[0]
    artists["here"] = axes.plot([], [], **mark | here | {"markeredgecolor": "white"})[0]
    handles = {
        "best": artists["best"],
        "plain": artists["plain"],
        "hatch": Patch(**STRIPED),
        "steep": (artists["casing steep"], artists["border steep"]),
        "flat": (artists["casing flat"], artists["border flat"]),
    }
    names = {"best": "best pair", "plain": "best at momentum 0", "hatch": "diverges"}
    names |= {"steep": "steep swings above", "flat": "flat swings above"}
    style: dict[str, Any] = {"columnspacing": 0.9, "handlelength": 1.6, "borderpad": 0}
    for some, height in ((("best", "plain", "hatch"), 0.895), (("steep", "flat"), 0.85)):
        shown = {name: names[name] for name in some}
        add_legend(figure, handles, shown, (0.012, height), ncols=len(some), **style)
    return artists


def draw_key(figure: Figure) -> None:
    """Say which factor has which colour, and how many steps to a tenth that is."""
    left, width = 0.085, 0.25
    key = add_axes(figure, (left, 0.755, width, 0.022), x="", y="", title="")
    key.imshow(PALETTE[None], extent=(0, SLOWEST, 0, 1), aspect="auto", interpolation="nearest")
    key.set(xticks=(), yticks=())
    key.spines[:].set_visible(False)
    for factor in (0.1, 0.5, 0.8, 0.95, 0.99, 0.999):
        at = left + width * math.log10(math.log(10) / -math.log(factor)) / SLOWEST
        figure.text(at, 0.784, f"{factor:g}", ha="center", va="bottom", fontsize=TEXT_SIZE - 2, color=INK)
    for decade in range(int(SLOWEST) + 1):
        at = left + width * decade / SLOWEST
        figure.text(at, 0.75, f"{10**decade}", ha="center", va="top", fontsize=TEXT_SIZE - 2, color=INK)
    beside: dict[str, Any] = {"ha": "left", "fontsize": TEXT_SIZE - 2, "color": INK}
    figure.text(left + width + 0.025, 0.784, "factor per step", va="bottom", **beside)
    figure.text(left + width + 0.038, 0.75, "steps to a tenth", va="top", **beside)


def move_map(artists: dict[str, Any], found: Plane) -> None:
    """Set the colours, where it diverges, where each direction swings, and the marks."""
    settings = found.settings
    method, condition = settings["method"], settings["condition"]
    artists["map"].set_data(colour_map(condition, method))
    edge = np.column_stack([limit(MOMENTA, method), MOMENTA])
    corners = [(1.1 * HIGHEST_LR, HIGHEST_MOMENTUM), (1.1 * HIGHEST_LR, 0)]
    artists["diverges"].set_xy(np.concatenate([edge, corners]))
    for name, curvature in (("steep", 1.0), ("flat", 1 / condition)):
        border = outline(curvature, method)
        for part in ("casing", "border"):
            artists[f"{part} {name}"].set_data(*border)
    artists["best"].set_data([found.best.lr], [found.best.momentum])
    artists["plain"].set_data([found.plain.lr], [0])
    artists["here"].set_data([settings["lr"]], [settings["momentum"]])


def outline(curvature: float, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the line around the region where a direction swings: up its left side, down its right one."""
    first, last = swinging(MOMENTA, method)
    gap = [np.nan]  # the region is open at the top
    lr = np.concatenate([first, gap, last[::-1]]) / curvature
    return lr, np.concatenate([MOMENTA, gap, MOMENTA[::-1]])
