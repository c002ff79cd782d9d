"""Explorer: a small network learns to tell two classes of the plane apart. Chapters 01a and 01b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import playground_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.playground_runs import (
    ACTIVATIONS,
    AXIS,
    DATA,
    HELD_OUT_EVERY,
    N_STEPS,
    N_TRAIN,
    OPTIMIZERS,
    training,
)
from course_utils.explorers.playground_words import describe, headline, state_of

GRID = np.stack(np.meshgrid(AXIS, AXIS), axis=-1).reshape(-1, 2)  # (1600, 2), row by row from below


@dataclass(frozen=True)
class Moment:
    """The network at one step of its training.

    Parameters
    ----------
    settings : dict
        The controls' values.
    x, y : ndarray
        All points (200, 2) and classes (200,), training points first.
    losses : ndarray
        Training loss at steps 0 to the present one.
    held_out : ndarray
        Rows (step, held-out loss).
    logits : ndarray
        The output on the grid, (40, 40), row by row from below.
    correct : tuple of float
        Share of training and of held-out points on the right side, in %.
    state : str
        "diverged" where the run ended before the step asked for; else as `state_of` has it.
    """

    settings: dict[str, Any]
    x: np.ndarray
    y: np.ndarray
    losses: np.ndarray
    held_out: np.ndarray
    logits: np.ndarray
    correct: tuple[float, float]
    state: str


def compute(*, step: int, **settings: Any) -> Moment:
    """Train up to `step`, going on from where an earlier picture with these settings stopped."""
    run = training(**settings)
    now = run.advance(step)
    logits = run.logits(now, np.concatenate([run.x, GRID]))
    own, grid = logits[: len(run.x)], logits[len(run.x) :]
    right = (own > 0) == (run.y == 1)
    correct = (100 * float(right[:N_TRAIN].mean()), 100 * float(right[N_TRAIN:].mean()))
    losses = np.array(run.losses[: now + 1])
    held_out = [(k, run.held_out[k]) for k in range(0, now + 1, HELD_OUT_EVERY)]
    if now % HELD_OUT_EVERY:
        held_out.append((now, run.held_out_loss(own[N_TRAIN:])))
    state = "diverged" if now < step else state_of(losses, np.array(held_out), correct)
    grid = grid.reshape(len(AXIS), len(AXIS))
    return Moment(settings, run.x, run.y, losses, np.array(held_out), grid, correct, state)


class Playground(Explorer):
    """A network learns the border between two classes; every step is one update on all 100 training points.

    Left its probability of class 1 in bands from blue (0) over white to orange (1), with the border at 1/2,
    training points and, small and white, 100 held-out ones; right the loss on both. The points stay the same
    for every seed, which draws the starting weights only.

    The headline says "learnt" once 95 % of the training points are right, "overfitting" where the held-out
    loss has risen far beyond its lowest, "stalled" where 20 steps gained less than 2 %, "jumping" where the
    loss leaps up again and again, "diverging" where it is worse than guessing, and "diverged" where a weight
    went beyond 1e4, which ends a run; else "learning".

    Questions it lets one answer:

    - How many hidden units does XOR need, and does every seed find them?
    - What can a network of any depth without a bend (identity) learn?
    - Which learning rate learns the moons in the fewest steps, and what does one ten times larger do?
    - Why does a deep network of sigmoids stand still where one of ReLUs learns, and does Adam help?
    - Raise the noise: from which step on does the held-out loss rise, and with how many units?

    Parameters
    ----------
    data : str
        A name in `playground_runs.DATA`.
    noise : float
        Standard deviation in both coordinates, in the picture's units, 0 to 0.6.
    units : int
        Hidden units of each hidden layer, 1 to 64.
    depth : int
        Hidden layers, 1 to 4.
    activation : str
        "ReLU", "tanh", "sigmoid" or "identity".
    optimizer : str
        "SGD", "SGD, momentum 0.9" or "Adam".
    lr : float
        Learning rate, 1e-3 to 10.
    seed : int
        Draws the starting weights, 0 to 20.
    step : int
        0 to 150.

    Examples
    --------
    >>> explorer = Playground(data="XOR", activation="identity", step=150)  # a straight border only
    >>> explorer.result.correct[0] < 80
    True
    >>> explorer.close()
    """

    title = "Playground"
    size = (720, 420)

    data = Choice("data", tuple(DATA), default="moons")
    noise = Slider("noise (std)", 0, 0.6, default=0.15, step=0.01)
    units = IntegerSlider("hidden units", 1, 64, default=8)
    depth = IntegerSlider("hidden layers", 1, 4, default=1)
    activation = Choice("activation", tuple(ACTIVATIONS), default="tanh")
    optimizer = Choice("optimizer", tuple(OPTIMIZERS), default="SGD, momentum 0.9")
    lr = LogSlider("learning rate", 1e-3, 10, default=0.3)
    seed = IntegerSlider("seed", 0, 20, default=0)
    step = Playback("step", 0, N_STEPS, default=40)

    presets = {
        "XOR, one hidden unit": {"data": "XOR", "units": 1, "step": N_STEPS},
        "XOR, four hidden units": {"data": "XOR", "units": 4, "step": N_STEPS},
        "too few units": {"data": "rings", "units": 2, "step": N_STEPS},
        "spirals": {
            "data": "spirals",
            "noise": 0.05,
            "units": 32,
            "depth": 2,
            "lr": 0.03,
            "optimizer": "Adam",
        },
        "rate too large": {"activation": "ReLU", "units": 32, "depth": 2, "lr": 3, "step": N_STEPS},
        "no bend: identity": {"activation": "identity", "units": 32, "depth": 4, "lr": 0.03, "step": N_STEPS},
        "deep sigmoid stalls": {"activation": "sigmoid", "units": 16, "depth": 4, "step": N_STEPS},
        "overfitting": {
            "noise": 0.6,
            "units": 64,
            "depth": 3,
            "activation": "ReLU",
            "optimizer": "Adam",
            "lr": 0.01,
            "step": N_STEPS,
        },
    }

    compute = staticmethod(compute)

    def draw(self, figure: Figure, moment: Moment) -> dict[str, Artist]:
        """Draw both empty axes."""
        return playground_picture.draw(figure)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set map, border, points and curves."""
        playground_picture.move(artists, moment)
        artists["headline"].set_text(headline(moment))

    def describe(self, moment: Moment) -> str:
        """Name the data, the network, the optimizer and how far the training has come."""
        return describe(moment)
