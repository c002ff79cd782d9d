"""The picture of `StoppingPoint`: losses and accuracies over epochs, four sets of weights, wrong labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend
from course_utils.explorers._edges import axes_of
from course_utils.explorers._lettering import add_headline, add_lettering
from course_utils.explorers.noisy_points_picture import within
from course_utils.explorers.stopping_point_rule import N_EXAMPLES, Moment
from course_utils.explorers.stopping_point_runs import N_EPOCHS
from course_utils.explorers.stopping_point_words import caption, headline, outcomes
from course_utils.figures import COLOURS

UPPER, LOWER = (0.082, 0.42, 0.53, 0.383), (0.082, 0.115, 0.53, 0.17)
BARS, EXAMPLES = (0.67, 0.5, 0.315, 0.35), (0.755, 0.08, 0.23, 0.325)
REACHES = (2.6, 3.3, 4.5, 6.5, 9.0, 14.0)  # ends of the axis of losses; few, so that it is seldom redrawn
TRAIN, VALIDATION, NEW = COLOURS["green"], COLOURS["blue"], COLOURS["vermillion"]
ROWS = ("right", "given", "best", "now")  # under each scan


def reach(moment: Moment) -> float:
    """Return the end of the axis of losses."""
    largest = max(curve.max() for curve in (moment.train, moment.validation, moment.new))
    return next((end for end in REACHES if end > 1.02 * largest), REACHES[-1])


def draw(figure: Figure, moment: Moment) -> dict[str, Artist]:
    """Draw all axes and legends; return what moves."""
    artists: dict[str, Any] = {"headline": add_headline(figure)}
    upper = add_axes(figure, UPPER, x="", y="", title="")
    upper.set(ylim=(0, reach(moment)))
    artists |= draw_losses(upper)
    lower = add_axes(figure, LOWER, x="epoch", y="", title="")
    lower.set(ylim=(-0.03, 1.03), yticks=(0, 0.5, 1))
    lower.set_yticklabels(["0", "50 %", "100 %"])
    artists |= draw_shares(lower)
    for axes in (upper, lower):
        axes.set(xlim=(-0.02 * N_EPOCHS, 1.02 * N_EPOCHS), xticks=range(0, N_EPOCHS + 1, 20))
    artists |= draw_bars(add_axes(figure, BARS, x="", y="", title="new writers: loss, % right"))
    return artists | draw_examples(add_axes(figure, EXAMPLES, x="", y="", title=""))


def curve(axes: Axes, colour: str, dashes: str, depth: float) -> Any:
    """Return an empty line."""
    return axes.plot([], [], color=colour, linestyle=dashes, linewidth=2, zorder=depth)[0]


def draw_losses(axes: Axes) -> dict[str, Artist]:
    """Return the three losses, the wait, what lies beyond the stop, and the marks of epochs."""
    mark: dict[str, Any] = {"linestyle": "", "markeredgecolor": INK, "clip_on": False}
    stop: dict[str, Any] = {"color": INK, "linewidth": 1.6, "zorder": 6}
    artists: dict[str, Any] = {
        "train": curve(axes, TRAIN, "-", 3.1),
        "validation": curve(axes, VALIDATION, "--", 3.3),
        "new": curve(axes, NEW, "-.", 3.2),
        "wait": axes.fill([], [], color=COLOURS["yellow"], alpha=0.45, linewidth=0, zorder=2)[0],
        "beyond": axes.fill([], [], color="white", alpha=0.6, linewidth=0, zorder=4)[0],
        "stop": axes.plot([], [], **stop)[0],
        "best": axes.plot([], [], marker="D", color=COLOURS["yellow"], markersize=8, zorder=7, **mark)[0],
        "hindsight": axes.plot([], [], marker="*", color=NEW, markersize=13, zorder=6.5, **mark)[0],
        "now": axes.plot([], [], marker="o", color=VALIDATION, markersize=7.5, zorder=8, **mark)[0],
    }
    names = {"train": "loss in training", "validation": "validation loss", "new": "new writers"}
    names |= {"hindsight": "in hindsight", "best": "best", "wait": "waited", "stop": "stop"}
    draw_legend(axes, artists, names, 4, 1.03)
    return artists


def draw_shares(axes: Axes) -> dict[str, Artist]:
    """Return both accuracies, the share of wrong labels learnt, and what lies beyond the stop."""
    axes.axhline(0.5, color="#dddddd", linewidth=0.8, zorder=1)
    artists: dict[str, Any] = {
        "right validation": curve(axes, VALIDATION, "--", 3.1),
        "right": curve(axes, NEW, "-.", 3.2),
        "learnt": curve(axes, COLOURS["purple"], ":", 3.3),
        "beyond shares": axes.fill([], [], color="white", alpha=0.6, linewidth=0, zorder=4)[0],
        "stop shares": axes.plot([], [], color=INK, linewidth=1.6, zorder=6)[0],
    }
    names = {"right validation": "validation right", "right": "new writers right"}
    draw_legend(axes, artists, names | {"learnt": "wrong labels learnt"}, 3, 1.06)
    return artists


def draw_legend(axes: Axes, artists: dict[str, Any], names: dict[str, str], columns: int, up: float) -> None:
    """Name artists in rows above axes."""
    style: dict[str, Any] = {"loc": "lower left", "ncols": columns, "handlelength": 1.7, "borderpad": 0}
    style |= {"columnspacing": 0.8, "borderaxespad": 0, "handletextpad": 0.35}
    add_legend(axes, artists, names, (-0.1, up), **style)


def draw_bars(axes: Axes) -> dict[str, Artist]:
    """Return four bars, of weights restored, at the stop, now and in hindsight, and the words on each."""
    axes.set(xlim=(0, 1), ylim=(3.75, -0.6), xticks=(), yticks=())
    for side in axes.spines.values():
        side.set_visible(False)
    artists: dict[str, Any] = {}
    words: dict[str, Any] = {"fontsize": TEXT_SIZE, "color": INK, "va": "center"}
    for row, colour in enumerate((COLOURS["yellow"], COLOURS["sky"], "#d0d0d0", "#f1b48a")):
        y = [row + 0.18, row + 0.44, row + 0.44, row + 0.18]
        axes.fill([0, 0, 1, 1], y, facecolor="white", edgecolor="#bbbbbb", linewidth=0.8, zorder=2)
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": MUTED, "linewidth": 0.8, "zorder": 3}
        artists[f"bar {row}"] = axes.fill([], [], **look)[0]
        artists[f"name {row}"] = add_lettering(axes, 0, row - 0.12, **words)
        artists[f"number {row}"] = add_lettering(axes, 1, row - 0.12, ha="right", **words)
    return artists


def draw_examples(axes: Axes) -> dict[str, Artist]:
    """Return the scans in a row, a line of words above them, and four rows of labels under them."""
    axes.set(xlim=(0, N_EXAMPLES), ylim=(3.55, -1.0), xticks=(), yticks=())
    for side in axes.spines.values():
        side.set_visible(False)
    small: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "color": INK, "va": "center"}
    for row, name in enumerate(("really", "label", "best", "now")):
        axes.text(-0.15, row + 0.25, name, ha="right", **small)
    artists: dict[str, Any] = {"caption": add_lettering(figure_of(axes), 0.67, 0.425, **small)}
    picture = np.zeros((8, 9 * N_EXAMPLES))
    place = (0, N_EXAMPLES, -0.2, -1.0)
    style: dict[str, Any] = {"cmap": "Greys", "vmin": 0, "vmax": 1, "aspect": "auto", "zorder": 3}
    artists["scans"] = axes.imshow(picture, extent=place, interpolation="nearest", **style)
    axes.set(xlim=(0, N_EXAMPLES), ylim=(3.55, -1.0))
    for row, name in enumerate(ROWS):
        for column in range(N_EXAMPLES):
            artists[f"{name} {column}"] = add_lettering(axes, column + 0.44, row + 0.25, ha="center", **small)
    return artists


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes belong to."""
    assert isinstance(axes.figure, Figure)
    return axes.figure


