"""Values that cross between an answer and its judge: which ones may, copies, comparison, description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

MAX_DEPTH = 30  # of lists in lists
_TOO_LARGE = 10**300
_SLACK = 10_000  # parts that a result may have too many and still be compared number by number
MAX_PARTS = 200_000  # of what a call-back takes, and of what is judged by a rule: more is no honest result
_PLAIN = (bool, int, float, str, type(None), np.bool_, np.integer, np.floating)


class Uncrossable:
    """Stands for a value that could not cross from an answer to its judge; `trouble` names it."""

    def __init__(self, description: str) -> None:
        self.description = description


def trouble(value: Any) -> str | None:
    """Say what keeps a returned value from crossing, or None.

    >>> trouble([1, "a", None]) is None
    True
    >>> trouble({1, 2})
    'a set'
    """
    return _trouble(value, MAX_DEPTH)


def _trouble(value: Any, levels: int) -> str | None:
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "a whole number of more than 300 digits"
    if isinstance(value, _PLAIN):
        return None
    if isinstance(value, np.ndarray):
        return None if value.dtype.kind in "biuf" else f"an array of type {value.dtype}"
    if isinstance(value, Uncrossable):
        return value.description
    if isinstance(value, (list, tuple, dict)):
        if isinstance(value, dict) and not all(map(is_key, value)):
            return f"a dict with {_kind(next(key for key in value if not is_key(key)))} as a key"
        items = value.values() if isinstance(value, dict) else value
        if not levels:
            return f"lists in lists, more than {MAX_DEPTH} deep"
        return next((found for item in items if (found := _trouble(item, levels - 1))), None)
    return _kind(value)


def is_key(key: Any) -> bool:
    """Whether a key of a dict may cross: text or a number of ordinary size.

    Of huge numbers, and of tuples, one can make thousands with the same hash; a dict of them takes minutes.
    """
    if type(key) is int:
        return abs(key) < 2**60
    return type(key) in (str, bool, float, type(None)) or isinstance(key, _PLAIN[5:])


def _kind(value: Any) -> str:
    kind = type(value).__name__[:60] or "thing"
    if type(value) is int:
        return "a huge number"
    return f"an {kind}" if kind[0] in "aeiouAEIOU" else f"a {kind}"


def copied(value: Any) -> Any:
    """Copy arrays and containers deeply, as plain ones; everything else is passed as it is."""
    return _copied(value, MAX_DEPTH + 1)


def crossed(value: Any) -> Any:
    """Copy a value as it reaches the judge: plain, and with `Uncrossable` for what cannot cross.

    >>> trouble(crossed([1, {2}]))
    'a set'
    """
    return _crossed(copied(value))


def _crossed(value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_crossed(item) for item in value)
    if type(value) is dict:
        return {key: _crossed(item) for key, item in value.items()}
    found = trouble(value)
    return Uncrossable(found) if found else value


def _copied(value: Any, levels: int) -> Any:
    if value is None or type(value) in (float, bool, str) or isinstance(value, np.generic):
        return value
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, (list, tuple, dict)) and not levels:  # it may hold itself
        return Uncrossable(f"lists in lists, more than {MAX_DEPTH} deep")
    if isinstance(value, list):
        return [_copied(item, levels - 1) for item in value]
    if isinstance(value, tuple):  # a named one, too
        return tuple(_copied(item, levels - 1) for item in value)
    if isinstance(value, dict):
        return {key: _copied(item, levels - 1) for key, item in value.items()}
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return Uncrossable(trouble(value) or "")
    if isinstance(value, str):  # of a class of the answer's own
        return str.__str__(value)
    if isinstance(value, int):
        return int.__pos__(value)
    return float.__pos__(value) if isinstance(value, float) else value


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
        got = _as_array(got, most=_SLACK + np.size(expected))
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


def _as_array(value: Any, most: int) -> Any:
    # with one text among the numbers, numpy would make all of them texts, and each as long as that one
    if is_larger(value, most) or not _all_numeric(value):
        return value
    try:
        return np.asarray(value)
    except ValueError:  # ragged
        return value


def _all_numeric(value: Any) -> bool:
    return all(map(_all_numeric, value)) if isinstance(value, (list, tuple)) else _is_numeric(value)


def is_larger(value: Any, most: int) -> bool:
    """Whether a value holds more than `most` numbers, characters and other parts.

    >>> is_larger([np.zeros((2, 3)), "abc"], 11), is_larger([np.zeros((2, 3)), "abc"], 10)
    (False, True)
    """
    todo, count = [value], 0
    while todo and count <= most:
        part = todo.pop()
        if isinstance(part, dict):
            part = [*part, *part.values()]
        if isinstance(part, (list, tuple)):
            count += len(part)
            todo += part[: most + 1]
        elif isinstance(part, np.ndarray):  # one without entries may still have two billion rows
            count += max(part.size, *part.shape, 1)
        elif isinstance(part, str):
            count += len(part)
    return count > most


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
        found = trouble(args)
        if found:
            raise TypeError(f"the function takes numbers, text, lists and arrays, not {found}")
        if is_larger(args, MAX_PARTS):
            raise ValueError(f"the function takes at most {MAX_PARTS:,} numbers")
        return self.function(*copied(args))
