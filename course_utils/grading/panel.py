"""The question of a prediction on the page: one widget with native form controls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course_utils.grading import progress
from course_utils.grading.progress import Prediction, percent

_HERE = Path(__file__).parent


class PredictionPanel(anywidget.AnyWidget):
    """Radio buttons, a confidence slider, a button that saves, and a line that says what is saved.

    Parameters
    ----------
    id : str
        The prediction.
    question : str
        What is asked.
    options : sequence of str
        The answers to choose from.
    """

    _esm = (_HERE / "_panel.js").read_text(encoding="utf-8")
    _css = (_HERE / "_panel.css").read_text(encoding="utf-8")
    question_id = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    least = traitlets.Int(0).tag(sync=True)
    choice = traitlets.Int(-1).tag(sync=True)  # index of the option chosen, -1 for none
    confidence = traitlets.Int(60).tag(sync=True)  # in percent
    saves = traitlets.Int(0).tag(sync=True)  # counts presses of the button
    status = traitlets.Unicode().tag(sync=True)

    def __init__(self, id: str, question: str, options: tuple[str, ...]) -> None:
        made = progress.prediction(id)
        least = round(100 / len(options))  # a guess among n options
        super().__init__(
            question_id=id,
            question=question,
            options=list(options),
            least=least,
            choice=options.index(made.choice) if made.choice in options else -1,
            confidence=round(100 * made.confidence) if made.confidence else max(least, 60),
        )
        self.show(made)

    @traitlets.observe("saves")
    def _save(self, change: Any) -> None:
        if not 0 <= self.choice < len(self.options):
            self.status = "Choose an option first."
            return
        sure = min(max(self.confidence, self.least), 100) / 100
        self.show(progress.save_prediction(self.question_id, self.options[self.choice], sure))

    def show(self, made: Prediction) -> None:
        """Say what is saved, and whether the answer is out."""
        self.status = describe(made)


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
