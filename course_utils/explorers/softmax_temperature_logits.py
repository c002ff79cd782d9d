"""Logits to turn into probabilities: by hand, of attention, of a network that reads digits. Chapter 03."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
from course_utils.models.mlp import mlp
from course_utils.nn.training import fit
from course_utils.optim.adam import Adam

BY_HAND = {
    "one clear winner": (1.0, 4.0, -1.0, 2.0, 0.0, -2.0),
    "two rivals": (3.0, 0.0, 2.8, -1.0, 0.5, -2.0),
    "two classes": (1.5, -0.5),
    "all equal": (1.0,) * 6,
    "a wide range": (-1.0, 3.0, -7.0, 9.0, 1.0, -9.0, 5.0, -3.0, 7.0, -5.0),
}
ATTENTION = "attention scores"
DIGITS = ("digit read right", "digit in doubt", "digit misread")
SOURCES = (*BY_HAND, ATTENTION, *DIGITS)
N_KEYS, N_NUMBERS = 8, 64  # keys that a query is compared with, and numbers in each
READ_RIGHT = 2  # of the scans of new writers, the one shown as "digit read right"


class Scan(NamedTuple):
    """A digit of a new writer."""

    pixels: np.ndarray  # (8, 8), from 0 (paper) to 1 (ink)
    label: int


class NewWriters(NamedTuple):
    """What the network says to the scans of writers it has not learned from."""

    logits: np.ndarray  # (382, 10)
    labels: np.ndarray  # (382,)
    pixels: np.ndarray  # (382, 8, 8)

    @property
    def accuracy(self) -> float:
        """The share that is read right, which no temperature changes."""
        return float((self.logits.argmax(axis=1) == self.labels).mean())


@functools.cache
def new_writers() -> NewWriters:
    """Train a small network for 60 epochs, which makes it too sure of itself, and let it read new writers.

    In float64, so that rounding, which differs from machine to machine, changes no digit of any text.
    """
    digits = load_digits("writers", dtype=np.float64)
    rng = np.random.default_rng(0)
    model = mlp([64, 32, 10], rng=rng, dtype=np.float64)
    optimizer = Adam(model.parameters(), lr=0.01)
    x, y = digits.x_train, digits.y_train
    fit(model, F.cross_entropy, optimizer, x, y, epochs=60, batch_size=64, rng=rng, progress=False)
    model.eval()
    return NewWriters(model(digits.x_test).data, digits.y_test, digits.x_test.reshape(-1, 8, 8))


@functools.cache
def scan_shown(source: str) -> int:
    """Return which scan of new writers has that name in `DIGITS`.

    Of those misread it is the one the network is surest of, and in doubt is the one of largest entropy.
    """
    readings = new_writers()
    p = F.softmax(readings.logits)
    if source == "digit in doubt":
        return int((p * F.log_softmax(readings.logits)).sum(axis=1).argmin())
    if source == "digit misread":
        is_wrong = readings.logits.argmax(axis=1) != readings.labels
        return int(np.where(is_wrong, p.max(axis=1), 0).argmax())
    return READ_RIGHT


def scan(source: str) -> Scan | None:
    """Return the digit whose logits these are, or None if they are not of a digit."""
    if source not in DIGITS:
        return None
    readings, i = new_writers(), scan_shown(source)
    return Scan(readings.pixels[i], int(readings.labels[i]))


@functools.cache
def logits_of(source: str) -> np.ndarray:
    """Return the logits of that name, (K,) float64, to be left as they are.

    Attention scores are the dot products of a query with `N_KEYS` keys, all of `N_NUMBERS` standard normal
    numbers: their variance is `N_NUMBERS`.

    Examples
    --------
    >>> logits_of("two classes")
    array([ 1.5, -0.5])
    """
    if source in DIGITS:
        return new_writers().logits[scan_shown(source)]
    if source == ATTENTION:
        rng = np.random.default_rng(0)
        return rng.normal(size=(N_KEYS, N_NUMBERS)) @ rng.normal(size=N_NUMBERS)
    return np.array(BY_HAND[source])


def mean_loss(temperatures: np.ndarray) -> np.ndarray:
    """Return the mean cross-entropy, in nats, of the new writers' scans at each temperature."""
    readings = new_writers()
    return np.array([F.cross_entropy(readings.logits / t, readings.labels) for t in temperatures])


def mean_largest_probability(temperature: float) -> float:
    """Return how sure of itself the network is, on average, with the scans of new writers."""
    return float(F.softmax(new_writers().logits / temperature).max(axis=1).mean())


@functools.cache
def best_temperature() -> float:
    """Return the temperature, to a hundredth, at which the new writers' mean cross-entropy is lowest.

    That is temperature scaling: Guo, Pleiss, Sun and Weinberger, 2017, "On calibration of modern neural
    networks", section 4.2, who choose it on validation data, apart from what they then test on.
    """
    temperatures = np.arange(50, 501) / 100
    return float(temperatures[mean_loss(temperatures).argmin()])
