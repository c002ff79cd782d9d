"""The judge: runs an answer on an exercise's cases and says what is wrong with it.

`judge` only calls: ``call(*args)`` may run the answer here or carry the arguments through a pipe to a process
that nobody trusts. Inputs, the reference answer and the comparison stay on the judge's side.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Quiz, Task
from course_utils.grading.result import CaseResult, CheckResult
from course_utils.grading.values import BudgetError, Callback, copied, difference, same, trouble


class AnswerError(Exception):
    """An exception raised by an answer, as plain text: it can come through a pipe.

    Parameters
    ----------
    kind, message : str
        Type and text of the original exception.
    line : str
        The learner's own line that raised it or led to it, empty if unknown.
    """

    def __init__(self, kind: str, message: str, line: str = "") -> None:
        super().__init__(kind, message, line)
        self.kind, self.message, self.line = kind, message, line


@dataclass(frozen=True)
class Outcome:
    """What one case brought to light: values, or an error, and which arguments were changed."""

    values: tuple[Any, ...] = ()
    error: AnswerError | None = None
    changed: tuple[str, ...] = ()

    def equals(self, other: Outcome, case: Case) -> bool:
        """Whether two answers behaved alike."""
        if self.error is not None or other.error is not None:
            return (self.error and self.error.kind) == (other.error and other.error.kind)
        return self.changed == other.changed and same(self.values, other.values, case.rtol, case.atol)


@dataclass(frozen=True)
class _Trial:
    """A case with its inputs drawn, and what the answer made of them."""

    case: Case
    calls: list[tuple[Any, ...]]
    outcome: Outcome
    message: str  # empty if the case passed
    hint: str = ""


def judge(task: Task, call: Callable[..., Any], seed: int = 0) -> CheckResult:
    """Judge an answer.

    Parameters
    ----------
    task : Exercise or Quiz
        What was asked.
    call : callable
        ``call(*args)`` runs the answer; for a quiz question ``call()`` returns its value. It may raise: an
        `AnswerError` names the learner's own line. With a strict case it runs under `numpy.errstate`, which a
        pipe has to pass on.
    seed : int
        Draws the inputs; the class uses a secret one.

    Returns
    -------
    CheckResult
        Status "passed" or "failed".
    """
    if isinstance(task, Quiz):
        return _judge_quiz(task, call)
    trials = [_try(task, case, call, np.random.default_rng([seed, i])) for i, case in enumerate(task.cases)]
    failed = [trial for trial in trials if trial.message]
    results = tuple(
        CaseResult(t.case.name, not t.message, 0 if t.message else t.case.points, t.case.points, t.message)
        for t in trials
    )
    points = sum(result.points for result in results)
    hint = _hint(task, failed) if failed else f"You can now {task.skill}."
    return CheckResult(
        task.id, task.name, "failed" if failed else "passed", points, task.points, results, hint
    )


def observe(
    call: Callable[..., Any], case: Case, calls: list[tuple[Any, ...]], names: tuple[str, ...]
) -> Outcome:
    """Call an answer on copies of the arguments and note what came back and what changed."""
    values, changed = [], []
    for args in calls:
        given = tuple(Callback(a, case.budget) if callable(a) else copied(a) for a in args)
        try:
            with _floating_point(case.strict):
                values.append(copied(call(*given)))
        except AnswerError as error:
            return Outcome(error=error)
        except Exception as error:  # noqa: BLE001 - whatever an answer raises is a finding about it
            return Outcome(error=AnswerError(type(error).__name__, str(error)))
        for position, (before, after) in enumerate(zip(args, given, strict=True)):
            name = names[position] if position < len(names) else f"argument {position + 1}"
            if not callable(before) and name not in changed and not same(before, after, 1e-9, 1e-9):
                changed.append(name)
    return Outcome(tuple(values), changed=tuple(changed))


@contextmanager
def _floating_point(strict: bool) -> Iterator[None]:
    """Numerical trouble raises in a strict case and is silent in any other."""
    mode: Any = "raise" if strict else "ignore"
    with np.errstate(over=mode, divide=mode, invalid=mode, under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _try(exercise: Exercise, case: Case, call: Callable[..., Any], rng: np.random.Generator) -> _Trial:
    drawn = case.inputs(rng)
    calls = list(drawn) if case.many else [drawn]
    names = tuple(inspect.signature(exercise.reference).parameters)
    outcome = observe(call, case, calls, names)
    message, hint = _examine(exercise, case, calls, outcome, names)
    return _Trial(case, calls, outcome, message, hint)


def _examine(
    exercise: Exercise, case: Case, calls: list[tuple[Any, ...]], outcome: Outcome, names: tuple[str, ...]
) -> tuple[str, str]:
    """Find the fact that fails a case, and a hint if the fact itself is the mistake; empty if it passed."""
    if outcome.error is not None:
        return _explain_error(outcome.error, f"{exercise.name}({', '.join(names)})")
    for value in outcome.values:
        found = trouble(value)
        if found:
            advice = "Return numbers, strings, NumPy arrays, or lists, tuples and dicts of them."
            return f"your function returned {found}", advice
    message, hint = _compare(exercise, case, calls, outcome, names)
    if message and all(value is None for value in outcome.values):
        return "your function returned None", "Does your function end in a `return` with the result?"
    if not message and outcome.changed:
        changed = " and ".join(f"`{name}`" for name in outcome.changed)
        return f"your function changed its input {changed}; copy first", (
            f"Your function changes its input {changed}: whoever calls it still needs the old values. "
            "Work on a copy, or build a new array."
        )
    return message, hint


def _compare(
    exercise: Exercise, case: Case, calls: list[tuple[Any, ...]], outcome: Outcome, names: tuple[str, ...]
) -> tuple[str, str]:
    if case.verify is not None:
        args = (list(outcome.values), calls) if case.many else (outcome.values[0], *calls[0])
        try:
            found = case.verify(*args) or ""
        except (TypeError, ValueError, IndexError, KeyError, AttributeError):
            return "what your function returned does not have the form asked for", ""
        return (found, found)
    expected = observe(exercise.reference, case, calls, names)
    if expected.error is not None:
        raise expected.error  # a defect of the exercise, not of the answer
    for index, (right, got) in enumerate(zip(expected.values, outcome.values, strict=True)):
        where = f"call {index + 1}: " if case.many else ""
        message = difference(right, got, case.rtol, case.atol, where)
        if message:
            return message, ""
    return "", ""


def _explain_error(error: AnswerError, call: str) -> tuple[str, str]:
    """Say what an exception means; `call` is the answer's name with the arguments it must take."""
    where = f" in your line `{error.line}`" if error.line else ""
    said = f"{error.kind}: {error.message}" if error.message else error.kind
    message = f"{said}{where}"
    if error.kind == "FloatingPointError":
        return message, ""  # the case's own hint says what to do about it
    if error.kind == "TypeError" and not error.line and "argument" in error.message:
        return message, f"Keep the arguments of the stub: `{call}`."
    if error.kind == BudgetError.__name__:
        return message, "Call the function less often: its calls are counted, as they are in class."
    return message, f"Python stopped{where} and said {said!r}. Start with what that line is given."


