"""Explorer: optimizers race from one start over one surface, step by step. Chapter 05."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._edges import mark_end, visible_part
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number, plural
from course_utils.explorers.gradient_descent import HIGHEST, LOWEST
from course_utils.explorers.race_run import N_STEPS, Race, run
from course_utils.explorers.race_standings import Standing, headline, standing
from course_utils.explorers.racers import LINE_UPS, Racer
from course_utils.explorers.surface_pictures import draw_contours, draw_curve, levels_up_to, surface_axes
from course_utils.explorers.surfaces import RACE_TRACKS, Quadratic, Surface

LOWER = {"step length": "length of a step", "effective rate": "effective rate"}
KINDS = ("path", "loss", "lower")  # of lines, one of each for each racer
LOWER_ENDS = 1e-6, 1e2
TAIL = 20  # points of a path that are drawn over a curve, where all paths lie upon each other
N_LEVELS = 10
PALE = [
    0.4 * np.array(colour) + 0.6 for colour in colormaps["cividis"](np.linspace(0, 1, N_LEVELS - 1))[:, :3]
]


@dataclass(frozen=True)
class Scene:
    """A race at one of its steps: what `compute` found.

    Parameters
    ----------
    race : Race
        The whole race.
    settings : dict
        The controls' values.
    standings : list of Standing
        How each racer does at the step.
    """

    race: Race
    settings: dict[str, Any]
    standings: list[Standing]

    def until(self, i: int) -> int:
        """Return the last step of racer `i` to be shown."""
        return int(min(self.settings["step"], self.race.ends[i]))

    def lower(self, i: int) -> np.ndarray:
        """Return what the lower axes show of racer `i`, one value for each step so far."""
        values = self.race.lengths if self.settings["lower"] == "step length" else self.race.rates
        return values[i, : self.until(i)]


def compute(
    *,
    surface: str,
    line_up: str,
    lr: float,
    momentum: float,
    condition: float,
    noise: float,
    seed: int,
    x0: float,
    y0: float,
    lower: str,
    step: int,
) -> Scene:
    """Run the race, or take it from the cache, and judge it at `step`."""
    race = run(surface, line_up, lr, momentum, condition, noise, seed, (x0, y0))
    settings = {"line_up": line_up, "lr": lr, "momentum": momentum, "condition": condition, "noise": noise}
    scene = Scene(race, {**settings, "lower": lower, "step": step}, [])
    for i, racer in enumerate(race.racers):
        shown = slice(scene.until(i) + 1)
        noisy = racer.noisy and noise > 0
        scene.standings.append(
            standing(racer.name, race.paths[i, shown], race.losses[i, shown], race.surface, noisy=noisy)
        )
    return scene


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
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = add_lettering(figure, 0.012, 0.962, **bold)
    for i, racer in enumerate(racers):
        for kind, axes in zip(KINDS, (left, upper, below), strict=True):
            artists[f"{kind} {racer.name}"], artists[f"{kind} end {racer.name}"] = _lines(axes, racer)
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


def _lines(axes: Axes, racer: Racer) -> tuple[Line2D, Line2D]:
    (line,) = axes.plot([], [], color=racer.colour, linestyle=racer.dash, linewidth=1.6, zorder=4)
    (end,) = axes.plot([], [], linestyle="", markersize=8, clip_on=False, zorder=5)
    return line, end


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
    for i, racer in enumerate(race.racers):
        last = scene.until(i)
        x, losses = race.paths[i, : last + 1, 0], race.losses[i, : last + 1]
        if race.surface.n_weights == 2:
            _set(artists, f"path {racer.name}", racer, x, race.paths[i, : last + 1, 1])
        else:
            _set(artists, f"path {racer.name}", racer, x[-TAIL:], losses[-TAIL:])
        _set(artists, f"loss {racer.name}", racer, np.arange(last + 1), losses)
        _set(artists, f"lower {racer.name}", racer, np.arange(1, last + 1), scene.lower(i))
        artists[f"standing {racer.name}"].set_text(scene.standings[i].brief())
    start = race.paths[0, 0]
    artists["start"].set_data([start[0]], [race.losses[0, 0] if len(start) == 1 else start[1]])
    artists["headline"].set_text(headline(scene.standings, scene.settings["step"]))


def _set(artists: dict[str, Any], name: str, racer: Racer, x: np.ndarray, y: np.ndarray) -> None:
    """Set a line and the mark at its end: the racer's own, or an arrow head where the line leaves."""
    line, end = artists[name], artists[name.replace(" ", " end ")]
    line.set_data(*visible_part(line, x, y))
    view = line.axes.viewLim
    if len(x) and view.x0 <= x[-1] <= view.x1 and view.y0 <= y[-1] <= view.y1:
        end.set_data(x[-1:], y[-1:])
        if end.get_marker() != racer.marker:  # setting all takes as long as drawing
            end.set(marker=racer.marker, color=racer.colour, markeredgecolor="white", markersize=8)
    else:
        mark_end(end, x, y)
        end.set(color=racer.colour, markeredgecolor="white", markersize=13)


