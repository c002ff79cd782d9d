"""Explorer: the perceptron, one mistake at a time, and the bound on their number. Chapter 01a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._controls import Choice, IntegerSlider, Playback, Slider
from course_utils.explorers._edges import arrow_head
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number, plural
from course_utils.explorers.perceptron_runs import (
    DATA,
    MOST,
    MOST_PASSES,
    SAME,
    SHUFFLED,
    VIEW,
    Run,
    practise,
)
from course_utils.figures import COLOURS

BOX = VIEW * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
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


def positive_side(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut the shown square by a line: the corners of the part with w x > 0, and the line's two ends.

    Examples
    --------
    >>> side, ends = positive_side(np.array([1.0, 0.0, 0.0]))  # x1 > 0
    >>> ends.tolist()
    [[0.0, -2.0], [0.0, 2.0]]
    >>> len(side), len(positive_side(np.zeros(3))[1])
    (4, 0)
    """
    value = BOX @ weight[:2] + weight[2]
    corners, ends = [], []
    for i in range(4):
        j = (i + 1) % 4
        if value[i] > 0:
            corners.append(BOX[i])
        if (value[i] > 0) != (value[j] > 0):
            share = value[i] / (value[i] - value[j])
            corners.append(BOX[i] + share * (BOX[j] - BOX[i]))
            ends.append(corners[-1])
    return np.array(corners).reshape(-1, 2), np.array(ends).reshape(-1, 2)


CLASSES = {  # label: marker, colour of points, colour of the side
    -1: ("o", COLOURS["blue"], "#d9e9f5"),
    +1: ("^", COLOURS["orange"], "#fbedd0"),
}


def draw(figure: Figure) -> dict[str, Artist]:
    """Draw three empty axes; return what moves."""
    plane = add_axes(figure, (0.085, 0.115, 0.402, 0.673), x="input x1", y="input x2", title="")
    plane.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xticks=range(-2, 3), yticks=range(-2, 3))
    plane.spines[:].set_visible(False)  # the moving areas would cover half of their width
    artists: dict[str, Any] = {
        **_draw_plane(plane),
        **_draw_passes(figure),
        **_draw_lengths(figure),
    }
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = figure.text(0.02, 0.965, "", **bold)
    names = {
        "points -1": "class −1",
        "points +1": "class +1",
        "ring": "looked at",
        "line": "border",
        "before": "border before",
        "head": "w, towards +1",
    }
    style: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (0.008, 0.868), "ncols": 3}
    style |= {"frameon": False, "fontsize": TEXT_SIZE - 1, "labelcolor": INK, "handlelength": 1.5}
    style |= {"handletextpad": 0.4, "columnspacing": 1.2, "labelspacing": 0.3}
    figure.legend([artists[name] for name in names], names.values(), **style)
    return artists


def _draw_plane(axes: Axes) -> dict[str, Any]:
    artists: dict[str, Any] = {}
    for label, (marker, colour, side) in CLASSES.items():
        area = Polygon(BOX, facecolor=side, edgecolor="none", zorder=1)
        artists[f"side {label:+d}"] = axes.add_patch(area)
        points: dict[str, Any] = {"linestyle": "", "marker": marker, "markersize": 7.5, "color": colour}
        points |= {"markeredgecolor": INK, "markeredgewidth": 0.6, "zorder": 4}
        artists[f"points {label:+d}"] = axes.plot([], [], **points)[0]
    ring: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 16, "markerfacecolor": "none"}
    ring |= {"markeredgecolor": COLOURS["vermillion"], "markeredgewidth": 2.4, "zorder": 6}
    artists["ring"] = axes.plot([], [], **ring)[0]
    artists["before"] = axes.plot([], [], color=MUTED, linestyle="--", linewidth=1.3, zorder=3)[0]
    artists["line"] = axes.plot([], [], color=INK, linewidth=2.2, zorder=5)[0]
    artists["shaft"] = axes.plot([], [], color=INK, linewidth=2.2, zorder=5)[0]
    head: dict[str, Any] = {"marker": arrow_head(1, 0), "markersize": 13, "color": INK, "linestyle": ""}
    artists["head"] = axes.plot([], [], zorder=5, **head)[0]
    return artists


def _draw_passes(figure: Figure) -> dict[str, Any]:
    axes = add_axes(figure, (0.59, 0.635, 0.39, 0.235), x="", y="", title="mistakes in each pass")
    axes.set(xscale="log", xlim=(0.9, 1.1 * MOST_PASSES), ylim=(0, 36))
    axes.set_yscale("function", functions=(np.sqrt, np.square))  # single mistakes and none can be told apart
    axes.set_xticks([1, 10, 100], labels=["1", "10", "100"])
    axes.set_yticks([0, 1, 5, 10, 20, 30])
    axes.minorticks_off()
    axes.set_xlabel("pass", fontsize=TEXT_SIZE, labelpad=1)
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    line: dict[str, Any] = {
        "color": COLOURS["vermillion"],
        "marker": "s",
        "markersize": 4.5,
        "linewidth": 1.2,
    }
    line["clip_on"] = False
    return {"mistakes": axes.plot([], [], zorder=4, **line)[0]}


