"""NAdam: Adam that looks ahead along its momentum. Chapter 05."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params, running_average


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, as ``torch.optim.NAdam``.

    With g the gradient, t = 1, 2, ... the step, and a momentum mu that grows towards beta1::

        mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        d = mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
        w = w - lr d / (sqrt(v / (1 - beta2^t)) + eps)

    (Dozat, 2016, "Incorporating Nesterov Momentum into Adam".) The product of all mu is kept as a Python
    float; torch keeps one of its default dtype, usually float32.

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
    momentum_decay : float
        How fast mu grows from about beta1 / 2 to beta1; at least 0.
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
    >>> NAdam([weight], lr=0.1, betas=(0.0, 0.999)).step()  # no momentum: the first step of Adam
    >>> weight.data.round(6)
    array([0.9])
    """

    not_negative = ("lr", "eps", "weight_decay", "momentum_decay")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ):
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        options |= {"momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, {**options, "maximize": maximize})

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return averages of 0 and an empty product."""
        averages = {name: np.zeros_like(weights) for name in ("exp_avg", "exp_avg_sq")}
        return {"step": 0, "mu_product": 1.0, **averages}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return w - lr d / (root mean square + eps)."""
        (beta1, beta2), m, v = group["betas"], state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        t, decay = state["step"], group["momentum_decay"]
        mu, next_mu = (beta1 * (1 - 0.5 * 0.96 ** (k * decay)) for k in (t, t + 1))
        state["mu_product"] *= mu
        product = state["mu_product"]
        running_average(m, gradient, beta1)
        running_average(v, gradient * gradient, beta2)
        divisor = np.sqrt(v / (1 - beta2**t))
        divisor += group["eps"]
        direction = (next_mu / (1 - product * next_mu)) * m + ((1 - mu) / (1 - product)) * gradient
        return weights - group["lr"] * direction / divisor
