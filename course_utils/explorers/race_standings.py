"""What each optimizer of a race does, in a word, and who leads. Chapter 05."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.explorers._numbers import number, short
from course_utils.explorers.gradient_descent_run import FAR, LOWEST
from course_utils.explorers.surfaces import Surface

WINDOW = 30  # steps back that decide whether a racer swings
EARLY = 5  # steps before which nothing more is said than whether a racer is below its start


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
    at : tuple of float
        Where it is, on a surface of several minima; else empty.
    """

    name: str
    loss: float
    state: str
    since: int
    at: tuple[float, ...] = ()

    @property
    def rank(self) -> tuple[bool, float, float]:
        """What decides who leads: first those that arrived, the earliest ahead; then by loss."""
        arrived = self.state == "arrived"
        return self.state == "diverged", self.since if arrived else np.inf, self.loss

    def brief(self) -> str:
        """Return what is said of the racer beside the picture: converging goes without saying."""
        if self.state in ("arrived", "diverged"):
            return f"{self.state} at step {self.since}"
        return short(self.loss) if self.state == "converging" else f"{short(self.loss)}, {self.state}"

    def words(self) -> str:
        """Return what is said of the racer after its name where there is room: with its place, if known.

        Examples
        --------
        >>> Standing("Adam", 0.0123, "converging", 60).words(), Standing("GD", 1e9, "diverged", 9).words()
        ('0.0123, converging', 'diverged at step 9')
        >>> Standing("Adam", 0.2, "trapped", 60, (0.9466,)).words()
        '0.2, trapped at 0.947'
        """
        said = self.brief() + (", converging" if self.state == "converging" else "")
        return said + (f" at {place_name(self.at)}" if self.at else "")


def place_name(point: tuple[float, ...]) -> str:
    """Return a point in three digits, down to thousandths.

    Examples
    --------
    >>> place_name((-1.9899, 1e-9)), place_name((0.9466,))
    ('(−1.99, 0)', '0.947')
    """
    numbers = [number(round(float(f"{value:.3g}"), 3)) for value in point]
    return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"


def standing(name: str, path: np.ndarray, losses: np.ndarray, surface: Surface, *, noisy: bool) -> Standing:
    """Judge a racer by its path (n_steps + 1, n_weights) and the losses along it (n_steps + 1,).

    Diverged: beyond `FAR`. Arrived: the loss has stayed below `LOWEST` since some step. Otherwise what
    `behaviour` says.
    """
    last = len(losses) - 1
    if np.abs(path[-1]).max() > FAR:
        return Standing(name, losses[-1], "diverged", last)
    at = tuple(path[-1].tolist()) if surface.several and last > 0 else ()
    if losses[-1] < LOWEST:
        above = np.flatnonzero(losses >= LOWEST)
        return Standing(name, losses[-1], "arrived", int(above[-1]) + 1 if len(above) else 0, at)
    return Standing(name, losses[-1], behaviour(path, losses, surface, noisy=noisy), last, at)


def behaviour(path: np.ndarray, losses: np.ndarray, surface: Surface, *, noisy: bool) -> str:
    """Name what a run is doing at its end.

    From the step `EARLY` on: Diverging: it is higher than it started, and `rises`. Oscillating: it `swings`.
    Stalled: see `stalled`, and `place` for its kinds. Under noise, instead of these two: jittering, where it
    `wanders`; and since noise lifts what stands in a minimum, too, what diverges has left the picture. Else,
    and before: above start, where it is higher than there; or converging.

    Examples
    --------
    >>> from course_utils.explorers.surfaces import SURFACES
    >>> path = np.array([[1.0], [1.5], [2.0], [3.0], [4.0], [5.0]])
    >>> losses = path[:, 0] ** 2 / 2
    >>> [behaviour(path[:n], losses[:n], SURFACES["parabola"], noisy=False) for n in (1, 2, 6)]
    ['at the start', 'above start', 'diverging']
    """
    n_steps = len(losses) - 1
    if n_steps == 0:
        return "at the start"
    above = losses[-1] > losses[0]
    if n_steps >= EARLY:
        if above and rises(losses) and (np.abs(path[-1]).max() > surface.view or not noisy):
            return "diverging"
        if noisy:
            if wanders(path, losses):
                return "jittering"
        elif swings(path, losses, surface.view / 100):
            return "oscillating"
        elif stalled(losses):
            return place(path[-1], surface)
    return "above start" if above else "converging"


def span(losses: np.ndarray) -> int:
    """Return how many steps back a run is compared with: a tenth of all, but at least `EARLY`."""
    return max(EARLY, (len(losses) - 1) // 10)


def rises(losses: np.ndarray) -> bool:
    """Return whether the last two losses go a twentieth beyond all those before the present `span`."""
    return bool(losses[-2:].max() >= max(losses.max(), 1.05 * losses[: -span(losses)].max()))


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
    """Return whether the steps of the present `span` gained less than 2 %."""
    before, now = losses[-1 - span(losses)], losses[-1]
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
