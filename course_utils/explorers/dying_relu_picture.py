"""The picture of `DyingReLU`: the cloud under the units' lines, and the units' lives over the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend, log_scale
from course_utils.explorers._lettering import add_headline
from course_utils.explorers.dying_relu_run import (
    ARRIVES,
    BELOW,
    DRIFTS,
    LEAVES,
    N_STEPS,
    N_UNITS,
    progress,
)
from course_utils.explorers.playground_picture import PixelMap
from course_utils.figures import COLOURS

if TYPE_CHECKING:
    from course_utils.explorers.dying_relu import Moment

VIEW = 3.6  # the plane is shown from -VIEW to VIEW, both ways
LOWEST, HIGHEST = 1e-3, 1e2  # ends of the loss axis
ARROW, BARB = 0.45, 0.17  # lengths of an arrow and of the strokes of its head
CLASSES = {0: ("o", COLOURS["sky"]), 1: ("^", COLOURS["orange"])}
UNITS: dict[str, dict[str, Any]] = {  # state: colour, style of the line, mark
    "alive": {"color": COLOURS["green"], "linestyle": "-", "marker": "o"},
    "asleep": {"color": COLOURS["purple"], "linestyle": "-.", "marker": "s"},
    "dead": {"color": "#8c8c8c", "linestyle": (0, (4, 2.5)), "marker": "X"},
}
DEAD, UNKNOWN = 216, 255  # greys of the map of units
SHADES = np.rint(255 * matplotlib.colormaps["viridis"](np.linspace(0, 1, 101))[:, :3]).astype(np.uint8)
LEFT, WIDTH = 0.595, 0.385  # of the axes on the right


def lines_in_view(weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut each line w x + b = 0 to the picture: both ends (n, 2, 2), NaN where it is out of sight.

    Also returns the normals towards the active sides, (n, 2), of length 1.

    Examples
    --------
    >>> ends, normals = lines_in_view(np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([-2.0, 9.0]))
    >>> ends[0].tolist(), normals[0].tolist()  # x1 = 1, active to the right
    ([[1.0, -3.6], [1.0, 3.6]], [1.0, 0.0])
    >>> bool(np.isnan(ends[1]).all())
    True
    """
    with np.errstate(all="ignore"):
        weight, bias = weight.astype(float), bias.astype(float)
        length = np.linalg.norm(weight, axis=1, keepdims=True)
        normal = weight / length
        foot = -bias[:, None] / length * normal  # nearest to the origin
        along = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
        walls = (np.array([-VIEW, VIEW])[:, None, None] - foot) / along  # how far along, (2, n, 2)
        parallel = along == 0
        walls[:, parallel] = np.where(np.abs(foot[parallel]) < VIEW, [[-np.inf], [np.inf]], np.nan)
        first, last = walls.min(axis=0).max(axis=1), walls.max(axis=0).min(axis=1)  # (n,)
        reach = np.where(first < last, [first, last], np.nan)  # (2, n)
    return foot[:, None] + reach.T[..., None] * along[:, None], normal


def marks(ends: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return where on each line its mark is, (n, 2): near an end, with room for the arrow if there is."""
    along = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(along, axis=1)  # NaN out of sight
    near, far = (np.minimum(0.5, back / length) for back in (0.5, 1.1))
    places = np.stack([1 - near, near, 1 - far, far, np.full_like(near, 0.5)])  # parts of the way, (5, n)
    feet = ends[:, 0] + places[..., None] * along  # (5, n, 2)
    fits = (np.abs(feet + ARROW * normal) < VIEW - 0.1).all(axis=-1)  # (5, n)
    return feet[fits.argmax(axis=0), np.arange(len(ends))]


def arrows(foot: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return arrows from `foot` along `normal`, both (n, 2), as one line with gaps, (6n, 2)."""
    tip = foot + ARROW * normal
    side = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
    left, right = (tip + BARB * (turn * side - normal) / np.sqrt(2) for turn in (1, -1))
    return np.stack([foot, tip, left, tip, right, np.full_like(tip, np.nan)], axis=1).reshape(-1, 2)


def draw(figure: Figure, moment: Moment) -> dict[str, Artist]:
    """Draw four empty axes; return what moves."""
    moves = moment.settings["moves"]
    labels = ["output 1 of the layer below", "output 2 of the layer below"]
    x, y = labels if moves == BELOW else ("input x1", "input x2")
    hint = "; arrows: to the active side"
    plane = add_axes(figure, (0.075, 0.115, 0.412, 0.674), x=x + hint, y=y, title="")
    plane.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xticks=range(-3, 4), yticks=range(-3, 4))
    plane.spines[:].set_visible(False)
    artists = {**_draw_plane(plane), **_draw_lives(figure, moves), **_draw_loss(figure, moves)}
    artists["headline"] = add_headline(figure)
    names = {"class 0": "class 0", "lines alive": "alive", "class 1": "class 1", "lines asleep": "asleep"}
    names |= {"target": "drifts to (drag)"} if moves == DRIFTS else {}
    names |= {"lines dead": "dead unit"}
    add_legend(figure, artists, names, (0.008, 0.868), ncols=3, handlelength=1.7)
    return artists


