"""Lines that may leave the picture: cut where they go for good, with an arrow head on the edge there."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.path import Path

from course_utils.explorers._canvas import INK
from course_utils.figures import COLOURS


def axes_of(line: Line2D) -> Axes:
    """Return the axes that a line was added to."""
    assert isinstance(line.axes, Axes)
    return line.axes


def _inside(line: Line2D, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    axes = axes_of(line)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    return (left <= x) & (x <= right) & (low <= y) & (y <= high)


def last_inside(line: Line2D, x: np.ndarray, y: np.ndarray) -> int:
    """Return which is the last point inside the picture; -1 if none is."""
    return int(np.flatnonzero(_inside(line, x, y)).max(initial=-1))


def visible_part(line: Line2D, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a line after the step by which it leaves the picture for good."""
    n_shown = last_inside(line, x, y) + 2
    return x[:n_shown], y[:n_shown]


def mark_end(mark: Line2D, x: np.ndarray, y: np.ndarray) -> None:
    """Set a star on the last point, or an arrow head on the edge where the line leaves for good."""
    last = last_inside(mark, x, y)
    if last < 0:  # a start beyond the edge
        mark.set_data([], [])
    elif last == len(x) - 1:
        mark.set(marker="*", markersize=15, color=COLOURS["yellow"], markeredgecolor=INK)
        mark.set_data(x[-1:], y[-1:])
    else:
        edge, head = exit_at(axes_of(mark), np.column_stack([x, y])[last : last + 2])
        mark.set(marker=head, markersize=15, color=COLOURS["orange"], markeredgecolor=INK)
        mark.set_data(*edge[:, None])


def exit_at(axes: Axes, step: np.ndarray) -> tuple[np.ndarray, Path]:
    """Return where a step from inside the picture to beyond crosses its edge, and an arrow head along it.

    `step` has two points, (2, 2); the crossing is one, (2,).
    """
    to_page = axes.transData + axes.transAxes.inverted()  # data to fractions of the axes
    ends = to_page.transform(step)
    move = ends[1] - ends[0]
    room = np.where(move > 0, 1 - ends[0], ends[0])  # to the edge that the step heads for
    edge = ends[0] + move * np.min(room / np.maximum(np.abs(move), 1e-9))
    return to_page.inverted().transform(edge), arrow_head(*move)


def arrow_head(x: float, y: float) -> Path:
    """Return the outline of a slender arrow head that points along (x, y)."""
    tip = np.array([x, y]) / np.hypot(x, y)
    side = 0.55 * np.array([-tip[1], tip[0]])
    return Path([0.5 * tip, -tip + side, -tip - side, 0.5 * tip], closed=True)
