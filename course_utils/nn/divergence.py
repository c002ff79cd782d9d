"""When the loss is no number any more: find the first place where one was lost. Chapters 01b and 16."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.nn.callbacks.base import Run
from course_utils.nn.history import History
from course_utils.nn.module import Module, Parameter


class Divergence(FloatingPointError):
    """The loss became infinite or nan; ``history`` holds the run up to there."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


def stop_if_diverged(
    run: Run, loss: float, x: np.ndarray, y: np.ndarray, rows: np.ndarray, *, validating: bool = False
) -> None:
    """Raise a `Divergence` that names step, rate and cause, unless the loss is finite.

    Parameters
    ----------
    run : Run
        Left as it is: the layers are tried on a copy of the model.
    loss : float
        The loss of a batch.
    x, y : arrays
        The batch.
    rows : integer array
        Where the batch's examples stand in the data.
    validating : bool
        Whether it is validation data, seen after the step.
    """
    if np.isfinite(loss):
        return
    history = run.history
    at_rate = f" at learning rate {history.rates[-1]:.4g}" if history.rates else ""
    with np.errstate(all="ignore"):
        cause = (
            _in_the_state(run, validating)
            or _in_the_data("inputs", x, rows)
            or _in_the_data("targets", y, rows)
            or _in_a_layer(run.model, x, loss)
        )
    name = "validation loss" if validating else "loss"
    raise Divergence(
        f"the {name} became {loss} at step {len(history.steps)} (epoch {run.epoch}){at_rate}: {cause}",
        history,
    )


def _in_the_state(run: Run, validating: bool) -> str | None:
    """Name the first parameter that is not finite, and the step that made it so.

    Buffers count in validation alone: in training the forward pass that gave the bad loss may have spoilt
    them, as batch norm takes nan in the data into its running mean.
    """
    found = next(_bad_state(run.model, with_buffers=validating), None)
    if found is None:
        return None
    name, kind, bad = found
    steps_before = len(run.history.steps) - (not validating)
    if run.n_steps - (not validating) < 1:
        return f"{name!r} of {kind} was already {bad} when training began"
    rate = run.history.rates[steps_before - 1] if run.history.rates else None
    at_rate = "" if rate is None else f", at learning rate {rate:.4g}"
    gradient = dict(run.model.named_parameters()).get(name)
    before = "" if validating else " before this step"
    return f"{name!r} of {kind} was {bad}{before}: step {steps_before}{at_rate}, moved it there" + (
        _gradient_phrase(getattr(gradient, "grad", None))
    )


def _bad_state(model: Module, with_buffers: bool) -> Iterator[tuple[str, str, str]]:
    """Yield name, layer and what is wrong of each parameter and buffer that is not finite."""
    modules = dict(model.named_modules())
    parameters = ((name, parameter.data) for name, parameter in model.named_parameters())
    for name, array in (*parameters, *(model.named_buffers() if with_buffers else ())):
        bad = non_finite(array)
        if bad:
            layer = name.rpartition(".")[0]
            yield name, layer_name(layer, modules.get(layer, model)), bad


def _gradient_phrase(gradient: np.ndarray | None) -> str:
    """Say what the last update saw; the gradients are forgotten only after the loss is known to be good."""
    if gradient is None:
        return ""
    bad = non_finite(gradient)
    if bad:
        return f", with a gradient that was {bad}"
    largest = np.abs(gradient).max(initial=0.0)
    return f", with gradients up to {largest:.3g}; try a smaller rate, or clip the gradients"


def _in_the_data(what: str, array: np.ndarray, rows: np.ndarray) -> str | None:
    """Name the first row of the data that is not finite."""
    bad = non_finite(array)
    if not bad:
        return None
    wrong = ~np.isfinite(array).reshape(len(array), -1).all(axis=1)
    first = rows[wrong][0]
    return f"the {what} hold {bad} in row {first} ({wrong.sum()} of the {len(array)} rows of this batch)"


def _in_a_layer(model: Module, x: np.ndarray, loss: float) -> str:
    """Run the batch through a copy of the model, and name the first layer that gives what is not finite."""
    outputs = _outputs_by_layer(model, x)
    if outputs is None:
        return "weights and data are finite, but the layers could not be tried on a copy of the model"
    for name, weights, before, after in outputs:
        bad = next(filter(None, map(non_finite, after)), None)
        if bad:
            own = f" and weights up to {_largest(weights):.3g}" if weights else ""
            return f"{name} was the first to give {bad}, from inputs up to {_largest(before):.3g}{own}"
    largest = _largest(outputs[-1][-1]) if outputs else np.nan
    return (
        f"the layers' outputs are finite (the model's reach {largest:.3g}), so that the loss function itself "
        f"gave {loss}"
    )


def _outputs_by_layer(model: Module, x: np.ndarray) -> list[tuple[str, list, list, list]] | None:
    """Return name, own weights, inputs and outputs of all layers as they finish: parts before their whole."""
    try:
        trial = copy.deepcopy(model)  # so that running means and generators of the model stay as they are
        seen: list[tuple[str, list, list, list]] = []
        for path, module in trial.named_modules():
            module._forward_hooks = ()  # those of the user are not told about a trial

            def note(module, inputs, output, path=path):
                weights = [part.data for _, part in module._parts() if isinstance(part, Parameter)]
                name = layer_name(path, module)
                seen.append((name, weights, list(_arrays(inputs)), list(_arrays(output))))

            module.register_forward_hook(note)
        trial(x)
    except (TypeError, ValueError, RecursionError):  # something that cannot be copied or run alone
        return None
    return seen


def _arrays(value: Any) -> Iterator[np.ndarray]:
    """Yield the arrays in nested tuples of tensors."""
    if isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)
    elif hasattr(value, "shape"):
        yield np.asarray(getattr(value, "data", value) if not isinstance(value, np.ndarray) else value)


def _largest(arrays: list[np.ndarray]) -> float:
    return max((float(np.abs(a).max(initial=0)) for a in arrays if a.dtype.kind in "iuf"), default=np.nan)


def non_finite(array: np.ndarray) -> str:
    """Return "nan" or "inf" if an array holds one, else nothing."""
    array = np.asarray(array)
    if array.dtype.kind not in "fc" or np.isfinite(array).all():
        return ""
    return "nan" if np.isnan(array).any() else "inf"


def layer_name(path: str, module: Module) -> str:
    """Return "layer '2' (Linear)", or "the model (Sequential)" for the whole."""
    kind = type(module).__name__
    return f"layer {path!r} ({kind})" if path else f"the model ({kind})"
