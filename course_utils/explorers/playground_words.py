"""What `Playground` says of a training run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_utils.explorers._numbers import number, plural
from course_utils.explorers.playground_runs import FAR

if TYPE_CHECKING:
    from course_utils.explorers.playground import Moment


def state_of(losses: np.ndarray, held_out: np.ndarray, correct: tuple[float, float]) -> str:
    """Name what a run does.

    Diverging: its loss is above that of guessing by half and above its own start. Jumping: among the last 20
    losses five or more are a tenth above the one before. Overfitting: the held-out loss is 1.5 times its
    lowest value or more, and at least 0.1 above it. Learnt: 95 % of the training points are right. Stalled:
    the last 20 steps gained less than 2 %. Learning: everything else.

    Examples
    --------
    >>> state_of(np.full(30, 0.69), np.array([[0, 0.69]]), (50.0, 50.0))
    'stalled'
    """
    if len(losses) == 1:
        return "untrained"
    if losses[-1] > max(1.5 * np.log(2), losses[0]):
        return "diverging"
    last = losses[-21:]
    if (last[1:] > 1.1 * last[:-1]).sum() >= 5:
        return "jumping"
    lowest = held_out[:, 1].min()
    if held_out[-1, 1] > max(1.5 * lowest, lowest + 0.1):
        return "overfitting"
    if correct[0] >= 95:
        return "learnt"
    if len(last) == 21 and last[0] - last[-1] < 0.02 * last[0]:
        return "stalled"
    return "learning"


def headline(moment: Moment) -> str:
    """Say in a few words how far the training has come."""
    taken = plural(len(moment.losses) - 1, "step")
    own, others = moment.correct
    return f"{moment.state}: right {own:.0f} % in training, {others:.0f} % held out; {taken}"


def describe(moment: Moment) -> str:
    """Name the data, the network, the optimizer and how far the training has come."""
    settings = moment.settings
    end = f" A weight beyond {number(FAR)} ended the run." if moment.state == "diverged" else ""
    return (
        f"Playground, {settings['data']} with noise of standard deviation {number(settings['noise'])}: "
        f"{plural(settings['depth'], 'hidden layer')} of {plural(settings['units'], 'unit')}, "
        f"{settings['activation']}, {settings['optimizer']}, learning rate {number(settings['lr'])}, "
        f"seed {settings['seed']}. {headline(moment).capitalize()}. "
        f"Loss {number(moment.losses[0])} to {number(moment.losses[-1])}, "
        f"held out {number(moment.held_out[-1, 1])}.{end}"
    )
