"""A question on the page, of a prediction or of its review: one widget with native form controls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course_utils.beside_cells import answer_beside_cells
from course_utils.grading import progress, spacing
from course_utils.grading.progress import Prediction, percent

_HERE = Path(__file__).parent


class QuestionPanel(anywidget.AnyWidget):
    """Radio buttons, a slider for the confidence where it is asked, a button, and a line that answers it."""

    _esm = (_HERE / "_panel.js").read_text(encoding="utf-8")
    _css = (_HERE / "_panel.css").read_text(encoding="utf-8")
    badge = traitlets.Unicode().tag(sync=True)
    question_id = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    asks_confidence = traitlets.Bool(False).tag(sync=True)
    least = traitlets.Int(0).tag(sync=True)
    choice = traitlets.Int(-1).tag(sync=True)  # index of the option chosen, -1 for none
    confidence = traitlets.Int(60).tag(sync=True)  # in percent
    saves = traitlets.Int(0).tag(sync=True)  # counts presses of the button
    status = traitlets.Unicode().tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        answer_beside_cells(self)  # a prediction must be saved before the run that settles it has ended

    @traitlets.observe("saves")
    def _save(self, change: Any) -> None:
        if 0 <= self.choice < len(self.options):
            self.save(self.options[self.choice])
        else:
            self.status = "Choose an option first."

    def save(self, choice: str) -> None:
        """Keep the option chosen, and say so in `status`."""
        raise NotImplementedError


class PredictionPanel(QuestionPanel):
    """The question of a prediction; it can be changed until it is settled.

    Parameters
    ----------
    id : str
        The prediction.
    question : str
        What is asked.
    options : sequence of str
        The answers to choose from.
    """

    def __init__(self, id: str, question: str, options: tuple[str, ...]) -> None:
        made = progress.prediction(id)
        least = round(100 / len(options))  # a guess among n options
        super().__init__(
            badge="predict",
            question_id=id,
            question=question,
            options=list(options),
            button="Save prediction",
            asks_confidence=True,
            least=least,
            choice=options.index(made.choice) if made.choice in options else -1,
            confidence=round(100 * made.confidence) if made.confidence else max(least, 60),
        )
        self.show(made)

    def save(self, choice: str) -> None:
        """Save the prediction with its confidence."""
        sure = min(max(self.confidence, self.least), 100) / 100
        self.show(progress.save_prediction(self.question_id, choice, sure))

    def show(self, made: Prediction) -> None:
        """Say what is saved, and whether the answer is out."""
        self.status = describe(made)


class ReviewPanel(QuestionPanel):
    """A missed prediction, asked again; the first answer counts, and the prediction stays as it was.

    Parameters
    ----------
    question : Question
        What to ask.
    """

    def __init__(self, question: progress.Question) -> None:
        super().__init__(
            badge="again",
            question_id=question.id,
            question=question.question,
            options=list(question.options),
            button="Check answer",
        )
        self._told = ""

    def save(self, choice: str) -> None:
        """Record the answer and tell the right one; a second press repeats what was said."""
        if not self._told:
            self._told = spacing.outcome(self.question_id, choice)
        self.status = self._told


def describe(made: Prediction) -> str:
    """Say in a sentence where a prediction stands.

    >>> describe(Prediction("p01_1", "never", 0.7, None, False))
    'Saved: never, 70 %. You can change it until you run the next cells.'
    """
    said = f"{made.choice}, {percent(made.confidence)}"
    if made.answer is None:
        return f"Saved: {said}. You can change it until you run the next cells." if made.choice else ""
    if made.choice is None:
        return f"The answer was already revealed: {made.answer}. A prediction made now is not scored."
    if made.late:
        return f"Saved: {said}. The answer was already revealed, so this is not scored."
    outcome = "as predicted" if made.right else "a surprise"
    return f"Settled: you said {said}; the answer is: {made.answer} ({outcome})."
