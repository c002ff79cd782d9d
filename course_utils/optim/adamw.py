"""AdamW: Adam whose weight decay does not pass through the averages. Chapter 05."""

from __future__ import annotations

from course_utils.optim.adam import Adam
from course_utils.optim.optimizer import Params


class AdamW(Adam):
    """Shrink the weights by lr weight_decay, then step as `Adam`; as ``torch.optim.AdamW``.

    With m, v and the corrections of `Adam`, which see the gradient alone::

        w = (1 - lr weight_decay) w
        w = w - lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)

    (Loshchilov and Hutter, 2019, arXiv:1711.05101, Algorithm 2, with lr in the decay as torch has it.) In
    Adam a weight with large gradients hardly decays; here all decay alike.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn; see `Optimizer`.
    lr, betas, eps, amsgrad, maximize
        As in `Adam`.
    weight_decay : float
        Part of each weight that is lost per step and per unit of lr, at least 0.

    Raises
    ------
    ValueError
        If an option is out of range; see also `Optimizer`.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils.nn import Tensor
    >>> weight = Tensor(np.array([1.0]), requires_grad=True)
    >>> weight.grad = np.array([0.0])
    >>> AdamW([weight], lr=0.1, weight_decay=0.5).step()
    >>> weight.data
    array([0.95])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ):
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True
        )
