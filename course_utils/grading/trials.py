"""Running an answer, or a wrong one, on one case: what came back, what it raised, what it changed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.grading.exercise import Case
from course_utils.grading.steps import Step
from course_utils.grading.values import same


class AnswerError(Exception):
    """An exception raised by an answer, as plain text: it can come through a pipe.

    Parameters
    ----------
    kind, message : str
        Type and text of the original exception.
    line : str
        The learner's own line that raised it or led to it, empty if unknown.
    hint : str
        What to do about it, if whoever ran the answer knows.
    """

    def __init__(self, kind: str, message: str, line: str = "", hint: str = "") -> None:
        kind, message, line = kind[:100], message[:2000], line[:300]
        super().__init__(kind, message, line)
        self.kind, self.message, self.line, self.hint = kind, message, line, hint


@dataclass(frozen=True)
class Outcome:
    """What one case brought to light: values, or an error, and which arguments were changed."""

    values: tuple[Any, ...] = ()
    error: AnswerError | None = None
    changed: tuple[str, ...] = ()

    def equals(self, other: Outcome, case: Case) -> bool:
        """Whether two answers behaved alike; two errors if their kind and the first word are the same."""
        if self.error is not None or other.error is not None:
            return _gist(self.error) == _gist(other.error)
        return self.changed == other.changed and same(self.values, other.values, case.rtol, case.atol)

    @property
    def is_telling(self) -> bool:
        """Whether it can be no coincidence that another answer behaves like this one.

        The inputs are drawn at random, so two answers seldom share a number that is no integer.
        """
        numbers = np.concatenate([np.zeros(0), *map(_numbers, self.values)])
        return bool(np.isfinite(numbers).all() and (numbers != np.round(numbers)).any())


def _gist(error: AnswerError | None) -> tuple[str, str] | None:
    return None if error is None else (error.kind, error.message.partition(" ")[0])


def _numbers(value: Any) -> np.ndarray:
    """All numbers in a value, in one row."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return np.concatenate([np.zeros(0), *map(_numbers, value)])
    numeric = isinstance(value, (bool, int, float, np.number, np.ndarray))
    return np.ravel(value).astype(float) if numeric else np.zeros(0)


class Plain:
    """A function or class of the judge's own side, run as an answer is."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.objects: dict[int, Any] = {}

    def attempt(self, step: Step, strict: bool) -> tuple[Any, tuple[Any, ...]]:
        """Do a step; return what came back, and the arguments as they are afterwards."""
        with floating_point(strict):
            return step.carry_out(self.function, self.objects)


def observe(
    answer: Any, case: Case, steps: Sequence[Step], reference: Callable[..., Any] | None = None
) -> Outcome:
    """Run an answer on copies of the arguments and note what came back and what changed.

    Parameters
    ----------
    answer : callable
        One with a method ``attempt(step, strict)`` may run elsewhere, see `Answer`.
    case : Case
        Its tolerance, budget and strictness.
    steps : sequence of Step
        What to do.
    reference : callable, optional
        Names the arguments.
    """
    attempt = getattr(answer, "attempt", None) or Plain(answer).attempt
    values, changed = [], dict[str, None]()
    for step in steps:
        given = step.given(case.budget)
        try:
            value, after = attempt(given, case.strict)
        except AnswerError as error:
            return Outcome(error=error)
        except Exception as error:  # noqa: BLE001 - whatever an answer raises is a finding about it
            return Outcome(error=AnswerError(type(error).__name__, str(error)))
        values.append(value)
        for position, (old, new) in enumerate(zip(step.values, after, strict=True)):
            if not callable(old) and not same(old, new, 1e-9, 1e-9):
                names = step.names(reference or answer)
                changed[names[position]] = None
    return Outcome(tuple(values), changed=tuple(changed))


@contextmanager
def floating_point(strict: bool) -> Iterator[None]:
    """Numerical trouble raises in a strict case and is silent in any other."""
    mode: Any = "raise" if strict else "ignore"
    with np.errstate(over=mode, divide=mode, invalid=mode, under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
