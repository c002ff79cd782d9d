"""From a fact about an answer to a sentence that helps: common errors, and results of the wrong form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.grading.values import same

_MOST_SWAPPED = 5  # values that are tried in every order

# What the message of an exception says, what the line that raised it holds, and what to do about it.
ERROR_HINTS = (
    (
        "truth value of an array",
        r"\b(max|min)\(",
        "`max` and `min` compare single numbers; `np.maximum(0, a)` compares entry by entry.",
    ),
    (
        "truth value of an array",
        r"\b(and|or|not)\b",
        "`and` and `or` need one True or False on each side; `&` and `|` compare entry by entry, with "
        "brackets around both sides.",
    ),
    (
        "truth value of an array",
        "",
        "An `if` needs one True or False, and an array holds many: use `np.where` or a mask such as `z < 0`.",
    ),
    (
        "matmul: |not aligned",
        "",
        "The inner sizes of a product must agree: (n, k) @ (k, m). Print both shapes; a `.T` may be missing, "
        "or the two factors may be swapped.",
    ),
    (
        "converted to Python scalar",
        "",
        "This works on one number at a time. NumPy's functions, such as `np.exp`, take whole arrays.",
    ),
    (
        "out of bounds for array of dimension",
        "",
        "The array has fewer axes than your `axis` asks for. Print its shape: an earlier sum or mean may "
        "have taken one away.",
    ),
    (
        "arrays used as indices must be of integer|only integers, slices",
        "",
        "An index must be an integer: what stands between the brackets holds decimal numbers.",
    ),
    (
        r"array.* is not callable",
        "",
        "Round brackets call a function. Entries of an array need square brackets, a product `*` or `@`.",
    ),
    (
        "can't multiply sequence by non-int",
        "",
        "This is a list, and arithmetic works on arrays: take one item at a time. `zip` walks through "
        "several lists side by side.",
    ),
    (
        r"NoneType",
        "",
        "Something in this line is None: does every function that you call there end in a `return`?",
    ),
    (
        "cannot access local variable",
        "",
        "This name gets its value only on another path through your function: set it before you use it.",
    ),
    (
        r"for \^: 'float'|for \^: 'int' and 'float'|ufunc 'bitwise_xor'",
        "",
        "In Python `^` is no power: write `**`.",
    ),
    (
        "inhomogeneous shape",
        "",
        "Arrays of different shapes do not fit into one array: take them one at a time. `zip` walks through "
        "several lists side by side.",
    ),
    (
        "math domain error|expected a positive input",
        "",
        "A function of `math` got a number that it has no value for, such as the logarithm of 0 or the "
        "root of a negative number. Print what goes in.",
    ),
    (
        "division by zero",
        "",
        "A denominator is 0 here. Which input makes it so, and what should the answer be then?",
    ),
    (
        "maximum recursion depth",
        "",
        "Your function calls itself without end.",
    ),
)


def error_hint(message: str, line: str = "") -> str:
    """Say what to do about a common error of Python or NumPy, or nothing.

    Parameters
    ----------
    message : str
        Text of the exception.
    line : str
        The line that raised it.

    Examples
    --------
    >>> error_hint("operands could not be broadcast together with shapes (4,5) (4,) ")
    'The shapes (4,5) and (4,) do not fit: one number for each row needs the shape (4,1). In a sum, mean or \
max `keepdims=True` keeps that axis; elsewhere a transpose may be missing, or be one too many.'
    """
    shapes = re.findall(r"\(([\d,]*)\)", message) if "could not be broadcast" in message else []
    if len(shapes) == 2:
        return _broadcast_hint(*shapes)
    for said, holds, hint in ERROR_HINTS:
        if re.search(said, message) and re.search(holds, line):
            return hint
    return ""


def _broadcast_hint(first: str, second: str) -> str:
    one, other = sorted(([int(n) for n in s.split(",") if n] for s in (first, second)), key=len)
    text = f"The shapes ({first}) and ({second}) do not fit"
    if len(one) == len(other) - 1 and one == other[:-1]:
        column = f"({','.join(map(str, [*one, 1]))})"
        return (
            f"{text}: one number for each row needs the shape {column}. In a sum, mean or max "
            "`keepdims=True` keeps that axis; elsewhere a transpose may be missing, or be one too many."
        )
    return f"{text}: axes are compared from the last one, and must be equal or 1. Print both shapes."


def crossing_hint(found: str) -> str:
    """Say what to return in the place of a value that may not cross, as `values.trouble` names it."""
    if found == "a generator":
        return "A `yield` gives its values one at a time: collect them in a list and return it."
    if found in ("a Tensor", "a Parameter"):
        return "A tensor stays where it is: return `.detach().numpy()`, or `.item()` for a single number."
    return "Return numbers, strings, NumPy arrays, or lists, tuples and dicts of them."


def form_hint(
    expected: Any, got: Any, names: Sequence[str] = (), rtol: float = 1e-6, atol: float = 1e-9
) -> str:
    """Say what is wrong with the form of a result, or nothing if its form is right.

    Parameters
    ----------
    expected, got : object
        What the reference returned, and what the answer did.
    names : sequence of str
        Names of the values, if there are several.
    rtol, atol : float
        Tolerance with which a value is found again in another place.

    Examples
    --------
    >>> form_hint((np.zeros(2), 1.0), np.zeros(2), ("weight", "bias"))
    'Return 2 values, in this order: `return weight, bias`.'
    >>> form_hint(0.0, np.zeros(6))
    'The result should be a single number, and has shape (6,): is a sum or mean missing?'
    """
    if not isinstance(expected, (list, tuple)) and isinstance(got, tuple) and len(got) == 1:
        return "You returned a tuple of one: is there a comma after the value?"
    if not isinstance(expected, tuple):
        return _shape_hint(expected, got, "The result")
    order = f": `return {', '.join(names)}`." if names else "."
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        return f"Return {len(expected)} values, in this order{order}"
    pairs = list(zip(expected, got, strict=True))
    if all(same(right, value, rtol, atol) for right, value in pairs):
        return ""
    orders = permutations(got) if len(got) <= _MOST_SWAPPED else ()
    if any(same(expected, swapped, rtol, atol) for swapped in orders):
        return f"Your values are right, but come in another order{order}"
    labels = [f"`{name}`" for name in names] or [f"Value {i + 1}" for i in range(len(got))]
    found = (_shape_hint(right, value, label) for (right, value), label in zip(pairs, labels, strict=True))
    return next((hint for hint in found if hint), "")


def _shape_hint(expected: Any, got: Any, subject: str) -> str:
    if isinstance(expected, list) and isinstance(got, np.ndarray):
        return f"{subject} should be a list of {len(expected)}, and is an array: collect arrays in a list."
    if isinstance(expected, list) and isinstance(got, (list, tuple)) and len(got) < len(expected):
        return (
            f"{subject} should be a list of {len(expected)}, and is one of {len(got)}: does your `return` "
            "stand inside the loop?"
        )
    if not all(isinstance(value, (float, int, np.number, np.ndarray)) for value in (expected, got)):
        return ""
    right, shape = np.shape(expected), np.shape(got)
    if shape == right:
        return ""
    if right == ():
        return f"{subject} should be a single number, and has shape {shape}: is a sum or mean missing?"
    text = f"{subject} should have shape {right}, and "
    if shape == ():
        return f"{text}is a single number: does a sum, mean or max need an `axis`?"
    if shape == right[::-1]:
        return f"{text}has shape {shape}, its transpose."
    if np.size(got) == np.size(expected):
        return f"{text}has shape {shape}: as many numbers in another arrangement."
    if len(shape) < len(right):
        return f"{text}has shape {shape}: did a sum, mean or max take an axis away?"
    return ""
