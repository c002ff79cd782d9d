"""Explorer: optimizers race from one start over one surface, step by step. Chapter 05."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import race_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.race_run import DISTANCES, LOWER, N_STEPS, Race, run
from course_utils.explorers.race_standings import Standing, standing
from course_utils.explorers.race_words import describe, headline
from course_utils.explorers.racers import LINE_UPS
from course_utils.explorers.surfaces import RACE_TRACKS


@dataclass(frozen=True)
class Scene:
    """A race at one of its steps: what `compute` found.

    Parameters
    ----------
    race : Race
        The race, over at least as many steps.
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
    distance = next(n_steps for n_steps in DISTANCES if n_steps >= step)
    race = run(surface, line_up, lr, momentum, condition, noise, seed, (x0, y0), distance)
    settings = {"line_up": line_up, "lr": lr, "momentum": momentum, "condition": condition, "noise": noise}
    scene = Scene(race, {**settings, "lower": lower, "step": step}, [])
    for i, racer in enumerate(race.racers):
        shown = slice(scene.until(i) + 1)
        noisy = racer.noisy and noise > 0
        scene.standings.append(
            standing(racer.name, race.paths[i, shown], race.losses[i, shown], race.surface, noisy=noisy)
        )
    return scene


class OptimizerRace(Explorer):
    """Ten optimizers race from one start: their paths, losses and step lengths, step by step.

    All are the course's own, ``course_utils.optim``, at their defaults but for learning rate and momentum.
    All but GD, which has the exact gradient, see the same noise on it; without noise SGD is GD. The rate is
    one number for all, but it does not mean one thing: GD multiplies the gradient by it; momentum comes to
    lr / (1 - momentum) times the gradient; for AdaGrad, Adam, NAdam and AdamW it is about the length of a
    weight's first step, RMSprop's first step is ten times as long; Adadelta multiplies a step by it that it
    finds itself (in the original paper the factor is 1).

    Each racer's state: "arrived" once its loss stays below 1e-6; "diverged" beyond a weight of 100,
    "diverging" while it rises higher and higher, "oscillating" while it turns back again and again without
    gain, "jittering" while noise leads it nowhere, "trapped" in a minimum that is not the lowest, "on a
    saddle", "stalled" where it creeps for another reason, "above start"; where none is named it converges.
    On surfaces of several minima the text and the marks under the mouse tell where each racer is.

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
    noise = Slider("gradient noise", 0, 5, default=0)
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
            "condition": not surface.has_condition,
            "seed": scene.settings["noise"] == 0,
            "y0": surface.n_weights == 1,
        }
        return tuple(name for name, grey in greyed.items() if grey)

    def hover(self, scene: Scene) -> dict[str, list[str]]:
        """Name the racer at the end of each path, and how it does."""
        return {"path ends": [f"{one.name}: {one.words()}" for one in scene.standings]}

    def draw(self, figure: Figure, scene: Scene) -> dict[str, Artist]:
        """Draw the surface, the two axes over the steps and the legend."""
        return race_picture.draw(figure, scene)

    def move(self, artists: dict[str, Any], scene: Scene) -> None:
        """Set levels, paths, curves, their ends and all words."""
        race_picture.move(artists, scene)
        artists["headline"].set_text(headline(scene.standings, scene.settings["step"]))

    def describe(self, scene: Scene) -> str:
        """Name leader, settings, standings and step lengths."""
        return describe(scene)
