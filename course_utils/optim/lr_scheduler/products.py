"""Schedules that multiply the rate by a factor: StepLR, MultiStepLR, ExponentialLR, LinearLR. Chapter 05."""

from __future__ import annotations

from collections.abc import Iterable

from course_utils.optim.lr_scheduler.schedule import LRScheduler, check_count
from course_utils.optim.optimizer import Optimizer


class Product(LRScheduler):
    """Base of schedules whose rate is initial_lr times a factor that depends on the step alone.

    As in torch, a step multiplies the rate that a group has now by the ratio of the new factor to the old: a
    rate changed by hand, or by another schedule of this kind, is carried on.
    """

    def factor(self, epoch: int) -> float:
        """Return the factor after so many steps; every subclass has its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method factor(self, epoch)")

    def rate(self, base_lr: float, epoch: int) -> float:
        """Return the rate after so many steps."""
        return base_lr * self.factor(epoch)

    def first_rates(self) -> list[float]:
        """Return the rates with which a new schedule begins: the present ones times the first factor."""
        return [group["lr"] * self.factor(0) for group in self.optimizer.param_groups]

    def get_lr(self) -> list[float]:
        """Return the present rates times the change of the factor."""
        old, new = self.factor(self.last_epoch - 1), self.factor(self.last_epoch)
        ratio = new / old if old else 0.0  # from 0 nothing leads back
        return [group["lr"] * ratio for group in self.optimizer.param_groups]


class StepLR(Product):
    """Multiply the rate by gamma after every `step_size` steps; as in torch.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    step_size : int
        Steps at the same rate, at least 1.
    gamma : float
        Factor, at least 0.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> schedule = StepLR(SGD([Parameter(np.zeros(1))], lr=0.8), step_size=2, gamma=0.5)
    >>> [(schedule.get_last_lr()[0], schedule.step())[0] for _ in range(5)]
    [0.8, 0.8, 0.4, 0.4, 0.2]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1):
        check_count("step_size", step_size, 1)
        _check_gamma(gamma)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, epoch: int) -> float:
        """Return gamma to the number of finished stretches."""
        return self.gamma ** (epoch // self.step_size)


class MultiStepLR(Product):
    """Multiply the rate by gamma at each of the milestones; as in torch.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    milestones : iterable of int
        Steps at which the rate changes, in any order; one that comes twice counts twice.
    gamma : float
        Factor, at least 0.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ):
        self.milestones = sorted(milestones)
        for milestone in self.milestones:
            check_count("in milestones", milestone, 0)
        _check_gamma(gamma)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, epoch: int) -> float:
        """Return gamma to the number of milestones reached."""
        return self.gamma ** sum(milestone <= epoch for milestone in self.milestones)


class ExponentialLR(Product):
    """Multiply the rate by gamma at every step; as in torch.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    gamma : float
        Factor, at least 0.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1):
        _check_gamma(gamma)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, epoch: int) -> float:
        """Return gamma to the number of steps."""
        return self.gamma**epoch


class LinearLR(Product):
    """Let the factor go along a line from start_factor to end_factor, and stay there: a warm-up; as in torch.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    start_factor : float
        Above 0, at most 1.
    end_factor : float
        From 0 to 1.
    total_iters : int
        Number of steps on the way, at least 1.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> schedule = LinearLR(SGD([Parameter(np.zeros(1))], lr=0.8), start_factor=0.5, total_iters=2)
    >>> [round((schedule.get_last_lr()[0], schedule.step())[0], 6) for _ in range(4)]
    [0.4, 0.6, 0.8, 0.8]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ):
        if not 0 < start_factor <= 1:
            raise ValueError(f"expected start_factor above 0 and at most 1, got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"expected end_factor from 0 to 1, got {end_factor}")
        check_count("total_iters", total_iters, 1)
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self, epoch: int) -> float:
        """Return the point on the line."""
        part = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * part


def _check_gamma(gamma: float) -> None:
    if not gamma >= 0:
        raise ValueError(f"expected gamma >= 0, got {gamma}")
