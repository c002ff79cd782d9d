"""Stochastic gradient descent, plain and with momentum. Chapter 01b, and chapter 05 in depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params


class SGD(Optimizer):
    """Step against the gradient, by exactly the rule of ``torch.optim.SGD``.

    With g the gradient plus weight_decay times the weight, the velocity is v = momentum v + (1 - dampening) g
    (and simply g at the first step); the weight moves by -lr v, or by -lr (g + momentum v) with Nesterov's
    variant (Sutskever et al., 2013, "On the importance of initialization and momentum in deep learning",
    section 2, with lr outside v).

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn, ``model.parameters()``, or groups with options of their own; see `Optimizer`.
    lr : float
        Learning rate, at least 0. It may be changed between steps.
    momentum : float
        Part of the velocity that is kept, 0 (none) or more; usually 0.9.
    dampening : float
        Part of the gradient that is left out of the velocity.
    weight_decay : float
        Pull towards 0, at least 0.
    nesterov : bool
        Look ahead along the velocity; needs momentum, and no dampening.
    maximize : bool
        Step along the gradient, uphill.

    Raises
    ------
    TypeError
        If `params` is a single tensor, or nothing to iterate over, such as a model.
    ValueError
        If there is nothing to learn, a parameter cannot be learnt or comes twice, or an option is out of
        range.

    Examples
    --------
    >>> from course_utils.nn import Tensor
    >>> weight = Tensor(np.array([1.0]), requires_grad=True)
    >>> optimizer = SGD([weight], lr=0.1)
    >>> (weight * weight).sum().backward()  # gradient 2
    >>> optimizer.step()
    >>> weight.data
    array([0.8])
    """

    not_negative = ("lr", "momentum", "weight_decay")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ):
        options = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {**options, "nesterov": nesterov, "maximize": maximize})

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise a ValueError that names an option out of range."""
        super().check(options)
        momentum, dampening = options["momentum"], options["dampening"]
        if options["nesterov"] and (momentum == 0 or dampening != 0):
            raise ValueError(
                "expected momentum > 0 and dampening 0 with nesterov, "
                f"got momentum {momentum} and dampening {dampening}"
            )

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return a state without velocity: the first gradient makes it."""
        return {"momentum_buffer": None}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return weights - lr v; with Nesterov's variant gradient + momentum v stands for v."""
        momentum, direction = group["momentum"], gradient
        if momentum:
            v = state["momentum_buffer"]
            if v is None:
                v = state["momentum_buffer"] = np.array(gradient)  # a copy
            else:
                v *= momentum
                v += (1 - group["dampening"]) * gradient if group["dampening"] else gradient
            direction = gradient + momentum * v if group["nesterov"] else v
        return weights - group["lr"] * direction
