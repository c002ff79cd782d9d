"""Explorer: the perceptron, one mistake at a time, and the bound on their number. Chapter 01a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import perceptron_picture
from course_utils.explorers._controls import Choice, IntegerSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.perceptron_runs import DATA, MOST, SAME, SHUFFLED, Run, practise
from course_utils.explorers.perceptron_words import describe, headline

BY_MISTAKE, BY_EXAMPLE = "one mistake", "one example"


@dataclass(frozen=True)
class Moment:
    """Where the run stands at one step.

    Parameters
    ----------
    run : Run
        The whole of it.
    settings : dict
        The controls' values.
    n_visits, n_mistakes : int
        Examples looked at so far, and mistakes among them.
    looked_at : int or None
        The example looked at just now; None before the first and once the run has ended.
    wrong : bool
        Whether that was a mistake.
    mistakes : ndarray
        In every pass begun so far.
    back_at : int or None
        The number of mistakes after which the weights were the same before, if ever.
    """

    run: Run
    settings: dict[str, Any]
    n_visits: int
    n_mistakes: int
    looked_at: int | None
    wrong: bool
    mistakes: np.ndarray
    back_at: int | None

    @property
    def weight(self) -> np.ndarray:
        """The weights now: w1, w2, bias."""
        return self.run.weights[self.n_mistakes]

    @property
    def settled(self) -> bool:
        """Whether no mistake is left."""
        return self.run.settled and self.n_mistakes == len(self.run.weights) - 1


def compute(*, data: str, margin: float, examples: int, order: str, seed: int, by: str, step: int) -> Moment:
    """Look up where the run stands after `step` mistakes, or examples."""
    run = practise(data, margin, examples, order, seed)
    places = np.flatnonzero(run.mistake)
    if by == BY_EXAMPLE:
        n_visits = min(step, len(run.mistake))
    else:
        n_visits = len(run.mistake) if step > len(places) else int(places[step - 1]) + 1 if step else 0
    n_mistakes = int(run.mistake[:n_visits].sum())
    over = n_visits == 0 or step > (len(run.mistake) if by == BY_EXAMPLE else len(places))
    last = n_visits - 1
    same = (run.weights[:n_mistakes] == run.weights[n_mistakes]).all(axis=1)
    return Moment(
        run,
        {"data": data, "examples": len(run.x), "order": order, "by": by},
        n_visits,
        n_mistakes,
        None if over else int(run.example[last]),
        bool(not over and run.mistake[last]),
        np.bincount(run.epoch[:n_visits][run.mistake[:n_visits]], minlength=_pass(run, n_visits) + 1)[1:],
        int(same.argmax()) if same.any() else None,
    )


def _pass(run: Run, n_visits: int) -> int:
    """Return the pass of the last visit; 0 before the first."""
    return int(run.epoch[n_visits - 1]) if n_visits else 0


class Perceptron(Explorer):
    """The perceptron at work: it looks at one example after the other and moves its border at every mistake.

    Left the plane with the border w1 x1 + w2 x2 + b = 0, right the mistakes in each pass and the length of
    the weights (w1, w2, b) between the two limits of Novikoff's proof (1962); they meet at the bound. There
    is no learning rate, since the weights start at zero: a rate would only scale them, and never change which
    examples are mistakes.

    Questions it lets one answer:

    - How does the number of mistakes grow as the margin shrinks, and how much of the bound is used?
    - Does the bound depend on the number of examples? On their order? And the number of mistakes?
    - What do four points of XOR do to the border, and after how many mistakes is it back where it was?
    - One label among many is wrong. Does the border at least come to rest near the others' border?
    - Where must the length of the weights run into its floor, and why is there no floor without a line?

    Parameters
    ----------
    data : str
        A name in `DATA`.
    margin : float
        How far both classes are pushed away from the line between them, 0 to 0.6.
    examples : int
        How many, 10 to 100.
    order : str
        "the same every pass" or "shuffled every pass".
    seed : int
        Draws the data and the order, 0 to 20.
    by : str
        What a step is: "one mistake" or "one example" looked at.
    step : int
        0 to 200.

    Examples
    --------
    >>> explorer = Perceptron(data="XOR", step=4)
    >>> explorer.result.n_mistakes, explorer.result.weight.tolist()  # the weights are back at zero
    (4, [0.0, 0.0, 0.0])
    >>> explorer.close()
    """

    title = "Perceptron"
    size = (720, 430)

    data = Choice("data", tuple(DATA), default="two sides of a line")
    margin = Slider("margin", 0, 0.6, default=0.1, step=0.01)
    examples = IntegerSlider("examples", 10, 100, default=40)
    seed = IntegerSlider("seed", 0, 20, default=1)
    order = Choice("order", (SAME, SHUFFLED), default=SAME)
    by = Choice("a step is", (BY_MISTAKE, BY_EXAMPLE), default=BY_MISTAKE)
    step = Playback("step", 0, MOST, default=15)

    presets = {
        "wide margin": {"margin": 0.6, "step": MOST},
        "narrow margin": {"margin": 0.01, "step": MOST},
        "XOR": {"data": "XOR", "step": 4},
        "one wrong label": {"data": "one wrong label", "margin": 0.3, "step": MOST},
        "two moons": {"data": "two moons", "step": MOST},
        "example by example": {"margin": 0.2, "by": BY_EXAMPLE, "step": 1},
    }

    compute = staticmethod(compute)

    def idle(self, moment: Moment) -> tuple[str, ...]:
        """Grey out what the chosen data do not have."""
        data, order = moment.settings["data"], moment.settings["order"]
        if data == "XOR":
            return ("margin", "examples") if order == SHUFFLED else ("margin", "examples", "seed")
        return ("margin",) if data == "two moons" else ()

    def draw(self, figure: Figure, moment: Moment) -> dict[str, Artist]:
        """Draw three empty axes."""
        return perceptron_picture.draw(figure)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set points, border, ring, curves and headline."""
        perceptron_picture.move(artists, moment)
        artists["headline"].set_text(headline(moment))

    def describe(self, moment: Moment) -> str:
        """Name the data, the weights and how far the run has come."""
        return describe(moment)
