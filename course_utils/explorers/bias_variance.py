"""Explorer: bias, variance and noise of polynomials fitted to many data sets. Chapter 06."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import bias_variance_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.bias_variance_fits import MOST_MEMBERS, MOST_SETS
from course_utils.explorers.bias_variance_runs import PLACES, ManyFits, compute
from course_utils.explorers.bias_variance_words import describe, idle, readouts
from course_utils.explorers.noisy_points import MOST
from course_utils.explorers.penalized_polynomials import HIGHEST, STRENGTHS


class BiasVariance(Explorer):
    """The same method fitted to many data sets: how far off on average, and how far from each other.

    All data sets have points of one curve at the same x, each with noise of its own. Left the fits to 20 of
    them (or to all of ten), the mean of all fits and a band of one standard deviation around it. Right bias
    squared, variance and noise (the variance of a fresh y), as means over x from -1 to 1: lines are expected
    over all noise at these x, marks are measured with these data sets. Below stand the measured parts beside
    the fits' mean squared error on 200 fresh points for each data set. The mean of R fits is itself off by
    variance / R, which is taken off the measured bias squared (a small one may then come out below 0); the
    measured variance divides by R - 1.

    Questions it lets one answer:

    - Which degree has the lowest expected error? What are bias squared and variance there, and at degree 15?
    - With ten data sets, what does one run tell of bias and variance, and where does the sum still agree?
    - For which degrees is three times the number of points of use, and which part of the error does it leave?
    - At degree 15, which strength of ridge is best, and which part of the error grows on either side of it?
    - What do averages of ten fits cut, and how far, if the noise of their data sets is correlated?

    Parameters
    ----------
    degree : int
        1 to 15.
    penalty : str
        "none" or "ridge".
    strength : float
        Factor of half the sum of squared weights beside half the mean squared error, 1e-5 to 10.
    n : int
        Points in each data set, 10 to 60.
    noise : float
        Standard deviation of the error in y, 0 to 0.6; the curve goes from -1 to 1.
    n_sets : int
        Data sets R, 10 to 200, or ensembles of data sets where fits are averaged.
    members : int
        Fits m that are averaged, each to a data set of its own, 1 to 20.
    correlation : float
        Of the noise of those data sets with each other, 0 to 1: 0 is independent, 1 the same data again.
    axis : str
        What the errors are drawn over: "degree", "penalty", "points" or "fits averaged".
    seed : int
        Draws x and all noise, 0 to 20.

    Examples
    --------
    >>> explorer = BiasVariance(degree=1)
    >>> exact = explorer.result.exact
    >>> explorer.result.state, exact.bias > 50 * exact.variance
    ('too stiff', True)
    >>> explorer.close()
    """

    title = "Bias and variance"
    size = (720, 440)
    handles = {"now": ("degree",)}

    degree = IntegerSlider("degree", 1, HIGHEST, default=3)
    penalty = Choice("penalty", ("none", "ridge"), default="none")
    strength = LogSlider("strength", float(STRENGTHS[0]), float(STRENGTHS[-1]), default=0.1)
    n = IntegerSlider("points", 10, MOST, default=20)
    noise = Slider("noise", 0, 0.6, default=0.3, step=0.01)
    n_sets = IntegerSlider("data sets", 10, MOST_SETS, default=50)
    members = IntegerSlider("fits averaged", 1, MOST_MEMBERS, default=1)
    correlation = Slider("correlation", 0, 1, default=0)
    axis = Choice("errors over", tuple(PLACES), default="degree")
    seed = IntegerSlider("seed", 0, 20, default=0)

    presets = {
        "too stiff: bias": {"degree": 2},
        "too wild: variance": {"degree": 15},
        "just right": {"degree": 5},
        "as many weights as points": {"degree": 11, "n": 12},
        "more data cures variance": {"degree": 15, "n": 60, "axis": "points"},
        "more data does not cure bias": {"n": 60, "axis": "points"},
        "the penalty trades one for the other": {
            "degree": 15,
            "n": 24,
            "noise": 0.5,
            "penalty": "ridge",
            "strength": 0.3,
            "axis": "penalty",
        },
        "averaging cuts variance": {"degree": 14, "members": 20, "axis": "fits averaged"},
        "averaging leaves bias": {"members": 10, "axis": "fits averaged"},
        "alike members: a floor": {
            "degree": 14,
            "members": 20,
            "correlation": 0.5,
            "axis": "fits averaged",
        },
        "ten data sets: a rough guess": {"degree": 7, "n_sets": 10},
    }

    compute = staticmethod(compute)

    def __init__(self, **values: Any):
        grips = bias_variance_picture.GRIPS
        names = ("degree", "strength", "n", "members")
        self.handles = {  # type: ignore[misc]  # the mark drags what the errors are drawn over
            mark: (name,) for mark, name in zip(grips.values(), names, strict=True)
        }
        super().__init__(**values)

    def background(self, found: ManyFits) -> str:
        """Redraw for another axis."""
        return found.settings["axis"]

    def idle(self, found: ManyFits) -> tuple[str, ...]:
        """Grey out the strength of no penalty, and the correlation of single fits."""
        return idle(found)

    def draw(self, figure: Figure, found: ManyFits) -> dict[str, Artist]:
        """Draw the axes and the truth."""
        return bias_variance_picture.draw(figure, found)

    def move(self, artists: dict[str, Any], found: ManyFits) -> None:
        """Set fits, errors and bars."""
        bias_variance_picture.move(artists, found)

    def hover(self, found: ManyFits) -> dict[str, list[str]]:
        """Tell the parts along the axis, expected and measured."""
        return readouts(found)

    def describe(self, found: ManyFits) -> str:
        """Name method and data, and the parts of the error."""
        return describe(found)
