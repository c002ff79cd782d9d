"""The picture of `MomentumPlane`: its map, the distances over the steps, the eigenvalues."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import TICKDOWN

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, add_legend, log_scale
from course_utils.explorers._edges import visible_part
from course_utils.explorers._lettering import add_headline, add_lettering
from course_utils.explorers.momentum_plane_map import draw_key, draw_map, move_map
from course_utils.explorers.momentum_plane_runs import Plane
from course_utils.explorers.momentum_plane_words import direction_text, headline, step_end
from course_utils.figures import COLOURS

LOWEST, HIGHEST = 1e-9, 1e3  # ends of the axis of distances
N_TICKS = 6  # of the step axis, both ends included
EDGE = 1.3  # of the eigenvalues' axes
COLOUR = {"steep": COLOURS["vermillion"], "flat": COLOURS["blue"]}
DARK = {"steep": "#7a3300", "flat": "#00304d"}
SHAPE = {"steep": "o", "flat": "^"}
WORDS: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "color": INK}


def draw(figure: Figure, found: Plane) -> dict[str, Artist]:
    """Draw all axes; return what moves."""
    artists: dict[str, Any] = {"headline": add_headline(figure)}
    artists |= draw_map(figure)
    draw_key(figure)
    artists |= draw_distances(figure)
    return artists | draw_eigenvalues(figure)


def draw_distances(figure: Figure) -> dict[str, Artist]:
    """Draw the axes of the distances; return lines, what the map predicts, and the step axis's numbers."""
    axes = add_axes(figure, (0.585, 0.475, 0.395, 0.345), x="", y="", title="")
    log_scale(axes)
    axes.set(ylim=(LOWEST, HIGHEST), xticks=())
    artists: dict[str, Any] = {}
    for name, zorder in (("steep", 4), ("flat", 5)):
        artists[name] = axes.plot([], [], linewidth=1.5, color=COLOUR[name], zorder=zorder)[0]
        mark: dict[str, Any] = {"marker": SHAPE[name], "markersize": 4.5, "linestyle": ""}
        artists[f"marks {name}"] = axes.plot([], [], color=COLOUR[name], zorder=zorder, **mark)[0]
        dashes: dict[str, Any] = {"color": DARK[name], "linestyle": (0, (4, 2)), "linewidth": 1.3}
        artists[f"predicted {name}"] = axes.plot([], [], zorder=zorder + 2, **dashes)[0]
    handles: dict[str, Any] = {name: (artists[name], artists[f"marks {name}"]) for name in SHAPE}
    handles["predicted"] = artists["predicted steep"]
    names = {"steep": "steep", "flat": "flat", "predicted": "predicted slope"}
    style: dict[str, Any] = {"loc": "lower left", "ncols": 3, "borderpad": 0, "borderaxespad": 0}
    add_legend(axes, handles, names, (-0.13, 1.03), handlelength=1.8, **style | {"columnspacing": 0.9})
    figure.text(0.53, 0.905, "distance to the minimum along each direction", va="center", **WORDS)
    return artists | draw_steps(axes)


def draw_steps(axes: Axes) -> dict[str, Artist]:
    """Draw the marks of the step axis, which stay; its numbers move, so that another end redraws nothing."""
    places = (0.02 + np.linspace(0, 1, N_TICKS)) / 1.04
    down: dict[str, Any] = {"marker": TICKDOWN, "markersize": 3.5, "linestyle": "", "clip_on": False}
    axes.plot(places, np.zeros(N_TICKS), color=INK, transform=axes.transAxes, **down)
    words: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes, **WORDS}
    axes.text(0.5, -0.2, "step", **words)
    return {f"tick {i}": add_lettering(axes, place, -0.09, **words) for i, place in enumerate(places)}


def draw_eigenvalues(figure: Figure) -> dict[str, Artist]:
    """Draw the complex plane with its unit circle; return eigenvalues, and the texts beside them."""
    axes = add_axes(figure, (0.53, 0.055, 0.275 * 440 / 720, 0.275), x="", y="", title="eigenvalues")
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.set_xticklabels(["−1", "0", "1"])
    axes.set_yticklabels(["−i", "0", "i"])
    axes.spines[:].set_visible(False)
    angles = np.linspace(0, 2 * np.pi, 181)
    axes.plot(np.cos(angles), np.sin(angles), color=INK, linewidth=1.2, zorder=2)
    for line in (axes.axhline, axes.axvline):
        line(0, color="#cccccc", linewidth=0.8, zorder=1)
    artists: dict[str, Any] = {}
    for name, size, y in (("steep", 8, 0.27), ("flat", 8.5, 0.145)):
        mark: dict[str, Any] = {"marker": SHAPE[name], "color": COLOUR[name], "linestyle": ""}
        mark |= {"markersize": size, "markeredgecolor": "white", "clip_on": False, "zorder": 4}
        artists[f"eigenvalues {name}"] = axes.plot([], [], **mark)[0]
        axes.plot([0.718], [y + 0.019], transform=figure.transFigure, **mark)
        artists[f"text {name}"] = add_lettering(figure, 0.735, y, va="center", **WORDS)
    arrow: dict[str, Any] = {"marker": "<", "markersize": 10, "color": COLOUR["steep"], "linestyle": ""}
    artists["beyond"] = axes.plot([], [], clip_on=False, zorder=5, markeredgecolor=INK, **arrow)[0]
    figure.text(0.718, 0.065, "on the circle: factor 1", va="center", fontsize=TEXT_SIZE - 2, color=MUTED)
    return artists


def move(artists: dict[str, Any], found: Plane) -> None:
    """Set map, marks, distances, eigenvalues and words."""
    move_map(artists, found)
    move_distances(artists, found)
    for name, direction in (("steep", found.steep), ("flat", found.flat)):
        values = np.array(direction.eigenvalues)
        inside = np.where(values.real < -EDGE, np.nan, values.real)
        artists[f"eigenvalues {name}"].set_data(inside, values.imag)
        artists[f"text {name}"].set_text(direction_text(found, name))
    is_beyond = found.steep.eigenvalues[0].real < -EDGE
    artists["beyond"].set_data(([-EDGE], [0]) if is_beyond else ([], []))
    artists["headline"].set_text(headline(found))


def move_distances(artists: dict[str, Any], found: Plane) -> None:
    """Set both lines, and beside each the power of its factor; choose the end of the step axis."""
    end = step_end(found.settings["steps"])
    artists["steep"].axes.set_xlim(-0.02 * end, 1.02 * end)
    for i in range(N_TICKS):
        artists[f"tick {i}"].set_text(str(end * i // (N_TICKS - 1)))
    steps = np.arange(len(found.path))
    for name, direction, values in zip(
        ("steep", "flat"), (found.steep, found.flat), found.path.T, strict=True
    ):
        shown = visible_part(artists[name], steps, np.maximum(values, LOWEST / 1e9))
        artists[name].set_data(*shown)
        artists[f"marks {name}"].set_data(*(part[:: end // 20] for part in shown))
        power = np.maximum(direction.factor ** steps.astype(float), LOWEST / 1e9)
        dashed = artists[f"predicted {name}"]
        dashed.set_data(*visible_part(dashed, steps, power))
