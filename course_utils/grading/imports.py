"""Which modules an answer may import while it runs; numpy's own imports are none of its business."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

_BROUGHT_ALONG = sys.stdlib_module_names | {"numpy"}


class Imports:
    """The ``__import__`` of an answer: refuses what its exercise does not allow, and remembers it.

    Only code that runs with the answer's own builtins comes here. NumPy's Python code has others; its C code,
    when an answer calls it, asks with an empty list of names and gets what Python and NumPy bring along.

    Parameters
    ----------
    allowed : collection of str
        Top-level packages.

    Examples
    --------
    >>> imports = Imports({"math"})
    >>> imports("math").sqrt(4.0)
    2.0
    >>> imports("scipy.special")
    Traceback (most recent call last):
    ImportError: `scipy` does not exist in class for this exercise
    >>> imports.refused
    ['scipy']
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = frozenset(allowed)
        self.refused: list[str] = []

    def __call__(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Import a module, as the builtin does, or raise ImportError."""
        package = "." if level else str(name).partition(".")[0]
        by_c_code = isinstance(fromlist, list) and not fromlist and package in _BROUGHT_ALONG
        if package not in self.allowed and not by_c_code:
            self.refused += [package] if package not in self.refused else []
            raise ImportError(f"`{package}` does not exist in class for this exercise", name=package)
        return builtins.__import__(name, globals, locals, fromlist or (), level)