def _draw_plane(axes: Axes) -> dict[str, Any]:
    artists: dict[str, Any] = {}
    for label, (marker, colour) in CLASSES.items():
        points: dict[str, Any] = {"linestyle": "", "marker": marker, "markersize": 5, "color": colour}
        points |= {"markeredgecolor": INK, "markeredgewidth": 0.5, "zorder": 2}
        artists[f"class {label}"] = axes.plot([], [], **points)[0]
    for i, (state, look) in enumerate(reversed(UNITS.items())):
        line = {"color": look["color"], "linestyle": look["linestyle"], "linewidth": 1.6, "zorder": 3 + i}
        artists[f"lines {state}"] = axes.plot([], [], **line)[0]
        arrow = {**line, "linestyle": "-", "linewidth": 1.8, "solid_capstyle": "round"}
        artists[f"arrows {state}"] = axes.plot([], [], **arrow)[0]
        mark = {"linestyle": "", "marker": look["marker"], "color": look["color"], "zorder": 7 + i}
        mark |= {"markersize": 8 if state == "dead" else 6, "markeredgecolor": INK, "markeredgewidth": 0.7}
        artists[f"marks {state}"] = axes.plot([], [], **mark)[0]
    artists["way"] = axes.plot([], [], color=COLOURS["vermillion"], linestyle=":", linewidth=2, zorder=11)[0]
    ring: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 11, "markerfacecolor": "none"}
    ring |= {"markeredgecolor": COLOURS["vermillion"], "markeredgewidth": 2.4, "zorder": 12}
    artists["target"] = axes.plot([], [], **ring)[0]
    return artists


def _over_steps(figure: Figure, low: float, height: float, title: str, moves: str) -> Axes:
    axes = add_axes(figure, (LEFT, low, WIDTH, height), x="", y="", title=title)
    axes.set(xlim=(-0.5, N_STEPS + 0.5), xticks=range(0, N_STEPS + 1, 20))
    axes.tick_params(labelbottom=False)
    axes.title.set_position((-0.11, 1))
    if moves == DRIFTS:
        axes.axvspan(LEAVES, ARRIVES, color="#f2f2f2", zorder=0)
    return axes


def _draw_lives(figure: Figure, moves: str) -> dict[str, Any]:
    axes = _over_steps(figure, 0.755, 0.12, "units alive", moves)
    axes.set(ylim=(-0.8, N_UNITS + 0.8), yticks=(0, 7, N_UNITS))
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    if moves == DRIFTS:
        middle = (LEAVES + ARRIVES) / 2
        axes.text(middle, 17, "drift", fontsize=TEXT_SIZE - 1.5, ha="center", va="center", color=MUTED)
    line: dict[str, Any] = {"color": COLOURS["green"], "linewidth": 2.2, "clip_on": False, "zorder": 4}
    line |= {"marker": "o", "markersize": 6.5, "markeredgecolor": INK, "markevery": [-1]}  # the present
    artists: dict[str, Any] = {"number alive": axes.plot([], [], **line)[0]}
    units = _over_steps(figure, 0.425, 0.23, "", "")
    units.set(ylim=(N_UNITS + 0.5, 0.5), yticks=(1, 7, N_UNITS))
    units.spines[:].set_visible(False)  # the map would cover half of their width
    units.set_ylabel("unit", fontsize=TEXT_SIZE, color=INK, labelpad=1)
    artists["units"] = units.add_artist(PixelMap())
    _add_key(figure, 0.677)
    return artists


