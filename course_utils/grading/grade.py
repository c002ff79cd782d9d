"""From a notebook's text to a result: one way for the notebook and for the class.

Only who runs the answer differs: `LocalAnswer` does so in this process, the class in a locked-down one.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeAlias

from course_utils.grading.bindings import PASS_IT
from course_utils.grading.exercise import ALWAYS_ALLOWED, Quiz, Task, registry
from course_utils.grading.judging import judge
from course_utils.grading.names import bound_names
from course_utils.grading.resolver import Resolved, rebuilt, resolve
from course_utils.grading.result import CaseResult, CheckResult
from course_utils.grading.running import LocalAnswer
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError

LOCAL_SEED = 0  # draws the inputs in the notebook; a class has a secret one


class Answer(Protocol):
    """An answer that runs somewhere; see `LocalAnswer`."""

    refused: list[str]
    stopped: str

    def define(self) -> None:
        """Execute the definitions; AnswerError if that raises."""

    def attempt(self, step: Step, strict: bool = False) -> tuple[Any, tuple[Any, ...]]:
        """Do a step; return what came back, and the arguments as they are afterwards.

        AnswerError if the answer raises. In a strict step numerical trouble raises.
        """

    @property
    def value(self) -> Any:
        """What the answer's name stands for."""

    @property
    def printed(self) -> str:
        """What the answer printed, cut to a readable length."""


Runner: TypeAlias = Callable[[Resolved, Collection[str]], Answer]


def grade(task: Task, sources: Sequence[str], seed: int = LOCAL_SEED) -> CheckResult:
    """Resolve and judge an answer in this process; records nothing."""
    return grade_resolved(task, resolve(sources, task.name), seed)


def grade_resolved(
    task: Task, resolved: Resolved, seed: int = LOCAL_SEED, run: Runner = LocalAnswer
) -> CheckResult:
    """Judge an answer that was taken from a notebook.

    Parameters
    ----------
    task : Exercise or Quiz
        What was asked.
    resolved : Resolved
        The answer.
    seed : int
        Draws the inputs.
    run : callable
        ``run(resolved, allowed)`` prepares the answer to run; it may import the packages allowed.
    """
    mistyped = _mistyped(task, resolved)
    if resolved.problem:
        problem = resolved.problem.replace(PASS_IT, _write_it(task))
        return _unjudged(task, "unreadable", f"{problem} {mistyped}".strip())
    mistyped = _hidden(task, resolved) or mistyped
    if not resolved.source:
        what = "variable" if isinstance(task, Quiz) else "class" if task.stateful else "function"
        first = f"Run the cell that defines the {what} `{task.name}` first."
        return _unjudged(task, "missing", mistyped or first)
    if resolved.stub:
        return _unjudged(task, "not attempted", mistyped)
    allowed = (*task.allows, *ALWAYS_ALLOWED)
    refused = [module for module in resolved.imports if module not in allowed]
    if refused:
        return _unjudged(task, "forbidden", _explain_imports(task, resolved, refused))
    if resolved.awaited:
        return _unawaited(task, resolved.awaited)
    answer = run(resolved, allowed)
    result = _judge(task, resolved, seed, answer)
    if answer.refused:  # it asked for them while it ran
        return _unjudged(task, "forbidden", _explain_imports(task, resolved, answer.refused))
    if answer.stopped and not result.passed:
        return dataclasses.replace(result, status=answer.stopped)
    return result


def _judge(task: Task, resolved: Resolved, seed: int, answer: Answer) -> CheckResult:
    try:
        answer.define()
    except AnswerError as error:
        return _undefined(task, resolved, error)
    call: Any = (lambda: answer.value) if isinstance(task, Quiz) else answer
    result = judge(task, call, seed)
    messages = " ".join(case.message for case in result.cases)
    hint = result.hint if result.passed else _name_hint(resolved, messages) or result.hint
    notes = tuple(reason for reason in resolved.reasons.values() if reason != hint)
    return dataclasses.replace(result, hint=hint, notes=notes, printed=answer.printed)


def _undefined(task: Task, resolved: Resolved, error: AnswerError) -> CheckResult:
    """Say why the definitions themselves raise."""
    where = f" in your line `{error.line}`" if error.line else ""
    message = f"{error.kind}: {error.message}{where}"
    hint = _name_hint(resolved, error.message) or _rebuilding_hint(task, error)
    name = "the definition runs"
    if isinstance(task, Quiz):
        name, message = "answer", "" if error.kind == "NameError" else message
        letter = resolved.alias if resolved.alias in (*task.letters,) else "a"
        hint = f'Write your answer as a letter in quotes: `{task.name} = "{letter}"`.'
    case = CaseResult(name, False, 0, task.points, message)
    return CheckResult(task.id, task.name, "failed", 0, task.points, (case,), hint)


def _rebuilding_hint(task: Task, error: AnswerError) -> str:
    """Tell an assignment that fails in a fresh namespace from an error in the answer's own definition."""
    try:
        names = sorted(name for node in ast.parse(error.line).body[:1] for name in bound_names(node))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # part of a statement, or absurd
        names = []
    if names and task.name not in names:
        return f"{rebuilt(names[0])}. Pass it as an argument or define it inside."
    return f"Python stopped while it defined `{task.name}`."


def _write_it(task: Task) -> str:
    """Say how to write an answer that was made by running code."""
    if isinstance(task, Quiz):
        return f'Write the letter itself, in quotes: `{task.name} = "a"`.'
    start = f"class {task.name}:" if task.stateful else f"def {task.name}(...)"
    return f"Write `{start}` at the top level of a cell."


def _unawaited(task: Task, name: str) -> CheckResult:
    """Stop at an `async def`: nobody would await it."""
    case = CaseResult("the definition runs", False, 0, task.points, f"`async def {name}` has to be awaited")
    hint = f"Remove `async` before `def {name}`: an answer is called, not awaited."
    return CheckResult(task.id, task.name, "failed", 0, task.points, (case,), hint)


def _hidden(task: Task, resolved: Resolved) -> str:
    """Name the cell magic that keeps a definition of the answer to itself."""
    if not resolved.magic:
        return ""
    return (
        f"A cell that begins with `%%{resolved.magic}` keeps what it defines to itself: remove that line "
        f"above `{task.name}` and run the cell again."
    )


def _mistyped(task: Task, resolved: Resolved) -> str:
    """Ask about a definition whose name is nearly that of the answer."""
    others = {other.name for other in registry().values()}
    for name in resolved.near:
        if name not in others:
            return f"Another cell defines `{name}`: did you mean `{task.name}`?"
    return ""


def _name_hint(resolved: Resolved, message: str) -> str:
    """Explain a NameError by what keeps the name from travelling."""
    for name, reason in resolved.reasons.items():
        if f"name '{name}' is not defined" in message:
            return reason
    return ""


def _unjudged(task: Task, status: str, hint: str = "") -> CheckResult:
    return CheckResult(task.id, task.name, status, 0, task.points, hint=hint)


def _explain_imports(task: Task, resolved: Resolved, refused: Sequence[str]) -> str:
    allowed = " and ".join(task.allows)
    ways = " and ".join(resolved.origins.get(module, f"imports `{module}`") for module in refused)
    return (
        f"Your answer {ways}; in class only {allowed} exist for this exercise, "
        "because it asks you to build the thing itself."
    )
