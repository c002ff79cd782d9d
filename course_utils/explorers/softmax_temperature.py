"""Explorer: softmax with a temperature, and what it does to entropy, loss and slopes. Chapters 03 and 10."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import softmax_temperature_picture
from course_utils.explorers._controls import Choice, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.softmax_temperature_logits import SOURCES
from course_utils.explorers.softmax_temperature_numbers import (
    CURVES,
    HIGHEST,
    LOWEST,
    RANKS,
    Softmax,
    compute,
)
from course_utils.explorers.softmax_temperature_words import describe, readouts


class SoftmaxTemperature(Explorer):
    """Logits, divided by a temperature, become probabilities: from one winner to all alike.

    Each class has a row: its logit z, its probability p = softmax(z / T), and the gradient (p - y) / T of the
    cross-entropy at z. Below stand a curve over all temperatures and the slopes of p, the Jacobian
    (diag(p) - p p^T) / T. The digits' logits are those of a network of 32 hidden units, trained for 60 epochs
    and shown scans of writers it has not learned from.

    Questions it lets one answer:

    - To what do entropy and largest probability go as T falls to 0, and as it grows?
    - What does it change to add the same number to all logits? What to multiply them, and which T does that?
    - Where have the probabilities hardly any slope left, and is the gradient of the loss small there, too?
    - How large is the gradient when the network is sure and wrong, and how does it go with T?
    - Which temperature makes the network as sure as it should be? What happens to its accuracy?

    Parameters
    ----------
    temperature : float
        T, 0.05 to 20.
    logits : str
        "one clear winner", "two rivals", "two classes", "all equal", "a wide range", "attention scores" (dot
        products of 64 standard normal numbers), or those of a scan: "digit read right", "digit in doubt" (of
        largest entropy), "digit misread" (the one the network is surest of).
    shift : float
        Added to all logits, -10 to 10.
    scale : float
        Factor of all logits, 0.1 to 10.
    true_class : str
        "largest logit", "second largest" or "smallest logit"; of a scan it is what was written.
    curve : str
        "entropy", "largest p", "loss" or "gradient" (its length).

    Examples
    --------
    >>> explorer = SoftmaxTemperature(logits="two classes", temperature=2)
    >>> print(explorer.result.p.round(4))  # sigmoid((1.5 + 0.5) / 2), and the rest
    [0.7311 0.2689]
    >>> explorer.close()
    """

    title = "Softmax and its temperature"
    size = (720, 440)

    temperature = LogSlider("temperature T", LOWEST, HIGHEST, default=1)
    logits = Choice("logits", SOURCES, default="one clear winner")
    shift = Slider("shift of all", -10, 10, default=0, step=0.5)
    scale = LogSlider("scale of all", 0.1, 10, default=1)
    true_class = Choice("true class", tuple(RANKS), default="largest logit")
    curve = Choice("curve over T", CURVES, default="entropy")

    presets = {
        "winner takes all (T 0.1)": {"temperature": 0.1},
        "nearly uniform (T 10)": {"temperature": 10},
        "two rivals": {"logits": "two rivals", "temperature": 0.5, "true_class": "second largest"},
        "shift changes nothing": {"shift": 8},
        "no slope left": {
            "logits": "a wide range",
            "temperature": 0.2,
            "true_class": "second largest",
            "curve": "gradient",
        },
        "a misread digit, sure of itself": {"logits": "digit misread", "curve": "loss"},
        "the same digit, calibrated": {"logits": "digit misread", "temperature": 2.27, "curve": "loss"},
        "attention: divide by √64": {"logits": "attention scores", "temperature": 8, "curve": "largest p"},
    }

    handles = {"now": ("temperature",)}

    compute = staticmethod(compute)

    def background(self, found: Softmax) -> Hashable:
        """Redraw for other logits, another curve or other ends of the axes."""
        return softmax_temperature_picture.background(found)

    def idle(self, found: Softmax) -> tuple[str, ...]:
        """Grey out the true class of a scan: it is what was written."""
        return ("true_class",) if found.is_digit else ()

    def draw(self, figure: Figure, found: Softmax) -> dict[str, Artist]:
        """Draw the axes."""
        return softmax_temperature_picture.draw(figure, found)

    def move(self, artists: dict[str, Any], found: Softmax) -> None:
        """Set bars, curve, heat map and marks."""
        softmax_temperature_picture.move(artists, found)

    def hover(self, found: Softmax) -> dict[str, list[str]]:
        """Say the numbers of a class, and those of the curve."""
        return readouts(found)

    def describe(self, found: Softmax) -> str:
        """Name logits, temperature, probabilities, loss and slopes."""
        return describe(found)
