"""One schedule after another: a warm-up and then a cosine. Chapter 05."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from course_utils.optim.lr_scheduler.plateau import ReduceLROnPlateau
from course_utils.optim.lr_scheduler.schedule import LRScheduler
from course_utils.optim.optimizer import Optimizer


class SequentialLR(LRScheduler):
    """Follow the first schedule up to the first milestone, then the next from its own beginning; as in torch.

    Each part keeps to the rates it was built with. (In torch a OneCycleLR in the list changes those of the
    others; it has a warm-up of its own.)

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    schedulers : list of LRScheduler
        Of this optimizer, in their order; no ReduceLROnPlateau.
    milestones : list of int
        The steps at which the second and each later schedule begins, increasing.
    last_epoch : int
        See `LRScheduler`.

    Raises
    ------
    ValueError
        If numbers or optimizers do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> from course_utils.optim.lr_scheduler import CosineAnnealingLR, LinearLR
    >>> optimizer = SGD([Parameter(np.zeros(1))], lr=0.8)
    >>> parts = [LinearLR(optimizer, start_factor=0.5, total_iters=2), CosineAnnealingLR(optimizer, T_max=2)]
    >>> schedule = SequentialLR(optimizer, parts, milestones=[2])
    >>> [round((schedule.get_last_lr()[0], schedule.step())[0], 6) for _ in range(5)]
    [0.4, 0.6, 0.8, 0.4, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ):
        if not schedulers or len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "expected one milestone less than schedules, "
                f"got {len(milestones)} milestones and {len(schedulers)} schedules"
            )
        if any(later <= earlier for earlier, later in pairwise([0, *milestones])):
            raise ValueError(f"expected increasing milestones above 0, got {milestones}")
        for i, scheduler in enumerate(schedulers):
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"expected schedules that need no metric, got ReduceLROnPlateau as number {i}"
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"expected schedules of this optimizer, number {i} has another")
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        if last_epoch == -1:
            for group in optimizer.param_groups:  # building the later parts has set their first rates
                group["lr"] = group["initial_lr"]
        super().__init__(optimizer, last_epoch)

    def rates(self, epoch: int) -> list[float]:
        """Bring the schedule of a step there, and return its rates."""
        scheduler, start = self._at(epoch)
        scheduler.go_to(epoch - start)
        return scheduler.get_last_lr()

    def get_lr(self) -> list[float]:
        """Let the present schedule make one step, its first if it begins."""
        scheduler, start = self._at(self.last_epoch)
        if self.last_epoch == start:
            scheduler.go_to(0)
        else:
            scheduler.step()
        return scheduler.get_last_lr()

    def _at(self, epoch: int) -> tuple[LRScheduler, int]:
        """Return the schedule of a step, and the step at which it begins."""
        i = bisect_right(self.milestones, epoch)
        return self.schedulers[i], [0, *self.milestones][i]

    def state_dict(self) -> dict[str, Any]:
        """Return copies of all attributes but the optimizer; "schedulers" has the states of the parts."""
        own = {name: value for name, value in vars(self).items() if name not in ("optimizer", "schedulers")}
        copies = {name: list(value) if isinstance(value, list) else value for name, value in own.items()}
        return copies | {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over attributes and the states of the parts; load the optimizer's state for the rates."""
        parts = state_dict.get("schedulers", [])
        if len(parts) != len(self.schedulers):
            raise ValueError(f"expected the states of {len(self.schedulers)} schedules, got {len(parts)}")
        for scheduler, part in zip(self.schedulers, parts, strict=True):
            scheduler.load_state_dict(part)
        schedulers = self.schedulers
        super().load_state_dict(state_dict)
        self.schedulers = schedulers
