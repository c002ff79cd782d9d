"""Adagrad: a rate for each weight, from the sum of its squared gradients. Chapter 05."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params


class Adagrad(Optimizer):
    """Divide each weight's step by the root of the sum of its squared gradients, as ``torch.optim.Adagrad``.

    With g the gradient and t = 1, 2, ... the step::

        s = s + g^2
        w = w - lr / (1 + (t - 1) lr_decay) * g / (sqrt(s) + eps)

    (Duchi, Hazan and Singer, 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization", JMLR 12, the diagonal variant.) From a sum of 0 and without weight decay, the first step of
    each weight has the length lr.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn; see `Optimizer`.
    lr : float
        Learning rate, at least 0.
    lr_decay : float
        Lets the rate fall with the steps, on top of the growing sum; at least 0.
    weight_decay : float
        Pull towards 0, at least 0; it enters the gradient.
    initial_accumulator_value : float
        Where the sum starts, at least 0. (torch ignores it in a group's own options.)
    eps : float
        Keeps the divisor from 0; at least 0.
    maximize : bool
        Go uphill.

    Raises
    ------
    ValueError
        If an option is out of range; see also `Optimizer`.

    Examples
    --------
    >>> from course_utils.nn import Tensor
    >>> weight = Tensor(np.array([1.0, 1.0]), requires_grad=True)
    >>> weight.grad = np.array([100.0, 0.01])
    >>> Adagrad([weight], lr=0.1).step()  # every weight moves by lr, however large its gradient
    >>> weight.data.round(6)
    array([0.9, 0.9])
    """

    not_negative = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ):
        options = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay}
        sums = {"initial_accumulator_value": initial_accumulator_value}
        super().__init__(params, {**options, **sums, "maximize": maximize})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Learn these parameters too; as in torch their state exists from the beginning."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        self.state.update((p, self.start(p.data, group)) for p in group["params"])

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return step 0 and the initial sums."""
        return {"step": 0, "sum": np.full_like(weights, group["initial_accumulator_value"])}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return w - rate g / (sqrt(s) + eps)."""
        state["step"] += 1
        state["sum"] += gradient * gradient
        rate = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        divisor = np.sqrt(state["sum"])
        divisor += group["eps"]
        return weights - rate * gradient / divisor
