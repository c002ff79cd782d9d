"""`hint` helps with an exercise in three steps: a question, the idea, an outline of the answer."""

from __future__ import annotations

import textwrap

from course_utils.grading import progress
from course_utils.grading.cards import Shown, card, escape, inline_code
from course_utils.grading.exercise import Quiz, Task, find

STEPS = ("a question", "the idea", "an outline")


def hint(id: str, again: bool = False) -> Shown:
    """Show the next hint for an exercise: first a question, then the idea, then an outline of the answer.

    Hints cost no points. Which ones were taken is kept with your progress, so that a new kernel goes on where
    you were; those for an exercise that is solved are all shown, and not counted.

    Parameters
    ----------
    id : str
        The exercise, such as "ex01_4", or a quiz question, which has one hint.
    again : bool
        Show those taken so far once more, and take no further one.

    Raises
    ------
    ValueError
        If there is no such exercise; the message lists near matches.
    """
    task = find(id)
    n_hints = len(task.hints)
    best = progress.best_results().get(id)
    solved = best is not None and best.solved
    before = min(progress.hints_taken()[id], n_hints)
    if solved:
        return _shown(task, 0, n_hints, "You have solved it: these cost nothing now, and are not counted.")
    if again:
        ask = f'`hint("{id}")` shows the {"next" if before else "first"} one.'
        return _shown(task, 0, before, "" if before == n_hints else ask)
    if before == n_hints:
        return _shown(task, 0, n_hints, _no_more(task))
    taken = min(progress.take_hint(id, n_hints), n_hints)
    more = f'Still stuck? `hint("{id}")` once more shows {STEPS[taken]}.' if taken < n_hints else ""
    return _shown(task, taken - 1, taken, more or _no_more(task))


def _no_more(task: Task) -> str:
    return f'There are no more hints; after an attempt `solution("{task.id}")` shows a reference answer.'


def _shown(task: Task, first: int, end: int, advice: str) -> Shown:
    """Show the hints from `first` up to `end`, and what to do next."""
    total = len(task.hints)
    kinds = ("a question",) if isinstance(task, Quiz) else STEPS
    parts = [(f"Hint {i + 1} of {total}, {kinds[i]}:", task.hints[i]) for i in range(first, end)]
    if not parts:
        parts = [("Hints:", "none taken so far." if total else "there are none for this one.")]
    lines = [f"{task.id}, {task.title}"]
    body = ""
    for label, text in parts:
        steps = text.split("\n")
        if len(steps) == 1:
            lines += _wrapped(f"{label} {text}")
            body += f'<div style="margin-top:6px"><strong>{label}</strong> {inline_code(text)}</div>'
            continue
        lines += [
            f"  {label}",
            *(line for n, step in enumerate(steps, 1) for line in _wrapped(f"{n}. {step}", 4)),
        ]
        items = "".join(f"<li>{inline_code(step)}</li>" for step in steps)
        body += f'<div style="margin-top:6px"><strong>{label}</strong></div>'
        body += f'<ol style="margin:2px 0 0;padding-left:24px">{items}</ol>'
    if advice:
        lines += _wrapped(advice)
        body += f'<div style="margin-top:8px">{inline_code(advice)}</div>'
    heading = f"{escape(task.id)} &middot; {escape(task.title)}"
    return Shown("\n".join(lines), card("info", "hint", heading, body))


def _wrapped(text: str, indent: int = 2) -> list[str]:
    start = " " * indent
    return textwrap.wrap(text, 98, initial_indent=start, subsequent_indent=f"{start}  ")
