"""Penalties on large weights, and the step that sets small ones to exactly 0. Chapter 06.

A penalty is added to the loss: ``loss + strength * l1_penalty(model.parameters())``. Gradient steps on the L1
penalty bring weights near 0 but hardly ever to it, since the slope jumps there; `proximal_step` after a step
on the loss alone does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor, primitive


def l1_penalty(parameters: Iterable[Any]) -> Any:
    """Sum of abs(w) over all weights; its gradient is the sign of w, taken as 0 at 0 (the lasso).

    Tibshirani, 1996, "Regression shrinkage and selection via the lasso".

    Parameters
    ----------
    parameters : iterable of Tensors or arrays
        At least one, such as ``model.parameters()``. Biases are usually left out.

    Returns
    -------
    scalar Tensor (or number, for arrays)

    Raises
    ------
    ValueError
        If there are no parameters.

    Examples
    --------
    >>> print(l1_penalty([np.array([3.0, -4.0])]))
    7.0
    """
    return _l1_penalty(*_at_least_one(parameters))


def l2_penalty(parameters: Iterable[Any]) -> Any:
    """Sum of w^2 over all weights, without a factor 1/2; its gradient is 2 w (ridge regression).

    So ``strength * l2_penalty(...)`` pulls as hard as an optimizer's ``weight_decay`` of 2 * strength. Hoerl
    and Kennard, 1970, "Ridge regression: biased estimation for nonorthogonal problems". Parameters and errors
    are those of `l1_penalty`.

    Examples
    --------
    >>> print(l2_penalty([np.array([3.0, -4.0])]))
    25.0
    """
    return _l2_penalty(*_at_least_one(parameters))


def elastic_net_penalty(parameters: Iterable[Any], l1_ratio: float = 0.5) -> Any:
    """Mixture ``l1_ratio * L1 + (1 - l1_ratio) / 2 * L2`` of both, with the 1/2 that scikit-learn has too.

    Zou and Hastie, 2005, "Regularization and variable selection via the elastic net".

    Parameters
    ----------
    parameters : iterable of Tensors or arrays
    l1_ratio : float in [0, 1]
        Share of the L1 penalty.

    Raises
    ------
    ValueError
        If there are no parameters or the share lies outside [0, 1].

    Examples
    --------
    >>> print(elastic_net_penalty([np.array([3.0, -4.0])], l1_ratio=0.5))  # 7/2 + 25/4
    9.75
    """
    if not 0 <= l1_ratio <= 1:
        raise ValueError(f"expected l1_ratio in [0, 1], got {l1_ratio}")
    weights, l1_ratio = _at_least_one(parameters), float(l1_ratio)  # NumPy's own float64 would spread
    return l1_ratio * _l1_penalty(*weights) + (1 - l1_ratio) / 2 * _l2_penalty(*weights)


@primitive
def _l1_penalty(*weights: np.ndarray):
    return sum(np.abs(w).sum() for w in weights), lambda dy: tuple(dy * np.sign(w) for w in weights)


@primitive
def _l2_penalty(*weights: np.ndarray):
    return sum(np.square(w).sum() for w in weights), lambda dy: tuple(dy * 2 * w for w in weights)


def soft_threshold(x: np.ndarray, threshold: float) -> np.ndarray:
    """Move every entry towards 0 by `threshold`, and to exactly 0 what is not farther from it.

    It minimizes (y - x)^2 / 2 + threshold * abs(y) over y.

    Parameters
    ----------
    x : array, any shape
    threshold : float
        At least 0.

    Raises
    ------
    ValueError
        If the threshold is negative.

    Examples
    --------
    >>> soft_threshold(np.array([-3.0, 0.5, 2.0]), 1.0)
    array([-2.,  0.,  1.])
    """
    if not threshold >= 0:
        raise ValueError(f"expected a threshold of at least 0, got {threshold}")
    x, threshold = np.asarray(x), float(threshold)  # NumPy's own float64 would spread
    return x - np.clip(x, -threshold, threshold)


def proximal_step(parameters: Iterable[Tensor], lr: float, l1: float = 0.0, l2: float = 0.0) -> None:
    """Take the step of the penalty ``l1 * L1 + l2 / 2 * L2`` after a gradient step on the loss alone.

    Each weight moves to argmin over v of (v - w)^2 / (2 lr) + l1 abs(v) + l2 v^2 / 2, that is
    soft_threshold(w, lr l1) / (1 + lr l2): weights that do not matter become exactly 0. Gradient and proximal
    step in turn are ISTA: Beck and Teboulle, 2009, "A fast iterative shrinkage-thresholding algorithm for
    linear inverse problems".

    Parameters
    ----------
    parameters : iterable of Tensors
        At least one; their ``data`` is replaced.
    lr : float
        The rate of the gradient step, above 0.
    l1, l2 : float
        Strengths, at least 0. As in scikit-learn's ElasticNet, ``l1 = alpha * l1_ratio`` and ``l2 = alpha *
        (1 - l1_ratio)``.

    Raises
    ------
    ValueError
        If there are no parameters, or a rate or strength is out of range.

    Examples
    --------
    >>> w = Tensor(np.array([0.3, -2.0]), requires_grad=True)
    >>> proximal_step([w], lr=0.5, l1=1.0)
    >>> w.data
    array([ 0. , -1.5])
    """
    if not (lr > 0 and l1 >= 0 and l2 >= 0):
        raise ValueError(f"expected lr above 0 and l1, l2 of at least 0, got {lr}, {l1} and {l2}")
    for parameter in _at_least_one(parameters):
        if not isinstance(parameter, Tensor):
            raise ValueError(f"expected Tensors, whose data can be replaced, got {type(parameter).__name__}")
        moved = soft_threshold(parameter.data, lr * l1) / (1 + lr * l2)
        parameter.data = np.asarray(moved, parameter.data.dtype)


def _at_least_one(parameters: Iterable[Any]) -> Sequence[Any]:
    """Return parameters as a list, or say that a list is expected."""
    if isinstance(parameters, Tensor | np.ndarray):
        raise ValueError(f"expected a list of parameters, got a single {type(parameters).__name__}")
    listed = list(parameters)
    if not listed:
        raise ValueError("expected at least one parameter, got none")
    return listed
