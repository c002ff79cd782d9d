"""Adam: momentum and a rate for each weight, both corrected for their start at 0. Chapter 05."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.optim.optimizer import Optimizer, Params, running_average


class Adam(Optimizer):
    """Divide the mean of recent gradients by their root mean square, as ``torch.optim.Adam``.

    With g the gradient and t = 1, 2, ... the step::

        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        w = w - lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)

    (Kingma and Ba, 2015, arXiv:1412.6980, Algorithm 1.) Averages that start at 0 are too small at first; the
    two divisions by 1 - beta^t make up for it. With `amsgrad` the largest v so far stands for v in the last
    line (Reddi, Kale and Kumar, 2018, arXiv:1904.09237, Algorithm 2).

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn; see `Optimizer`.
    lr : float
        Learning rate, at least 0: about the length of a weight's step while its gradients agree.
    betas : (float, float)
        How much the averages of g and of g^2 keep; each at least 0 and below 1.
    eps : float
        Keeps the divisor from 0; at least 0.
    weight_decay : float
        Pull towards 0, at least 0. It enters the gradient, and so its effect is divided like the gradient's;
        see `AdamW`.
    amsgrad : bool
        Never let a weight's divisor shrink, but for the correction.
    maximize : bool
        Go uphill.
    decoupled_weight_decay : bool
        Decay as in `AdamW`.

    Raises
    ------
    ValueError
        If an option is out of range; see also `Optimizer`.

    Examples
    --------
    >>> from course_utils.nn import Tensor
    >>> weight = Tensor(np.array([1.0, 1.0]), requires_grad=True)
    >>> weight.grad = np.array([100.0, -0.01])
    >>> Adam([weight], lr=0.1).step()  # the first step has the length lr, whatever the gradient
    >>> weight.data.round(6)
    array([0.9, 1.1])
    """

    not_negative = ("lr", "eps", "weight_decay")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ):
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        switches = {"maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, {**options, **switches})

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return averages of 0."""
        names = ["exp_avg", "exp_avg_sq"] + (["max_exp_avg_sq"] if group["amsgrad"] else [])
        return {"step": 0} | {name: np.zeros_like(weights) for name in names}

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return the weights moved by the corrected mean over the corrected root mean square."""
        (beta1, beta2), m, v = group["betas"], state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        correction1, correction2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        running_average(m, gradient, beta1)
        running_average(v, gradient * gradient, beta2)
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        divisor = np.sqrt(v)
        divisor /= correction2**0.5
        divisor += group["eps"]
        return weights - (group["lr"] / correction1) * m / divisor
