"""Predict before you run: `predict` asks and saves, `settle` compares with what the run computed.

Without a front end `predict` prints its question and goes on; it never waits.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from course_utils.grading import progress
from course_utils.grading.cards import Shown, card, escape, inline_code
from course_utils.grading.progress import Prediction, percent

if TYPE_CHECKING:
    from course_utils.grading.panel import PredictionPanel, QuestionPanel

_asked: dict[str, tuple[str, ...]] = {}  # the options of each question asked by this kernel
_panels: dict[str, PredictionPanel] = {}  # and its panel on the page
LETTERS = "abcdefgh"
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def predict(id: str, question: str, options: Sequence[str]) -> None:
    """Ask for a prediction: shows the options, a confidence slider and a button that saves.

    Parameters
    ----------
    id : str
        Such as "p01_1".
    question : str
        One question about what the next cell will show.
    options : sequence of str
        Two to eight answers.

    Raises
    ------
    ValueError
        If there are fewer than two options or more than eight, or two are alike.
    """
    options = _asked[id] = _checked(options)
    progress.save_question(id, question, options)

    from IPython.core.getipython import get_ipython
    from IPython.display import display

    text = as_text(f"Predict ({id}): {question}", options)
    if get_ipython() is None:
        print(text)
        return
    from course_utils.grading.panel import PredictionPanel

    if id in _panels:
        _panels[id].close()  # the cell was run again
    panel = _panels[id] = PredictionPanel(id, question, options)
    display(view_of(panel, text), raw=True)


def _checked(options: Sequence[str]) -> tuple[str, ...]:
    listed = () if isinstance(options, str) else tuple(options)  # a text is no list of its letters
    different = len(set(listed)) == len(listed) and all(isinstance(option, str) for option in listed)
    if not different or not 2 <= len(listed) <= len(LETTERS):
        raise ValueError(
            f"expected 2 to {len(LETTERS)} different options, each a text, in a list, got {options!r}"
        )
    return listed


def settle(id: str, answer: str) -> None:
    """Say what came true and compare it with the prediction.

    Parameters
    ----------
    id : str
        The id given to `predict`.
    answer : str
        The option that came true, chosen by what the run computed.

    Raises
    ------
    ValueError
        If `answer` is not one of the options.
    """
    if answer not in _asked.get(id, (answer,)):
        listed = ", ".join(repr(option) for option in _asked[id])
        raise ValueError(f"{id}: expected one of the options {listed}, got {answer!r}")
    made = progress.settle_prediction(id, answer)
    if id in _panels:
        _panels[id].show(made)
    verdict, tone, badge = _verdict(made, answer)

    from IPython.display import display

    heading = f"{escape(id)}: the answer is: {inline_code(answer)}"
    html = card(tone, badge, heading, f'<div style="margin-top:4px">{inline_code(verdict)}</div>')
    text = f"{id}: the answer is: {answer}. {verdict}"
    display(Shown("\n".join(textwrap.wrap(text, 100)), html))


def _verdict(made: Prediction, answer: str) -> tuple[str, str, str]:
    """Say what came of a prediction; returns the text, the card's tone and its badge."""
    if made.choice is None:
        return "No prediction recorded.", "quiet", "settled"
    said = f"You said: {made.choice}, with {percent(made.confidence)} confidence."
    if made.late:
        return f"{said} That was after the answer was shown, so it is not scored.", "quiet", "settled"
    return said, *(("good", "as predicted") if made.choice == answer else ("bad", "a surprise"))


def as_text(question: str, options: Sequence[str]) -> str:
    """Write a question and its lettered options as text.

    >>> print(as_text("How many?", ["two", "ten"]))
    How many?
      a) two
      b) ten
    """
    lines = textwrap.wrap(question, 100)
    for letter, option in zip(LETTERS, options, strict=False):
        lines += textwrap.wrap(f"{letter}) {option}", 100, initial_indent="  ", subsequent_indent="     ")
    return "\n".join(lines)


def view_of(panel: QuestionPanel, text: str) -> dict[str, Any]:
    """Return what to display for a panel: the widget, and its question as text where none can be shown."""
    view = {"version_major": 2, "version_minor": 0, "model_id": panel.model_id}
    return {"text/plain": text, _WIDGET_VIEW: view}
