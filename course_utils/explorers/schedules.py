"""Explorer: schedules of the learning rate, a small training under each, and the range test. Chapter 05."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import schedules_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.schedules_run import N_STEPS, RATES, SCHEDULES, Run, compute
from course_utils.explorers.schedules_words import describe, readouts


class Schedules(Explorer):
    """A schedule of the learning rate, the training under it, and the range test of the same network.

    Trained is a network of 64-24-10 units with ReLU on mini-batches of 32 digits, for 40 steps of SGD with
    momentum 0.9; weights and mini-batches are the same each time, so that only the schedule differs.

    Questions it lets one answer:

    - Which constant rate is best after 40 steps, and where does it lie on the curve of the range test?
    - A rate at which the constant schedule fails: does a warm-up save it? How long must it be?
    - Which schedule reaches the lowest test loss if you may choose its rate?
    - What does the loss do at each warm restart, and is the end worth it?

    Parameters
    ----------
    schedule : str
        Its name.
    lr : float
        The rate that the schedule scales (the highest), 0.001 to 10.
    warmup : int
        Steps on a line from a hundredth of `lr` up, 0 to 20; in "one cycle", the steps of its rise.
    period : int
        Steps from one drop or restart to the next, 5 to 40.
    gamma : float
        Factor of the rate after each period, 0.05 to 1.

    Examples
    --------
    >>> explorer = Schedules(schedule="steps", lr=0.5, warmup=0, period=15, gamma=0.1)
    >>> print(explorer.result.rates[[0, 14, 15, 30]].round(4))
    [0.5   0.5   0.05  0.005]
    >>> explorer.close()
    """

    title = "Learning-rate schedules"
    size = (720, 420)

    schedule = Choice("schedule", SCHEDULES, default="steps")
    lr = LogSlider("learning rate", *RATES, default=0.2)
    warmup = IntegerSlider("warm-up steps", 0, 20, default=8)
    period = IntegerSlider("period", 5, N_STEPS, default=16)
    gamma = Slider("factor gamma", 0.05, 1, default=0.3)

    presets = {
        "too small": {"schedule": "constant", "lr": 0.002, "warmup": 0},
        "constant": {"schedule": "constant", "lr": 0.25, "warmup": 0},
        "too large": {"schedule": "constant", "lr": 3.0, "warmup": 0},
        "cosine after warm-up": {"schedule": "cosine", "lr": 0.3, "warmup": 8},
        "warm restarts": {"schedule": "warm restarts", "lr": 0.2, "warmup": 0, "period": 10},
        "one cycle": {"schedule": "one cycle", "lr": 0.4, "warmup": 12},
    }

    handles = {"rate": ("lr",)}

    compute = staticmethod(compute)

    def idle(self, run: Run) -> tuple[str, ...]:
        """Grey out what the schedule has not."""
        used = {
            "steps": ("period", "gamma"),
            "exponential": ("period", "gamma"),
            "warm restarts": ("period",),
        }
        has = used.get(run.settings["schedule"], ())
        return tuple(name for name in ("period", "gamma") if name not in has)

    def draw(self, figure: Figure, run: Run) -> dict[str, Artist]:
        """Draw axes and range test."""
        return schedules_picture.draw(figure, run)

    def move(self, artists: dict[str, Any], run: Run) -> None:
        """Set curves and marks."""
        schedules_picture.move(artists, run)

    def hover(self, run: Run) -> dict[str, list[str]]:
        """Say rate and loss of each step, and the range test's curve."""
        return readouts(run)

    def describe(self, run: Run) -> str:
        """Name schedule, its rates and what became of the training."""
        return describe(run, self.idle(run))