def _hint(exercise: Exercise, failed: list[_Trial]) -> str:
    """Choose the one hint: of the wrong answer given (where it returned), else of the first failed case."""
    names = tuple(inspect.signature(exercise.reference).parameters)
    returned = [trial for trial in failed if trial.outcome.error is None]
    for trials in (failed, returned):
        for wrong in exercise.wrong if trials else ():
            if all(observe(wrong.function, t.case, t.calls, names).equals(t.outcome, t.case) for t in trials):
                return wrong.hint
    return failed[0].hint or failed[0].case.hint


def _judge_quiz(quiz: Quiz, call: Callable[..., Any]) -> CheckResult:
    listed = ", ".join(f'"{letter}"' for letter in quiz.letters)
    try:
        value = call()
    except AnswerError as error:
        message, hint = (
            f"{error.kind}: {error.message}",
            f"Write your answer as a letter in quotes: {listed}.",
        )
    else:
        letter = value.strip(" ().").lower() if isinstance(value, str) else ""
        if len(letter) == 1 and letter in quiz.letters:
            why = quiz.options[quiz.letters.index(letter)].why
            right = letter == quiz.answer
            case = CaseResult(f"answer {letter}", right, quiz.points * right, quiz.points)
            status = "passed" if right else "failed"
            return CheckResult(quiz.id, quiz.name, status, case.points, quiz.points, (case,), why)
        message = f"expected one of {listed}, got {str(value)[:40]!r}"
        hint = f"Write your answer as a letter in quotes: {listed}."
    case = CaseResult("answer", False, 0, quiz.points, message)
    return CheckResult(quiz.id, quiz.name, "failed", 0, quiz.points, (case,), hint)
