"""The training loop: shuffled mini-batches, a history, callbacks. Chapter 01b."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor
from course_utils.nn.callbacks.base import Callback, Run, as_callbacks
from course_utils.nn.divergence import Divergence, stop_if_diverged
from course_utils.nn.history import History
from course_utils.nn.module import Module
from course_utils.nn.precision import check_width
from course_utils.nn.progress_line import ProgressLine
from course_utils.randomness import check_generator

__all__ = ["Divergence", "History", "fit", "minibatches"]


def minibatches(n_examples: int, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Deal all examples out once, in random order, as index arrays; the last may be smaller.

    Examples
    --------
    >>> [len(batch) for batch in minibatches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    """
    order = check_generator(rng).permutation(n_examples)
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
    validation_batch_size: int | None = None,
    callbacks: Iterable[Callback | Callable[[int, History, Module], Any]] = (),
    history: History | None = None,
    progress: bool = True,
) -> History:
    """Train a model by mini-batches.

    Parameters
    ----------
    model : Module
        Maps x[batch] to predictions; left in training mode.
    loss_fn : callable
        ``loss_fn(predictions, y[batch])`` gives a scalar, `cross_entropy` for instance; or a dict of scalars,
        whose entry "loss" is minimised while all are recorded: ``{"loss": a + b, "reconstruction": a,
        "divergence": b}``. Each is a mean over the examples, for the history weights batches by their size.
    optimizer : Optimizer or alike
        Holds the model's parameters; needs ``zero_grad()`` and ``step()``.
    x, y : arrays with the same first length
        Inputs and targets; for an autoencoder both are the same.
    epochs, batch_size : int
        Passes over the data, those in `history` included (0 or more), and examples for each update (1 or
        more).
    rng : numpy.random.Generator
        Shuffles the examples before every epoch.
    validation : (x, y), optional
        Data that is only looked at, after every epoch.
    validation_batch_size : int, optional
        Look at so many of them at a time, so that a big model fits into memory; all at once if None.
    callbacks : iterable
        Each a `Callback`, or a function called as ``callback(epoch, history, model)`` after every epoch,
        where `epoch` counts from 1; if it returns True or "stop", training ends there.
    history : History, optional
        Of an earlier run, which this one continues: see `load_checkpoint`.
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
        If lengths or sizes do not fit, the loss is not a scalar or no Tensor, x is of a wider dtype than the
        weights (the engine would compute everything at the wider one, and several times slower; torch
        refuses it too), the optimizer holds none of the model's parameters, or `rng` is no Generator.
    Divergence
        A FloatingPointError, if the loss becomes infinite or nan. It names the step, the rate and the first
        weights, data or layer at fault; its ``history`` holds the run up to there.
    """
    x, y = np.asarray(x), np.asarray(y)
    _check_data(x, y, epochs, batch_size)
    if validation is not None:
        validation = (np.asarray(validation[0]), np.asarray(validation[1]))
        _check_data(*validation, epochs, 1 if validation_batch_size is None else validation_batch_size)
    _check_parts(model, optimizer, x, rng)
    run = Run(model, loss_fn, optimizer, rng, epochs, history or History(), as_callbacks(callbacks))
    history, line = run.history, ProgressLine(progress)
    history.interrupted = False
    try:
        run.tell("on_train_begin")
        for run.epoch in range(history.n_epochs + 1, epochs + 1):
            values = _train_one_epoch(run, x, y, batch_size)
            if validation is not None:
                values |= _evaluate(run, *validation, validation_batch_size)
            history.append(**values)
            line.write(f"epoch {run.epoch} of {epochs}: {history!r}")
            run.tell("on_epoch_end")
            if run.stopping:
                break
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        model.train()
        line.write("", now=True)
        run.tell("on_train_end")
    return history


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # divergence is reported by name instead
def _train_one_epoch(run, x, y, batch_size) -> dict[str, float]:
    """Update once for every mini-batch; return the mean losses over the examples."""
    model, loss_fn, optimizer = run.model, run.loss_fn, run.optimizer
    model.train()
    totals: dict[str, float] = {}
    for batch in minibatches(len(x), batch_size, run.rng):
        inputs, targets = x[batch], y[batch]
        loss, values = _loss_and_values(loss_fn(model(inputs), targets))
        run.note_step(values["loss"])
        stop_if_diverged(run, values["loss"], inputs, targets, batch)
        optimizer.zero_grad()
        loss.backward()
        run.tell("on_backward")
        optimizer.step()
        run.tell("on_step_end")
        _add(totals, values, len(batch))
    return {name: total / len(x) for name, total in totals.items()}


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _evaluate(run, x, y, batch_size) -> dict[str, float]:
    """Losses on data that is not trained on; accuracy too where y holds class numbers."""
    run.model.eval()
    totals: dict[str, float] = {}
    for start in range(0, len(x), batch_size or len(x)):
        batch = np.arange(start, min(start + (batch_size or len(x)), len(x)))
        inputs, labels = x[batch], y[batch]
        output = run.model(inputs)
        _, values = _loss_and_values(run.loss_fn(output, labels))
        stop_if_diverged(run, values["loss"], inputs, labels, batch, validating=True)
        scores = getattr(output, "data", output)
        if labels.dtype.kind in "iu" and labels.ndim == 1 and getattr(scores, "ndim", 0) == 2:
            values.setdefault("accuracy", float(np.mean(scores.argmax(axis=1) == labels)))
        _add(totals, values, len(batch) / len(x))
    return {f"val_{name}": mean for name, mean in totals.items()}


