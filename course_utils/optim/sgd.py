"""Stochastic gradient descent, plain and with momentum. Chapter 01b, and chapter 05 in depth."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from course_utils.nn.autodiff import Tensor


class SGD:
    """Step against the gradient, by exactly the rule of ``torch.optim.SGD``.

    With g the gradient plus weight_decay times the weight, the velocity is v = momentum v + (1 - dampening) g
    (and simply g at the first step); the weight moves by -lr v, or by -lr (g + momentum v) with Nesterov's
    variant (Sutskever et al., 2013, "On the importance of initialization and momentum in deep learning",
    section 2, with lr outside v).

    Parameters
    ----------
    params : iterable of Tensor
        What to learn, ``model.parameters()``.
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

    Raises
    ------
    TypeError
        If `params` is a single tensor.
    ValueError
        If there is nothing to learn, a parameter cannot be learnt or comes twice, or an option is out of
        range.

    Examples
    --------
    >>> weight = Tensor(np.array([1.0]), requires_grad=True)
    >>> optimizer = SGD([weight], lr=0.1)
    >>> (weight * weight).sum().backward()  # gradient 2
    >>> optimizer.step()
    >>> weight.data
    array([0.8])
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ):
        self.params = _learnable(params)
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"expected {name} >= 0, got {value}")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                "expected momentum > 0 and dampening 0 with nesterov, "
                f"got momentum {momentum} and dampening {dampening}"
            )
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.velocity: list[np.ndarray | None] = [None] * len(self.params)

    def step(self) -> None:
        """Move every parameter that has a gradient; the arrays are replaced, never written into."""
        lr, momentum = float(self.lr), float(self.momentum)  # Python floats keep float32 weights float32
        for i, parameter in enumerate(self.params):
            if parameter.grad is None:
                continue
            direction = parameter.grad
            if self.weight_decay:
                direction = direction + float(self.weight_decay) * parameter.data
            if momentum:
                v = self.velocity[i]
                v = direction if v is None else momentum * v + (1 - float(self.dampening)) * direction
                self.velocity[i] = v
                direction = direction + momentum * v if self.nesterov else v
            parameter.data = parameter.data - lr * direction

    def zero_grad(self) -> None:
        """Forget all gradients; without it they add up."""
        for parameter in self.params:
            parameter.grad = None


def _learnable(params: Iterable[Tensor]) -> list[Tensor]:
    """Return the parameters as a list, or raise an error that says which of them cannot be learnt."""
    if isinstance(params, Tensor):
        raise TypeError(
            "expected a list of tensors, such as model.parameters(), got a single Tensor: write [tensor]"
        )
    parameters = list(params)
    if not parameters:
        raise ValueError("expected at least one parameter to learn, got none")
    first_place: dict[int, int] = {}  # by identity
    for i, parameter in enumerate(parameters):
        if not isinstance(parameter, Tensor):
            raise ValueError(
                "expected tensors to learn, such as model.parameters(), "
                f"got {type(parameter).__name__} as number {i}"
            )
        if not parameter.requires_grad:
            raise ValueError(
                f"expected tensors with requires_grad=True, got one of shape {parameter.shape} without "
                f"as number {i}: it would never move"
            )
        if parameter.pullback is not None:
            raise ValueError(
                "expected tensors that no operation made, "
                f"got the result of one (shape {parameter.shape}) as number {i}: pass what it was made from"
            )
        earlier = first_place.setdefault(id(parameter), i)
        if earlier != i:
            raise ValueError(
                f"expected each parameter once, got number {i} also as number {earlier}: "
                "it would move twice at every step"
            )
    return parameters