def _draw_lengths(figure: Figure) -> dict[str, Any]:
    title = "length of w, between its bounds"
    axes = add_axes(figure, (0.59, 0.115, 0.39, 0.335), x="mistakes so far, k", y="", title=title)
    log_scale(axes)
    axes.set(xscale="log", xlim=(0.9, 2e4), ylim=(0.08, 2e3))
    axes.set_xticks([1, 10, 100, 1000, 10000], labels=["1", "10", "100", "1000", "10000"])
    axes.minorticks_off()
    artists: dict[str, Any] = {
        "ceiling": axes.plot([], [], color=COLOURS["blue"], linestyle="--", linewidth=1.6)[0],
        "length": axes.plot([], [], color=COLOURS["vermillion"], linewidth=2.4, zorder=4)[0],
        "floor": axes.plot([], [], color=COLOURS["green"], linestyle="-.", linewidth=1.6)[0],
    }
    diamond: dict[str, Any] = {"linestyle": "", "marker": "D", "markersize": 8, "color": COLOURS["purple"]}
    artists["bound"] = axes.plot([], [], markeredgecolor=INK, zorder=5, **diamond)[0]
    dot: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6, "color": COLOURS["vermillion"]}
    artists["now"] = axes.plot([], [], markeredgecolor=INK, zorder=6, **dot)[0]
    names = {"ceiling": "at most R √k", "length": "|w|", "floor": "at least margin · k", "bound": "bound"}
    style: dict[str, Any] = {"loc": "upper left", "ncols": 2, "frameon": False, "labelcolor": INK}
    style |= {"fontsize": TEXT_SIZE - 2, "handlelength": 1.8, "columnspacing": 1, "labelspacing": 0.25}
    style |= {"borderaxespad": 0.1, "handletextpad": 0.5}
    axes.legend([artists[name] for name in names], names.values(), **style)
    return artists


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Put points, line, ring and curves where they are at this step."""
    run = moment.run
    for label in CLASSES:
        artists[f"points {label:+d}"].set_data(*run.x[run.y == label].T)
        corners = positive_side(label * moment.weight)[0]
        artists[f"side {label:+d}"].set_visible(len(corners) > 0)
        if len(corners):
            artists[f"side {label:+d}"].set_xy(corners)
    ringed = [] if moment.looked_at is None else [moment.looked_at]
    artists["ring"].set_data(*run.x[ringed].T)
    before = run.weights[moment.n_mistakes - 1] if moment.wrong else np.zeros(3)
    artists["before"].set_data(*positive_side(before)[1].T)
    _move_border(artists, moment.weight)
    artists["mistakes"].set_data(np.arange(1, len(moment.mistakes) + 1), moment.mistakes)
    _move_lengths(artists, moment)
    artists["headline"].set_text(headline(moment))


def _move_border(artists: dict[str, Any], weight: np.ndarray) -> None:
    ends = positive_side(weight)[1]
    artists["line"].set_data(*ends.T)
    for name in ("shaft", "head"):
        artists[name].set_data([], [])
    if len(ends):
        direction = weight[:2] / np.linalg.norm(weight[:2])
        middle = ends.mean(axis=0)
        tip = middle + 0.45 * direction
        artists["shaft"].set_data(*np.array([middle, tip]).T)
        artists["head"].set_data(tip[:1], tip[1:])
        artists["head"].set_marker(arrow_head(*direction))


def _move_lengths(artists: dict[str, Any], moment: Moment) -> None:
    run, n = moment.run, moment.n_mistakes
    k = np.arange(1, n + 1)
    length = np.linalg.norm(run.weights[1 : n + 1], axis=1)
    artists["length"].set_data(k, length)
    artists["now"].set_data(k[-1:], length[-1:])
    exists = run.margin > 0
    ends = np.array([1.0, run.bound if exists else 1e5])  # beyond the bound no length is possible
    artists["ceiling"].set_data(ends, run.radius * np.sqrt(ends))
    artists["floor"].set_data(*((ends, run.margin * ends) if exists else ([], [])))
    artists["bound"].set_data(*(([run.bound], [run.margin * run.bound]) if exists else ([], [])))


def headline(moment: Moment) -> str:
    """Say in a few words how far the perceptron has come."""
    run, n = moment.run, moment.n_mistakes
    bound = f"{run.bound:.4g}" if run.bound < 9999.5 else number(float(f"{run.bound:.2g}"))
    n_passes = len(moment.mistakes)
    n_passes = len(moment.mistakes)
    so_far = f"{plural(n, 'mistake')} in {n_passes} pass" + "es" * (n_passes != 1)
    if n == 0:
        return "no border yet: all weights are 0"
    if moment.settled:
        return f"settled after {so_far}; the bound allows {bound}"
    if run.margin > 0:
        return f"learning: {so_far}; the bound allows {bound}"
    if moment.back_at is not None:
        return f"never settles: {plural(n, 'mistake')}; the weights are those after {moment.back_at} again"
    return f"never settles, no line separates: {so_far}"


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
        return draw(figure)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set points, border, ring and curves."""
        move(artists, moment)

    def describe(self, moment: Moment) -> str:
        """Name the data, the weights and how far the run has come."""
        settings = moment.settings
        weights = ", ".join(number(float(value)) for value in moment.weight)
        look = ""
        if moment.looked_at is not None:
            side = "wrong: the border moved" if moment.wrong else "right: nothing moved"
            look = f" Example {moment.looked_at + 1} was {side}."
        return (
            f"Perceptron, {settings['data']}, {settings['examples']} examples, order {settings['order']}, "
            f"steps of {settings['by']}: weights and bias ({weights}). "
            f"{headline(moment).capitalize()}.{look}"
        )
