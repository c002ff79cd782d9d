"""Values that cross between an answer and its judge: which ones may, copies, comparison, description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_PLAIN = (bool, int, float, str, type(None), np.bool_, np.integer, np.floating)


def trouble(value: Any) -> str | None:
    """Say what keeps a returned value from crossing, or None.

    >>> trouble([1, "a", None]) is None
    True
    >>> trouble({1, 2})
    'a set'
    """
    if isinstance(value, _PLAIN):
        return None
    if isinstance(value, np.ndarray):
        return None if value.dtype.kind in "biuf" else f"an array of type {value.dtype}"
    if isinstance(value, (list, tuple)):
        return next((found for item in value if (found := trouble(item))), None)
    if isinstance(value, dict):
        return next((found for item in (*value, *value.values()) if (found := trouble(item))), None)
    kind = type(value).__name__
    return f"an {kind}" if kind[0] in "aeiouAEIOU" else f"a {kind}"


def copied(value: Any) -> Any:
    """Copy arrays and containers deeply; everything else is passed as it is."""
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, tuple):  # a named one, too
        return tuple(copied(item) for item in value)
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return value


def same(one: Any, other: Any, rtol: float, atol: float) -> bool:
    """Whether two values agree: structure, shapes, numbers within the tolerance; nan equals nan."""
    return difference(one, other, rtol, atol) is None


def difference(expected: Any, got: Any, rtol: float, atol: float, where: str = "") -> str | None:
    """Describe the first difference between two values in one sentence, or return None.

    Parameters
    ----------
    expected, got : object
        Values that may cross. Lists and tuples of the same length count as alike, and so do numbers and
        arrays without axes.
    rtol, atol : float
        As in `numpy.allclose`.
    where : str
        Which part of the whole this is.

    Examples
    --------
    >>> difference(np.zeros(3), np.zeros((3, 1)), 0.0, 0.0)
    'expected shape (3,), got (3, 1)'
    >>> difference((1.0, 2.0), (1.0, 2.5), 1e-6, 0.0)
    'item 1: expected 2, got 2.5'
    """
    if isinstance(expected, dict):
        return _difference_of_dicts(expected, got, rtol, atol, where)
    if isinstance(expected, (list, tuple)):
        if not isinstance(got, (list, tuple)):
            return f"{where}expected {_describe(expected)}, got {_describe(got)}"
        if len(expected) != len(got):
            return f"{where}expected {len(expected)} values, got {_describe(got)}"
        pairs = enumerate(zip(expected, got, strict=True))
        found = (difference(a, b, rtol, atol, f"{where}item {i}: ") for i, (a, b) in pairs)
        return next((text for text in found if text), None)
    if _is_numeric(expected):
        return _difference_of_numbers(expected, got, rtol, atol, where)
    return (
        None
        if type(expected) is type(got) and expected == got
        else (f"{where}expected {_describe(expected)}, got {_describe(got)}")
    )


def _difference_of_dicts(expected: dict, got: Any, rtol: float, atol: float, where: str) -> str | None:
    if not isinstance(got, dict):
        return f"{where}expected a dict, got {_describe(got)}"
    if set(expected) != set(got):
        return f"{where}expected the keys {sorted(map(str, expected))}, got {sorted(map(str, got))}"
    found = (difference(expected[key], got[key], rtol, atol, f"{where}{key}: ") for key in expected)
    return next((text for text in found if text), None)


def _difference_of_numbers(expected: Any, got: Any, rtol: float, atol: float, where: str) -> str | None:
    if isinstance(got, (list, tuple)) and np.ndim(expected) > 0:
        got = _as_array(got)
    if not _is_numeric(got):
        return f"{where}expected {_describe(expected)}, got {_describe(got)}"
    one, other = np.asarray(expected), np.asarray(got)
    if one.shape != other.shape:
        return f"{where}expected {_shape(one)}, got {_shape(other, bare=one.ndim > 0 and other.ndim > 0)}"
    with np.errstate(all="ignore"):
        close = np.isclose(other.astype(float), one.astype(float), rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return None
    lost = int((np.isnan(other.astype(float)) & ~close).sum())
    if lost:
        return f"{where}got nan" + (f" in {lost} of {other.size} places" if other.size > 1 else "")
    first = tuple(int(i) for i in np.argwhere(~close)[0]) if close.ndim else ()
    at = f"at {list(first)}: " if first else ""
    right, wrong = _told_apart(one[first], other[first])
    return f"{where}{at}expected {right}, got {wrong}"


def _is_numeric(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.bool_, np.number)) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    )


def _as_array(value: Any) -> Any:
    try:
        return np.asarray(value)
    except ValueError:  # ragged
        return value


def _shape(array: np.ndarray, bare: bool = False) -> str:
    if bare:
        return str(array.shape)
    return f"shape {array.shape}" if array.ndim else f"a single number ({_number(array[()])})"


def _number(value: Any, digits: int = 4) -> str:
    return str(bool(value)) if isinstance(value, (bool, np.bool_)) else f"{value:.{digits}g}"


def _told_apart(one: Any, other: Any) -> tuple[str, str]:
    """Write two numbers with four digits, or with as many as it takes to see that they differ.

    >>> _told_apart(13.0621, 13.0623)
    ('13.0621', '13.0623')
    """
    written = ((_number(one, digits), _number(other, digits)) for digits in range(4, 18))
    return next((pair for pair in written if pair[0] != pair[1]), (_number(one), _number(other)))


def _describe(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    if _is_numeric(value):
        return f"the number {_number(value)}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return f"a {type(value).__name__}"


class BudgetError(RuntimeError):
    """An answer called its call-back too often."""


class Callback:
    """A function handed to an answer: it counts its calls and shows copies of what it is given."""

    def __init__(self, function: Callable[..., Any], budget: int) -> None:
        self.function, self.budget, self.calls = function, budget, 0

    def __call__(self, *args: Any) -> Any:
        """Call the function on copies."""
        self.calls += 1
        if self.calls > self.budget:
            raise BudgetError(f"the function was called more than {self.budget} times")
        return self.function(*copied(args))