def describe(scene: Scene) -> str:
    """Name leader, settings, every standing, and the shortest and longest of what the lower axes show."""
    race, settings = scene.race, scene.settings
    condition = f" with condition number {settings['condition']:.4g}" if _has_condition(race.surface) else ""
    start = ", ".join(f"{value:.4g}" for value in race.paths[0, 0])
    leads = headline(scene.standings, settings["step"])
    but = " on all gradients but GD's" if settings["noise"] and race.racers[0].name == "GD" else ""
    text = (
        f"{leads[0].upper() + leads[1:]}. Race on the surface {race.surface.name}{condition}, "
        f"learning rate {settings['lr']:.4g}, momentum {settings['momentum']:.4g}, "
        f"noise {settings['noise']:.4g}{but}, start ({start}), {plural(settings['step'], 'step')}. "
    )
    text += "; ".join(f"{one.name} {one.words()}" for one in scene.standings) + "."
    latest = [
        (values[-1], racer.name) for i, racer in enumerate(race.racers) if len(values := scene.lower(i))
    ]
    latest = [(value, name) for value, name in latest if np.isfinite(value)]
    if latest:
        ends = " to ".join(f"{visible_number(value)} ({name})" for value, name in (min(latest), max(latest)))
        text += f" Latest {LOWER[settings['lower']]}: {ends}."
    return text + (" Adadelta's rate is a factor of its own step." if "Adadelta" in text else "")


def visible_number(value: float) -> str:
    """Return a number in at most 4 digits; what may be rounding noise is not printed."""
    return number(value) if value >= 1e-9 else "below 1e−9"


def _has_condition(surface: Surface) -> bool:
    return isinstance(surface.loss, Quadratic)


