"""Explorer: early stopping watches a small network learn scanned digits. Chapter 06a."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import stopping_point_picture
from course_utils.explorers._controls import Choice, IntegerSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.stopping_point_rule import Moment, compute
from course_utils.explorers.stopping_point_runs import (
    BATCHES,
    MOST_TRAIN,
    MOST_VALIDATION,
    N_EPOCHS,
    OTHER,
    RATES,
    SAME,
    SHARES,
    UNCHECKED,
)
from course_utils.explorers.stopping_point_words import describe, idle, readouts


class StoppingPoint(Explorer):
    """A network learns real scanned digits, some with a wrong label, while early stopping watches.

    Above the mean loss after each epoch on the training set (with the labels as given), on the validation
    set, and on 382 scans by new writers with right labels, which the rule never sees; below what part is
    answered rightly, and what part of the wrong training labels the network gives back. Early stopping
    looks at the validation loss alone, ends training when it has not improved for `patience` epochs, and
    restores the weights of the best epoch; what is paler would have come after the stop. The bars compare
    on new writers the weights restored, those at the stop, those of the present epoch, and those of the
    epoch with the lowest loss on new writers up to now, which nobody knows in practice; numbers in brackets
    are epochs. A stop is "about right" if the loss restored is at most 5 % above that lowest one. Trained
    is by Adam; the network has 64 inputs, 32 hidden units (ReLU) and 10 outputs.

    Questions it lets one answer:

    - Which patience is the smallest that gets past every bump, and what does a larger one cost?
    - How far from the loss on new writers is that of 20 scans? Is its lowest epoch far off, too?
    - With 30 % wrong labels, how many does the network know by heart at the best epoch, and at the last?
    - Where do scans by the writers trained on stop too late, and what do those by other writers change?
    - With a low learning rate, which min_delta mistakes a slow start for the end?

    Parameters
    ----------
    patience : int
        Epochs in a row without improvement after which training ends, 1 to 50.
    min_delta : float
        By how much a validation loss must be below that of the best epoch to count, 0 to 0.1.
    n_val : int
        Size of the validation set, 20 to 200.
    validation : str
        "same writers" (those of the training set), "same, unchecked labels" (each is wrong with probability
        `wrong`) or "other writers" (neither those trained on nor the new ones).
    wrong : str
        Share of the training labels that are wrong: "0 %", "10 %", "20 %" or "30 %".
    n : int
        Training scans, 50 to 300.
    lr : str
        Adam's learning rate: "0.001", "0.003", "0.01" or "0.03".
    batch : str
        Scans in a batch: "10", "25" or "all".
    seed : int
        Draws scans, wrong labels, starting weights and batches, 0 to 20.
    epoch : int
        0 to 100.

    Examples
    --------
    >>> explorer = StoppingPoint(patience=5, epoch=3)  # it cannot have stopped by then
    >>> explorer.result.watched.stop, explorer.result.state
    (None, 'improving')
    >>> explorer.close()
    """

    title = "Stopping point"
    size = (720, 440)

    patience = IntegerSlider("patience", 1, 50, default=10)
    min_delta = Slider("min_delta", 0, 0.1, default=0, step=0.005, digits=".3f")
    n_val = IntegerSlider("validation set", 20, MOST_VALIDATION, default=100)
    validation = Choice("validation by", (SAME, UNCHECKED, OTHER), default=SAME)
    wrong = Choice("wrong labels", tuple(SHARES), default="30 %")
    n = IntegerSlider("training set", 50, MOST_TRAIN, default=100)
    lr = Choice("learning rate", tuple(RATES), default="0.01")
    batch = Choice("batch size", tuple(BATCHES), default="25")
    seed = IntegerSlider("seed", 0, 20, default=0)
    epoch = Playback("epoch", 0, N_EPOCHS, default=N_EPOCHS)

    presets = {
        "thirty percent wrong: memorizing": {"patience": 50, "epoch": 60},
        "patient: stops late, restores the best": {"patience": 50},
        "patience of one stops too early": {"patience": 1, "n": 300, "n_val": 20, "batch": "10"},
        "the same run, patience of ten": {"n": 300, "n_val": 20, "batch": "10"},
        "twenty unchecked scans mislead": {"n": 300, "n_val": 20, "validation": UNCHECKED},
        "clean labels: nothing to gain": {"n": 300, "wrong": "0 %"},
        "min_delta ends a slow start": {"lr": "0.001", "patience": 3, "min_delta": 0.05},
    }

    compute = staticmethod(compute)

    def background(self, moment: Moment) -> float:
        """Redraw for another end of the axis of losses."""
        return stopping_point_picture.reach(moment)

    def idle(self, moment: Moment) -> tuple[str, ...]:
        """Grey out the rule before the first epoch."""
        return idle(moment)

    def draw(self, figure: Figure, moment: Moment) -> dict[str, Artist]:
        """Draw the axes and legends."""
        return stopping_point_picture.draw(figure, moment)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set curves, marks, bars, scans and words."""
        stopping_point_picture.move(artists, moment)

    def hover(self, moment: Moment) -> dict[str, list[str]]:
        """Tell losses and shares of each epoch."""
        return readouts(moment)

    def describe(self, moment: Moment) -> str:
        """Name data and rule, the best epoch, the stop, and what new writers get."""
        return describe(moment)
