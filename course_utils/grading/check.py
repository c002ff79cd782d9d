"""`check` grades an answer in the notebook, exactly as the class does; `solution` shows the reference."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Sequence

from course_utils.grading import progress
from course_utils.grading.bindings import PASS_IT
from course_utils.grading.cards import Shown, card, code_block, escape, inline_code
from course_utils.grading.exercise import ALWAYS_ALLOWED, Quiz, Task, find, reference_source, registry
from course_utils.grading.imports import Imports
from course_utils.grading.judging import judge
from course_utils.grading.names import bound_names
from course_utils.grading.resolver import Resolved, rebuilt, resolve
from course_utils.grading.result import CaseResult, CheckResult
from course_utils.grading.running import LocalAnswer, is_stub
from course_utils.grading.trials import AnswerError

_LOCAL_SEED = 0


def check(id: str, *, sources: Sequence[str] | None = None) -> CheckResult:
    """Grade the answer to an exercise that stands in this notebook, and record the result.

    The answer runs in a fresh namespace with only those definitions of the notebook that it uses, as it does
    in class; the last definition that ran counts. An exercise that was not attempted is said to be so;
    nothing is raised.

    What counts here is what was run in this kernel, in that order, deleted and changed cells included; the
    class has only the notebook's text. Before handing in: Restart Kernel and Run All.

    Parameters
    ----------
    id : str
        The exercise, such as "ex01_4".
    sources : sequence of str, optional
        Text of the cells; by default those that were run in this notebook, in that order.

    Raises
    ------
    ValueError
        If there is no such exercise; the message lists near matches.
    """
    task = find(id)
    result = grade(task, history() if sources is None else sources)
    if result.status not in ("not attempted", "missing"):
        progress.record_attempt(result.id, result.status, result.points, result.max_points)
    return result


def grade(task: Task, sources: Sequence[str], seed: int = _LOCAL_SEED) -> CheckResult:
    """Resolve and judge an answer; records nothing."""
    resolved = resolve(sources, task.name)
    mistyped = _mistyped(task, resolved)
    if resolved.problem:
        problem = resolved.problem.replace(PASS_IT, _write_it(task))
        return _unjudged(task, "unreadable", f"{problem} {mistyped}".strip())
    mistyped = _hidden(task, resolved) or mistyped
    if not resolved.source:
        what = "variable" if isinstance(task, Quiz) else "function"
        first = f"Run the cell that defines the {what} `{task.name}` first."
        return _unjudged(task, "missing", mistyped or first)
    if is_stub(resolved):
        return _unjudged(task, "not attempted", mistyped)
    imports = Imports((*task.allows, *ALWAYS_ALLOWED))
    refused = [module for module in resolved.imports if module not in imports.allowed]
    result = None if refused else _awaited(task, resolved) or _run(task, resolved, seed, imports)
    refused += imports.refused  # those that the answer asked for while it ran
    if result is None or refused:
        return _unjudged(task, "forbidden", _explain_imports(task, resolved, refused))
    return result


def _run(task: Task, resolved: Resolved, seed: int, imports: Imports) -> CheckResult:
    try:
        answer = LocalAnswer(resolved, imports)
    except AnswerError as error:
        return _stopped(task, resolved, error)
    call = (lambda: answer.value) if isinstance(task, Quiz) else answer
    result = judge(task, call, seed)
    messages = " ".join(case.message for case in result.cases)
    hint = result.hint if result.passed else _name_hint(resolved, messages) or result.hint
    notes = tuple(reason for reason in resolved.reasons.values() if reason != hint)
    return dataclasses.replace(result, hint=hint, notes=notes, printed=answer.printed)


def _stopped(task: Task, resolved: Resolved, error: AnswerError) -> CheckResult:
    """Say why the definitions themselves raise."""
    where = f" in your line `{error.line}`" if error.line else ""
    message = f"{error.kind}: {error.message}{where}"
    hint = _name_hint(resolved, error.message) or _rebuilding_hint(task, error)
    name = "the definition runs"
    if isinstance(task, Quiz):
        name, message = "answer", "" if error.kind == "NameError" else message
        value = getattr(getattr(resolved.node, "value", None), "id", "")
        letter = value if value in (*task.letters,) else "a"
        hint = f'Write your answer as a letter in quotes: `{task.name} = "{letter}"`.'
    case = CaseResult(name, False, 0, task.points, message)
    return CheckResult(task.id, task.name, "failed", 0, task.points, (case,), hint)


def _rebuilding_hint(task: Task, error: AnswerError) -> str:
    """Tell an assignment that fails in a fresh namespace from an error in the answer's own definition."""
    try:
        names = sorted(bound_names(ast.parse(error.line).body[0])) if error.line else []
    except SyntaxError:  # a line of a longer statement
        names = []
    if names and task.name not in names:
        return f"{rebuilt(names[0])}. Pass it as an argument or define it inside."
    return f"Python stopped while it defined `{task.name}`."


def _write_it(task: Task) -> str:
    """Say how to write an answer that was made by running code."""
    if isinstance(task, Quiz):
        return f'Write the letter itself, in quotes: `{task.name} = "a"`.'
    return f"Write `def {task.name}(...)` at the top level of a cell."


def _awaited(task: Task, resolved: Resolved) -> CheckResult | None:
    """Stop at an `async def`: nobody would await it."""
    nodes = ast.walk(ast.parse(resolved.source))
    name = next((node.name for node in nodes if isinstance(node, ast.AsyncFunctionDef)), "")
    if not name:
        return None
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


def history() -> list[str]:
    """Text of the cells run in this notebook, in order; those with errors included."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("expected to run inside a notebook; elsewhere pass sources=[...], the cells' text")
    record = shell.history_manager
    cells = shell.user_ns["In"] if record is None else record.input_hist_raw
    return list(cells[1:])  # the first entry is always empty


def solution(id: str) -> Shown:
    """Show the reference answer to an exercise, once it has been attempted.

    Parameters
    ----------
    id : str
        The exercise, such as "ex01_4".
    """
    task = find(id)
    if not progress.attempts(id):
        advice = f'Try it first: write an answer, run check("{id}"), and the solution opens after that.'
        body = f'<div style="margin-top:4px">{inline_code(advice)}</div>'
        return Shown(f"{id}: {advice}", card("quiet", "closed", escape(id), body))
    source = reference_source(id)
    why = ""
    if isinstance(task, Quiz):
        why = task.options[task.letters.index(task.answer)].why
    text = f"{id}, a solution:\n\n{source}" + (f"\n\n{why}" if why else "")
    body = code_block(source) + (f'<div style="margin-top:8px">{inline_code(why)}</div>' if why else "")
    return Shown(text, card("info", "solution", f"{escape(id)} &middot; {escape(task.title)}", body))
