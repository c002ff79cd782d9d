"""What `SoftmaxTemperature` says: names of classes, its headline and its alternative text."""

from __future__ import annotations

import numpy as np

from course_utils.explorers._numbers import number, short
from course_utils.explorers.softmax_temperature_logits import new_writers
from course_utils.explorers.softmax_temperature_numbers import HIGHEST, LOWEST, TEMPERATURES, Softmax

LEAST = 1e-9  # what is smaller is not printed: at low temperatures probabilities go down to 1e-300 and below
UNITS = {"entropy": " bits", "largest p": "", "loss": " nats", "gradient": ""}
CALLED = {"entropy": "the entropy", "largest p": "the largest probability"}
CALLED |= {"loss": "the loss", "gradient": "the gradient's size"}


def names(found: Softmax) -> list[str]:
    """Return the classes' names: digits, or letters."""
    return list("0123456789" if found.is_digit else "ABCDEFGHIJ")[: len(found.z)]


def small(value: float) -> str:
    """Return a number that is at least 0; what is next to nothing is said to be that.

    Examples
    --------
    >>> small(0.25), small(0.0)
    ('0.25', 'below 1e−9')
    """
    return "below 1e−9" if value < LEAST else number(value)


def little(value: float) -> str:
    """Say the same in six characters or so.

    Examples
    --------
    >>> little(0.98765), little(0.0)
    ('0.988', '<1e−9')
    """
    return "<1e−9" if value < LEAST else short(value)


def probability(p: float) -> str:
    """Return a probability in six characters or so; none is called 1 or 0, since softmax gives neither.

    Examples
    --------
    >>> probability(0.82474), probability(1 - 2e-9), probability(3e-5), probability(0.0)
    ('0.825', '>0.999', '3.0e−5', '<1e−9')
    """
    return ">0.999" if p > 0.999 else little(p)


def in_bits(amount: str) -> str:
    """Return an amount of entropy with its unit.

    Examples
    --------
    >>> in_bits("1"), in_bits("2.58")
    ('1 bit', '2.58 bits')
    """
    return f"{amount} bit" if amount == "1" else f"{amount} bits"


def state(found: Softmax) -> str:
    """Name what the probabilities look like."""
    first, second = np.sort(found.p)[::-1][:2]
    if np.ptp(found.z) == 0:
        return "uniform at every T"
    if found.is_digit and found.winner != found.label and first > 0.9:
        return "sure, and wrong"
    if first > 0.99:
        return "winner takes all"
    if found.at["entropy"] > 0.98 * found.limit:
        return "nearly uniform"
    if first + second > 0.8 and first < 1.5 * second:
        return "two rivals"
    return "one favourite" if first > 0.5 else "spread out"


def headline(found: Softmax) -> str:
    """Say what the probabilities look like, with three numbers."""
    return (
        f"{state(found)}: p {probability(found.at['largest p'])}, entropy {little(found.at['entropy'])} of "
        f"{in_bits(short(found.limit))}, loss {little(found.at['loss'])}"
    )


def readouts(found: Softmax) -> dict[str, list[str]]:
    """Return what the bars' tips and the points of the curve say under the mouse."""
    bars = [
        f"{name}: z {number(z)}, p {probability(p)}, gradient {number(dz)}"
        for name, z, p, dz in zip(names(found), found.z, found.p, found.dz, strict=True)
    ]
    curve = found.settings["curve"]
    points = [
        f"T {number(t)}: {curve} {small(value)}{UNITS[curve]}"
        for t, value in zip(TEMPERATURES, found.curves[curve], strict=True)
    ]
    return {"tips z": bars, "tips p": bars, "tips dz": bars, "curve": points}


def describe(found: Softmax) -> str:
    """Name logits, temperature, probabilities, loss and slopes."""
    settings, called = found.settings, names(found)
    moved = ""
    if settings["shift"]:
        change = np.abs(found.p - found.unmoved).max()
        moved = " Without the shift " + (
            "the probabilities are the same." if change < LEAST else f"they differ by {number(change)}."
        )
    curve = settings["curve"]
    first, last = found.curves[curve][[0, -1]]
    named, steepest = state(found), small(np.abs(found.jacobian).max())
    return (
        f"Logits: {settings['logits']} ({len(called)} classes), times {number(settings['scale'])}, moved by "
        f"{number(settings['shift'])}: {number(found.z.min())} to {number(found.z.max())}. "
        f"Temperature {number(settings['temperature'])}. {named[0].upper()}{named[1:]}: class "
        f"{called[found.winner]} has p {probability(found.p[found.winner])}, entropy "
        f"{small(found.at['entropy'])} of {in_bits(number(found.limit))}.{moved} True class "
        f"{called[found.label]}: loss {small(found.at['loss'])} nats, gradient at the logits of size "
        f"{small(found.at['gradient'])}. Largest slope in the Jacobian {steepest}. "
        f"As T goes from {number(LOWEST)} to {number(HIGHEST)}, {CALLED[curve]} goes from {small(first)} "
        f"to {small(last)}{UNITS[curve]}.{of_writers(found)}"
    )


def of_writers(found: Softmax) -> str:
    """Say of a digit's logits which temperature fits all new writers best."""
    if found.best is None or found.sureness is None:
        return ""
    readings = new_writers()
    return (
        f" Over all {len(readings.labels)} scans of new writers the loss is lowest at T "
        f"{number(found.best)}; their mean largest p is {probability(found.sureness)} at this T, and "
        f"{share_right()} are read right at every T."
    )


def share_right() -> str:
    """Return the network's accuracy on new writers, in per cent."""
    return f"{100 * new_writers().accuracy:.3g} %"
