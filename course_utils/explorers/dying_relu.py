"""Explorer: units that die, stay dead, and revive when their inputs move. Chapter 03b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import dying_relu_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.dying_relu_run import (
    ACTIVATIONS,
    BELOW,
    DRIFTS,
    N_STEPS,
    STAYS,
    cloud,
    training,
)
from course_utils.explorers.dying_relu_words import describe, headline, readouts


@dataclass(frozen=True)
class Moment:
    """The layer at one step of its training.

    Parameters
    ----------
    settings : dict
        The controls' values; `step` is the last one before a run ended, if it did.
    ended : bool
        Whether the weights left all bounds before the step asked for.
    x, y : ndarray (60, 2) and (60,)
        The cloud as the layer sees it now, and its classes.
    weight, bias : ndarray (14, 2) and (14,)
        The layer's, now.
    losses : ndarray (step + 1,)
        At steps 0 to the present one.
    alive : ndarray (step + 1, 14) bool
        Whether a unit's slope is other than 0 on any example.
    shares : ndarray (step + 1, 14)
        The part of the examples on which a unit is active.
    """

    settings: dict[str, Any]
    ended: bool
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    losses: np.ndarray
    alive: np.ndarray
    shares: np.ndarray

    @property
    def states(self) -> np.ndarray:
        """Of each unit "alive", "asleep" (alive, though active on no example) or "dead", (14,)."""
        asleep = np.where(self.shares[-1] == 0, "asleep", "alive")
        return np.where(self.alive[-1], asleep, "dead")

    @property
    def revived(self) -> np.ndarray:
        """Which units are alive that were dead at an earlier step, (14,) bool."""
        return self.alive[-1] & ~self.alive.all(axis=0)

    @property
    def died(self) -> np.ndarray:
        """Which units are dead that were alive at an earlier step, (14,) bool."""
        return ~self.alive[-1] & self.alive.any(axis=0)


def compute(*, step: int, **settings: Any) -> Moment:
    """Train up to `step`, going on from where an earlier picture with these settings stopped."""
    ineffective = {} if settings["moves"] == DRIFTS else {"x": 0.0, "y": 0.0}
    run = training(**(settings | ineffective))
    now = run.advance(step)
    weight, bias = run.parts(now)[:2]
    return Moment(
        settings | {"step": now},
        now < step,
        run.inputs(now),
        cloud()[1],
        weight,
        bias,
        np.array(run.losses[: now + 1]),
        run.alive(now),
        run.shares(now),
    )


class DyingReLU(Explorer):
    """Fourteen hidden units over a cloud of examples: some die, and some revive when the cloud moves.

    Left the cloud and each unit's line w x + b = 0, with an arrow towards its active side; right the number
    of units alive, the part of the examples on which each unit is active, and the loss, over 120 steps of
    gradient descent on all 60 examples. A unit is dead if its slope is exactly 0 on every example: then no
    gradient reaches its weights. It is asleep if it is active on no example and yet has a slope.

    The cloud stays, or it drifts to another place between steps 40 and 80 (drag the ring), or it is the
    output of a linear layer below, which starts as the identity and learns too. The points are the same for
    every seed, which draws the weights only: the layer's by He's rule, all biases alike.

    Questions it lets one answer:

    - At which learning rate do units die in the first steps, and how many are left at ten times a good rate?
    - The cloud stays: does any dead unit ever come back, at any learning rate and for any seed?
    - Where must the cloud go to revive a given unit? Which units die because it goes there?
    - Why do units revive above a layer that learns, and why not if all of them are dead?
    - Leaky ReLU keeps every unit alive. Do units that sleep wake up as fast as with ELU?

    Parameters
    ----------
    activation : str
        "ReLU", "Leaky ReLU" (slope 0.01), "PReLU" (one slope, from 0.25) or "ELU".
    lr : float
        Learning rate, 0.01 to 30.
    bias : float
        Of all units at the start, -3 to 1.
    moves : str
        What the cloud does: "stays", "drifts" or "moved by a layer below".
    x, y : float
        Where a drifting cloud goes, -2.2 to 2.2.
    seed : int
        Draws the starting weights, 0 to 20.
    step : int
        0 to 120.

    Examples
    --------
    >>> explorer = DyingReLU(moves="stays", step=120)  # the first layer, on fixed data
    >>> explorer.result.alive.sum(axis=1)[[0, -1]], explorer.result.revived.sum()
    (array([3, 3]), np.int64(0))
    >>> explorer.close()
    """

    title = "Dying ReLU"
    size = (720, 440)

    activation = Choice("activation", tuple(ACTIVATIONS), default="ReLU")
    lr = LogSlider("learning rate", 0.01, 30, default=1)
    bias = Slider("bias at start", -3, 1, default=-2)
    moves = Choice("the cloud", (STAYS, DRIFTS, BELOW), default=DRIFTS)
    x = Slider("drifts to x1", -2.2, 2.2, default=1.2)
    y = Slider("drifts to x2", -2.2, 2.2, default=-1.2)
    seed = IntegerSlider("seed", 0, 20, default=4)
    step = Playback("step", 0, N_STEPS, default=60)

    presets = {
        "all alive": {"bias": 0, "moves": STAYS, "step": N_STEPS},
        "steps too large kill": {"bias": 0, "lr": 15, "moves": STAYS, "step": N_STEPS},
        "dead for good on fixed data": {"moves": STAYS, "step": N_STEPS},
        "the cloud moves: revived": {"step": N_STEPS},
        "a layer below learns: revived": {"moves": BELOW, "seed": 0, "step": N_STEPS},
        "all dead, nothing learns": {"moves": BELOW, "seed": 5, "step": N_STEPS},
        "all dead, then the cloud comes": {"x": 0, "y": 1.8, "seed": 5, "step": N_STEPS},
        "the cloud leaves: units die": {"bias": 0, "x": -2, "y": 1.2, "step": N_STEPS},
        "leaky keeps a slope": {"activation": "Leaky ReLU", "moves": STAYS, "seed": 5, "step": N_STEPS},
        "ELU wakes them": {"activation": "ELU", "moves": STAYS, "seed": 5, "step": N_STEPS},
    }

    handles = {"target": ("x", "y")}

    compute = staticmethod(compute)

    def background(self, moment: Moment) -> str:
        """Redraw the labels for a cloud that moves in another way."""
        return moment.settings["moves"]

    def idle(self, moment: Moment) -> tuple[str, ...]:
        """Grey out where to drift if the cloud does not."""
        return () if moment.settings["moves"] == DRIFTS else ("x", "y")

    def draw(self, figure: Figure, moment: Moment) -> dict[str, Artist]:
        """Draw four empty axes."""
        return dying_relu_picture.draw(figure, moment)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set cloud, lines, curves and headline."""
        dying_relu_picture.move(artists, moment)
        artists["headline"].set_text(headline(moment))

    def hover(self, moment: Moment) -> dict[str, list[str]]:
        """Say how each unit is, and how many were alive at each step."""
        return readouts(moment)

    def describe(self, moment: Moment) -> str:
        """Name the settings, the cloud's place, and which units are dead."""
        return describe(moment)
