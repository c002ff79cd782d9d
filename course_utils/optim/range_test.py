"""The learning-rate range test: one short run with a growing rate. Chapter 05, and chapter 07."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.nn.module import Module
from course_utils.nn.training import minibatches
from course_utils.optim.optimizer import Optimizer
from course_utils.randomness import check_generator


@dataclass(frozen=True)
class RangeTest:
    """What a `learning_rate_range_test` has seen.

    Attributes
    ----------
    rates : array (N,)
        The learning rates tried, growing.
    losses : array (N,)
        The loss of the mini-batch at each, before its step; the last may be inf or nan.
    smoothed : array (N,)
        Their running average, corrected for its start.
    diverged : bool
        Whether the test ended early.
    smoothing : float
        How much of itself the running average keeps at each step.
    suggestion : float or None
        Where the smoothed loss falls most steeply over log(rate), the rate of some steps before, since a
        running average lags: with smoothing 0.9 half of it is older than 6.6 steps, which at 50 rates from
        1e-5 to 10 are a factor of 6. The first smoothing / (1 - smoothing) steps, the mean age of what the
        average holds (9 steps with 0.9), do not count: it is not yet an average there, and two small batches
        that differ by chance make a steeper fall than any learning. (Tools for PyTorch leave out ten steps
        for the same reason, such as torch-lr-finder with skip_start=10.) None if the loss does not fall
        after them. A rule of thumb, not a theorem: look at the curve, and try a third and three times as
        much, too.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    diverged: bool
    smoothing: float = 0.0

    @property
    def suggestion(self) -> float | None:
        """The rate of the steepest descent between the average's start and its lowest point, without lag."""
        start = round(self.smoothing / (1 - self.smoothing))  # before, it holds too few losses
        if np.isnan(self.smoothed[start:]).all():
            return None
        lowest = start + int(np.nanargmin(self.smoothed[start:]))
        if lowest == start:
            return None
        slopes = np.gradient(self.smoothed[: lowest + 1], np.log(self.rates[: lowest + 1]))
        lag = np.log(0.5) / np.log(self.smoothing) if self.smoothing > 0 else 0.0  # smoothing^lag = 1/2
        steepest = start + np.argmin(slopes[start:])
        return float(np.interp(steepest - lag, np.arange(len(self.rates)), self.rates))


@np.errstate(over="ignore", invalid="ignore")  # divergence is what the test looks for
def learning_rate_range_test(
    model: Module,
    loss_fn: Callable[..., Any],
    x: np.ndarray,
    y: np.ndarray,
    optimizer: Optimizer,
    *,
    lr_min: float = 1e-5,
    lr_max: float = 10.0,
    n_steps: int = 100,
    batch_size: int,
    rng: np.random.Generator,
    smoothing: float = 0.9,
    stop_factor: float = 4.0,
) -> RangeTest:
    """Train for a few steps with a rate that grows by the same factor at each, and watch the loss.

    Too small a rate changes nothing, a good one brings the loss down, too large a one makes it explode
    (Smith, 2017, "Cyclical Learning Rates for Training Neural Networks", arXiv:1506.01186, section 3.3, where
    the rate grows along a line). Afterwards model, optimizer and generators are as they were before, even
    after an error or Ctrl-C.

    Parameters
    ----------
    model : Module
        Maps x[batch] to predictions.
    loss_fn : callable
        ``loss_fn(predictions, y[batch])`` gives a scalar.
    x, y : arrays with the same first length
        Inputs and targets of training.
    optimizer : Optimizer
        Holds the model's parameters; all groups get the same rate.
    lr_min, lr_max : float
        First and last rate, above 0.
    n_steps : int
        Number of rates, at least 2.
    batch_size : int
        Examples for each step.
    rng : numpy.random.Generator
        Shuffles the examples.
    smoothing : float
        How much the running average of the loss keeps, at least 0 and below 1.
    stop_factor : float
        The test ends once the smoothed loss is more than this many times its lowest value, or the loss not
        finite; above 1. For losses that are never negative.

    Returns
    -------
    RangeTest

    Raises
    ------
    ValueError
        If an option is out of range.
    """
    x, y = np.asarray(x), np.asarray(y)
    _check(x, y, lr_min, lr_max, n_steps, batch_size, smoothing, stop_factor)
    check_generator(rng)
    rates, losses, smoothed = np.geomspace(lr_min, lr_max, n_steps), [], []
    average, lowest, diverged = 0.0, np.inf, False
    with _restored(model, optimizer, rng):
        model.train()
        for rate, batch in zip(rates, _batches(len(x), batch_size, rng), strict=False):
            optimizer.lr = rate
            optimizer.zero_grad()
            loss = loss_fn(model(x[batch]), y[batch])
            losses.append(loss.item())
            average = smoothing * average + (1 - smoothing) * losses[-1]
            smoothed.append(average / (1 - smoothing ** len(losses)))
            lowest = min(lowest, smoothed[-1])
            diverged = not (np.isfinite(losses[-1]) and smoothed[-1] <= stop_factor * lowest)
            if diverged:
                break
            loss.backward()
            optimizer.step()
    return RangeTest(rates[: len(losses)], np.array(losses), np.array(smoothed), diverged, smoothing)


def _batches(n_examples: int, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield mini-batches without end."""
    while True:
        yield from minibatches(n_examples, batch_size, rng)


@contextmanager
def _restored(model: Module, optimizer: Optimizer, rng: np.random.Generator) -> Iterator[None]:
    """Put back weights, gradients, buffers, modes, the optimizer's state and options, and all generators."""
    modules = [module for _, module in model.named_modules()]
    learnt = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    tensors = list(dict.fromkeys([*model.parameters(), *learnt]))
    kept = [(tensor, tensor.data, tensor.grad) for tensor in tensors]  # steps replace arrays
    weights, modes = model.state_dict(), [module.training for module in modules]
    generators = [rng, *_generators(modules)]
    places = [copy.deepcopy(generator.bit_generator.state) for generator in generators]
    groups = [dict(group) for group in optimizer.param_groups]
    state = {
        tensor: {name: np.copy(v) if isinstance(v, np.ndarray) else v for name, v in entries.items()}
        for tensor, entries in optimizer.state.items()
    }
    try:
        yield
    finally:
        model.load_state_dict(weights)
        for tensor, data, gradient in kept:
            tensor.data, tensor.grad = data, gradient
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for generator, place in zip(generators, places, strict=True):
            generator.bit_generator.state = place
        for group, options in zip(optimizer.param_groups, groups, strict=True):
            group.update(options)
        optimizer.state = state


def _generators(modules: list[Module]) -> list[np.random.Generator]:
    """Return the generators that layers hold, such as those of dropout."""
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, np.random.Generator)
    ]


def _check(x, y, lr_min, lr_max, n_steps, batch_size, smoothing, stop_factor) -> None:
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"expected x and y with the same first length, at least 1, got shapes {x.shape} and {y.shape}"
        )
    if not 0 < lr_min < lr_max < np.inf:
        raise ValueError(f"expected 0 < lr_min < lr_max, got {lr_min} and {lr_max}")
    for name, value, least in (("n_steps", n_steps, 2), ("batch_size", batch_size, 1)):
        if value < least:
            raise ValueError(f"expected {name} >= {least}, got {value}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"expected smoothing at least 0 and below 1, got {smoothing}")
    if not stop_factor > 1:
        raise ValueError(f"expected stop_factor > 1, got {stop_factor}")