class OptimizerRace(Explorer):
    """Ten optimizers race from one start: their paths, losses and step lengths, step by step.

    All are the course's own, ``course_utils.optim``, at their defaults but for learning rate and momentum.
    All but GD, which has the exact gradient, see the same noise on it; without noise SGD is GD. The rate is
    one number for all, but it does not mean one thing: GD multiplies the gradient by it; momentum comes to
    lr / (1 - momentum) times the gradient; for AdaGrad, Adam, NAdam and AdamW it is about the length of a
    weight's first step, RMSprop's first step is ten times as long; Adadelta multiplies a step by it that it
    finds itself (in the original paper the factor is 1).

    Each racer's state: "arrived" once its loss stays below 1e-6; "diverged" beyond a weight of 100,
    "diverging" while higher than ever, "oscillating" while it turns back again and again without gain,
    "jittering" while noise leads it nowhere, "trapped" in a minimum that is not the lowest, "on a saddle",
    "stalled" where it creeps for another reason; where none is named it converges.

    Questions it lets one answer:

    - On the bowl with condition number 100, which rate suits GD best, and how much faster is momentum?
    - AdaGrad does not mind one steep axis. What happens to that when the ravine runs diagonally, and why?
    - Whose effective rate only ever falls, whose grows as the gradients shrink, whose stays the same?
    - Who leaves the saddle (start y = 0) when noise is 0.01, who needs more, and who never does?
    - From which start do all racers find the lowest point of Rastrigin's surface? Does noise help?

    Parameters
    ----------
    surface : str
        One of ``surfaces.RACE_TRACKS``.
    line_up : str
        Who races, one of ``racers.LINE_UPS``.
    lr : float
        Learning rate of all, 1e-4 to 10.
    momentum : float
        Of momentum and Nesterov, and the first beta of Adam, NAdam and AdamW, 0 to 0.98.
    condition : float
        Condition number of the bowl and the diagonal ravine, 1 to 1000.
    noise : float
        Standard deviation of the noise on each part of the gradient, 0 to 5.
    seed : int
        Of the noise, 0 to 20.
    x0, y0 : float
        Start, -2 to 2; one-dimensional surfaces have no y.
    lower : str
        What the lower axes show: "step length", or "effective rate", which is the step's length over the
        gradient's.
    step : int
        How far the race has gone, 0 to 200.

    Examples
    --------
    >>> explorer = OptimizerRace(condition=4, lr=0.25, x0=2, y0=1, step=1)
    >>> explorer.result.race.paths[0, 1]  # GD: (2, 1) - 0.25 (2, 4)
    array([1.5, 0. ])
    >>> explorer.close()
    """

    title = "Race of the optimizers"
    size = (720, 420)

    surface = Choice("surface", RACE_TRACKS, default="bowl")
    line_up = Choice("line-up", tuple(LINE_UPS), default="one of each kind")
    lr = LogSlider("learning rate", 1e-4, 10, default=0.03)
    momentum = Slider("momentum", 0, 0.98, default=0.9, step=0.01)
    condition = LogSlider("condition no.", 1, 1000, default=30)
    lower = Choice("lower right", tuple(LOWER), default="step length")
    noise = Slider("noise", 0, 5, default=0)
    seed = IntegerSlider("noise seed", 0, 20, default=0)
    x0 = Slider("start x", -2, 2, default=-1.8)
    y0 = Slider("start y", -2, 2, default=1.2)
    step = Playback("step", 0, N_STEPS, default=100)

    presets = {
        "condition number 100: momentum": {
            "line_up": "plain and momentum",
            "condition": 100,
            "lr": 0.012,
            "step": 200,
        },
        "too large a rate": {"lr": 0.2},
        "one steep axis: AdaGrad": {"line_up": "adaptive", "condition": 1000, "lr": 0.3},
        "steep, but diagonal": {
            "surface": "diagonal ravine",
            "line_up": "adaptive",
            "condition": 1000,
            "lr": 0.3,
        },
        "Adam oscillates": {
            "line_up": "Adam and its kin",
            "condition": 10,
            "lr": 1,
            "momentum": 0.95,
            "step": 60,
        },
        "saddle: who escapes": {"surface": "saddle", "y0": 0, "noise": 0.01, "lr": 0.1, "step": 60},
        "noise: who stays calm": {"line_up": "under noise", "condition": 10, "noise": 3, "step": 200},
        "noise leaves a minimum": {
            "surface": "two minima (1-D)",
            "line_up": "plain and momentum",
            "lr": 0.1,
            "noise": 2,
            "x0": 1.8,
            "step": 200,
        },
        "Rosenbrock's valley": {"surface": "Rosenbrock", "lr": 0.01, "step": 200},
        "Rastrigin: traps": {"surface": "Rastrigin", "line_up": "all ten", "lr": 0.005, "step": 200},
    }

    handles = {"start": ("x0", "y0")}

    compute = staticmethod(compute)

    def background(self, scene: Scene) -> tuple[str, str, str]:
        """Redraw for another surface, another line-up or another quantity; the bowl's levels move."""
        settings = scene.settings
        return scene.race.surface.name, settings["line_up"], settings["lower"]

    def idle(self, scene: Scene) -> tuple[str, ...]:
        """Grey out what this surface does not have, and the seed where there is no noise."""
        surface = scene.race.surface
        greyed = {
            "condition": not _has_condition(surface),
            "seed": scene.settings["noise"] == 0,
            "y0": surface.n_weights == 1,
        }
        return tuple(name for name, grey in greyed.items() if grey)

    def hover(self, scene: Scene) -> dict[str, list[str]]:
        """Name the racer at the end of each path, and how it does."""
        return {f"path end {one.name}": [f"{one.name}: {one.words()}"] for one in scene.standings}

    def draw(self, figure: Figure, scene: Scene) -> dict[str, Artist]:
        """Draw the surface, the two axes over the steps and the legend."""
        return draw(figure, scene)

    def move(self, artists: dict[str, Any], scene: Scene) -> None:
        """Set levels, paths, curves, their ends and all words."""
        move(artists, scene)

    def describe(self, scene: Scene) -> str:
        """Name leader, settings, standings and step lengths."""
        return describe(scene)
