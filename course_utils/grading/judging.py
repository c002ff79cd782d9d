"""The judge: runs an answer on an exercise's cases and says what is wrong with it.

`judge` only calls: ``call(*args)`` may run the answer here or carry the arguments through a pipe to a process
that nobody trusts. Inputs, the reference answer and the comparison stay on the judge's side.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Quiz, Task
from course_utils.grading.hints import crossing_hint, error_hint, form_hint
from course_utils.grading.result import CaseResult, CheckResult
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError, Outcome, floating_point, observe
from course_utils.grading.values import MAX_PARTS, BudgetError, difference, is_larger, trouble

__all__ = ["AnswerError", "judge"]

_LONGEST = 2500  # characters of a message or hint: an answer's own values may be in it


@dataclass(frozen=True)
class _Trial:
    """A case with its inputs drawn, and what the answer made of them."""

    case: Case
    steps: list[Step]
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
        `AnswerError` names the learner's own line. If it has a method ``attempt(step, strict)``, see
        `Answer`, that is used in its place.
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
    hint = _hint(task, trials, seed) if failed else f"You can now {task.skill}."
    return CheckResult(
        task.id, task.name, "failed" if failed else "passed", points, task.points, results, hint
    )


def _try(exercise: Exercise, case: Case, call: Callable[..., Any], rng: np.random.Generator) -> _Trial:
    steps = steps_of(exercise, case, case.inputs(rng))
    outcome = observe(call, case, steps, exercise.reference)
    message, hint = _examine(exercise, case, steps, outcome)
    return _Trial(case, steps, outcome, _readable(message), _readable(hint))


def _readable(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def steps_of(exercise: Exercise, case: Case, drawn: Any) -> list[Step]:
    """Say what is done with an answer on the inputs drawn for a case."""
    if exercise.stateful:
        return list(drawn)
    return [Step(args) for args in drawn] if case.many else [Step(drawn)]


def _examine(exercise: Exercise, case: Case, steps: list[Step], outcome: Outcome) -> tuple[str, str]:
    """Find the fact that fails a case, and a hint if the fact itself is the mistake; empty if it passed."""
    what = "class" if exercise.stateful else "function"
    if outcome.error is not None:
        names = inspect.signature(exercise.reference).parameters
        return _explain_error(outcome.error, f"{exercise.name}({', '.join(names)})")
    look = _compare if case.verify is None else _verify
    message, hint = look(exercise, case, steps, outcome)
    if message and not exercise.stateful and all(value is None for value in outcome.values):
        return "your function returned None", "Does your function end in a `return` with the result?"
    if not message and outcome.changed:
        changed = " and ".join(f"`{name}`" for name in outcome.changed)
        return f"your {what} changed its input {changed}; copy first", (
            f"Your {what} changes its input {changed}: whoever calls it still needs the old values. "
            "Work on a copy, or build a new array."
        )
    return message, hint


def _subject(step: Step) -> str:
    """Say what a value came from."""
    if step.kind == "fetch":
        return f"`{step.name}`"
    return f"your method `{step.name}`" if step.calls_method else "your function"


def _uncrossable(step: Step, value: Any) -> tuple[str, str]:
    """Say what keeps the value of a step from being judged, if anything does."""
    found = trouble(value)
    if not found:
        return "", ""
    return f"{_subject(step)} {'holds' if step.kind == 'fetch' else 'returned'} {found}", crossing_hint(found)


def _verify(exercise: Exercise, case: Case, steps: list[Step], outcome: Outcome) -> tuple[str, str]:
    """Hold all values to the case's own rule."""
    for step, value in zip(steps, outcome.values, strict=True):
        message, hint = _uncrossable(step, value)
        if message:
            return message, hint
    if is_larger(outcome.values, MAX_PARTS):
        return f"{_subject(steps[0])} returned more than {MAX_PARTS:,} numbers and letters", ""
    several = case.many or exercise.stateful
    given = [step if exercise.stateful else step.args for step in steps]
    args = (list(outcome.values), given) if several else (outcome.values[0], *steps[0].args)
    assert case.verify is not None
    try:
        with floating_point(strict=False):
            found = case.verify(*args) or ""
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, MemoryError):
        return f"what {_subject(steps[0])} returned does not have the form asked for", ""
    return found, found


