"""Save a run while it goes on, and take it up again as if nothing had happened. Chapter 05."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.nn.callbacks import archive
from course_utils.nn.callbacks.base import Best, Callback, Run, as_callbacks
from course_utils.nn.history import History
from course_utils.nn.module import Module


class Checkpoint(Callback):
    """Write the whole run to one file after an epoch: weights, optimizer, generators, history, callbacks.

    The file is an ``.npz`` without pickled objects; the weights stand in it as "model/0.weight" and so on. It
    is replaced in one go, so that a run killed while writing leaves the last one whole. `load_checkpoint`
    reads it.

    Parameters
    ----------
    path : str or Path
        The file; its folder must exist.
    monitor : str, optional
        Write only when this column of the history improves.
    every : int
        Look only at every so many epochs, at least 1.
    mode : str
        "min" if less is better, "max" if more is.

    Raises
    ------
    ValueError
        If an option is out of range, or a callback that changes stands behind this one in the list: its last
        change would be missing from the file.
    """

    def __init__(self, path: str | Path, monitor: str | None = None, every: int = 1, mode: str = "min"):
        if every < 1:
            raise ValueError(f"expected every >= 1, got {every}")
        self.path, self.monitor, self.every, self.mode = Path(path), monitor, every, mode
        self._best = Best(mode)

    def on_train_begin(self, run: Run) -> None:
        """Look at the order of the callbacks; forget an earlier run."""
        behind = run.callbacks[run.callbacks.index(self) + 1 :]
        for callback in behind:
            if not isinstance(callback, Checkpoint) and type(callback).state_dict is not Callback.state_dict:
                raise ValueError(f"expected Checkpoint behind {type(callback).__name__} in the callbacks")
        if run.history.n_epochs == 0:
            self._best = Best(self.mode)

    def on_epoch_end(self, run: Run) -> None:
        """Write, if it is time and worth it."""
        if run.epoch % self.every:
            return
        if self.monitor is None or self._best.improves(run.monitored(self.monitor)):
            archive.save(self.path, _state(run))

    def state_dict(self) -> dict[str, Any]:
        """Return the best value so far."""
        return {"best": self._best.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict`."""
        self._best.value = state["best"]


def load_checkpoint(
    path: str | Path,
    model: Module,
    optimizer: Any = None,
    *,
    rng: np.random.Generator | None = None,
    callbacks: Iterable[Any] = (),
) -> History:
    """Give a model, and what else is named, the state of a checkpoint; return the history up to there.

    With all of them, ``fit(..., epochs=20, history=history)`` goes on to epoch 20 bit for bit as the run that
    wrote the file would have done.

    Parameters
    ----------
    path : str or Path
        What `Checkpoint` wrote.
    model : Module
        Built as at the time; gets parameters, buffers, and the states of its generators (dropout).
    optimizer : optional
        Built as at the time; its schedules too, before this call.
    rng : numpy.random.Generator, optional
        The one for `fit`.
    callbacks : iterable
        As many, and in the same order, as at the time.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If the file is no checkpoint, or of another model, optimizer or list of callbacks.

    Examples
    --------
    Take up a run that was killed::

        history = load_checkpoint("run.npz", model, optimizer, rng=rng, callbacks=callbacks)
        fit(model, ..., epochs=20, rng=rng, callbacks=callbacks, history=history)
    """
    state, callbacks = archive.load(path), as_callbacks(callbacks)
    kinds = [type(callback).__name__ for callback in callbacks]
    if callbacks and kinds != state["callbacks"]["kinds"]:
        raise ValueError(f"expected the callbacks {state['callbacks']['kinds']}, got {kinds}")
    model.load_state_dict(state["model"])
    _set_generators(_generators(model), state["generators"])
    if optimizer is not None:
        optimizer.load_state_dict(state["optimizer"])
    if rng is not None:
        _set_generators({"fit": rng}, {"fit": state["rng"]})
    for callback, saved in zip(callbacks, state["callbacks"]["states"], strict=False):
        callback.load_state_dict(saved)
    history = History()
    history.columns, history.steps, history.rates = (
        state["history"][n] for n in ("columns", "steps", "rates")
    )
    return history


def _state(run: Run) -> dict[str, Any]:
    history = run.history
    return {
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "rng": run.rng.bit_generator.state,
        "generators": {name: rng.bit_generator.state for name, rng in _generators(run.model).items()},
        "history": {"columns": history.columns, "steps": history.steps, "rates": history.rates},
        "callbacks": {
            "kinds": [type(callback).__name__ for callback in run.callbacks],
            "states": [callback.state_dict() for callback in run.callbacks],
        },
    }


def _generators(model: Module) -> dict[str, np.random.Generator]:
    """Return the generators that layers hold, by name: those of dropout, for instance."""
    return {
        f"{path}.{name}".lstrip("."): value
        for path, module in model.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, np.random.Generator)
    }


def _set_generators(generators: Mapping[str, np.random.Generator], states: Mapping[str, Any]) -> None:
    if generators.keys() != states.keys():
        raise ValueError(f"expected the generators {sorted(states)}, got {sorted(generators)}")
    for name, generator in generators.items():
        own, saved = generator.bit_generator.state["bit_generator"], states[name]["bit_generator"]
        if own != saved:
            raise ValueError(f"expected a generator of kind {saved} ({name}), got {own}")
        generator.bit_generator.state = states[name]
