"""The judge: runs an answer on an exercise's cases and says what is wrong with it.

`judge` only calls: ``call(*args)`` may run the answer here or carry the arguments through a pipe to a process
that nobody trusts. Inputs, the reference answer and the comparison stay on the judge's side.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Quiz, Task
from course_utils.grading.hints import crossing_hint, error_hint, form_hint
from course_utils.grading.result import CaseResult, CheckResult
from course_utils.grading.trials import AnswerError, Outcome, observe
from course_utils.grading.values import BudgetError, difference, trouble

__all__ = ["AnswerError", "judge"]


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
    hint = _hint(task, trials) if failed else f"You can now {task.skill}."
    return CheckResult(
        task.id, task.name, "failed" if failed else "passed", points, task.points, results, hint
    )


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
            return f"your function returned {found}", crossing_hint(found)
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
            hint = form_hint(right, got, exercise.returns, case.rtol, case.atol)
            return _with_names(message, exercise.returns), hint
    return "", ""


def _with_names(message: str, names: tuple[str, ...]) -> str:
    """Call the values that a function returns by their names."""
    found = re.match(r"(call \d+: )?item (\d+): ", message) if names else None
    if found is None:
        return message
    return f"{found[1] or ''}{names[int(found[2])]}: {message[found.end() :]}"


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
    advice = f"Python stopped{where}. Print what goes into that line, and its shape."
    return message, error_hint(error.message, error.line) or advice


def _hint(exercise: Exercise, trials: list[_Trial]) -> str:
    """Choose the one hint: of the wrong answer recognised, else of the first failed case."""
    first = next(trial for trial in trials if trial.message)
    return _recognise(exercise, trials) or first.hint or first.case.hint


def _recognise(exercise: Exercise, trials: list[_Trial]) -> str:
    """Return the hint of the named wrong answer that explains most, or nothing.

    It must behave like the answer in every failed case; or in every one that returned; or, since there may be
    a second mistake, in one with an outcome that is no coincidence, and in all that passed.
    """
    names = tuple(inspect.signature(exercise.reference).parameters)
    best, hint = (False, False, 0, 0), ""
    for wrong in exercise.wrong:
        alike = [observe(wrong.function, t.case, t.calls, names).equals(t.outcome, t.case) for t in trials]
        failed = [(t, is_alike) for t, is_alike in zip(trials, alike, strict=True) if t.message]
        returned = [(t, is_alike) for t, is_alike in failed if t.outcome.error is None]
        everywhere = all(is_alike for _, is_alike in failed)
        wherever_returned = bool(returned) and all(is_alike for _, is_alike in returned)
        refuted = any(not is_alike for t, is_alike in zip(trials, alike, strict=True) if not t.message)
        telling = 0 if refuted else sum(is_alike and t.outcome.is_telling for t, is_alike in returned)
        rank = (everywhere, wherever_returned, telling, sum(alike))
        if any(rank[:3]) and rank > best:
            best, hint = rank, wrong.hint
    return hint


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
