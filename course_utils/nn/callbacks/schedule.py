"""Drive what has its own pace: learning-rate schedules and averages of weights. Chapter 05."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from course_utils.nn.callbacks.base import Callback, Run


class _Paced(Callback):
    """Act once every step or once every epoch, on an object with a state of its own."""

    def __init__(self, target: Any, every: str):
        if every not in ("step", "epoch"):
            raise ValueError(f"expected every 'step' or 'epoch', got {every!r}")
        self.target, self.every = target, every

    def act(self, run: Run) -> None:
        """Do it; every subclass has its own."""
        raise NotImplementedError

    def on_step_end(self, run: Run) -> None:
        """Act, if this is the pace."""
        if self.every == "step":
            self.act(run)

    def on_epoch_end(self, run: Run) -> None:
        """Act, if this is the pace."""
        if self.every == "epoch":
            self.act(run)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of what is driven."""
        return {"target": self.target.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict`."""
        self.target.load_state_dict(state["target"])


class Schedule(_Paced):
    """Let a schedule of ``course_utils.optim`` move the learning rate, after every step or every epoch.

    Parameters
    ----------
    scheduler : object with ``step()``
        `StepLR` or alike; `ReduceLROnPlateau`, whose ``step`` takes a number, needs `monitor`.
    every : str
        "epoch" or "step".
    monitor : str, optional
        The column of the history whose last entry is handed to ``scheduler.step``.

    Raises
    ------
    ValueError
        If `every` is neither, or `monitor` is missing or not wanted.
    """

    def __init__(self, scheduler: Any, every: str = "epoch", monitor: str | None = None):
        super().__init__(scheduler, every)
        needed = [
            name
            for name, parameter in inspect.signature(scheduler.step).parameters.items()
            if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        kind = type(scheduler).__name__
        if needed and monitor is None:
            raise ValueError(f"expected monitor='val_loss' or alike, since {kind}.step needs {needed[0]!r}")
        if monitor is not None and every == "step":
            raise ValueError("expected every='epoch' with a monitor, got 'step': columns grow once an epoch")
        self.monitor = monitor

    def act(self, run: Run) -> None:
        """Move the rate."""
        if self.monitor is None:
            self.target.step()
        else:
            self.target.step(run.monitored(self.monitor))


class WeightAveraging(_Paced):
    """Let an averaged copy of the model follow it (EMA, SWA), after every step or every epoch.

    Parameters
    ----------
    averaged : object with ``update_parameters(model)``
        `AveragedModel` of ``course_utils.optim``; it is what one evaluates in the end.
    every : str
        "step", usual for an exponential average, or "epoch", usual for an equal one.
    start : int
        The first epoch, counted from 1, that enters.
    """

    def __init__(self, averaged: Any, every: str = "step", start: int = 1):
        super().__init__(averaged, every)
        if start < 1:
            raise ValueError(f"expected start >= 1, got {start}")
        self.start = start

    def act(self, run: Run) -> None:
        """Let the average take in the present weights."""
        if run.epoch >= self.start:
            self.target.update_parameters(run.model)
