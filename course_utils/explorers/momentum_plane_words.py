"""What `MomentumPlane` says: its headline, its lines on both directions and its alternative text."""

from __future__ import annotations

import math

from course_utils.explorers._numbers import number, plural, short
from course_utils.explorers.momentum_plane_runs import Plane
from course_utils.explorers.momentum_plane_theory import Direction, Pair

BEST = {"momentum": "Polyak's best pair", "Nesterov": "Nesterov's best pair"}
VERBS = {
    "creeps": "creep",
    "flips": "flip",
    "swings": "swing",
    "arrives": "arrive",
    "diverges": "diverge",
    "never settles": "never settle",
}


def factor_text(factor: float) -> str:
    """Return a factor in at most 4 digits; one near 1 by its distance from 1, which is what counts.

    Examples
    --------
    >>> factor_text(0.81818), factor_text(0.99996), factor_text(1.0002), factor_text(1.0), factor_text(3e-9)
    ('0.8182', '1 − 4e−5', '1 + 0.0002', '1', '0')
    """
    away = abs(factor - 1)
    if away < 1e-12:
        return "1"
    if away < 1e-3:
        return f"1 {'−' if factor < 1 else '+'} {number(float(f'{away:.2g}'))}"
    return "0" if factor < 1e-7 else number(factor)


def pace(factor: float) -> str:
    """Say how many steps a tenfold change takes.

    Examples
    --------
    >>> pace(0.1**0.05), pace(10.0), pace(0.9999), pace(1.0), pace(0.0)
    ('20 steps to a tenth', '1 step to tenfold', '23 thousand steps to a tenth', 'no end', 'at once')
    """
    if abs(factor - 1) < 1e-12:
        return "no end"
    if factor < 1e-7:
        return "at once"
    exact = abs(math.log(10) / math.log(factor))
    n_steps = short(exact) if exact < 9999 else f"{number(float(f'{exact / 1000:.2g}'))} thousand"
    return f"{n_steps} {'step' if n_steps == '1' else 'steps'} to {'a tenth' if factor < 1 else 'tenfold'}"


def state(found: Plane) -> str:
    """Name what the deciding direction does, or what both do.

    Examples
    --------
    >>> from course_utils.explorers.momentum_plane_runs import compute
    >>> state(compute(lr=0.1, momentum=0.5, condition=100, method="momentum", steps=10))
    'flat direction creeps'
    """
    steep, flat = found.steep.kind, found.flat.kind
    if found.decides == "both":
        alike = f"both directions {VERBS[steep]}"
        return alike if steep == flat else f"steep {steep}, flat {flat}"
    return f"{found.decides} direction {steep if found.decides == 'steep' else flat}"


def headline(found: Plane) -> str:
    """Say which direction decides, what it does, and how fast."""
    return f"{state(found)}: factor {factor_text(found.factor)}, {pace(found.factor)}"


def nature(direction: Direction) -> str:
    """Say whether eigenvalues are real or complex.

    Examples
    --------
    >>> nature(Direction(1.0, (0.5, 0.5), 0.5, "creeps")), nature(Direction(1.0, (1j, -1j), 1.0, "swings"))
    ('real, double', 'complex')
    """
    larger, smaller = direction.eigenvalues
    if complex(larger).imag:
        return "complex"
    return "real, double" if larger == smaller else "real"


def direction_text(found: Plane, name: str) -> str:
    """Return two lines on a direction, to stand beside its eigenvalues."""
    direction = found.steep if name == "steep" else found.flat
    decides = " decides" if found.decides in (name, "both") else ""
    return f"{name}{decides}: {direction.kind}\n{nature(direction)}; factor {factor_text(direction.factor)}"


def distance(value: float) -> str:
    """Return a distance in at most 4 digits; what is next to nothing is said to be that.

    Examples
    --------
    >>> distance(0.25), distance(1e-20)
    ('0.25', 'below 1e−12')
    """
    return "below 1e−12" if value < 1e-12 else number(value)


def pair_text(pair: Pair) -> str:
    """Say where a pair lies, and how fast it is."""
    return (
        f"learning rate {number(pair.lr)}, momentum {number(pair.momentum)}, factor "
        f"{factor_text(pair.factor)}, {pace(pair.factor)}"
    )


def step_end(n_steps: int) -> int:
    """Return where the axis of steps ends: there are 20 marks on a line, or so."""
    return next(end for end in (20, 50, 100, 200, 500) if end >= n_steps)


def readouts(found: Plane) -> dict[str, list[str]]:
    """Return what the marks on both lines and those of the map say under the mouse."""
    every = step_end(found.settings["steps"]) // 20
    said = {
        f"marks {name}": [f"step {i * every}: {name} {distance(x)}" for i, x in enumerate(values[::every])]
        for name, values in zip(("steep", "flat"), found.path.T, strict=True)
    }
    best = f"{BEST[found.settings['method']]}: {pair_text(found.best)}"
    return said | {"best": [best], "plain": [f"best without momentum: {pair_text(found.plain)}"]}


def describe(found: Plane) -> str:
    """Name the point, both directions, the run, and the best pairs."""
    settings = found.settings
    method, momentum = settings["method"], settings["momentum"]
    if momentum == 0:
        method += ", which at 0 is plain gradient descent"
    n_steps = len(found.path) - 1
    steep, flat = found.path[-1]
    ends = f"After {plural(n_steps, 'step')} the steep distance is {distance(steep)} and the flat one "
    if n_steps < settings["steps"]:
        ends = f"The run ends, far out, after {plural(n_steps, 'step')}: the steep distance is "
        ends += f"{distance(steep)} and the flat one "
    named = state(found)
    return (
        f"Gradient descent on a quadratic of condition number {number(settings['condition'])}, method "
        f"{method}. Learning rate times largest curvature {number(settings['lr'])}, momentum "
        f"{number(momentum)}. {named[0].upper()}{named[1:]}: in the long run the distance changes by the "
        f"factor {factor_text(found.factor)} a step, {pace(found.factor)}. {sentence(found.steep, 'Steep')} "
        f"{sentence(found.flat, 'Flat')} {ends}{distance(flat)}, both from 1. On the map, "
        f"{BEST[settings['method']]} is {pair_text(found.best)}; the best without momentum is "
        f"{pair_text(found.plain)}. With this momentum it diverges from the rate {number(found.limit)} on."
    )


def sentence(direction: Direction, name: str) -> str:
    """Describe one direction for the alternative text."""
    factor = factor_text(direction.factor)
    return f"{name} direction: eigenvalues {nature(direction)}, {direction.kind}, factor {factor}."