def box(left: float, right: float, low: float, high: float) -> np.ndarray:
    """Return the corners of a rectangle, (4, 2)."""
    return np.array([[left, low], [left, high], [right, high], [right, low]])


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Set curves, marks, bars, scans and words."""
    move_curves(artists, moment)
    for row, outcome in enumerate(outcomes(moment)):
        artists[f"name {row}"].set_text(outcome.name)
        artists[f"number {row}"].set_text(outcome.numbers)
        artists[f"bar {row}"].set_xy(box(0, outcome.right, row + 0.18, row + 0.44))
    move_examples(artists, moment)
    artists["headline"].set_text(headline(moment))


def move_curves(artists: dict[str, Any], moment: Moment) -> None:
    """Set the curves, and the marks of the best epoch, the stop, hindsight and now."""
    axes, epochs, watched = axes_of(artists["now"]), np.arange(moment.epoch + 1), moment.watched
    for name in ("train", "validation", "new"):
        artists[name].set_data(epochs, within(getattr(moment, name), axes))
    for name in ("right", "right_validation", "learnt"):
        artists[name.replace("_", " ")].set_data(epochs, getattr(moment, name))
    for name, at, losses in (
        ("best", watched.best, moment.validation),
        ("hindsight", moment.hindsight, moment.new),
        ("now", moment.epoch, moment.validation),
    ):
        artists[name].set_data([at], [within(losses[at], axes)])
    low, high = 0.01 * axes.get_ylim()[1], axes.get_ylim()[1]  # clear of the axis, which lies below
    end = moment.epoch if watched.stop is None else watched.stop
    artists["wait"].set_xy(box(watched.best, end, low, high))
    for name, ends in (("", (low, high)), (" shares", (-0.01, 1.03))):
        artists[f"beyond{name}"].set_xy(box(end, moment.epoch + (end < moment.epoch), *ends))
        line = ([], []) if watched.stop is None else ([end, end], ends)
        artists[f"stop{name}"].set_data(*line)


def move_examples(artists: dict[str, Any], moment: Moment) -> None:
    """Set the scans with wrong labels, and what the network says of them; what is wrong is in colour."""
    picture = np.zeros((8, 9 * N_EXAMPLES))
    for i, scan in enumerate(moment.examples):
        picture[:, 9 * i : 9 * i + 8] = scan
    artists["scans"].set_data(picture)
    artists["caption"].set_text(caption(moment))
    wrong = moment.labels[0] != moment.labels[1]
    for row, name in enumerate(ROWS):
        for column, label in enumerate(moment.labels[row]):
            learnt = wrong[column] and label == moment.labels[1, column]
            letter = artists[f"{name} {column}"]
            letter.set(text=str(label), color=NEW if learnt else INK, weight="bold" if learnt else "normal")
