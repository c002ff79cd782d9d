"""Averages of the weights along a run: EMA and SWA. Chapter 05."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from course_utils.nn.module import Module


class AveragedModel(Module):
    """A model whose weights are an average of those of another, along its training.

    After n updates with weights w_1 ... w_n, with `decay` the average moves on exponentially (EMA)::

        a_1 = w_1,    a_n = decay a_(n-1) + (1 - decay) w_n

    and without it is the mean of all (SWA: Izmailov et al., 2018, arXiv:1803.05407, Algorithm 1)::

        a_n = a_(n-1) + (w_n - a_(n-1)) / n

    As ``torch.optim.swa_utils.AveragedModel``, where ``multi_avg_fn=get_ema_multi_avg_fn(decay)`` stands for
    `decay`. The average is a model of its own: call it, or see `copy_to` and `applied_to`.

    Parameters
    ----------
    model : Module
        Is copied; the copy, ``averaged.module``, holds the averages.
    decay : float, optional
        How much of the average is kept at each update, from 0 to 1; about 1 / (1 - decay) updates count.
    use_buffers : bool
        Average the buffers too, such as the running means of batch norm; otherwise they are copied at each
        update. Buffers of integers are always copied (torch cannot average them, or cuts them off).
    warm_up : bool
        Keep at most n / (9 + n) at update n + 1 (n averaged before), so that an early average does not hang
        on to the first weights; the rule of TensorFlow's ExponentialMovingAverage. Not in torch.

    Raises
    ------
    ValueError
        If `decay` is out of range, or there is none to warm up.

    Examples
    --------
    >>> from course_utils.nn import Parameter
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(np.array([0.0]))
    >>> model = Scale()
    >>> mean, ema = AveragedModel(model), AveragedModel(model, decay=0.5)
    >>> for value in (4.0, 8.0, 0.0):
    ...     model.factor.data = np.array([value])
    ...     mean.update_parameters(model)
    ...     ema.update_parameters(model)
    >>> mean.module.factor.data, ema.module.factor.data  # (4 + 8 + 0) / 3 and ((4 + 8) / 2 + 0) / 2
    (array([4.]), array([3.]))
    """

    n_averaged: np.ndarray

    def __init__(
        self, model: Module, decay: float | None = None, use_buffers: bool = False, *, warm_up: bool = False
    ):
        if decay is not None and not 0 <= decay <= 1:
            raise ValueError(f"expected decay from 0 to 1, or None for the mean of all, got {decay}")
        if warm_up and decay is None:
            raise ValueError("expected a decay with warm_up, got None: the mean of all needs no warm-up")
        self.register_buffer("n_averaged", np.array(0))
        self.module = copy.deepcopy(model)
        self.decay, self.use_buffers, self.warm_up = decay, use_buffers, warm_up

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Call the averaged model."""
        return self.module(*inputs, **options)

    def update_parameters(self, model: Module) -> None:
        """Take the present weights of `model` into the average."""
        n_averaged = int(self.n_averaged)
        new = self._weight_of_the_new(n_averaged)
        averages, values = _arrays(self.module), _arrays(model)
        if averages.keys() != values.keys():
            raise ValueError(f"expected a model with the names {list(averages)}, got {list(values)}")
        buffers = dict(self.module.named_buffers()).keys()
        for name, average in averages.items():
            value = values[name]
            as_it_is = average.dtype.kind != "f" or (name in buffers and not self.use_buffers)
            averages[name] = value if as_it_is or n_averaged == 0 else average + new * (value - average)
        self.module.load_state_dict(averages)
        self.n_averaged = np.array(n_averaged + 1)

    def _weight_of_the_new(self, n_averaged: int) -> float:
        """Return how far the average moves towards the next weights."""
        if self.decay is None:
            return 1 / (n_averaged + 1)
        return 1 - (min(self.decay, n_averaged / (9 + n_averaged)) if self.warm_up else self.decay)

    def copy_to(self, model: Module) -> None:
        """Give the averaged weights and buffers to `model` for good."""
        model.load_state_dict(self.module.state_dict())

    @contextlib.contextmanager
    def applied_to(self, model: Module) -> Iterator[Module]:
        """Lend the averaged weights and buffers to `model` inside a ``with`` block, say for validation."""
        own = model.state_dict()
        try:
            self.copy_to(model)
            yield model
        finally:
            model.load_state_dict(own)


def update_bn(loader: Iterable[Any], model: Module) -> None:
    """Let the batch norm layers measure means and variances anew, with the weights as they are.

    Averaged weights have never seen data, so the running statistics of batch norm do not fit them. As
    ``torch.optim.swa_utils.update_bn``: every batch counts alike, and layers, modes and momenta are as before
    afterwards.

    Parameters
    ----------
    loader : iterable
        Batches: arrays, or tuples whose first entry is the array.
    model : Module
        Called once for each batch; an `AveragedModel` for instance.

    Raises
    ------
    ValueError
        If there is a batch norm layer and no batch for it; its statistics are those of no data then.
    """
    modules = [module for _, module in model.named_modules()]
    norms: list[Any] = [module for module in modules if getattr(module, "running_mean", None) is not None]
    if not norms:
        return
    modes, momenta = [module.training for module in modules], [norm.momentum for norm in norms]
    batches = _batches(loader)
    try:
        for norm in norms:
            norm.running_mean = np.zeros_like(norm.running_mean)
            norm.running_var = np.ones_like(norm.running_var)
            norm.num_batches_tracked = np.zeros_like(norm.num_batches_tracked)
            norm.momentum = None  # the mean over all batches
        model.train()
        for x in batches:
            model(x)
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


def _batches(loader: Iterable[Any]) -> Iterator[Any]:
    """Yield the inputs of all batches, of which there must be one; an array would fall into its examples."""
    if isinstance(loader, np.ndarray):
        raise ValueError(f"expected an iterable of batches, got an array of shape {loader.shape}: pass [x]")
    empty = True
    for batch in loader:
        empty = False
        yield batch[0] if isinstance(batch, tuple | list) else batch
    if empty:
        raise ValueError("expected at least one batch to measure means and variances on, got none")


def _arrays(model: Module) -> dict[str, np.ndarray]:
    """Return parameters and buffers by name, not copied."""
    parameters = {name: parameter.data for name, parameter in model.named_parameters()}
    return parameters | dict(model.named_buffers())
