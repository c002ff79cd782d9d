"""What `DyingReLU` says of a layer's units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_utils.explorers._numbers import number, plural
from course_utils.explorers.dying_relu_picture import lines_in_view
from course_utils.explorers.dying_relu_run import ARRIVES, BELOW, DRIFTS, FAR, LEAVES, N_UNITS

if TYPE_CHECKING:
    from course_utils.explorers.dying_relu import Moment


def loss_text(loss: float) -> str:
    """Return a loss in three digits."""
    return number(float(f"{loss:.3g}"))


def headline(moment: Moment) -> str:
    """Say in a few words how many units are alive, and what became of the others."""
    counts = {
        "died": int(moment.died.sum()),
        "never alive": int((~moment.alive.any(axis=0)).sum()),
        "revived": int(moment.revived.sum()),
        "asleep": int((moment.states == "asleep").sum()),
    }
    n_alive = int(moment.alive[-1].sum())
    how = f"all {N_UNITS} units alive" if n_alive == N_UNITS else f"{n_alive} of {N_UNITS} units alive"
    if n_alive == 0:
        how = f"all {N_UNITS} units dead"
    if moment.ended:
        return f"diverged after {plural(moment.settings['step'], 'step')}, with {how}"
    now = f"loss {loss_text(moment.losses[-1])}"
    others = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{how}: {others}; {now}" if others else f"{how}; {now}"


def describe(moment: Moment) -> str:
    """Name the settings, the cloud's place, the units' fate and the loss."""
    settings = moment.settings
    way = "the cloud stays"
    if settings["moves"] == DRIFTS:
        place = f"({number(settings['x'])}, {number(settings['y'])})"
        way = f"the cloud drifts to {place} from step {LEAVES} to {ARRIVES}"
    elif settings["moves"] == BELOW:
        way = "the cloud is moved by a linear layer below, which learns"
    x, y = (number(float(f"{value:.2f}")) for value in moment.x.mean(axis=0))
    dead = np.flatnonzero(moment.states == "dead") + 1
    names = f" Dead: {', '.join(map(str, dead))}." if 0 < len(dead) < N_UNITS else ""
    hidden = np.isnan(lines_in_view(moment.weight, moment.bias)[0]).any(axis=(1, 2)).sum()
    beyond = f" Lines beyond the picture: {hidden}." if hidden else ""
    end = f" A weight beyond {number(FAR)} ended the run." if moment.ended else ""
    return (
        f"Dying units, {settings['activation']}, learning rate {number(settings['lr'])}, biases at the start "
        f"{number(settings['bias'])}, seed {settings['seed']}; {way}. Step {settings['step']}, centre of the "
        f"cloud ({x}, {y}). {headline(moment).capitalize()}. At the start loss "
        f"{loss_text(moment.losses[0])}, {moment.alive[0].sum()} alive.{names}{beyond}{end}"
    )


def unit_text(moment: Moment, unit: int) -> str:
    """Say how one unit is, and since when.

    A unit alive is "revived" at the first step after it was last dead; a dead one is dead since the first
    step after it was last alive.
    """
    alive, share = moment.alive[:, unit], moment.shares[-1, unit]
    changes = np.flatnonzero(alive[1:] != alive[:-1]) + 1
    since = f" since step {changes[-1]}" if len(changes) else " from the start"
    if not alive[-1]:
        return f"unit {unit + 1}: dead{since}"
    back = f", revived at step {changes[-1]}" if moment.revived[unit] else ""
    active = f"active on {100 * share:.0f} %" if share else "asleep: active on none, but with a slope"
    return f"unit {unit + 1}: {active}{back}"


def readouts(moment: Moment) -> dict[str, list[str]]:
    """Return what the units' marks, and the points of both curves, say under the mouse."""
    counts = moment.alive.sum(axis=1)
    marks = {
        f"marks {state}": [
            unit_text(moment, unit) for unit in np.flatnonzero(moment.states == state).tolist()
        ]
        for state in ("alive", "asleep", "dead")
    }
    return marks | {
        "number alive": [f"step {step}: {n} of {N_UNITS} alive" for step, n in enumerate(counts)],
        "loss": [f"step {step}: loss {loss_text(loss)}" for step, loss in enumerate(moment.losses)],
    }
