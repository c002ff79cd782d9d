"""The rate for averaging weights: a way to a constant rate, and on with that. Chapter 05."""

from __future__ import annotations

from course_utils.optim.lr_scheduler.schedule import BETWEEN, LRScheduler, check_count, check_way, one_each
from course_utils.optim.optimizer import Optimizer


class SWALR(LRScheduler):
    """Go from the rate at the first step to `swa_lr` in `anneal_epochs` steps, and stay; as in torch.

    For stochastic weight averaging (Izmailov et al., 2018, arXiv:1803.05407): a constant and rather large
    rate lets the weights wander round a minimum, and `AveragedModel` finds their middle. It may be built at
    the beginning of a run and stepped from the time of averaging on, instead of another schedule.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`; an earlier run is continued by `load_state_dict`, `last_epoch` is a number only.
    swa_lr : float or list of float
        The rate to arrive at, for all groups or for each; at least 0.
    anneal_epochs : int
        Steps on the way, at least 0 (arrive at once).
    anneal_strategy : {"cos", "linear"}
        The form of the way.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> optimizer = SGD([Parameter(np.zeros(1))], lr=0.8)
    >>> schedule = SWALR(optimizer, swa_lr=0.2, anneal_epochs=2, anneal_strategy="linear")
    >>> [round((schedule.get_last_lr()[0], schedule.step())[0], 6) for _ in range(4)]
    [0.8, 0.5, 0.2, 0.2]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ):
        check_way("anneal_strategy", anneal_strategy)
        check_count("anneal_epochs", anneal_epochs, 0)
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        swa_lrs = one_each("swa_lr", swa_lr, optimizer)
        for group, rate in zip(optimizer.param_groups, swa_lrs, strict=True):
            if not rate >= 0:
                raise ValueError(f"expected swa_lr >= 0, got {rate}")
            group["swa_lr"] = rate
        self.n_steps, self.start_lrs = 0, [group["lr"] for group in optimizer.param_groups]
        super().__init__(optimizer, last_epoch)

    def rates(self, epoch: int) -> list[float]:
        """Return the rates after the steps taken so far."""
        part = min(1.0, self.n_steps / self.anneal_epochs) if self.anneal_epochs else 1.0
        between, groups = BETWEEN[self.anneal_strategy], self.optimizer.param_groups
        return [between(a, group["swa_lr"], part) for a, group in zip(self.start_lrs, groups, strict=True)]

    def step(self) -> None:
        """Count one step and set its rates; the first notes where the way begins."""
        self._note_start()
        self.n_steps += 1
        super().step()

    def go_to(self, epoch: int) -> None:
        """Set the rates of any step; step 0 begins from the present rates."""
        self.n_steps = epoch
        self._note_start()
        super().go_to(epoch)

    def _note_start(self) -> None:
        if self.n_steps == 0:
            self.start_lrs = [group["lr"] for group in self.optimizer.param_groups]
