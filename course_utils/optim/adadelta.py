"""Adadelta: steps in the units of the weights, from running averages of both. Chapter 05."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params, running_average


class Adadelta(Optimizer):
    """Scale each step by the size of past steps over that of past gradients, as ``torch.optim.Adadelta``.

    With g the gradient, v and u running averages::

        v = rho v + (1 - rho) g^2
        d = sqrt(u + eps) / sqrt(v + eps) * g
        u = rho u + (1 - rho) d^2
        w = w - lr d

    (Zeiler, 2012, arXiv:1212.5701, Algorithm 1, where lr is 1.) A step has the unit of the weights: scaling
    the loss does not change it, but for eps.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn; see `Optimizer`.
    lr : float
        Factor of the step, at least 0.
    rho : float
        How much the averages keep, from 0 to 1.
    eps : float
        Starts the motion and keeps the divisor from 0; at least 0.
    weight_decay : float
        Pull towards 0, at least 0; it enters the gradient.
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
    >>> weight.grad = np.array([3.0])
    >>> Adadelta([weight], rho=0.0, eps=16.0).step()  # 4 / sqrt(3^2 + 16) * 3
    >>> weight.data
    array([-1.4])
    """

    not_negative = ("lr", "eps", "weight_decay")

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ):
        options = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, options)

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise a ValueError that names an option out of range."""
        super().check(options)
        if not 0 <= options["rho"] <= 1:
            raise ValueError(f"expected rho from 0 to 1, got {options['rho']}")

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return averages of 0."""
        return {"step": 0, "square_avg": np.zeros_like(weights), "acc_delta": np.zeros_like(weights)}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return w - lr d."""
        state["step"] += 1
        v, u, rho, eps = state["square_avg"], state["acc_delta"], group["rho"], group["eps"]
        running_average(v, gradient * gradient, rho)
        step = np.sqrt(u + eps) / np.sqrt(v + eps) * gradient
        running_average(u, step * step, rho)
        return weights - group["lr"] * step
