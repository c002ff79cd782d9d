"""One cycle: up to a large rate and down to almost none, with the momentum against it. Chapter 05."""

from __future__ import annotations

from typing import Any

from course_utils.optim.lr_scheduler.schedule import BETWEEN, LRScheduler, check_count, check_way, one_each
from course_utils.optim.optimizer import Optimizer


class OneCycleLR(LRScheduler):
    """Raise the rate from max_lr / div_factor to `max_lr`, then let it fall; step after every update.

    Smith and Topin, 2018, "Super-Convergence", arXiv:1708.07120, in torch's form. With two phases the rate
    falls from max_lr to max_lr / div_factor / final_div_factor; with three it falls back to where it began
    in the time that it took to rise, and then further. The momentum goes the other way.

    Parameters
    ----------
    optimizer, last_epoch
        See `LRScheduler`.
    max_lr : float or list of float
        The largest rate, for all groups or for each.
    total_steps : int, optional
        Number of updates, at least 1; if not given it is epochs * steps_per_epoch.
    epochs, steps_per_epoch : int, optional
        What the number of updates is made of, where `total_steps` is not given.
    pct_start : float
        Part of the updates, from 0 to 1, in which the rate rises.
    anneal_strategy : {"cos", "linear"}
        The form of the ways up and down.
    cycle_momentum : bool
        Move ``momentum``, or the first of ``betas``, from `max_momentum` to `base_momentum` and back.
    base_momentum, max_momentum : float or list of float
        Momentum at the largest rate, and at both ends.
    div_factor, final_div_factor : float
        The rate begins at max_lr / div_factor and ends at that / final_div_factor; both above 0.
    three_phase : bool
        See above.

    Raises
    ------
    ValueError
        If an option is out of range, the optimizer has no momentum to cycle, or more steps are taken than
        there are.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Parameter
    >>> from course_utils.optim import SGD
    >>> optimizer = SGD([Parameter(np.zeros(1))], momentum=0.9)
    >>> schedule = OneCycleLR(optimizer, max_lr=0.8, total_steps=5, pct_start=0.6, div_factor=4)
    >>> [round((schedule.get_last_lr()[0], schedule.step())[0], 4) for _ in range(5)]
    [0.2, 0.5, 0.8, 0.4, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ):
        self.total_steps = _number_of_steps(total_steps, epochs, steps_per_epoch)
        if not 0 <= pct_start <= 1:
            raise ValueError(f"expected pct_start from 0 to 1, got {pct_start}")
        check_way("anneal_strategy", anneal_strategy)
        for name, factor in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
            if not factor > 0:
                raise ValueError(f"expected {name} > 0, got {factor}")
        self.pct_start, self.anneal_strategy, self.three_phase = pct_start, anneal_strategy, three_phase
        self.cycle_momentum = cycle_momentum
        largest_rates = one_each("max_lr", max_lr, optimizer)
        for group, largest in zip(optimizer.param_groups, largest_rates, strict=True):
            group["max_lr"], group["initial_lr"] = largest, largest / div_factor
            group["min_lr"] = group["initial_lr"] / final_div_factor
        if cycle_momentum:
            _keep_momenta(optimizer, base_momentum, max_momentum)
        super().__init__(optimizer, last_epoch)

    def rates(self, epoch: int) -> list[float]:
        """Return the rates, and set the momenta, of a step."""
        if epoch > self.total_steps:
            raise ValueError(f"expected at most total_steps {self.total_steps} steps, got step {epoch}")
        (start, start_momentum), (end, end_momentum), part = self._phase(epoch)
        between = BETWEEN[self.anneal_strategy]
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                momentum = between(group[start_momentum], group[end_momentum], part)
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
        return [between(group[start], group[end], part) for group in self.optimizer.param_groups]

    def _phase(self, epoch: int) -> tuple[tuple[str, str], tuple[str, str], float]:
        """Return the corners (rate, momentum) between which a step lies, and the part of the way gone."""
        low, top = ("initial_lr", "max_momentum"), ("max_lr", "base_momentum")
        corners, rise, last = [low, top], self.pct_start * self.total_steps, self.total_steps - 1
        ends = [0.0, rise - 1]  # the step at which each corner is reached
        if self.three_phase:
            corners, ends = [*corners, low], [*ends, 2 * rise - 2]
        corners, ends = [*corners, ("min_lr", "max_momentum")], [*ends, last]
        i = 1
        while epoch > ends[i] and i < len(ends) - 1:
            i += 1
        way = ends[i] - ends[i - 1]
        return corners[i - 1], corners[i], (epoch - ends[i - 1]) / way if way else 1.0


def _number_of_steps(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    if total_steps is not None:
        check_count("total_steps", total_steps, 1)
        return int(total_steps)
    if epochs is None or steps_per_epoch is None:
        raise ValueError(
            "expected total_steps, or epochs and steps_per_epoch, "
            f"got epochs {epochs} and steps_per_epoch {steps_per_epoch}"
        )
    check_count("epochs", epochs, 1)
    check_count("steps_per_epoch", steps_per_epoch, 1)
    return int(epochs * steps_per_epoch)


def _keep_momenta(optimizer: Optimizer, base_momentum: Any, max_momentum: Any) -> None:
    """Note the range of the momentum in every group, where torch has it."""
    if not {"momentum", "betas"} & optimizer.defaults.keys():
        raise ValueError(
            f"expected an optimizer with momentum or betas for cycle_momentum=True, "
            f"got {type(optimizer).__name__}"
        )
    base, largest = (
        one_each(name, value, optimizer)
        for name, value in (("base_momentum", base_momentum), ("max_momentum", max_momentum))
    )
    for group, low, high in zip(optimizer.param_groups, base, largest, strict=True):
        if not (0 <= low < 1 and 0 <= high < 1):
            raise ValueError(
                f"expected base_momentum and max_momentum at least 0 and below 1, got {low} and {high}"
            )
        group["base_momentum"], group["max_momentum"] = low, high
