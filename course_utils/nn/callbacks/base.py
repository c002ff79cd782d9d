"""What a callback is, and the run it looks at. Chapter 05."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_utils.nn.history import History
from course_utils.nn.module import Module


class Callback:
    """Base of what may look at, and act on, a training run; a subclass defines the moments it cares for.

    Examples
    --------
    >>> class PrintLoss(Callback):
    ...     def on_epoch_end(self, run):
    ...         print(run.epoch, run.history["loss"][-1])
    """

    def on_train_begin(self, run: Run) -> None:
        """Before the first step."""

    def on_backward(self, run: Run) -> None:
        """In each step when the gradients are there, and the weights have not moved yet."""

    def on_step_end(self, run: Run) -> None:
        """In each step when the weights have moved."""

    def on_epoch_end(self, run: Run) -> None:
        """When the epoch's numbers stand in ``run.history``."""

    def on_train_end(self, run: Run) -> None:
        """At the end, always: also after Ctrl-C and after an error."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs: nested dicts and lists of arrays, numbers and text."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict`."""


@dataclass
class Run:
    """A training run as callbacks see it.

    Attributes
    ----------
    model, loss_fn, optimizer, rng, epochs
        As given to `fit`.
    history : History
        The numbers up to now.
    callbacks : list of Callback
        All that are told about this run, in order.
    epoch : int
        The present epoch, counted from 1; 0 before the first.
    n_steps : int
        Updates begun in this run; ``history.steps`` may hold those of earlier ones too.
    """

    model: Module
    loss_fn: Callable[..., Any]
    optimizer: Any
    rng: np.random.Generator
    epochs: int
    history: History
    callbacks: list[Callback] = field(default_factory=list)
    epoch: int = 0
    n_steps: int = 0
    stopping: bool = False

    def stop(self) -> None:
        """End training after the present epoch."""
        self.stopping = True

    def tell(self, moment: str) -> None:
        """Call the method named `moment` of every callback."""
        for callback in self.callbacks:
            getattr(callback, moment)(self)

    def note_step(self, loss: float) -> None:
        """Record the loss and the learning rate of the update that begins."""
        self.n_steps += 1
        self.history.steps.append(loss)
        rate = getattr(self.optimizer, "lr", None)
        if rate is not None:
            self.history.rates.append(float(rate))

    def monitored(self, name: str) -> float:
        """Return the last entry of a column of the history, or say which there are."""
        if name not in self.history:
            raise ValueError(
                f"expected a column of the history to monitor, one of {sorted(self.history.columns)}, "
                f"got {name!r}" + (": pass validation=(x, y) to fit" if name.startswith("val_") else "")
            )
        return self.history[name][-1]


class Best:
    """The best value of a monitored number so far.

    Parameters
    ----------
    mode : str
        "min" if less is better, "max" if more is.
    min_delta : float
        By how much a value must be better to count, at least 0.
    """

    def __init__(self, mode: str, min_delta: float = 0.0):
        if mode not in ("min", "max"):
            raise ValueError(f"expected mode 'min' or 'max', got {mode!r}")
        if not min_delta >= 0:
            raise ValueError(f"expected min_delta >= 0, got {min_delta}")
        self.sign, self.min_delta = (1.0 if mode == "min" else -1.0), min_delta
        self.value: float | None = None

    def improves(self, value: float) -> bool:
        """Tell whether `value` is the best yet, and remember it then; nan never is."""
        better = not np.isnan(value) and (
            self.value is None or self.sign * value < self.sign * self.value - self.min_delta
        )
        if better:
            self.value = float(value)
        return better


class PlainCallback(Callback):
    """A function ``callback(epoch, history, model)`` as a `Callback`; it stops by True or "stop"."""

    def __init__(self, function: Callable[[int, History, Module], Any]):
        self.function = function

    def on_epoch_end(self, run: Run) -> None:
        """Call the function."""
        answer = self.function(run.epoch, run.history, run.model)
        says_true = isinstance(answer, bool | np.bool_) and bool(answer)
        if says_true or (isinstance(answer, str) and answer == "stop"):
            run.stop()


def as_callbacks(callbacks: Iterable[Any]) -> list[Callback]:
    """Return a list in which plain functions are callbacks too.

    Raises
    ------
    ValueError
        If something can be neither.
    """
    if isinstance(callbacks, Callback) or callable(callbacks):
        raise ValueError(f"expected a list of callbacks, got {callbacks!r}: write [callback]")
    made: list[Callback] = []
    for callback in callbacks:
        if not isinstance(callback, Callback) and (isinstance(callback, type) or not callable(callback)):
            hint = ": wrap it, as in Schedule(scheduler)" if hasattr(callback, "step") else ""
            raise ValueError(
                f"expected a Callback or a function(epoch, history, model), got {callback!r}{hint}"
            )
        made.append(callback if isinstance(callback, Callback) else PlainCallback(callback))
    return made
