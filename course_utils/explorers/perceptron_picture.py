"""The picture of `Perceptron`: the plane with its border, the mistakes of each pass, and the length of w."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend, log_scale
from course_utils.explorers._edges import arrow_head
from course_utils.explorers._lettering import add_headline
from course_utils.explorers.perceptron_runs import MOST_PASSES, VIEW
from course_utils.figures import COLOURS

if TYPE_CHECKING:
    from course_utils.explorers.perceptron import Moment

BOX = VIEW * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
CLASSES = {  # label: marker, colour of points, colour of the side
    -1: ("o", COLOURS["blue"], "#d9e9f5"),
    +1: ("^", COLOURS["orange"], "#fbedd0"),
}


def positive_side(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut the shown square by a line: the corners of the part with w x > 0, and the line's two ends.

    Examples
    --------
    >>> side, ends = positive_side(np.array([1.0, 0.0, 0.0]))  # x1 > 0
    >>> ends.tolist()
    [[0.0, -2.0], [0.0, 2.0]]
    >>> len(side), len(positive_side(np.zeros(3))[1])
    (4, 0)
    """
    value = BOX @ weight[:2] + weight[2]
    corners, ends = [], []
    for i in range(4):
        j = (i + 1) % 4
        if value[i] > 0:
            corners.append(BOX[i])
        if (value[i] > 0) != (value[j] > 0):
            share = value[i] / (value[i] - value[j])
            corners.append(BOX[i] + share * (BOX[j] - BOX[i]))
            ends.append(corners[-1])
    return np.array(corners).reshape(-1, 2), np.array(ends).reshape(-1, 2)


def draw(figure: Figure) -> dict[str, Artist]:
    """Draw three empty axes; return what moves."""
    plane = add_axes(figure, (0.085, 0.115, 0.402, 0.673), x="input x1", y="input x2", title="")
    plane.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xticks=range(-2, 3), yticks=range(-2, 3))
    plane.spines[:].set_visible(False)  # the moving areas would cover half of their width
    artists: dict[str, Any] = {
        **_draw_plane(plane),
        **_draw_passes(figure),
        **_draw_lengths(figure),
    }
    artists["headline"] = add_headline(figure)
    names = {
        "points -1": "class −1",
        "points +1": "class +1",
        "ring": "looked at",
        "line": "border",
        "before": "border before",
        "head": "w, towards +1",
    }
    add_legend(figure, artists, names, (0.008, 0.868), ncols=3, handlelength=1.5)
    return artists


def _draw_plane(axes: Axes) -> dict[str, Any]:
    artists: dict[str, Any] = {}
    for label, (marker, colour, side) in CLASSES.items():
        area = Polygon(BOX, facecolor=side, edgecolor="none", zorder=1)
        artists[f"side {label:+d}"] = axes.add_patch(area)
        points: dict[str, Any] = {"linestyle": "", "marker": marker, "markersize": 7.5, "color": colour}
        points |= {"markeredgecolor": INK, "markeredgewidth": 0.6, "zorder": 4}
        artists[f"points {label:+d}"] = axes.plot([], [], **points)[0]
    ring: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 16, "markerfacecolor": "none"}
    ring |= {"markeredgecolor": COLOURS["vermillion"], "markeredgewidth": 2.4, "zorder": 6}
    artists["ring"] = axes.plot([], [], **ring)[0]
    artists["before"] = axes.plot([], [], color=MUTED, linestyle="--", linewidth=1.3, zorder=3)[0]
    artists["line"] = axes.plot([], [], color=INK, linewidth=2.2, zorder=5)[0]
    artists["shaft"] = axes.plot([], [], color=INK, linewidth=2.2, zorder=5)[0]
    head: dict[str, Any] = {"marker": arrow_head(1, 0), "markersize": 13, "color": INK, "linestyle": ""}
    artists["head"] = axes.plot([], [], zorder=5, **head)[0]
    return artists


