"""Gradient clipping: a limit to how far one step can throw the weights. Chapter 09, and chapter 16."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from course_utils.nn.autodiff import Tensor


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Shorten all gradients by one factor, so that together they are no longer than `max_norm`.

    The factor is max_norm / (norm + 1e-6), where that is below 1: the direction stays (Pascanu, Mikolov and
    Bengio, 2013, "On the difficulty of training recurrent neural networks", algorithm 1; 1e-6 is torch's).
    The arrays in ``grad`` are replaced, never written into. The norm is summed in float64.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients; those without one are passed over.
    max_norm : float
        The greatest norm allowed, at least 0.
    norm_type : float
        p of the norm (sum |g|^p)^(1/p) over all entries of all gradients, above 0; ``inf`` for the largest
        entry.
    error_if_nonfinite : bool
        Whether to refuse gradients with nan or inf. If not, nan makes all gradients nan and inf makes the
        others 0, as in torch.

    Returns
    -------
    float
        The norm before clipping; 0.0 if there is no gradient (torch: a tensor).

    Raises
    ------
    ValueError
        If a limit is out of range, or a norm that is not finite was to be refused (torch: RuntimeError).

    Examples
    --------
    >>> weight = Tensor([3.0, 4.0], requires_grad=True)
    >>> weight.grad = np.array([30.0, 40.0])
    >>> clip_grad_norm_([weight], max_norm=5.0)
    50.0
    >>> weight.grad.round(4)
    array([3., 4.])
    """
    if not max_norm >= 0:
        raise ValueError(f"expected max_norm >= 0, got {max_norm}")
    if not norm_type > 0:
        raise ValueError(f"expected norm_type > 0, got {norm_type}")
    learnt = _with_gradient(parameters)
    norms = [_norm(gradient, norm_type) for _, gradient in learnt]
    total = _norm(np.array(norms), norm_type)
    if error_if_nonfinite and not np.isfinite(total):
        raise ValueError(f"expected finite gradients, got a norm of {total}: the gradient exploded")
    factor = float(max_norm) / (total + 1e-6)  # a Python float, which keeps float32
    if not factor >= 1:  # nan too
        for parameter, gradient in learnt:
            with np.errstate(invalid="ignore"):  # inf * 0 is nan, as in torch
                parameter.grad = np.asarray(gradient * factor)  # a product of shape () alone is no array
    return total


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Cut every entry of every gradient to [-clip_value, clip_value]; the direction may change.

    The arrays in ``grad`` are replaced, never written into; nan stays nan.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients; those without one are passed over.
    clip_value : float
        The greatest magnitude allowed, at least 0.

    Raises
    ------
    ValueError
        If the limit is below 0.

    Examples
    --------
    >>> weight = Tensor([3.0, 4.0], requires_grad=True)
    >>> weight.grad = np.array([30.0, -0.5])
    >>> clip_grad_value_([weight], 1.0)
    >>> weight.grad
    array([ 1. , -0.5])
    """
    if not clip_value >= 0:
        raise ValueError(f"expected clip_value >= 0, got {clip_value}")
    limit = float(clip_value)
    for parameter, gradient in _with_gradient(parameters):
        parameter.grad = np.asarray(np.clip(gradient, -limit, limit))


def _with_gradient(parameters: Tensor | Iterable[Tensor]) -> list[tuple[Tensor, np.ndarray]]:
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [(parameter, parameter.grad) for parameter in parameters if parameter.grad is not None]


def _norm(array: np.ndarray, p: float) -> float:
    """Return the p-norm of all entries; they are divided by the largest first, so that no power overflows."""
    sizes = np.abs(np.ravel(array).astype(np.float64))
    largest = float(sizes.max(initial=0.0))
    if p == np.inf or largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sum((sizes / largest) ** p) ** (1 / p))
