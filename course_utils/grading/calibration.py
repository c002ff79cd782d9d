"""How well the confidence of predictions fits their outcomes: per chapter, in bins, and as a picture.

The bins are fixed, so that nobody can choose those that flatter, and each share comes with the interval that
so few predictions leave open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.chapters import CHAPTERS
from course_utils.grading import progress as records
from course_utils.grading.progress import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGES = (0.0, 0.4, 0.6, 0.8, 1.0)  # a bin holds its lower edge, the last one its upper edge, too
NONE_SETTLED = "No prediction has been settled yet: save one, then run the cells that follow it."


@dataclass(frozen=True)
class Calibration:
    """How well the confidence of predictions fits their outcomes.

    Parameters
    ----------
    topic : str
        The chapters, such as "00", or "01a and 01b": parts of a chapter number their predictions together.
    predictions, right : int
        Predictions that count (made in time and settled), and those that came true.
    confidence : float
        Mean confidence, 0 to 1; a calibrated person's equals ``right / predictions``.
    brier : float
        Mean squared difference between confidence and outcome (Brier, 1950): 0 is perfect; always saying
        50 % gives 0.25.
    """

    topic: str
    predictions: int
    right: int
    confidence: float
    brier: float


@dataclass(frozen=True)
class Bin:
    """The predictions made with about one confidence.

    Parameters
    ----------
    low, high : float
        The bin's edges, 0 to 1.
    predictions, right : int
        How many there are, and how many came true.
    confidence : float
        Their mean confidence.
    """

    low: float
    high: float
    predictions: int
    right: int
    confidence: float

    @property
    def share(self) -> float:
        """Share that came true."""
        return self.right / self.predictions

    @property
    def interval(self) -> tuple[float, float]:
        """Interval of 95 % for the share."""
        return wilson(self.right, self.predictions)

    @property
    def verdict(self) -> str:
        """Whether the mean confidence lies within the interval."""
        low, high = self.interval
        if low <= self.confidence <= high:
            return "fits"
        return "too sure" if self.confidence > high else "not sure enough"

    @property
    def label(self) -> str:
        """The confidences it holds."""
        return f"{round(100 * self.low)} to {percent(self.high)}"


def wilson(right: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval for a share of which `right` of `n` were seen.

    Wilson, 1927, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22. Unlike share +- 2 standard errors it never leaves [0, 1], and
    is not empty where all or none came true.

    Examples
    --------
    >>> wilson(0, 0)
    (0.0, 1.0)
    >>> [round(edge, 3) for edge in wilson(5, 10)]
    [0.237, 0.763]
    """
    if n == 0:
        return 0.0, 1.0
    z = 1.959964  # 97.5 % of a normal distribution lie below it
    middle = (right + z**2 / 2) / (n + z**2)
    reach = z / (n + z**2) * (right * (n - right) / n + z**2 / 4) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def in_bins(said: Iterable[float], came_true: Iterable[bool]) -> list[Bin]:
    """Sort predictions into the fixed bins; empty ones are left out.

    >>> [(b.label, b.right, b.predictions) for b in in_bins([0.5, 0.6, 1.0], [True, False, True])]
    [('40 to 60 %', 1, 1), ('60 to 80 %', 0, 1), ('80 to 100 %', 1, 1)]
    """
    pairs = [(float(sure), bool(right)) for sure, right in zip(said, came_true, strict=True)]
    bins = []
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        held = [(sure, right) for sure, right in pairs if low <= sure < high or sure == high == EDGES[-1]]
        if held:
            n = len(held)
            mean = sum(sure for sure, _ in held) / n
            bins.append(Bin(low, high, n, sum(right for _, right in held), mean))
    return bins


def own_predictions() -> tuple[list[float], list[bool]]:
    """Return the confidence and the outcome of every prediction that counts."""
    scored = [item for item in records.predictions() if item.scored]
    return [item.confidence or 0.0 for item in scored], [item.right for item in scored]


