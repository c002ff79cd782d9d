"""What all schedules of the learning rate share. Chapter 05."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

from course_utils.optim.optimizer import Optimizer, plain


class LRScheduler:
    """Base of the schedules: ``step()`` after each epoch (or update) sets the rate of every group.

    A subclass gives `rate`, a formula in the number of steps taken. Building a schedule sets the rates of
    step 0. Nobody warns, as torch does, if the schedule steps before the optimizer ever did.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set; the rates it has now are kept in its groups as "initial_lr", unless an earlier
        schedule has left some there.
    last_epoch : int
        -1 to begin. To go on with an earlier run, the number of the last finished step; the optimizer must
        have loaded its state by then.

    Raises
    ------
    TypeError
        If `optimizer` is none of this package's.
    ValueError
        If a group has no "initial_lr" to go on from.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1):
        check_optimizer(optimizer)
        if last_epoch < -1:
            raise ValueError(f"expected last_epoch >= -1, got {last_epoch}")
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"expected 'initial_lr' in group {i} with last_epoch {last_epoch}: "
                    "load the optimizer's state first"
                )
        self.optimizer = optimizer
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch + 1
        self._set(self.first_rates() if last_epoch == -1 else self.rates(self.last_epoch))

    def rate(self, base_lr: float, epoch: int) -> float:
        """Return the rate after so many steps; every subclass has its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method rate(self, base_lr, epoch)")

    def rates(self, epoch: int) -> list[float]:
        """Return the rate of every group after so many steps."""
        return [self.rate(base_lr, epoch) for base_lr in self.base_lrs]

    def first_rates(self) -> list[float]:
        """Return the rates with which a new schedule begins."""
        return self.rates(0)

    def get_lr(self) -> list[float]:
        """Return the rates of step `last_epoch`, which `step` is about to set."""
        return self.rates(self.last_epoch)

    def step(self) -> None:
        """Count one step and set its rates."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def go_to(self, epoch: int) -> None:
        """Set the rates of any step, by the formula alone."""
        self.last_epoch = epoch
        self._set(self.rates(epoch))

    def get_last_lr(self) -> list[float]:
        """Return the rate of every group as this schedule last set it."""
        return list(self._last_lr)

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = plain(rate)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return copies of all attributes but the optimizer, whose state has the present rates."""
        return {name: copy.deepcopy(value) for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over attributes from `state_dict`; load the optimizer's state for the rates themselves.

        Raises
        ------
        ValueError
            If the names are those of another schedule.
        """
        own = vars(self).keys() - {"optimizer"}
        if own != state_dict.keys():
            raise ValueError(f"expected the state {sorted(own)}, got {sorted(state_dict)}")
        vars(self).update(copy.deepcopy(dict(state_dict)))


def cosine_between(start: float, end: float, part: float) -> float:
    """Go from start (part 0) to end (part 1) along half a cosine, flat at both ends."""
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


def line_between(start: float, end: float, part: float) -> float:
    """Go from start (part 0) to end (part 1) along a line."""
    return start + (end - start) * part


BETWEEN = {"cos": cosine_between, "linear": line_between}


def check_optimizer(optimizer: Any) -> None:
    """Refuse what is no optimizer of this package."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"expected an optimizer of course_utils.optim, got {type(optimizer).__name__}")


def check_way(name: str, strategy: str) -> None:
    """Refuse a strategy that is not in `BETWEEN`."""
    if strategy not in BETWEEN:
        raise ValueError(f"expected {name} 'cos' or 'linear', got {strategy!r}")


def check_count(name: str, value: Any, at_least: int) -> None:
    """Refuse what is not a whole number, or too small."""
    if isinstance(value, bool) or not value >= at_least or value % 1 != 0:  # nan and inf fail too
        raise ValueError(f"expected a whole number {name} >= {at_least}, got {value}")


def one_each(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """Return a value for each group: the list given, or one value for all."""
    check_optimizer(optimizer)
    n_groups = len(optimizer.param_groups)
    values = list(value) if isinstance(value, list | tuple) else [value] * n_groups
    if len(values) != n_groups:
        raise ValueError(f"expected one {name} for each of {n_groups} groups, got {len(values)}")
    return [plain(value) for value in values]