def _loss_and_values(result: Any) -> tuple[Tensor, dict[str, float]]:
    """Return what is minimised, and the numbers to record, from what a loss function gave."""
    named = result if isinstance(result, Mapping) else {"loss": result}
    if "loss" not in named:
        raise ValueError(f"expected an entry 'loss' in what loss_fn returns, got {sorted(named)}")
    if not isinstance(named["loss"], Tensor):
        raise ValueError(
            "expected loss_fn to give a Tensor, made from the predictions themselves rather than from their "
            f".data, got {type(named['loss']).__name__}"
        )
    for name, value in named.items():
        if np.size(getattr(value, "data", value)) != 1:
            raise ValueError(
                f"expected loss_fn to give a scalar {name}, got shape {np.shape(value)}: "
                "take the mean over the examples"
            )
    return named["loss"], {name: float(value) for name, value in named.items()}


def _add(totals: dict[str, float], values: Mapping[str, float], weight: float) -> None:
    """Add weighted values to the totals."""
    for name, value in values.items():
        totals[name] = totals.get(name, 0.0) + value * weight


def _check_data(x: np.ndarray, y: np.ndarray, epochs: int, batch_size: int) -> None:
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"expected x and y with the same first length, at least 1, got shapes {x.shape} and {y.shape}"
        )
    for name, array in (("x", x), ("y", y)):
        if array.dtype.kind == "O":
            raise ValueError(f"expected numbers in {name}, got an array of Python objects")
    if batch_size < 1:
        raise ValueError(f"expected batch_size >= 1, got {batch_size}")
    if epochs < 0:
        raise ValueError(f"expected epochs >= 0, got {epochs}")


def _check_parts(model: Module, optimizer: Any, x: np.ndarray, rng: np.random.Generator) -> None:
    """Refuse what would train nothing, or at the wrong width, without a word."""
    check_generator(rng)
    own = model.parameters()
    held = [p for group in getattr(optimizer, "param_groups", ()) for p in group["params"]]
    if held and own and not any(a is b for a in own for b in held):
        raise ValueError("expected an optimizer of this model's parameters, got one that holds none of them")
    widest = max((p.dtype for p in own), key=lambda dtype: dtype.itemsize, default=x.dtype)
    check_width("x", x, widest)
