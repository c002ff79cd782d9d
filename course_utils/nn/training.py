"""The training loop: shuffled mini-batches, a history, callbacks and a line of progress. Chapter 01b."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from course_utils.nn.module import Module


class History:
    """What happened in training: ``history["loss"]`` and other columns, one entry for each finished epoch.

    Attributes
    ----------
    columns : dict of lists
        "loss" (mean over the epoch's examples, while the weights moved); with validation data "val_loss" and,
        for integer labels, "val_accuracy" (after the epoch).
    steps : list of float
        The loss of every update.
    interrupted : bool
        Whether the run was stopped from the keyboard.
    """

    def __init__(self):
        self.columns: dict[str, list[float]] = {}
        self.steps: list[float] = []
        self.interrupted = False

    @property
    def n_epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.columns.get("loss", ()))

    def append(self, **values: float) -> None:
        """Add one epoch's numbers."""
        for name, value in values.items():
            self.columns.setdefault(name, []).append(float(value))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise KeyError(f"expected one of {sorted(self.columns)}, got {name!r}")
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.columns.items())
        return f"History({self.n_epochs} epochs, {len(self.steps)} steps{': ' + last if last else ''})"


class Divergence(FloatingPointError):
    """The loss became infinite or nan; ``history`` holds the run up to there."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


def minibatches(n_examples: int, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Deal all examples out once, in random order, as index arrays; the last may be smaller.

    Examples
    --------
    >>> [len(batch) for batch in minibatches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    """
    order = rng.permutation(n_examples)
    for start in range(0, n_examples, batch_size):
        yield order[start : start + batch_size]


def fit(
    model: Module,
    loss_fn: Callable[..., Any],
    optimizer: Any,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    callbacks: Iterable[Callable[[int, History, Module], Any]] = (),
    progress: bool = True,
) -> History:
    """Train a model by mini-batches.

    Parameters
    ----------
    model : Module
        Maps x[batch] to predictions.
    loss_fn : callable
        ``loss_fn(predictions, y[batch])`` gives a scalar, `cross_entropy` for instance.
    optimizer : SGD or alike
        Holds the model's parameters; needs ``zero_grad()`` and ``step()``.
    x, y : arrays with the same first length
        Inputs and targets.
    epochs, batch_size : int
        Passes over the data (0 or more) and examples for each update (1 or more).
    rng : numpy.random.Generator
        Shuffles the examples before every epoch.
    validation : (x, y), optional
        Data that is only looked at, after every epoch.
    callbacks : iterable of callables
        Each is called as ``callback(epoch, history, model)`` after every epoch, where `epoch` counts from 1;
        if it returns True or "stop", training ends there.
    progress : bool
        Show one line while training; only in a notebook, where it is blank again at the end.

    Returns
    -------
    History
        After Ctrl-C or the stop button too: then ``history.interrupted`` is True and the model is as it was
        trained.

    Raises
    ------
    ValueError
        If lengths or sizes do not fit.
    Divergence
        A FloatingPointError, if the loss becomes infinite or nan; its ``history`` holds the run up to there.
    """
    x, y = np.asarray(x), np.asarray(y)
    _check_data(x, y, epochs, batch_size)
    history, line, callbacks = History(), _Line(progress), list(callbacks)
    try:
        for epoch in range(1, epochs + 1):
            mean_loss = _train_one_epoch(model, loss_fn, optimizer, x, y, batch_size, rng, history, epoch)
            history.append(loss=mean_loss)
            if validation is not None:
                values = _evaluate(model, loss_fn, *validation)
                _stop_if_diverged(values["val_loss"], "validation loss", history, epoch, optimizer)
                history.append(**values)
            line.write(f"epoch {epoch} of {epochs}: {history!r}")
            if any([_asks_to_stop(callback(epoch, history, model)) for callback in callbacks]):
                break
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        model.train()
        line.write("", now=True)
    return history


@np.errstate(over="ignore", invalid="ignore")  # divergence is reported by name instead
def _train_one_epoch(model, loss_fn, optimizer, x, y, batch_size, rng, history, epoch) -> float:
    """Update once for every mini-batch; return the mean loss over the examples."""
    model.train()
    total = 0.0
    for batch in minibatches(len(x), batch_size, rng):
        optimizer.zero_grad()
        loss = loss_fn(model(x[batch]), y[batch])
        history.steps.append(loss.item())
        _stop_if_diverged(history.steps[-1], "loss", history, epoch, optimizer)
        loss.backward()
        optimizer.step()
        total += history.steps[-1] * len(batch)
    return total / len(x)


@np.errstate(over="ignore", invalid="ignore")
def _evaluate(model, loss_fn, x, y) -> dict[str, float]:
    """Loss on data that is not trained on; accuracy too where y holds class numbers."""
    model.eval()
    output = model(np.asarray(x))
    values = {"val_loss": loss_fn(output, y).item()}
    scores, labels = getattr(output, "data", output), np.asarray(y)
    if labels.dtype.kind in "iu" and scores.ndim == 2 and labels.ndim == 1:
        values["val_accuracy"] = float(np.mean(scores.argmax(axis=1) == labels))
    return values


def _asks_to_stop(answer: Any) -> bool:
    return (isinstance(answer, bool | np.bool_) and bool(answer)) or (
        isinstance(answer, str) and answer == "stop"
    )


def _stop_if_diverged(loss: float, name: str, history: History, epoch: int, optimizer: Any) -> None:
    if np.isfinite(loss):
        return
    rate = getattr(optimizer, "lr", None)
    at_rate = "" if rate is None else f" at learning rate {float(rate):.4g}"
    raise Divergence(
        f"the {name} became {loss} at step {len(history.steps)} (epoch {epoch}){at_rate}: "
        "try a smaller rate, and look for inf or nan in the data",
        history,
    )


def _check_data(x: np.ndarray, y: np.ndarray, epochs: int, batch_size: int) -> None:
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"expected x and y with the same first length, at least 1, got shapes {x.shape} and {y.shape}"
        )
    if batch_size < 1:
        raise ValueError(f"expected batch_size >= 1, got {batch_size}")
    if epochs < 0:
        raise ValueError(f"expected epochs >= 0, got {epochs}")


class _Line:
    """One line of text that overwrites itself in a notebook, and nothing elsewhere.

    It starts and ends blank, so that what a notebook stores does not depend on time.
    """

    seconds_between = 0.1

    def __init__(self, wanted: bool):
        self.handle, self.last = None, time.monotonic()
        ipython = sys.modules.get("IPython")  # never imported from here
        shell = ipython.get_ipython() if ipython else None
        if wanted and hasattr(shell, "kernel"):
            from IPython.display import display

            self.handle = display(self._bundle(""), raw=True, display_id=True)

    def write(self, text: str, now: bool = False) -> None:
        """Show the text, at most ten times a second unless `now`."""
        if self.handle is not None and (now or time.monotonic() - self.last > self.seconds_between):
            self.last = time.monotonic()
            self.handle.update(self._bundle(text), raw=True)

    @staticmethod
    def _bundle(text: str) -> dict[str, str]:
        return {"text/plain": text}
