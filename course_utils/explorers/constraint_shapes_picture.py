"""The picture of `ConstraintShapes`: ellipses of the loss, the penalty's shape, and both weights' paths."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend
from course_utils.explorers._lettering import add_headline, add_lettering
from course_utils.explorers.constraint_shapes_paths import STRENGTHS, Balance, boundary, level, loss_at
from course_utils.figures import COLOURS

VIEW = 2.2  # half the width of the left picture
LEVELS = (0.02, 0.1, 0.3, 0.7, 1.4, 2.8)  # of the loss, besides the one that touches the shape


def draw(figure: Figure, balance: Balance) -> dict[str, Artist]:
    """Draw both axes; return what moves."""
    left = add_axes(figure, (0.075, 0.115, 0.4025, 0.69), x="weight 1", y="weight 2", title="")
    left.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xticks=range(-2, 3), yticks=range(-2, 3))
    for line in (left.axhline, left.axvline):
        line(0, color=MUTED, linewidth=0.8, zorder=0.5)
    right = add_axes(figure, (0.575, 0.115, 0.40, 0.62), x="strength λ", y="weight", title="")
    right.set_xscale("log")
    right.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    right.xaxis.set_minor_formatter(NullFormatter())
    right.minorticks_off()
    right.grid(False)
    right.set(xlim=(STRENGTHS[0], STRENGTHS[-1]), ylim=(-VIEW, VIEW), yticks=range(-2, 3))
    right.axhline(0, color=MUTED, linewidth=0.8, zorder=0.5)
    for spine in (*left.spines.values(), *right.spines.values()):
        spine.set_zorder(0.6)  # lines that reach the edge lie over it
    thin: dict[str, Any] = {"color": COLOURS["sky"], "linewidth": 0.9}
    artists: dict[str, Any] = {f"level {i}": left.plot([], [], **thin)[0] for i in range(len(LEVELS))}
    mark: dict[str, Any] = {"linestyle": "", "markeredgecolor": INK, "zorder": 5}
    star: dict[str, Any] = {"marker": "*", "markersize": 15, "color": COLOURS["yellow"], **mark}
    artists |= {
        "shape": left.fill([0], [0], facecolor=COLOURS["orange"], alpha=0.3, linewidth=0)[0],
        "edge": left.plot([], [], color=COLOURS["vermillion"], linewidth=2)[0],
        "touching": left.plot([], [], color=COLOURS["blue"], linewidth=2, linestyle="--")[0],
        "path": left.plot([], [], color=INK, linewidth=1.6, linestyle=":", zorder=4)[0],
        "minimum": left.plot([], [], marker="o", markersize=10, color="white", **mark)[0],
        "weights": left.plot([], [], clip_on=False, **star)[0],
        "strength": right.plot([], [], color=MUTED, linewidth=1)[0],
        "first": right.plot([], [], color=COLOURS["blue"], linewidth=2)[0],
        "second": right.plot([], [], color=COLOURS["vermillion"], linewidth=2, linestyle="--")[0],
        "first now": right.plot([], [], marker="o", markersize=8, color=COLOURS["blue"], **mark)[0],
        "second now": right.plot([], [], marker="s", markersize=7, color=COLOURS["vermillion"], **mark)[0],
        "kept": add_lettering(
            figure, 0.988, 0.885, ha="right", fontsize=TEXT_SIZE - 1, color=INK, va="center"
        ),
        "headline": add_headline(figure),
    }
    names = {"minimum": "smallest loss", "weights": "with penalty", "path": "path over λ"}
    add_legend(figure, artists, names, (0.0, 0.885), ncols=3)
    names = {"first now": "weight 1", "second now": "weight 2"}
    add_legend(figure, artists, names, (0.565, 0.785), ncols=2)
    return artists


def move(artists: dict[str, Any], balance: Balance) -> None:
    """Put ellipses, shape, path and both weights where this balance has them."""
    for i, loss in enumerate(LEVELS):
        artists[f"level {i}"].set_data(*level(balance, loss).T)
    artists["touching"].set_data(*level(balance, loss_at(balance, balance.weights)).T)
    edge = boundary(balance)
    artists["shape"].set_xy(edge)
    artists["edge"].set_data(*edge.T)
    artists["path"].set_data(*np.vstack([balance.minimum, balance.path]).T)
    artists["minimum"].set_data(*balance.minimum[:, None])
    artists["weights"].set_data(*balance.weights[:, None])
    strength = balance.settings["strength"]
    artists["strength"].set_data([strength, strength], [-VIEW, VIEW])
    for i, name in enumerate(("first", "second")):
        artists[name].set_data(STRENGTHS, balance.path[:, i])
        artists[f"{name} now"].set_data([strength], [balance.weights[i]])