def _draw_passes(figure: Figure) -> dict[str, Any]:
    axes = add_axes(figure, (0.59, 0.635, 0.39, 0.235), x="", y="", title="mistakes in each pass")
    axes.set(xscale="log", xlim=(0.9, 1.1 * MOST_PASSES), ylim=(0, 36))
    axes.set_yscale("function", functions=(np.sqrt, np.square))  # single mistakes and none can be told apart
    axes.set_xticks([1, 10, 100], labels=["1", "10", "100"])
    axes.set_yticks([0, 1, 5, 10, 20, 30])
    axes.minorticks_off()
    axes.set_xlabel("pass", fontsize=TEXT_SIZE, labelpad=1)
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    line: dict[str, Any] = {
        "color": COLOURS["vermillion"],
        "marker": "s",
        "markersize": 4.5,
        "linewidth": 1.2,
    }
    line["clip_on"] = False
    return {"mistakes": axes.plot([], [], zorder=4, **line)[0]}


def _draw_lengths(figure: Figure) -> dict[str, Any]:
    title = "length of w, between its bounds"
    axes = add_axes(figure, (0.59, 0.115, 0.39, 0.335), x="mistakes so far, k", y="", title=title)
    log_scale(axes)
    axes.set(xscale="log", xlim=(0.9, 2e4), ylim=(0.08, 2e3))
    axes.set_xticks([1, 10, 100, 1000, 10000], labels=["1", "10", "100", "1000", "10000"])
    axes.minorticks_off()
    artists: dict[str, Any] = {
        "ceiling": axes.plot([], [], color=COLOURS["blue"], linestyle="--", linewidth=1.6)[0],
        "length": axes.plot([], [], color=COLOURS["vermillion"], linewidth=2.4, zorder=4)[0],
        "floor": axes.plot([], [], color=COLOURS["green"], linestyle="-.", linewidth=1.6)[0],
    }
    diamond: dict[str, Any] = {"linestyle": "", "marker": "D", "markersize": 8, "color": COLOURS["purple"]}
    artists["bound"] = axes.plot([], [], markeredgecolor=INK, zorder=5, **diamond)[0]
    dot: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6, "color": COLOURS["vermillion"]}
    artists["now"] = axes.plot([], [], markeredgecolor=INK, zorder=6, **dot)[0]
    names = {"ceiling": "at most R √k", "length": "|w|", "floor": "at least margin · k", "bound": "bound"}
    add_legend(axes, artists, names, (0.008, 0.868), ncols=2, handlelength=1.8, fontsize=TEXT_SIZE - 2)
    return artists


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Put points, line, ring and curves where they are at this step."""
    run = moment.run
    for label in CLASSES:
        artists[f"points {label:+d}"].set_data(*run.x[run.y == label].T)
        corners = positive_side(label * moment.weight)[0]
        artists[f"side {label:+d}"].set_visible(len(corners) > 0)
        if len(corners):
            artists[f"side {label:+d}"].set_xy(corners)
    ringed = [] if moment.looked_at is None else [moment.looked_at]
    artists["ring"].set_data(*run.x[ringed].T)
    before = run.weights[moment.n_mistakes - 1] if moment.wrong else np.zeros(3)
    artists["before"].set_data(*positive_side(before)[1].T)
    _move_border(artists, moment.weight)
    artists["mistakes"].set_data(np.arange(1, len(moment.mistakes) + 1), moment.mistakes)
    _move_lengths(artists, moment)


def _move_border(artists: dict[str, Any], weight: np.ndarray) -> None:
    ends = positive_side(weight)[1]
    artists["line"].set_data(*ends.T)
    for name in ("shaft", "head"):
        artists[name].set_data([], [])
    if len(ends):
        direction = weight[:2] / np.linalg.norm(weight[:2])
        middle = ends.mean(axis=0)
        tip = middle + 0.45 * direction
        artists["shaft"].set_data(*np.array([middle, tip]).T)
        artists["head"].set_data(tip[:1], tip[1:])
        artists["head"].set_marker(arrow_head(*direction))


def _move_lengths(artists: dict[str, Any], moment: Moment) -> None:
    run, n = moment.run, moment.n_mistakes
    k = np.arange(1, n + 1)
    length = np.linalg.norm(run.weights[1 : n + 1], axis=1)
    artists["length"].set_data(k, length)
    artists["now"].set_data(k[-1:], length[-1:])
    exists = run.margin > 0
    ends = np.array([1.0, run.bound if exists else 1e5])  # beyond the bound no length is possible
    artists["ceiling"].set_data(ends, run.radius * np.sqrt(ends))
    artists["floor"].set_data(*((ends, run.margin * ends) if exists else ([], [])))
    artists["bound"].set_data(*(([run.bound], [run.margin * run.bound]) if exists else ([], [])))
