"""Cosine annealing, once and with warm restarts. Chapter 05."""

from __future__ import annotations

import math

from course_utils.optim.lr_scheduler.schedule import LRScheduler, check_count, cosine_between
from course_utils.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Let the rate fall along half a cosine from initial_lr to `eta_min`, in `T_max` steps.

    After step t the rate is eta_min + (initial_lr - eta_min) (1 + cos(pi t / T_max)) / 2 (Loshchilov and
    Hutter, 2017, arXiv:1608.03983, equation 5). Beyond T_max it rises again, as in torch: for restarts see
    `CosineAnnealingWarmRestarts`. torch computes each rate from the one before, which gives the same; but
    there a rate changed by hand is carried on, and here the next step sets the formula's.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    T_max : int
        Steps from top to bottom, at least 1.
    eta_min : float
        Rate at the bottom, at least 0.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> schedule = CosineAnnealingLR(SGD([Parameter(np.zeros(1))], lr=0.8), T_max=2)
    >>> [round((schedule.get_last_lr()[0], schedule.step())[0], 6) for _ in range(4)]
    [0.8, 0.4, 0.0, 0.4]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1):
        check_count("T_max", T_max, 1)
        _check_eta_min(eta_min)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, base_lr: float, epoch: int) -> float:
        """Return the point on the cosine."""
        return cosine_between(base_lr, self.eta_min, epoch / self.T_max)

    def first_rates(self) -> list[float]:
        """Return the present rates: a warm-up built before may begin lower."""
        return [group["lr"] for group in self.optimizer.param_groups]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Let the rate fall along half a cosine again and again, each time from initial_lr; as in torch.

    Loshchilov and Hutter, 2017, arXiv:1608.03983, equation 5 and section 3.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    T_0 : int
        Steps to the first restart, at least 1.
    T_mult : int
        How many times as long each stretch is as the one before, at least 1.
    eta_min : float
        Rate just before a restart would reach it, at least 0.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> schedule = CosineAnnealingWarmRestarts(SGD([Parameter(np.zeros(1))], lr=0.8), T_0=2)
    >>> [round((schedule.get_last_lr()[0], schedule.step())[0], 6) for _ in range(4)]
    [0.8, 0.4, 0.8, 0.4]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ):
        check_count("T_0", T_0, 1)
        check_count("T_mult", T_mult, 1)
        _check_eta_min(eta_min)
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self.position: float = last_epoch + 1  # in steps, also between two
        super().__init__(optimizer, last_epoch)

    def rate(self, base_lr: float, epoch: float) -> float:
        """Return the point on the cosine of the present stretch."""
        start, length = 0, self.T_0
        if self.T_mult == 1:
            start = int(epoch // length) * length
        while epoch >= start + length:
            start, length = start + length, length * self.T_mult
        return cosine_between(base_lr, self.eta_min, (epoch - start) / length)

    def step(self, epoch: float | None = None) -> None:
        """Count one step; or go to `epoch`, which may lie between two: ``step(i + batch / n_batches)``."""
        if epoch is not None and not epoch >= 0:
            raise ValueError(f"expected epoch >= 0, got {epoch}")
        self.position = self.position + 1 if epoch is None else epoch
        self.last_epoch = math.floor(self.position)
        self._set([self.rate(base_lr, self.position) for base_lr in self.base_lrs])

    def go_to(self, epoch: int) -> None:
        """Set the rates of any step."""
        self.step(epoch)


def _check_eta_min(eta_min: float) -> None:
    if not eta_min >= 0:
        raise ValueError(f"expected eta_min >= 0, got {eta_min}")
