"""What each optimizer of a race does, in a word, and who leads. Chapter 05."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.explorers._numbers import number, plural, short
from course_utils.explorers.gradient_descent import FAR, LOWEST
from course_utils.explorers.surfaces import Surface

WINDOW = 30  # steps back that decide whether a racer swings


@dataclass(frozen=True)
class Standing:
    """How one racer does after some steps.

    Parameters
    ----------
    name : str
        The racer.
    loss : float
        Where it is now, or where it was when it got lost.
    state : str
        What it does: see `behaviour`; or "arrived" or "diverged".
    since : int
        The step at which it arrived or diverged; otherwise the present one.
    """

    name: str
    loss: float
    state: str
    since: int

    @property
    def rank(self) -> tuple[bool, float, float]:
        """What decides who leads: first those that arrived, the earliest ahead; then by loss."""
        arrived = self.state == "arrived"
        return self.state == "diverged", self.since if arrived else np.inf, self.loss

    def brief(self) -> str:
        """Return `words`, but for the usual case: converging goes without saying."""
        return short(self.loss) if self.state == "converging" else self.words()

    def words(self) -> str:
        """Return what is said of the racer after its name.

        Examples
        --------
        >>> Standing("Adam", 0.0123, "stalled", 60).words(), Standing("GD", 1e9, "diverged", 9).words()
        ('0.0123, stalled', 'diverged at step 9')
        """
        if self.state in ("arrived", "diverged"):
            return f"{self.state} at step {self.since}"
        return f"{short(self.loss)}, {self.state}"


def standing(name: str, path: np.ndarray, losses: np.ndarray, surface: Surface, *, noisy: bool) -> Standing:
    """Judge a racer by its path (n_steps + 1, n_weights) and the losses along it (n_steps + 1,).

    Diverged: beyond `FAR`. Arrived: the loss has stayed below `LOWEST` since some step. Otherwise what
    `behaviour` says.
    """
    last = len(losses) - 1
    if np.abs(path[-1]).max() > FAR:
        return Standing(name, losses[-1], "diverged", last)
    if losses[-1] < LOWEST:
        above = np.flatnonzero(losses >= LOWEST)
        return Standing(name, losses[-1], "arrived", int(above[-1]) + 1 if len(above) else 0)
    return Standing(name, losses[-1], behaviour(path, losses, surface, noisy=noisy), last)


def behaviour(path: np.ndarray, losses: np.ndarray, surface: Surface, *, noisy: bool) -> str:
    """Name what a run is doing at its end.

    Diverging: it is higher than it started, and as high as never before. Oscillating: it `swings`. Stalled:
    the last tenth of the steps gained less than 2 %; see `place` for its kinds. Under noise, instead of these
    two: jittering, where it `wanders`. Above start: higher than there. Converging: everything else.

    Examples
    --------
    >>> from course_utils.explorers.surfaces import SURFACES
    >>> path = np.array([[2.0], [1.0], [0.5]])
    >>> behaviour(path, path[:, 0] ** 2 / 2, SURFACES["parabola"], noisy=False)
    'converging'
    """
    n_steps = len(losses) - 1
    if n_steps == 0:
        return "at the start"
    last = losses[-1]
    if last > losses[0] and losses[-2:].max() >= losses.max():
        return "diverging"
    if noisy:
        if wanders(path, losses):
            return "jittering"
    elif swings(path, losses, surface.view / 100):
        return "oscillating"
    elif stalled(losses):
        return place(path[-1], surface)
    return "above start" if last > losses[0] else "converging"


def wanders(path: np.ndarray, losses: np.ndarray) -> bool:
    """Return whether noise leads a run nowhere.

    So it is where the last `WINDOW` steps end less than 0.6 of their length from where they began, and their
    mean loss is more than a fifth of that of as many steps before.
    """
    if len(losses) <= WINDOW:
        return False
    recent = path[-WINDOW - 1 :]
    travelled = np.linalg.norm(np.diff(recent, axis=0), axis=1).sum()
    nowhere = np.linalg.norm(recent[-1] - recent[0]) < 0.6 * travelled
    return bool(nowhere and losses[-WINDOW:].mean() > losses[-2 * WINDOW : -WINDOW].mean() / 5)


def swings(path: np.ndarray, losses: np.ndarray, visible: float) -> bool:
    """Return whether a run turns back again and again without gain.

    So it is where it turned back three times or more in some weight within the last `WINDOW` steps, counting
    steps of at least `visible`, while the highest loss did not come down to a tenth; the highest, since what
    swings passes low places too.
    """
    moves = np.diff(path[-WINDOW - 1 :], axis=0)  # (n_recent, n_weights)
    turns = 0
    for along in moves.T:
        ways = np.sign(along[np.abs(along) >= visible])
        turns = max(turns, int((ways[1:] != ways[:-1]).sum()))
    gains = losses[-WINDOW // 3 :].max() < losses[-WINDOW - 1 :].max() / 10
    return turns >= 3 and not gains


def stalled(losses: np.ndarray) -> bool:
    """Return whether the last tenth of the steps gained less than 2 %."""
    before, now = losses[-1 - max(1, (len(losses) - 1) // 10)], losses[-1]
    return bool(abs(before - now) < 0.02 * before)


def place(point: np.ndarray, surface: Surface) -> str:
    """Say why a run stands still, from the gradient g and the curvatures H, by central differences.

    The nearest level point is about H^-1 g away. "trapped": all ways curve up, and that point is hardly any
    lower, by g H^-1 g / 2. "on a saddle": some way curves down, and the point is near. Else "stalled".

    Examples
    --------
    >>> from course_utils.explorers.surfaces import SURFACES
    >>> place(np.array([0.0, 0.0]), SURFACES["saddle"]), place(np.array([0.5, 1.0]), SURFACES["saddle"])
    ('on a saddle', 'stalled')
    """
    n_weights, nudge = len(point), 1e-4 * surface.view
    loss, gradient = surface.loss(point)
    offsets = nudge * np.eye(n_weights)
    slopes = surface.loss(np.concatenate([point + offsets, point - offsets]))[1]  # (2 n_weights, n_weights)
    curvatures = (slopes[:n_weights] - slopes[n_weights:]) / (2 * nudge)
    bends, ways = np.linalg.eigh((curvatures + curvatures.T) / 2)
    along = gradient @ ways
    if bends[0] > 0:
        return "trapped" if (along**2 / bends).sum() / 2 < 0.02 * loss else "stalled"
    near = (np.abs(along) < 0.04 * surface.view * np.abs(bends)).all()
    return "on a saddle" if near else "stalled"


def headline(standings: list[Standing], step: int) -> str:
    """Say who leads, and who got lost."""
    if step == 0:
        return f"at the start: loss {number(standings[0].loss)}"
    lost = [one for one in standings if one.state == "diverged"]
    best = min(standings, key=lambda one: one.rank)
    if best.state == "diverged":
        first = min(lost, key=lambda one: one.since)
        return f"all diverged, {first.name} first, at step {first.since}"
    lead = leaders([one.name for one in standings if same_rank(one, best)], len(standings))
    if best.state == "arrived":
        lead += f": below {number(LOWEST)} since step {best.since}"
    else:
        lead += "" if best.state == "converging" else f", {best.state}"
        lead += f": {number(best.loss)} after {plural(step, 'step')}"
    if len(lost) > 1:
        return f"{lead}; {len(lost)} diverged"
    return lead + (f"; {lost[0].name} {lost[0].words()}" if lost else "")


def same_rank(one: Standing, other: Standing) -> bool:
    """Return whether two are equal as far as the headline shows."""
    return one.rank[:2] == other.rank[:2] and (number(one.loss) == number(other.loss) or one.rank[1] < np.inf)


def leaders(names: list[str], n_racers: int) -> str:
    """Say who leads.

    Examples
    --------
    >>> leaders(["GD"], 4), leaders(["GD", "SGD"], 4), leaders(["GD", "SGD", "momentum", "Adam"], 10)
    ('GD leads', 'GD and SGD lead', '4 of 10 lead')
    """
    if len(names) == 1:
        return f"{names[0]} leads"
    if len(names) > 3:
        return f"{len(names)} of {n_racers} lead"
    return ", ".join(names[:-1]) + f" and {names[-1]} lead"
