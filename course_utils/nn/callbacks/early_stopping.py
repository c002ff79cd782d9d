"""Stop when nothing gets better, and go back to where it was best. Chapter 06."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils.nn.callbacks.base import Best, Callback, Run


class EarlyStopping(Callback):
    """End training when a number has not improved for some epochs.

    Prechelt, 1998, "Early stopping - but when?"

    Parameters
    ----------
    monitor : str
        The column of the history that is watched.
    patience : int
        Epochs without improvement after which training ends, at least 1.
    min_delta : float
        By how much the number must improve to count, at least 0.
    mode : str
        "min" if less is better, "max" if more is.
    restore_best : bool
        Whether the model gets back the parameters and buffers of its best epoch when training ends, be it
        here, after the last epoch, by Ctrl-C or by divergence.

    Attributes
    ----------
    best, best_epoch
        The best number and the epoch it came from; None before the first.

    Raises
    ------
    ValueError
        If an option is out of range, or, after the first epoch, `monitor` is no column of the history.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        patience: int,
        min_delta: float = 0.0,
        mode: str = "min",
        restore_best: bool = True,
    ):
        if patience < 1:
            raise ValueError(f"expected patience >= 1, got {patience}")
        self.monitor, self.patience, self.restore_best = monitor, patience, restore_best
        self._options = (mode, min_delta)
        self._forget()

    def _forget(self) -> None:
        self._best = Best(*self._options)
        self.best_epoch: int | None = None
        self.n_epochs_without = 0
        self.best_state: dict[str, np.ndarray] | None = None

    @property
    def best(self) -> float | None:
        """The best number so far."""
        return self._best.value

    def on_train_begin(self, run: Run) -> None:
        """Forget an earlier run, unless this one goes on from it."""
        if run.history.n_epochs == 0:
            self._forget()

    def on_epoch_end(self, run: Run) -> None:
        """Keep the state if it is the best, and stop if the best is too long ago."""
        if self._best.improves(run.monitored(self.monitor)):
            self.best_epoch, self.n_epochs_without = run.epoch, 0
            if self.restore_best:
                self.best_state = run.model.state_dict()
            return
        self.n_epochs_without += 1
        if self.n_epochs_without >= self.patience:
            run.stop()

    def on_train_end(self, run: Run) -> None:
        """Give the model its best state back."""
        if self.restore_best and self.best_state is not None:
            run.model.load_state_dict(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        """Return the best value, its epoch and state, and the epochs since."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "n_epochs_without": self.n_epochs_without,
            "best_state": self.best_state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict`."""
        self._best.value, self.best_epoch = state["best"], state["best_epoch"]
        self.n_epochs_without, self.best_state = state["n_epochs_without"], state["best_state"]
