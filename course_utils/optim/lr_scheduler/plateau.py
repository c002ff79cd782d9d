"""Lower the rate when a metric no longer improves. Chapter 05."""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

from course_utils.optim.lr_scheduler.schedule import LRScheduler, check_count, one_each
from course_utils.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """Multiply the rate by `factor` once a metric has not improved for more than `patience` steps in a row.

    As in torch; ``step(metrics)`` takes the metric, usually the validation loss after each epoch. Where the
    metric is nan, that is no improvement.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to lower.
    mode : {"min", "max"}
        Whether smaller or larger is better.
    factor : float
        At least 0 and below 1.
    patience : int
        Steps without improvement that are borne, at least 0.
    threshold : float
        How much better counts as better, at least 0.
    threshold_mode : {"rel", "abs"}
        Whether the threshold is a part of the best value so far, or a difference.
    cooldown : int
        Steps after a change in which none is counted as bad, at least 0.
    min_lr : float or list of float
        Lower bound of the rate, for all groups or for each.
    eps : float
        Changes of at most this are left out.

    Raises
    ------
    TypeError
        If `optimizer` is none of this package's.
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> optimizer = SGD([Parameter(np.zeros(1))], lr=0.8)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.5, 2.5):
    ...     schedule.step(loss)
    >>> optimizer.lr
    0.4
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ):
        if mode not in ("min", "max"):
            raise ValueError(f"expected mode 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"expected threshold_mode 'rel' or 'abs', got {threshold_mode!r}")
        if not 0 <= factor < 1:
            raise ValueError(f"expected factor at least 0 and below 1, got {factor}")
        check_count("patience", patience, 0)
        check_count("cooldown", cooldown, 0)
        self.min_lrs = one_each("min_lr", min_lr, optimizer)
        for name, value in (("threshold", threshold), ("eps", eps), ("min_lr", min(self.min_lrs))):
            if not value >= 0:
                raise ValueError(f"expected {name} >= 0, got {value}")
        self.optimizer = optimizer
        self.mode, self.factor, self.patience, self.cooldown = mode, factor, patience, cooldown
        self.threshold, self.threshold_mode, self.eps = threshold, threshold_mode, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self, metrics: SupportsFloat) -> None:  # type: ignore[override]
        """Take in the metric of a step, and lower the rates if it is time."""
        value = float(metrics)
        self.last_epoch += 1
        if self._is_better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self.num_bad_epochs > self.patience:
            lower = [max(rate * self.factor, least) for rate, least in zip(rates, self.min_lrs, strict=True)]
            rates = [new if old - new > self.eps else old for old, new in zip(rates, lower, strict=True)]
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._set(rates)

    def _is_better(self, value: Any) -> bool:
        margin = self.threshold * self.best if self.threshold_mode == "rel" else self.threshold
        if math.isinf(self.best):  # nothing to compare with yet
            margin = 0.0
        return value < self.best - margin if self.mode == "min" else value > self.best + margin
