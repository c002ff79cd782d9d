"""The rule of early stopping on a curve of validation losses, and how well it did. Chapter 06a."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from course_utils.explorers.stopping_point_runs import MOST_VALIDATION, Scans, training

NEAR = 1.05  # times the lowest loss on new writers: no better stop is worth a word
N_EXAMPLES = 6  # scans with wrong labels that are shown


class Watch(NamedTuple):
    """What the rule knows after the last epoch it has seen.

    Parameters
    ----------
    best : int
        The epoch of the last improvement; 0 before the first epoch.
    stop : int or None
        The epoch after which training ends, if it does.
    waited : int
        Epochs in a row without improvement, up to the stop or to the last.
    """

    best: int
    stop: int | None
    waited: int


def watch(losses: Sequence[float] | np.ndarray, patience: int, min_delta: float) -> Watch:
    """Watch the validation losses after epochs 1, 2, ... as `EarlyStopping` does.

    An improvement is a loss below the last improvement's by more than `min_delta`; nan never is one.

    Examples
    --------
    >>> watch([1.0, 0.5, 0.7, 0.6, 0.8], patience=3, min_delta=0)
    Watch(best=2, stop=5, waited=3)
    >>> watch([1.0, 0.9, 0.8, 0.7], patience=3, min_delta=0.25)
    Watch(best=4, stop=None, waited=0)
    """
    lowest, best = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest - min_delta:
            lowest, best = loss, epoch
        elif epoch - best >= patience:
            return Watch(best, epoch, epoch - best)
    return Watch(best, None, len(losses) - best)


@dataclass(frozen=True)
class Moment:
    """A run up to an epoch, and what early stopping makes of it.

    Parameters
    ----------
    settings : dict
        The controls' values.
    train, validation, new : ndarray (epoch + 1,)
        Mean losses at the start and after each epoch: in training, on the validation set, on new writers.
    right, right_validation : ndarray (epoch + 1,)
        Parts of the new writers' scans, and of the validation set, that are answered rightly.
    learnt : ndarray (epoch + 1,)
        Part of the wrong training labels that the network gives back; nan if there are none.
    watched : Watch
        The rule's best epoch and its stop.
    hindsight : int
        The epoch, from 1 up to now, with the lowest loss on new writers.
    state : str
        "not begun", "improving", "waiting", or "stopped" with "too early", "about right" or "too late".
    n_wrong : int
        How many training labels are wrong.
    examples : ndarray (6, 8, 8)
        The first training scans with a wrong label, and as many with a right one as are missing.
    labels : ndarray (4, 6)
        Their right label, that given, and the answers with the weights of the best epoch and with those now.
    """

    settings: dict[str, Any]
    train: np.ndarray
    validation: np.ndarray
    new: np.ndarray
    right: np.ndarray
    right_validation: np.ndarray
    learnt: np.ndarray
    watched: Watch
    hindsight: int
    state: str
    n_wrong: int
    examples: np.ndarray
    labels: np.ndarray

    @property
    def epoch(self) -> int:
        """The present epoch."""
        return self.settings["epoch"]


def verdict(watched: Watch, new: np.ndarray, hindsight: int) -> str:
    """Name what the rule does, and how its stop looks to who knows the loss on new writers.

    About right: the restored weights' loss is at most 1.05 times the lowest up to now. If not, the best epoch
    was before that of the lowest loss, or after it.
    """
    if len(new) == 1:
        return "not begun"
    if watched.stop is None:
        return "waiting" if watched.waited else "improving"
    if new[watched.best] <= NEAR * new[hindsight]:
        return "stopped about right"
    return "stopped too early" if watched.best < hindsight else "stopped too late"


def compute(
    *, epoch: int, patience: int, min_delta: float, validation: str, n_val: int, **settings: Any
) -> Moment:
    """Train up to `epoch`, going on from where an earlier picture with these settings stopped, and watch."""
    run = training(**settings)
    run.advance(epoch)
    data: Scans = run.data
    losses, answers = run.losses(epoch), run.answers(epoch)
    first_new = data.n + 2 * MOST_VALIDATION
    new = losses[:, first_new:].mean(axis=1, dtype=np.float64)
    loss, right_validation = run.watched(epoch, validation, n_val)
    watched = watch(loss[1:], patience, min_delta)
    hindsight = 1 + int(new[1:].argmin()) if epoch else 0
    wrong = np.flatnonzero(data.wrong)
    given_back = answers[:, wrong] == data.given[wrong]
    shown = (~data.wrong).argsort(kind="stable")[:N_EXAMPLES]  # wrong ones first
    rule = {"patience": patience, "min_delta": min_delta, "validation": validation, "n_val": n_val}
    return Moment(
        settings={**settings, **rule, "epoch": epoch},
        train=losses[:, : data.n].mean(axis=1, dtype=np.float64),
        validation=loss,
        new=new,
        right=(answers[:, first_new:] == data.y[first_new:]).mean(axis=1),
        right_validation=right_validation,
        learnt=given_back.mean(axis=1) if len(wrong) else np.full(epoch + 1, np.nan),
        watched=watched,
        hindsight=hindsight,
        state=verdict(watched, new, hindsight),
        n_wrong=len(wrong),
        examples=data.x[shown].reshape(-1, 8, 8),
        labels=np.array([data.y[shown], data.given[shown], answers[watched.best, shown], answers[-1, shown]]),
    )