def _add_key(figure: Figure, height: float) -> None:
    """Say above the map of the units what its colours mean."""
    style: dict[str, Any] = {"fontsize": TEXT_SIZE, "color": INK, "va": "center"}
    figure.text(LEFT - 0.042, height, "active on  0", **style)
    strip = figure.add_axes((LEFT + 0.091, height - 0.015, 0.085, 0.03))
    strip.imshow(SHADES[None], aspect="auto")
    figure.text(LEFT + 0.184, height, "100 %", **style)
    box = figure.add_axes((LEFT + 0.278, height - 0.015, 0.022, 0.03))
    box.imshow(np.full((1, 1, 3), DEAD, np.uint8), aspect="auto")
    figure.text(LEFT + 0.308, height, "dead", **style)
    for axes in (strip, box):
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color(MUTED)
        axes.spines[:].set_visible(True)


def _draw_loss(figure: Figure, moves: str) -> dict[str, Any]:
    axes = _over_steps(figure, 0.115, 0.225, "loss (cross-entropy), logarithmic", moves)
    axes.tick_params(labelbottom=True)
    axes.set_xlabel("step", fontsize=TEXT_SIZE, labelpad=1)
    log_scale(axes)
    axes.axhline(np.log(2), color=INK, linewidth=1, linestyle=":")
    guess: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": TEXT_SIZE - 2, "color": INK}
    axes.text(N_STEPS, 1.1, "guessing, ln 2", **guess)
    axes.set(ylim=(LOWEST, HIGHEST))
    line = axes.plot([], [], color=COLOURS["vermillion"], linewidth=2.2, zorder=4)[0]
    mark: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6.5, "color": line.get_color()}
    mark |= {"markeredgecolor": INK, "clip_on": False, "zorder": 5}
    return {"loss": line, "now": axes.plot([], [], **mark)[0]}


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Set cloud, lines, arrows, marks, the map of the units and both curves."""
    for label in CLASSES:
        artists[f"class {label}"].set_data(*moment.x[moment.y == label].T)
    ends, normal = lines_in_view(moment.weight, moment.bias)
    foot, gap = marks(ends, normal), np.full((N_UNITS, 1, 2), np.nan)
    lines = np.concatenate([ends, gap], axis=1)  # (14, 3, 2)
    for state in UNITS:
        chosen = moment.states == state
        artists[f"lines {state}"].set_data(*lines[chosen].reshape(-1, 2).T)
        artists[f"arrows {state}"].set_data(*arrows(foot[chosen], normal[chosen]).T)
        artists[f"marks {state}"].set_data(*foot[chosen].T)
    _move_target(artists, moment)
    artists["units"].set_data(lives(moment.alive, moment.shares))
    steps = np.arange(len(moment.losses))
    artists["number alive"].set_data(steps, moment.alive.sum(axis=1))
    heights = moment.losses.clip(LOWEST, HIGHEST)  # what is beyond lies on the edge
    artists["loss"].set_data(steps, heights)
    artists["now"].set_data(steps[-1:], heights[-1:])


def _move_target(artists: dict[str, Any], moment: Moment) -> None:
    settings = moment.settings
    if settings["moves"] != DRIFTS:
        for name in ("way", "target"):
            artists[name].set_data([], [])
        return
    target = np.array([settings["x"], settings["y"]])
    artists["way"].set_data(*np.array([progress(settings["step"]) * target, target]).T)
    artists["target"].set_data(*target[:, None])


def lives(alive: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Paint each unit's row over the steps: (k, 14) twice to (14, 121, 3) uint8, the last unit first."""
    rgb = np.full((N_UNITS, N_STEPS + 1, 3), UNKNOWN, np.uint8)
    colours = np.where(alive[..., None], SHADES[np.rint(100 * shares).astype(np.intp)], DEAD)
    rgb[:, : len(alive)] = colours.swapaxes(0, 1)[::-1]
    return rgb
