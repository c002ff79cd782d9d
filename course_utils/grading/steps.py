"""What a case does with an answer: call a function, or make an object, call its methods, fetch from it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_utils.grading.values import Callback, copied, crossed


@dataclass(frozen=True)
class Step:
    """One thing done with an answer.

    Parameters
    ----------
    args : tuple
        Positional arguments.
    keywords : dict
        Arguments by name.
    kind : str
        "call" a function, "construct" an object, call its "method", "lend" arrays to a method (see `lend`),
        or "fetch" an attribute.
    name : str
        The method or attribute.
    object : int
        Which object: a case may construct several.
    """

    args: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    kind: str = "call"
    name: str = ""
    object: int = 0

    @property
    def calls_method(self) -> bool:
        """Whether it calls a method of an object."""
        return self.kind in ("method", "lend")

    @property
    def values(self) -> tuple[Any, ...]:
        """All arguments, those by name last."""
        return (*self.args, *self.keywords.values())

    def given(self, budget: int) -> Step:
        """Copy the arguments; a function among them becomes a call-back with a budget of calls."""
        given = [Callback(value, budget) if callable(value) else copied(value) for value in self.values]
        keywords = dict(zip(self.keywords, given[len(self.args) :], strict=True))
        return Step(tuple(given[: len(self.args)]), keywords, self.kind, self.name, self.object)

    def names(self, reference: Callable[..., Any]) -> list[str]:
        """Name every argument, as the reference answer calls it."""
        if self.kind == "fetch":
            return []
        own = self.calls_method
        taken = [*inspect.signature(getattr(reference, self.name) if own else reference).parameters][own:]
        taken += [f"argument {position + 1}" for position in range(len(taken), len(self.args))]
        return [*taken[: len(self.args)], *self.keywords]

    def perform(self, answer: Callable[..., Any], objects: dict[int, Any]) -> Any:
        """Do it; a constructed object is kept in `objects`."""
        if self.kind == "construct":
            objects[self.object] = answer(*self.args, **self.keywords)
            return None
        if self.kind == "call":
            return answer(*self.args, **self.keywords)
        attribute = getattr(objects.get(self.object), self.name)
        return attribute if self.kind == "fetch" else attribute(*self.args, **self.keywords)

    def carry_out(self, answer: Callable[..., Any], objects: dict[int, Any]) -> tuple[Any, tuple[Any, ...]]:
        """Do it; return what came back, as it reaches the judge, and the arguments as they are afterwards."""
        lent = [*_arrays(self.values)] if self.kind == "lend" else []
        value = crossed(self.perform(answer, objects))
        after = copied(self.values) if lent else self.values
        for array in lent:
            if array.flags.writeable:
                array += 1
        return value, after


def _arrays(values: Iterable[Any]) -> Iterator[np.ndarray]:
    """All arrays among values and in their lists."""
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _arrays(value)


def construct(*args: Any, object: int = 0, **keywords: Any) -> Step:
    """Make an object of the answer's class.

    >>> construct(3, lr=0.1).values
    (3, 0.1)
    """
    return Step(args, keywords, "construct", object=object)


def method(name: str, *args: Any, object: int = 0, **keywords: Any) -> Step:
    """Call a method of the object."""
    return Step(args, keywords, "method", name, object)


def lend(name: str, *args: Any, object: int = 0) -> Step:
    """Call a method with arrays of numbers in which the caller goes on working, as training does in weights.

    Afterwards they hold other numbers: an object that kept one, where it was asked to copy, shows them.
    """
    return Step(args, {}, "lend", name, object)


def fetch(name: str, *, object: int = 0) -> Step:
    """Fetch an attribute of the object."""
    return Step(kind="fetch", name=name, object=object)
