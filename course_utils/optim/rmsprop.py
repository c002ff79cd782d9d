"""RMSprop: a rate for each weight, from a running average of its squared gradients. Chapter 05."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params, running_average


class RMSprop(Optimizer):
    """Divide each weight's step by the root mean square of its recent gradients, as ``torch.optim.RMSprop``.

    With g the gradient, v and m running averages, b a velocity::

        v = alpha v + (1 - alpha) g^2
        m = alpha m + (1 - alpha) g          if centered: v - m^2, the variance, stands for v below
        b = momentum b + g / (sqrt(v) + eps)
        w = w - lr b

    (Tieleman and Hinton, 2012, lecture 6.5 of "Neural Networks for Machine Learning"; centred: Graves, 2013,
    arXiv:1308.0850, who adds eps inside the root.) The variance is held at 0 where rounding takes it below;
    torch gives nan there.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn; see `Optimizer`.
    lr : float
        Learning rate, at least 0.
    alpha : float
        How much the averages keep, from 0 to 1 (torch allows more).
    eps : float
        Keeps the divisor from 0; at least 0.
    weight_decay : float
        Pull towards 0, at least 0; it enters the gradient.
    momentum : float
        Part of the velocity that is kept, at least 0.
    centered : bool
        Divide by the standard deviation instead.
    maximize : bool
        Go uphill.

    Raises
    ------
    ValueError
        If an option is out of range; see also `Optimizer`.

    Examples
    --------
    >>> from course_utils.nn import Tensor
    >>> weight = Tensor(np.array([1.0]), requires_grad=True)
    >>> weight.grad = np.array([8.0])
    >>> RMSprop([weight], lr=0.1, alpha=0.75).step()  # the average is 16 at the first step
    >>> weight.data.round(6)
    array([0.8])
    """

    not_negative = ("lr", "eps", "weight_decay", "momentum")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ):
        options = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered}
        super().__init__(params, {**options, "weight_decay": weight_decay, "maximize": maximize})

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise a ValueError that names an option out of range."""
        super().check(options)
        if not 0 <= options["alpha"] <= 1:
            raise ValueError(f"expected alpha from 0 to 1, got {options['alpha']}")

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return averages of 0, those that the options need."""
        names = ["square_avg"]
        names += ["momentum_buffer"] if group["momentum"] else []
        names += ["grad_avg"] if group["centered"] else []
        return {"step": 0} | {name: np.zeros_like(weights) for name in names}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return w - lr b."""
        state["step"] += 1
        v, alpha, momentum = state["square_avg"], group["alpha"], group["momentum"]
        running_average(v, gradient * gradient, alpha)
        if group["centered"]:
            m = state["grad_avg"]
            running_average(m, gradient, alpha)
            v = np.maximum(v - m * m, 0)
        divisor = np.sqrt(v)
        divisor += group["eps"]
        step = gradient / divisor
        if momentum:
            b = state["momentum_buffer"]
            b *= momentum
            b += step
            step = b
        return weights - group["lr"] * step
