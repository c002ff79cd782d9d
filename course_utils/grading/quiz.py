"""`question` shows a quiz question with its options, so that text and answer cannot drift apart."""

from __future__ import annotations

import textwrap

from course_utils.grading.cards import Shown, card, escape, inline_code
from course_utils.grading.exercise import Quiz, find

_HANGING = "margin:4px 0;padding-left:20px;text-indent:-20px"


def question(id: str) -> Shown:
    """Show a quiz question and its options.

    Parameters
    ----------
    id : str
        The question, such as "q01_1".

    Raises
    ------
    ValueError
        If there is no such question, or the id is that of an exercise.
    """
    quiz = find(id)
    if not isinstance(quiz, Quiz):
        raise ValueError(f"expected a quiz question, got {id!r}, which asks for the function {quiz.name}")
    lines = textwrap.wrap(f"{id}. {quiz.question}", 98)
    items = ""
    for letter, option in zip(quiz.letters, quiz.options, strict=True):
        lines += textwrap.wrap(f"{letter}) {option.text}", 98, initial_indent="  ", subsequent_indent="     ")
        items += f'<li style="{_HANGING}">{letter}) {inline_code(option.text)}</li>'
    options = f'<ul style="list-style:none;margin:8px 0 0;padding:0">{items}</ul>'
    heading = f'{escape(id)} &middot; <span style="font-weight:400">{inline_code(quiz.question)}</span>'
    return Shown("\n".join(lines), card("info", "question", heading, options))
