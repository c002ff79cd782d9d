"""What an exercise is: a function to write, cases to try it on, and the mistakes one is likely to make.

Expected results are never typed in: the reference answer computes them on each case's inputs.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

# Modules an answer may import unless its exercise says otherwise, and those that never matter.
DEFAULT_ALLOWS = ("math", "numpy")
ALWAYS_ALLOWED = (
    *("__future__", "collections", "copy", "dataclasses", "functools", "itertools", "operator", "typing"),
)


@dataclass(frozen=True)
class Case:
    """Inputs to try an answer on, and what to say if it fails there.

    Parameters
    ----------
    name : str
        What the case is about, in a few words.
    inputs : callable
        ``inputs(rng)`` returns the tuple of arguments; with `many`, a list of such tuples. An argument
        that is a function is served as a call-back.
    hint : str
        Said if the answer fails here and does not equal a named wrong answer.
    points : int
        What the case is worth.
    rtol, atol : float
        Tolerance of the comparison, as in `numpy.allclose`.
    strict : bool
        Whether overflow, division by zero and invalid operations inside the answer count as failure.
    budget : int
        How often the answer may call each call-back.
    verify : callable or None
        ``verify(result, *args)`` returns None or a hint; it replaces the comparison where many results are
        right. With `many` it gets the list of results and the list of argument tuples.
    many : bool
        Whether the answer is called once for each of several argument tuples.
    """

    name: str
    inputs: Callable[[np.random.Generator], Any]
    hint: str
    points: int = 1
    rtol: float = 1e-6
    atol: float = 1e-9
    strict: bool = False
    budget: int = 10_000
    verify: Callable[..., str | None] | None = None
    many: bool = False


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that one is likely to give, and the hint that must meet it."""

    function: Callable[..., Any]
    hint: str

    @property
    def name(self) -> str:
        """The mistake, as the name of the function that makes it."""
        return self.function.__name__


@dataclass(frozen=True)
class Exercise:
    """A function to write.

    Parameters
    ----------
    id : str
        Such as "ex01_4".
    chapter : str
        Such as "01a".
    title : str
        A few words.
    skill : str
        What one can do after it.
    reference : callable
        The reference answer; it bears the name that the learner's function must bear.
    cases : tuple of Case
        What the answer is tried on.
    wrong : tuple of Wrong
        At least three likely wrong answers, each with its own hint.
    alternatives : tuple of callable
        At least one other right answer.
    returns : tuple of str
        Names of the values that the answer returns, if there are several.
    allows : tuple of str
        Modules that an answer may import.
    hints : tuple of str
        Three, each telling more: a question, the idea, an outline of the answer with one step a line.
    """

    id: str
    chapter: str
    title: str
    skill: str
    reference: Callable[..., Any]
    cases: tuple[Case, ...]
    wrong: tuple[Wrong, ...]
    alternatives: tuple[Callable[..., Any], ...]
    returns: tuple[str, ...] = ()
    allows: tuple[str, ...] = DEFAULT_ALLOWS
    hints: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The function asked for."""
        return self.reference.__name__

    @property
    def stateful(self) -> bool:
        """Whether a class is asked for; the inputs of its cases are then lists of steps, see `steps`."""
        return inspect.isclass(self.reference) or bool(getattr(self.reference, "stateful", False))

    @property
    def is_frozen(self) -> bool:
        """Whether this copy of the course has the reference's results in place of the reference."""
        return hasattr(self.reference, "attempt")

    @property
    def points(self) -> int:
        """What a right answer is worth."""
        return sum(case.points for case in self.cases)


@dataclass(frozen=True)
class Option:
    """An option of a quiz question, and why it is right or what makes it tempting."""

    text: str
    why: str


@dataclass(frozen=True)
class Quiz:
    """A question with options; the answer is a letter in a variable named like the question.

    Parameters
    ----------
    id : str
        Such as "q01_1".
    chapter, title, skill : str
        As for an exercise.
    question : str
        One question; code between backticks.
    options : tuple of Option
        In the order of their letters.
    answer : str
        The right letter.
    points : int
        What it is worth.
    hints : tuple of str
        One: a question that leads towards the answer.
    """

    id: str
    chapter: str
    title: str
    skill: str
    question: str
    options: tuple[Option, ...]
    answer: str
    points: int = 1
    allows: tuple[str, ...] = DEFAULT_ALLOWS
    hints: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The variable that holds the answer."""
        return self.id

    @property
    def letters(self) -> str:
        """One letter for each option."""
        return "abcdefgh"[: len(self.options)]


Task: TypeAlias = Exercise | Quiz


@functools.cache
def registry() -> dict[str, Task]:
    """Every exercise and quiz question of the course by id, in the order of the chapters.

    >>> "ex01_4" in registry()
    True
    """
    import course_utils.exercises as package

    tasks: dict[str, Task] = {}
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        for task in importlib.import_module(f"{package.__name__}.{module_info.name}").EXERCISES:
            if task.id in tasks:
                raise ValueError(f"the id {task.id!r} is used twice, once in {module_info.name}")
            tasks[task.id] = task
    return dict(sorted(tasks.items(), key=lambda item: _order(item[1])))


def _order(task: Task) -> tuple[str, str, list[int]]:
    """Sort key: chapter, exercises before questions, then by number and not by letter (10 after 9)."""
    return task.chapter, re.sub(r"\d.*", "", task.id), [int(digits) for digits in re.findall(r"\d+", task.id)]


def find(id: str) -> Task:
    """Look an exercise up.

    Raises
    ------
    ValueError
        If there is none of this id; the message lists near matches.
    """
    tasks = registry()
    if id in tasks:
        return tasks[id]
    near = difflib.get_close_matches(str(id), tasks, n=3, cutoff=0.6) or list(tasks)[:3]
    raise ValueError(f"expected the id of an exercise, got {id!r}; did you mean {', '.join(near)}?")


def reference_source(id: str) -> str:
    """Self-contained source of a reference answer, imports and helpers included.

    >>> reference_source("q01_1").startswith("q01_1 = ")
    True
    """
    task = find(id)
    if isinstance(task, Quiz):
        return f'{task.id} = "{task.answer}"'
    return function_source(task.reference)


def function_source(function: Callable[..., Any], name: str | None = None) -> str:
    """Self-contained source of a function of an exercise module, renamed to `name`."""
    from course_utils.grading.resolver import resolve

    own = function.__name__
    module = inspect.getmodule(function)
    if module is None:
        raise ValueError(f"expected a function defined in a module, got {function!r}")
    resolved = resolve([inspect.getsource(module)], own)
    if resolved.problem or resolved.missing:
        raise ValueError(f"{own} cannot stand alone: {resolved.problem or resolved.reasons}")
    source = re.sub(r"\Afrom __future__ import [^\n]*\n+", "", resolved.source)
    if name is None or name == own:
        return source
    source = re.sub(rf"\b{re.escape(name)}\b", f"_right_{name}", source)  # the reference, if it is used
    return re.sub(rf"\b{re.escape(own)}\b", name, source)
