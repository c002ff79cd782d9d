"""`review` asks missed predictions again, some days later; `spacing` says when.

What is answered here changes no score: calibration and Brier score count first predictions alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.grading import spacing, store
from course_utils.grading.cards import Shown, card, escape
from course_utils.grading.predict import as_text, view_of
from course_utils.grading.progress import Question

if TYPE_CHECKING:
    from course_utils.grading.panel import ReviewPanel

MOST = 5  # questions at one time
_panels: list[ReviewPanel] = []


def review() -> None:
    """Ask again the predictions that did not come true, each after a day and then at growing distances."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    from course_utils.grading.panel import ReviewPanel

    while _panels:  # the cell was run again
        _panels.pop().close()
    items = askable()
    if not items:
        sentence = state()
        display(Shown(f"Review: {sentence}", card("quiet", "review", escape(sentence))))
        return
    for question in items[:MOST]:
        text = asked_again(question)
        if get_ipython() is None:
            print(text)
            continue
        panel = ReviewPanel(question)
        _panels.append(panel)
        display(view_of(panel, text), raw=True)


def askable() -> list[Question]:
    """Return the questions that are due; that of which the learner was surest comes first."""
    return [item.question for item in spacing.due() if item.question is not None]


def asked_again(question: Question) -> str:
    """Write a question that is asked again as text."""
    return as_text(f"Again ({question.id}): {question.question}", question.options)


def state() -> str:
    """Say in a sentence or two what is due, and what comes next."""
    items, now = spacing.missed(), store.now()
    if not items:
        return "Nothing to ask again: you have missed no prediction so far."
    due = [item for item in items if item.is_due(now)]
    unknown = [item.made.id for item in due if item.question is None]
    n_asked = len(due) - len(unknown)
    later = [item.due_at for item in items if item.due_at is not None and item.due_at > now]
    if n_asked:
        sentences = [f"{_missed(n_asked)} to be asked again now."]
    elif later:
        sentences = [f"Nothing to ask again now; the next comes back in {spacing.in_days(min(later) - now)}."]
    else:
        sentences = ["Nothing to ask again now."]
    if unknown:
        where = ", ".join(unknown)
        sentences.append(f"To be asked again, {where} must first be shown: run its cell in the chapter.")
    return " ".join(sentences)


def _missed(n: int) -> str:
    return "1 missed prediction is" if n == 1 else f"{n} missed predictions are"
