"""Who takes part in a race of optimizers: the engine's own, each with its name and look. Chapter 05."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_utils.explorers._canvas import MUTED
from course_utils.figures import COLOURS
from course_utils.nn.module import Parameter
from course_utils.optim import SGD, Adadelta, Adagrad, Adam, AdamW, NAdam, Optimizer, RMSprop


@dataclass(frozen=True)
class Racer:
    """One optimizer of a race.

    Parameters
    ----------
    name : str
        As the learner reads it.
    make : callable
        Parameters, learning rate and momentum to an optimizer; all else stands at its default.
    colour, marker, dash : object
        How its line is drawn; each pair of racers differs in two of the three.
    noisy : bool
        Whether it sees the noise on the gradients.
    """

    name: str
    make: Callable[[list[Parameter], float, float], Optimizer]
    colour: str
    marker: str
    dash: Any
    noisy: bool = True


def nesterov(parameters: list[Parameter], lr: float, momentum: float) -> SGD:
    """Return SGD with Nesterov's momentum; without momentum there is nothing to look ahead along."""
    return SGD(parameters, lr, momentum, nesterov=momentum > 0)


RACERS = {
    racer.name: racer
    for racer in (
        Racer("GD", lambda w, lr, beta: SGD(w, lr), "black", "o", "-", noisy=False),
        Racer("SGD", lambda w, lr, beta: SGD(w, lr), MUTED, "^", (0, (1, 1.2))),
        Racer("momentum", lambda w, lr, beta: SGD(w, lr, beta), COLOURS["blue"], "s", (0, (5, 1.2))),
        Racer("Nesterov", nesterov, COLOURS["purple"], "D", (0, (4, 1.2, 1, 1.2))),
        Racer("AdaGrad", lambda w, lr, beta: Adagrad(w, lr), COLOURS["orange"], "P", "-"),
        Racer("Adadelta", lambda w, lr, beta: Adadelta(w, lr), COLOURS["sky"], "*", (0, (1, 1.2))),
        Racer("RMSprop", lambda w, lr, beta: RMSprop(w, lr), COLOURS["green"], "d", (0, (5, 1.2))),
        Racer("Adam", lambda w, lr, beta: Adam(w, lr, (beta, 0.999)), COLOURS["vermillion"], "p", "-"),
        Racer("NAdam", lambda w, lr, beta: NAdam(w, lr, (beta, 0.999)), COLOURS["purple"], "h", "-"),
        Racer("AdamW", lambda w, lr, beta: AdamW(w, lr, (beta, 0.999)), COLOURS["blue"], "X", (0, (1, 1.2))),
    )
}

LINE_UPS = {
    "one of each kind": ("GD", "momentum", "RMSprop", "Adam"),
    "plain and momentum": ("GD", "SGD", "momentum", "Nesterov"),
    "adaptive": ("AdaGrad", "Adadelta", "RMSprop", "Adam"),
    "Adam and its kin": ("RMSprop", "Adam", "NAdam", "AdamW"),
    "under noise": ("SGD", "momentum", "AdaGrad", "Adam"),
    "all ten": tuple(RACERS),
}