def _compare(exercise: Exercise, case: Case, steps: list[Step], outcome: Outcome) -> tuple[str, str]:
    """Hold each value to the reference's, up to the first that differs: values beyond it may be huge."""
    expected = observe(exercise.reference, case, steps, exercise.reference)
    if expected.error is not None:
        raise expected.error  # a defect of the exercise, not of the answer
    for index, (step, right, got) in enumerate(zip(steps, expected.values, outcome.values, strict=True)):
        message, hint = _uncrossable(step, got)
        if message:
            return message, hint
        where = f"call {index + 1}: " if case.many else ""
        if exercise.stateful:
            where = f"{_place(steps, index)}: "
        message = difference(right, got, case.rtol, case.atol, where) or ""
        if message:
            hint = form_hint(right, got, exercise.returns, case.rtol, case.atol)
            return _with_names(message, exercise.returns), hint
    return "", ""


def _place(steps: list[Step], index: int) -> str:
    """Say what a step asked of which object, and after which calls of its methods."""
    step = steps[index]
    what = f"`{step.name}`" + (f" of object {step.object + 1}" if any(one.object for one in steps) else "")
    called = [one.name for one in steps[: index + 1] if one.calls_method and one.object == step.object]
    if step.calls_method:
        return f"{what}, call {called.count(step.name)}"
    if not called:
        return f"{what} at the start"
    n_calls = called.count(called[-1])
    return f"{what} after {n_calls} {'call' if n_calls == 1 else 'calls'} of `{called[-1]}`"


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
    if error.hint:
        return message, error.hint
    if error.kind == "FloatingPointError":
        return message, ""  # the case's own hint says what to do about it
    if error.kind == "TypeError" and not error.line and "argument" in error.message:
        return message, f"Keep the arguments of the stub: `{call}`."
    if error.kind == "AttributeError" and not error.line and "has no attribute" in error.message:
        return message, "Keep the stub's methods and attributes, with their names."
    if error.kind == BudgetError.__name__:
        return message, "Call the function less often: its calls are counted, as they are in class."
    advice = f"Python stopped{where}. Print what goes into that line, and its shape."
    return message, error_hint(error.message, error.line) or advice


def _hint(exercise: Exercise, trials: list[_Trial], seed: int) -> str:
    """Choose the one hint: of the wrong answer recognised, else of the first failed case."""
    first = next(trial for trial in trials if trial.message)
    return _recognise(exercise, trials, seed) or first.hint or first.case.hint


@functools.lru_cache(maxsize=64)  # a notebook keeps its seed: only the first failing check pays
def _known_mistakes(exercise: Exercise, seed: int) -> list[list[Outcome]]:
    """Run every named wrong answer on the inputs that a seed draws; the answer judged has no part in it."""
    drawn = [
        (case, steps_of(exercise, case, case.inputs(np.random.default_rng([seed, i]))))
        for i, case in enumerate(exercise.cases)
    ]
    return [
        [observe(wrong.function, case, steps, exercise.reference) for case, steps in drawn]
        for wrong in exercise.wrong
    ]


def _recognise(exercise: Exercise, trials: list[_Trial], seed: int) -> str:
    """Return the hint of the named wrong answer that explains most, or nothing.

    It must behave like the answer in every failed case; or in every one that returned; or, since there may be
    a second mistake, in one with an outcome that is no coincidence, and in all that passed.
    """
    best, hint = (False, False, 0, 0), ""
    for wrong, outcomes in zip(exercise.wrong, _known_mistakes(exercise, seed), strict=True):
        alike = [outcome.equals(t.outcome, t.case) for outcome, t in zip(outcomes, trials, strict=True)]
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
        message = f"expected one of {listed}, got {trouble(value) or repr(str(value)[:40])}"
        hint = f"Write your answer as a letter in quotes: {listed}."
    case = CaseResult("answer", False, 0, quiz.points, message)
    return CheckResult(quiz.id, quiz.name, "failed", 0, quiz.points, (case,), hint)
