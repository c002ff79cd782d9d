"""Probabilities, entropy, loss and slopes of logits, at one temperature and at all. Chapter 03."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.explorers.softmax_temperature_logits import (
    DIGITS,
    best_temperature,
    logits_of,
    mean_largest_probability,
    mean_loss,
    scan,
)

LOWEST, HIGHEST = 0.05, 20.0  # temperatures
TEMPERATURES = np.geomspace(LOWEST, HIGHEST, 105)
COARSE = np.geomspace(LOWEST, HIGHEST, 27)  # for the mean over all new writers, which takes longer
CURVES = ("entropy", "largest p", "loss", "gradient")
RANKS = {"largest logit": -1, "second largest": -2, "smallest logit": 0}  # places in ascending order


@dataclass(frozen=True)
class Softmax:
    """Logits and what softmax makes of them: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values.
    z, p, dz : ndarray (K,)
        Logits, scaled and moved; their probabilities; the gradient (p - y) / T of the loss at them.
    unmoved : ndarray (K,)
        The probabilities of the same logits with a shift of 0.
    label, winner : int
        The true class, and that of the largest probability.
    at : dict of float
        Each of `CURVES` at the present temperature.
    curves : dict of ndarray (105,)
        Each of `CURVES` at all `TEMPERATURES`.
    jacobian : ndarray (K, K)
        The slopes dp / dz: (diag(p) - p p^T) / T.
    writers_loss : ndarray (27,) or None
        Mean loss of all scans of new writers at the `COARSE` temperatures, if these are a digit's logits.
    best : float or None
        The temperature at which that is lowest.
    sureness : float or None
        Mean largest probability of those scans at the present temperature.
    """

    settings: dict[str, Any]
    z: np.ndarray
    p: np.ndarray
    unmoved: np.ndarray
    dz: np.ndarray
    label: int
    winner: int
    at: dict[str, float]
    curves: dict[str, np.ndarray]
    jacobian: np.ndarray
    writers_loss: np.ndarray | None
    best: float | None
    sureness: float | None

    @property
    def limit(self) -> float:
        """The largest entropy of K classes, in bits."""
        return math.log2(len(self.z))

    @property
    def is_digit(self) -> bool:
        """Whether these are the logits of a scan."""
        return self.settings["logits"] in DIGITS


def compute(
    *, temperature: float, logits: str, shift: float, scale: float, true_class: str, curve: str
) -> Softmax:
    """Scale and move the logits, divide them by the temperature, and take softmax and cross-entropy."""
    settings = {"temperature": temperature, "logits": logits, "shift": shift, "scale": scale}
    settings |= {"true_class": true_class, "curve": curve}
    scaled = scale * logits_of(logits)
    z = scaled + shift
    written = scan(logits)
    order = np.lexsort((-np.arange(len(z)), z))  # ascending; of equal logits the first counts as the largest
    label = int(order[RANKS[true_class]]) if written is None else written.label
    now = over_temperatures(z, label, np.array([temperature]))
    p, pullback = F.softmax.vjp(np.tile(z / temperature, (len(z), 1)))
    return Softmax(
        settings=settings,
        z=z,
        p=p[0],
        unmoved=F.softmax(scaled / temperature),
        dz=now["dz"][0],
        label=label,
        winner=int(order[-1]),
        at={name: float(now[name][0]) for name in CURVES},
        curves=over_temperatures(z, label, TEMPERATURES),
        jacobian=pullback(np.eye(len(z)))[0] / temperature,  # row k: the slopes of p[k]
        writers_loss=None if written is None else writers_loss(scale),
        best=None if written is None else scale * best_temperature(),
        sureness=None if written is None else mean_largest_probability(temperature / scale),
    )


def over_temperatures(z: np.ndarray, label: int, temperatures: np.ndarray) -> dict[str, np.ndarray]:
    """Return `CURVES` at each temperature, and "dz": the loss's gradients at the logits, (n, K).

    "entropy" is in bits, "loss" in nats, "gradient" is the length of `dz`.

    Examples
    --------
    >>> found = over_temperatures(np.array([0.0, 0.0]), 0, np.array([1.0, 2.0]))
    >>> found["entropy"], found["dz"]
    (array([1., 1.]), array([[-0.5 ,  0.5 ],
           [-0.25,  0.25]]))
    """
    rows = z / temperatures[:, None]  # (n, K)
    p = F.softmax(rows)
    labels = np.full(len(rows), label)
    loss, pullback = F.cross_entropy.vjp(rows, labels, reduction="none")
    dz = pullback(np.ones(len(rows)))[0] / temperatures[:, None]  # (p - y) / T
    return {
        "entropy": -(p * F.log_softmax(rows)).sum(axis=1) / math.log(2) + 0.0,  # no negative zero
        "largest p": p.max(axis=1),
        "loss": loss + 0.0,
        "gradient": np.sqrt((dz * dz).sum(axis=1)),
        "dz": dz,
    }


@functools.lru_cache(maxsize=64)
def writers_loss(scale: float) -> np.ndarray:
    """Return the new writers' mean loss at the `COARSE` temperatures, all their logits scaled alike."""
    return mean_loss(COARSE / scale)
