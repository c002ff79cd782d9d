"""The picture of `OptimizerRace`: paths on the surface, and losses and steps over time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._edges import axes_of, exit_at, last_inside
from course_utils.explorers._lettering import add_headline, add_lettering
from course_utils.explorers.gradient_descent_run import HIGHEST, LOWEST
from course_utils.explorers.race_run import LOWER, N_STEPS
from course_utils.explorers.racers import Racer
from course_utils.explorers.surface_pictures import draw_contours, draw_curve, levels_up_to, surface_axes
from course_utils.explorers.surfaces import Quadratic

if TYPE_CHECKING:
    from course_utils.explorers.optimizer_race import Scene

KINDS = ("path", "loss", "lower")  # of lines, one of each for each racer
LOWER_ENDS = 1e-6, 1e2
End = tuple[np.ndarray, Path, float]  # where a line ends, the outline of the mark there, and its size
TAIL = 20  # points of a path that are drawn over a curve, where all paths lie upon each other
N_LEVELS = 10
PALE = [
    0.4 * np.array(colour) + 0.6 for colour in colormaps["cividis"](np.linspace(0, 1, N_LEVELS - 1))[:, :3]
]


def draw(figure: Figure, scene: Scene) -> dict[str, Artist]:
    """Draw the surface, the two axes over the steps and the legend; return what moves."""
    racers, surface = scene.race.racers, scene.race.surface
    n_columns = 2 if len(racers) <= 4 else 3
    n_rows = -(-len(racers) // n_columns)
    top = 0.865 - 0.042 * n_rows
    left = surface_axes(figure, (0.085, 0.115, 0.40, top - 0.115), surface)
    artists: dict[str, Any] = {}
    if isinstance(surface.loss, Quadratic):
        artists["levels"] = left.add_collection(PolyCollection([], facecolors=PALE[::-1], edgecolors="white"))
        artists["levels"].set(linewidths=0.4, zorder=1)
    elif surface.n_weights == 2:
        draw_contours(left, surface, PALE)
    else:
        draw_curve(left, surface, MUTED)
    if surface.n_weights == 2:
        left.spines[:].set_visible(False)  # the moving levels would half cover them
    upper, below = _axes_over_steps(figure, top, LOWER[scene.settings["lower"]])
    mark: dict[str, Any] = {"linestyle": "", "markersize": 9, "markeredgecolor": INK, "zorder": 3}
    places = np.array([(*point, 0.0)[:2] for point in surface.minima])  # (n_minima, 2)
    artists["goal"] = left.plot(*places.T, marker="x", markeredgewidth=1.6, **mark)[0]
    artists["start"] = left.plot([], [], marker="o", color="white", **mark)[0]
    artists["headline"] = add_headline(figure)
    for kind, axes in zip(KINDS, (left, upper, below), strict=True):
        artists[f"{kind} ends"] = _ends(axes, racers)
        for racer in racers:
            style: dict[str, Any] = {"color": racer.colour, "linestyle": racer.dash, "zorder": 4}
            artists[f"{kind} {racer.name}"] = axes.plot([], [], linewidth=1.6, **style)[0]
    for i, racer in enumerate(racers):
        place = 0.015 + 0.985 * (i % n_columns) / n_columns, 0.909 - 0.042 * (i // n_columns)
        artists[f"standing {racer.name}"] = _legend_entry(figure, racer, place, narrow=n_columns == 3)
    return artists


def _axes_over_steps(figure: Figure, top: float, lower_title: str) -> tuple[Axes, Axes]:
    height = (top - 0.115 - 0.09) / 2
    upper = add_axes(figure, (0.595, top - height, 0.385, height), x="", y="", title="loss, logarithmic")
    below = add_axes(
        figure, (0.595, 0.115, 0.385, height), x="step", y="", title=f"{lower_title}, logarithmic"
    )
    for axes, ends in ((upper, (LOWEST, HIGHEST)), (below, LOWER_ENDS)):
        log_scale(axes)
        axes.set(xlim=(-0.02 * N_STEPS, 1.02 * N_STEPS), ylim=ends)
    upper.tick_params(labelbottom=False)
    return upper, below


def _ends(axes: Axes, racers: tuple[Racer, ...]) -> PathCollection:
    """Add the marks at the ends of all lines: one artist, which is drawn ten times as fast as ten."""
    looks: dict[str, Any] = {"facecolors": [racer.colour for racer in racers], "edgecolors": "white"}
    marks = PathCollection([], [1.0], offset_transform=axes.transData, **looks)
    marks.set(transform=IdentityTransform(), clip_on=False, zorder=5, linewidths=1)
    axes.add_collection(marks, autolim=False)
    return marks


@lru_cache(maxsize=16)
def outline(marker: str) -> Path:
    """Return the outline of a marker, 1 wide."""
    style = MarkerStyle(marker)
    return style.get_path().transformed(style.get_transform())


def _legend_entry(figure: Figure, racer: Racer, place: tuple[float, float], *, narrow: bool) -> Artist:
    x, y = place
    sample = Line2D([x, x + 0.014, x + 0.028], [y] * 3, color=racer.colour, linestyle=racer.dash)
    sample.set(linewidth=1.6, marker=racer.marker, markersize=8, markeredgecolor="white", markevery=[1])
    figure.add_artist(sample)
    words: dict[str, Any] = {"fontsize": TEXT_SIZE - (1.5 if narrow else 1), "color": INK, "va": "center"}
    figure.text(x + 0.034, y, racer.name, **words)
    return add_lettering(figure, x + (0.143 if narrow else 0.152), y, **words)


def move(artists: dict[str, Any], scene: Scene) -> None:
    """Put levels, paths, curves, their ends and all words where they are at this step."""
    race = scene.race
    if "levels" in artists:
        bowl = race.surface.loss
        assert isinstance(bowl, Quadratic)
        corners = race.surface.view * np.array([[1, 1], [1, -1]])
        levels = levels_up_to(bowl(corners)[0].max(), N_LEVELS)
        artists["levels"].set_verts([bowl.level(level, 64) for level in levels[:0:-1]])
    ends: dict[str, list[End]] = {kind: [] for kind in KINDS}
    for i, racer in enumerate(race.racers):
        last = scene.until(i)
        x, losses = race.paths[i, : last + 1, 0], race.losses[i, : last + 1]
        two = race.surface.n_weights == 2
        places = (x, race.paths[i, : last + 1, 1]) if two else (x[-TAIL:], losses[-TAIL:])
        steps = np.arange(last + 1)
        for kind, line in zip(KINDS, (places, (steps, losses), (steps[1:], scene.lower(i))), strict=True):
            ends[kind].append(_set(artists[f"{kind} {racer.name}"], racer, *line))
        artists[f"standing {racer.name}"].set_text(scene.standings[i].brief())
    for kind in KINDS:
        points, outlines, sizes = zip(*ends[kind], strict=True)
        artists[f"{kind} ends"].set(offsets=np.array(points), paths=outlines, sizes=np.square(sizes))
    start = race.paths[0, 0]
    artists["start"].set_data([start[0]], [race.losses[0, 0] if len(start) == 1 else start[1]])


def _set(line: Line2D, racer: Racer, x: np.ndarray, y: np.ndarray) -> End:
    """Set a line; return the mark at its end: the racer's own, or an arrow head where the line leaves."""
    last = last_inside(line, x, y)
    line.set_data(x[: last + 2], y[: last + 2])
    if last < 0:
        return np.full(2, np.nan), outline(racer.marker), 8
    points = np.column_stack([x[last : last + 2], y[last : last + 2]])
    if len(points) == 1:
        return points[0], outline(racer.marker), 8
    place, head = exit_at(axes_of(line), points)
    return place, head, 13 / 2
