"""RAdam: Adam that waits until it knows the size of its gradients. Chapter 05."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params, running_average


class RAdam(Optimizer):
    """Adam with a rectified rate in its first steps, as ``torch.optim.RAdam``.

    With m and v as in `Adam`, t = 1, 2, ... the step, and rho the number of gradients that v averages over::

        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 t beta2^t / (1 - beta2^t)
        r = sqrt((rho - 4) (rho - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho))
        w = w - lr * m / (1 - beta1^t) * r sqrt(1 - beta2^t) / (sqrt(v) + eps)     if rho > 5
        w = w - lr * m / (1 - beta1^t)                                           otherwise

    (Liu et al., 2020, arXiv:1908.03265, Algorithm 2; torch asks for rho > 5 where the paper has 4.) Early on
    v is a guess from few gradients, and dividing by it makes wild steps: r is a warm-up that follows from
    the theory.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn; see `Optimizer`.
    lr : float
        Learning rate, at least 0.
    betas : (float, float)
        How much the averages of g and of g^2 keep; each at least 0 and below 1.
    eps : float
        Keeps the divisor from 0; at least 0.
    weight_decay : float
        Pull towards 0, at least 0.
    decoupled_weight_decay : bool
        Decay as in `AdamW`, past the averages.
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
    >>> weight.grad = np.array([5.0])
    >>> RAdam([weight], lr=0.1).step()  # the first step is that of SGD
    >>> weight.data
    array([0.5])
    """

    not_negative = ("lr", "eps", "weight_decay")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ):
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        switches = {"decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize}
        super().__init__(params, {**options, **switches})

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return averages of 0."""
        return {"step": 0, "exp_avg": np.zeros_like(weights), "exp_avg_sq": np.zeros_like(weights)}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return the step of Adam times r, or while rho is small that of momentum alone."""
        (beta1, beta2), m, v = group["betas"], state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        t = state["step"]
        running_average(m, gradient, beta1)
        running_average(v, gradient * gradient, beta2)
        step = (group["lr"] / (1 - beta1**t)) * m
        most = 2 / (1 - beta2) - 1  # rho_inf
        rho = most - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            r = ((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) ** 0.5
            step = step * (r * (1 - beta2**t) ** 0.5) / (np.sqrt(v) + group["eps"])
        return weights - step