def by_topic() -> list[Calibration]:
    """Return the calibration of the predictions that count, by topic."""
    groups: dict[str, list[records.Prediction]] = {}
    for item in records.predictions():
        topic = re.match(r"p(\d\d)", item.id)
        if item.scored and topic:
            groups.setdefault(topic[1], []).append(item)
    rows = []
    for group, items in sorted(groups.items()):
        sure = [item.confidence or 0.0 for item in items]
        squares = [(c - item.right) ** 2 for c, item in zip(sure, items, strict=True)]
        n, right = len(items), sum(item.right for item in items)
        rows.append(Calibration(_chapters(group), n, right, sum(sure) / n, sum(squares) / n))
    return rows


def _chapters(digits: str) -> str:
    """Name the chapters whose predictions begin with these two digits.

    >>> _chapters("00"), _chapters("01"), _chapters("99")
    ('00', '01a and 01b', '99')
    """
    return " and ".join(c.number for c in CHAPTERS if c.number.startswith(digits)) or digits


def calibration(said: Iterable[float] | None = None, came_true: Iterable[bool] | None = None) -> None:
    """Draw how often predictions came true against how sure one was of them.

    Parameters
    ----------
    said : floats, optional
        Confidence of each prediction, 0 to 1; by default those of one's own that count.
    came_true : booleans, optional
        Whether each came true; given together with `said`.

    Raises
    ------
    ValueError
        If only one of the two is given, they differ in length, or a confidence is not between 0 and 1.
    """
    if (said is None) != (came_true is None):
        raise ValueError("expected both `said` and `came_true`, or neither for your own predictions")
    if said is None or came_true is None:
        said, came_true = own_predictions()
    said, came_true = [float(sure) for sure in said], [bool(right) for right in came_true]
    if len(said) != len(came_true) or not all(0 <= sure <= 1 for sure in said):
        raise ValueError(
            f"expected one outcome for each confidence between 0 and 1, got {len(said)} confidences "
            f"{said[:5]} and {len(came_true)} outcomes"
        )
    if not said:
        print(NONE_SETTLED)
        return
    import matplotlib.pyplot as plt

    from course_utils.figures import show

    bins = in_bins(said, came_true)
    fig, ax = plt.subplots(figsize=(5.4, 4.2))
    _draw(ax, bins)
    show(fig, in_words(bins))


def in_words(bins: list[Bin]) -> str:
    """Say what the picture of the bins shows."""
    n = sum(b.predictions for b in bins)
    spoken = [
        f"of {b.predictions} made with {b.label}, {percent(b.confidence)} on average, {b.right} came true "
        f"({percent(b.interval[0])[:-2]} to {percent(b.interval[1])}): {b.verdict}"
        for b in bins
    ]
    count = "1 prediction" if n == 1 else f"{n} predictions"
    return f"{count}, share that came true against confidence, with 95 % intervals: {'; '.join(spoken)}."


def _draw(ax: Axes, bins: list[Bin]) -> None:
    from course_utils.figures import COLOURS

    ax.plot([0, 100], [0, 100], "--", color="#555555", linewidth=1.2, label="as sure as right")
    for row, b in enumerate(bins):
        x, span = 100 * b.confidence, [100 * edge for edge in b.interval]
        ax.plot([x, x], span, "-", color=COLOURS["blue"], linewidth=1.6)
        ax.plot([x], [100 * b.share], "o", color=COLOURS["blue"], markersize=7)
        # in two rows: the means of neighbouring bins may be close, those of every other bin are not
        ax.text(x, -11 - 8 * (row % 2), f"{b.right} of {b.predictions}", ha="center", fontsize=10)
    ax.set(
        xlim=(0, 106),
        ylim=(-22, 103),
        yticks=range(0, 101, 20),
        xlabel="how sure, %",
        ylabel="came true, %",
        title="Below the line: too sure",
    )
    ax.legend(loc="upper left")
