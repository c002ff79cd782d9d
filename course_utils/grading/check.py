"""`check` grades an answer in the notebook, exactly as the class does; `solution` shows the reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from course_utils.grading import progress
from course_utils.grading.cards import Shown, card, code_block, escape, inline_code
from course_utils.grading.exercise import Exercise, Quiz, Task, find, reference_source
from course_utils.grading.grade import grade
from course_utils.grading.result import CheckResult


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
        result = _with_encouragement(task, result)
    return result


def _with_encouragement(task: Task, result: CheckResult) -> CheckResult:
    """Mention `hint` from the second attempt without full marks on."""
    if result.passed or not task.hints or progress.attempts(result.id) < 2:
        return result
    return dataclasses.replace(
        result, notes=(*result.notes, f'Stuck? `hint("{result.id}")` helps, step by step.')
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
    advice = ""
    if isinstance(task, Exercise) and task.is_frozen:
        advice = f'This copy of the course ships without solutions; hint("{id}") says more with each call.'
    elif not progress.attempts(id):
        advice = f'Try it first: write an answer, run check("{id}"), and the solution opens after that.'
    if advice:
        body = f'<div style="margin-top:4px">{inline_code(advice)}</div>'
        return Shown(f"{id}: {advice}", card("quiet", "closed", escape(id), body))
    source = reference_source(id)
    why = ""
    if isinstance(task, Quiz):
        why = task.options[task.letters.index(task.answer)].why
    text = f"{id}, a solution:\n\n{source}" + (f"\n\n{why}" if why else "")
    body = code_block(source) + (f'<div style="margin-top:8px">{inline_code(why)}</div>' if why else "")
    return Shown(text, card("info", "solution", f"{escape(id)} &middot; {escape(task.title)}", body))
