"""Check a gradient by asking the function itself: central differences in float64. Chapter 01a."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np


def numerical_gradient(function: Callable[[np.ndarray], Any], x: Any, step: float = 1e-6) -> np.ndarray:
    """Gradient of a scalar function by central differences, (f(x + h) - f(x - h)) / 2h entry by entry.

    The error is of order h^2 from the curvature plus 1e-16 |f| / h from rounding, so that h near 1e-6 serves
    float64 well.

    Parameters
    ----------
    function : callable
        Maps an array like `x` to a number.
    x : array_like
        Where; any shape. It is copied to float64.
    step : float
        h; larger entries of x are moved by h |x|.

    Returns
    -------
    float64 array of the shape of x

    Examples
    --------
    >>> numerical_gradient(lambda x: (x**2).sum(), [1.0, -3.0]).round(6)  # 2 x
    array([ 2., -6.])
    """
    x = np.array(x, dtype=np.float64)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept, h = x[index], step * max(1.0, abs(x[index]))
        x[index] = kept + h
        above, f_above = x[index], float(function(x.copy()))
        x[index] = kept - h
        below, f_below = x[index], float(function(x.copy()))
        x[index] = kept
        gradient[index] = (f_above - f_below) / (above - below)  # the step that was really made
    return gradient


def gradcheck(
    operation: Callable[..., Any],
    *arguments: Any,
    tolerance: float = 1e-6,
    step: float = 1e-6,
    **options: Any,
) -> bool:
    """Compare an operation's pullback with central differences, for every floating argument.

    An output that is not a scalar is weighted by fixed uneven numbers and summed. Integer arguments (labels,
    indices) and anything else (None, tuples, strings) are passed through unchecked. Away from kinks: at
    relu(0) no method is right.

    Parameters
    ----------
    operation : callable
        A `primitive`, or a function that returns ``value, pullback``.
    *arguments
        Its arguments; floats are taken to float64.
    tolerance : float
        Largest difference allowed, relative to the larger of the two values (to 0.01 where both are smaller).
    step : float
        Of the differences, see `numerical_gradient`.
    **options
        Passed to the operation by name.

    Returns
    -------
    bool
        True.

    Raises
    ------
    AssertionError
        If a gradient is missing, has the wrong shape or disagrees; the message sets analytic and numeric
        values side by side.
    ValueError
        If there is no floating argument to check.

    Examples
    --------
    >>> def cube(x):
    ...     return (x**3).sum(), lambda dy: (2 * x**2 * dy,)  # should be 3 x^2
    >>> gradcheck(cube, np.array([1.0, 2.0]))
    Traceback (most recent call last):
        ...
    AssertionError: cube: the gradient of x disagrees in 2 of 2 entries
      index        analytic         numeric
      (1,)                8              12
      (0,)                2               3
    """
    vjp = getattr(operation, "vjp", operation)
    arguments = tuple(_to_float64(argument) for argument in arguments)
    checked = [i for i, argument in enumerate(arguments) if _is_floating(argument)]
    if not checked:
        raise ValueError("expected at least one floating argument to check, got none")
    value, pullback = vjp(*arguments, **options)
    upstream = _uneven(np.shape(value))
    gradients = pullback(upstream)
    for i in checked:

        def weighted(x, i=i):
            moved = vjp(*arguments[:i], x, *arguments[i + 1 :], **options)[0]
            return np.sum(
                upstream * (moved - value)
            )  # the difference first, so that little is lost in the sum

        numeric = numerical_gradient(weighted, arguments[i], step)
        name = getattr(operation, "__name__", "operation") + f": the gradient of {_argument_name(vjp, i)}"
        _compare(name, gradients[i] if i < len(gradients) else None, numeric, tolerance)
    return True


def _compare(name: str, analytic: Any, numeric: np.ndarray, tolerance: float) -> None:
    """Raise an AssertionError with a table of the worst entries, unless the two gradients agree."""
    if analytic is None:
        raise AssertionError(f"{name} is missing")
    if np.shape(analytic) != numeric.shape:
        raise AssertionError(f"{name} has shape {np.shape(analytic)}, expected {numeric.shape}")
    analytic = np.asarray(analytic)
    difference = np.abs(analytic - numeric)
    wrong = ~(difference <= tolerance * np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), 0.01))
    if not wrong.any():
        return
    worst = np.argsort(
        np.where(wrong, -np.nan_to_num(difference, nan=np.inf), np.inf), axis=None, kind="stable"
    )
    lines = [
        f"{name} disagrees in {wrong.sum()} of {wrong.size} entries",
        "  index        analytic         numeric",
    ]
    for flat in worst[: min(8, int(wrong.sum()))]:
        index = np.unravel_index(flat, wrong.shape)
        label = str(tuple(int(k) for k in index))
        lines.append(f"  {label:<8} {analytic[index]:>12.6g}    {numeric[index]:>12.6g}")
    raise AssertionError("\n".join(lines))


def _is_floating(argument: Any) -> bool:
    return isinstance(argument, np.ndarray) and argument.dtype.kind == "f"


def _to_float64(argument: Any) -> Any:
    floating = isinstance(argument, float) or getattr(getattr(argument, "dtype", None), "kind", "") == "f"
    return np.array(argument, dtype=np.float64) if floating else argument


def _uneven(shape: tuple[int, ...]) -> np.ndarray:
    """1 for a scalar; else numbers in [0.5, 1.5) without pattern, so that errors do not cancel in the sum."""
    if not shape:
        return np.ones(())
    return 0.5 + (np.arange(np.prod(shape)) * 0.6180339887498949 % 1).reshape(
        shape
    )  # steps of the golden ratio


def _argument_name(operation: Callable[..., Any], i: int) -> str:
    names = list(inspect.signature(operation).parameters)
    return names[i] if i < len(names) else f"argument {i}"
