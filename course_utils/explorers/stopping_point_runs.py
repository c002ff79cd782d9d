"""A small network that learns scanned digits, some with a wrong label, as far as it is shown. Chapter 06a.

A step takes a few small operations, so that most of its time would go into keeping a tape and into updating
four parameters one by one. Here each operation gives its value and its pullback, and all weights lie in one
array.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.digits import SHEET_STARTS, load_digits
from course_utils.nn import Linear, Tensor
from course_utils.nn.training import minibatches
from course_utils.optim import Adam

N_EPOCHS, N_HIDDEN = 100, 32
MOST_TRAIN, MOST_VALIDATION = 300, 200
FIRST_OTHER = SHEET_STARTS[8]  # the first eight sheets train, three validate where "other writers" do
SAME, UNCHECKED, OTHER = "same writers", "same, unchecked labels", "other writers"
SHARES = {"0 %": 0.0, "10 %": 0.1, "20 %": 0.2, "30 %": 0.3}
RATES = {"0.001": 0.001, "0.003": 0.003, "0.01": 0.01, "0.03": 0.03}
BATCHES = {"10": 10, "25": 25, "all": MOST_TRAIN}
ONE = np.ones((), np.float32)  # dL/dL


@dataclass(frozen=True)
class Scans:
    """What is trained on, watched and judged by.

    Parameters
    ----------
    x : ndarray (N, 64)
        Of the training set, of 200 scans by the same writers, of 200 by others, and of the 382 by new ones.
    y, given : ndarray (N,)
        The right labels, and those that are used: some of the training set's are wrong.
    unchecked : ndarray (200,)
        Labels of the same writers' validation set, some of them wrong.
    n : int
        Size of the training set.
    """

    x: np.ndarray
    y: np.ndarray
    given: np.ndarray
    unchecked: np.ndarray
    n: int

    @property
    def wrong(self) -> np.ndarray:
        """Which training labels are wrong, (n,) bool."""
        return (self.given != self.y)[: self.n]


@functools.lru_cache(maxsize=16)
def scans(n: int, wrong: float, seed: int) -> Scans:
    """Draw scans and spoil labels; those of a smaller `n` or share are among those of a larger one."""
    digits = load_digits("writers")
    rng = np.random.default_rng([seed, 1])
    order = rng.permutation(FIRST_OTHER)
    others = FIRST_OTHER + rng.permutation(len(digits.x_train) - FIRST_OTHER)[:MOST_VALIDATION]
    rows = np.concatenate([order[:n], order[MOST_TRAIN : MOST_TRAIN + MOST_VALIDATION], others])
    rank, luck = rng.random(MOST_TRAIN)[:n], rng.random(MOST_VALIDATION)
    slips, slips_validation = rng.integers(1, 10, MOST_TRAIN), rng.integers(1, 10, MOST_VALIDATION)
    y = np.concatenate([digits.y_train[rows], digits.y_test])
    given, spoilt = y.copy(), rank.argsort()[: round(wrong * n)]
    given[spoilt] = (given[spoilt] + slips[spoilt]) % 10
    unchecked = (y[n : n + MOST_VALIDATION] + slips_validation * (luck < wrong)) % 10
    return Scans(np.concatenate([digits.x_train[rows], digits.x_test]), y, given, unchecked, n)


def start(seed: int) -> list[np.ndarray]:
    """Return weight and bias of the hidden layer, and of the output, as `Linear` draws them."""
    rng = np.random.default_rng([seed, 2])
    hidden, output = Linear(64, N_HIDDEN, rng=rng), Linear(N_HIDDEN, 10, rng=rng)
    return [parameter.data for layer in (hidden, output) for parameter in layer.parameters()]


class Training:
    """A run of Adam on mini-batches, advanced on demand; every epoch's losses and answers are kept.

    Attributes
    ----------
    data : Scans
        What is learnt.
    """

    def __init__(self, n: int, wrong: str, lr: str, batch: str, seed: int):
        self.data = scans(n, SHARES[wrong], seed)
        self._batch = BATCHES[batch]
        self._rng = np.random.default_rng([seed, 3])
        arrays = start(seed)
        ends = np.cumsum([0, *(array.size for array in arrays)]).tolist()
        self._places = [(slice(*pair), a.shape) for pair, a in zip(pairwise(ends), arrays, strict=True)]
        self._all = Tensor(np.concatenate([array.ravel() for array in arrays]), requires_grad=True)
        self._optimizer = Adam([self._all], lr=RATES[lr])
        self._losses: list[np.ndarray] = []  # by epoch: (N,)
        self._unchecked: list[np.ndarray] = []  # by epoch: (200,), against unchecked labels
        self._answers: list[np.ndarray] = []  # by epoch: (N,)
        self._lock = threading.RLock()
        self._look()

    def advance(self, epoch: int) -> None:
        """Train until `epoch` is known."""
        with self._lock:
            while len(self._losses) <= epoch:
                for rows in minibatches(self.data.n, self._batch, self._rng):
                    self._all.grad = self._gradient(self.data.x[rows], self.data.given[rows])
                    self._optimizer.step()
                self._look()

    def _parts(self) -> list[np.ndarray]:
        return [self._all.data[place].reshape(shape) for place, shape in self._places]

    def _gradient(self, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return that of the mean cross-entropy, as long as the weights."""
        weight, bias, output_weight, output_bias = self._parts()
        z, to_hidden = F.linear.vjp(x, weight, bias)
        h, to_z = F.relu.vjp(z)
        logits, to_output = F.linear.vjp(h, output_weight, output_bias)
        _, to_logits = F.cross_entropy.vjp(logits, labels)
        dh, *doutput = to_output(to_logits(ONE)[0])
        _, *dhidden = to_hidden(*to_z(dh))
        return np.concatenate([part.ravel() for part in (*dhidden, *doutput)])

    def _look(self) -> None:
        """Note the loss of every scan, and the network's answers."""
        data, (weight, bias, output_weight, output_bias) = self.data, self._parts()
        logits = F.linear(F.relu(F.linear(data.x, weight, bias)), output_weight, output_bias)
        self._losses.append(F.cross_entropy(logits, data.given, reduction="none"))
        watched = logits[data.n : data.n + MOST_VALIDATION]
        self._unchecked.append(F.cross_entropy(watched, data.unchecked, reduction="none"))
        self._answers.append(logits.argmax(axis=1).astype(np.int8))

    def answers(self, epoch: int) -> np.ndarray:
        """Return the network's answers in epochs 0 to `epoch`: (epoch + 1, N)."""
        return np.array(self._answers[: epoch + 1])

    def losses(self, epoch: int) -> np.ndarray:
        """Return the loss of every scan in epochs 0 to `epoch`: (epoch + 1, N)."""
        return np.array(self._losses[: epoch + 1])

    def watched(self, epoch: int, validation: str, n_val: int) -> tuple[np.ndarray, np.ndarray]:
        """Return loss and accuracy on the first `n_val` scans of a validation set: two of (epoch + 1,)."""
        first = self.data.n + MOST_VALIDATION * (validation == OTHER)
        rows = slice(first, first + n_val)
        labels, losses = self.data.given[rows], self.losses(epoch)[:, rows]
        if validation == UNCHECKED:
            labels, losses = self.data.unchecked[:n_val], np.array(self._unchecked[: epoch + 1])[:, :n_val]
        right = self.answers(epoch)[:, rows] == labels
        return losses.mean(axis=1, dtype=np.float64), right.mean(axis=1)


@functools.lru_cache(maxsize=8)  # 0.7 MB a run
def training(**settings: Any) -> Training:
    """Return the run with these settings, as far as it has got."""
    return Training(**settings)
