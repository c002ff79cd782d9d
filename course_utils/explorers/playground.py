"""Explorer: a small network learns to tell two classes of the plane apart. Chapters 01a and 01b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import contourpy
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import course_utils.nn.functional as F
from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number, plural
from course_utils.explorers.playground_runs import (
    ACTIVATIONS,
    DATA,
    HELD_OUT_EVERY,
    N_TRAIN,
    OPTIMIZERS,
    training,
)
from course_utils.figures import COLOURS

VIEW = 2.4  # the plane is shown from -VIEW to VIEW, both ways
N_STEPS = 150
LOWEST, HIGHEST = 1e-3, 1e2  # ends of the loss axis
AXIS = np.linspace(-VIEW, VIEW, 40, dtype=np.float32)
GRID = np.stack(np.meshgrid(AXIS, AXIS), axis=-1).reshape(-1, 2)  # (1600, 2), row by row from below
N_BANDS = 12  # of probability, so that the map has edges to follow with the eye


@dataclass(frozen=True)
class Moment:
    """The network at one step of its training.

    Parameters
    ----------
    settings : dict
        The controls' values.
    x, y : ndarray
        All points (200, 2) and classes (200,), training points first.
    losses : ndarray
        Training loss at steps 0 to the present one.
    held_out : ndarray
        Rows (step, held-out loss).
    logits : ndarray
        The output on the grid, (40, 40), row by row from below.
    correct : tuple of float
        Share of training and of held-out points on the right side, in %.
    state : str
        "untrained", "diverging", "jumping", "learnt", "overfitting", "stalled" or "learning".
    """

    settings: dict[str, Any]
    x: np.ndarray
    y: np.ndarray
    losses: np.ndarray
    held_out: np.ndarray
    logits: np.ndarray
    correct: tuple[float, float]
    state: str


def compute(*, step: int, **settings: Any) -> Moment:
    """Train up to `step`, going on from where an earlier picture with these settings stopped."""
    run = training(**settings)
    now = run.advance(step)
    logits = run.logits(now, np.concatenate([run.x, GRID]))
    own, grid = logits[: len(run.x)], logits[len(run.x) :]
    right = (own > 0) == (run.y == 1)
    correct = (100 * float(right[:N_TRAIN].mean()), 100 * float(right[N_TRAIN:].mean()))
    losses = np.array(run.losses[: now + 1])
    held_out = [(k, run.held_out[k]) for k in range(0, now + 1, HELD_OUT_EVERY)]
    if now % HELD_OUT_EVERY:
        held_out.append((now, run.held_out_loss(own[N_TRAIN:])))
    state = "diverging" if now < step else state_of(losses, np.array(held_out), correct)
    grid = grid.reshape(len(AXIS), len(AXIS))
    return Moment(settings, run.x, run.y, losses, np.array(held_out), grid, correct, state)


def state_of(losses: np.ndarray, held_out: np.ndarray, correct: tuple[float, float]) -> str:
    """Name what a run does.

    Diverging: its loss is above that of guessing by half and above its own start. Jumping: among the last 20
    losses five or more are a tenth above the one before. Overfitting: the held-out loss is 1.5 times its
    lowest value or more, and at least 0.1 above it. Learnt: 95 % of the training points are right. Stalled:
    the last 20 steps gained less than 2 %. Learning: everything else.

    Examples
    --------
    >>> state_of(np.full(30, 0.69), np.array([[0, 0.69]]), (50.0, 50.0))
    'stalled'
    """
    if len(losses) == 1:
        return "untrained"
    if losses[-1] > max(1.5 * np.log(2), losses[0]):
        return "diverging"
    last = losses[-21:]
    if (last[1:] > 1.1 * last[:-1]).sum() >= 5:
        return "jumping"
    lowest = held_out[:, 1].min()
    if held_out[-1, 1] > max(1.5 * lowest, lowest + 0.1):
        return "overfitting"
    if correct[0] >= 95:
        return "learnt"
    if len(last) == 21 and last[0] - last[-1] < 0.02 * last[0]:
        return "stalled"
    return "learning"


def _palette() -> np.ndarray:
    """Return (N_BANDS, 3) uint8: blue for class 0 over white to orange for class 1."""
    strength = 0.75 * (2 * (np.arange(N_BANDS) + 0.5) / N_BANDS - 1)[:, None]  # -0.7 to 0.7
    full = np.where(strength < 0, to_rgb(COLOURS["blue"]), to_rgb(COLOURS["orange"]))
    return np.rint(255 * (1 - np.abs(strength) * (1 - full))).astype(np.uint8)


def _between(n_shown: int) -> np.ndarray:
    """Return the matrix (n_shown, 40) that interpolates grid values linearly, at the middles of pixels."""
    at = (np.arange(n_shown) + 0.5) / n_shown * (len(AXIS) - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(len(AXIS)))).astype(np.float32)


PALETTE, BETWEEN = _palette(), _between(288)


def probability_map(logits: np.ndarray) -> np.ndarray:
    """Paint the probability of class 1 in bands: (40, 40) logits to (288, 288, 3) uint8, from below."""
    p = BETWEEN @ F.sigmoid(logits) @ BETWEEN.T
    return PALETTE[np.minimum((N_BANDS * p).astype(np.intp), N_BANDS - 1)]


def border(logits: np.ndarray) -> np.ndarray:
    """Return the line where the logit is zero, (n, 2), its pieces separated by NaN."""
    pieces = contourpy.contour_generator(AXIS, AXIS, logits).lines(0.0)
    gap = np.full((1, 2), np.nan)
    return np.concatenate([gap, *[part for piece in pieces for part in (np.asarray(piece), gap)]])


class PixelMap(Artist):
    """A picture that fills its axes, drawn pixel by pixel: ten times as fast as `imshow`, which resamples."""

    def __init__(self) -> None:
        super().__init__()
        self.set_zorder(1)
        self._rgb = np.zeros((1, 1, 3), np.uint8)

    def set_data(self, rgb: np.ndarray) -> None:
        """Take over (height, width, 3) uint8, the lowest row first."""
        self._rgb = rgb

    def get_data(self) -> np.ndarray:
        """Return what is drawn."""
        return self._rgb

    def draw(self, renderer: Any) -> None:
        """Draw the nearest entry at every pixel."""
        assert self.axes is not None
        left, low, right, high = np.rint(self.axes.bbox.extents).astype(int)
        rows, columns = (
            ((np.arange(n_pixels) + 0.5) * n // n_pixels).astype(np.intp)
            for n_pixels, n in zip((high - low, right - left), self._rgb.shape, strict=False)
        )
        rgba = np.full((len(rows), len(columns), 4), 255, np.uint8)
        rgba[..., :3] = self._rgb[rows][:, columns]
        renderer.draw_image(renderer.new_gc(), left, low, rgba)


CLASSES = {0: ("o", COLOURS["blue"]), 1: ("^", COLOURS["orange"])}


def draw(figure: Figure) -> dict[str, Artist]:
    """Draw both empty axes; return what moves."""
    plane = add_axes(figure, (0.085, 0.12, 0.402, 0.689), x="input x1", y="input x2", title="")
    plane.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xticks=range(-2, 3), yticks=range(-2, 3))
    plane.spines[:].set_visible(False)  # the moving areas would cover half of their width
    artists = _draw_plane(plane)
    title = "loss (cross-entropy), logarithmic"
    right = add_axes(figure, (0.605, 0.12, 0.375, 0.6), x="step", y="", title=title)
    log_scale(right)
    right.axhline(np.log(2), color=INK, linewidth=1, linestyle=":")
    right.text(N_STEPS, 0.76, "guessing, ln 2", ha="right", va="bottom", fontsize=TEXT_SIZE - 2, color=INK)
    right.set(xlim=(-0.02 * N_STEPS, 1.02 * N_STEPS), ylim=(LOWEST, HIGHEST))
    train: dict[str, Any] = {"color": COLOURS["green"], "linewidth": 2.2, "zorder": 4}
    held_out: dict[str, Any] = {
        "color": COLOURS["vermillion"],
        "linewidth": 2.2,
        "linestyle": "--",
        "zorder": 3,
    }
    artists["loss"] = right.plot([], [], **train)[0]
    artists["held out"] = right.plot([], [], **held_out)[0]
    for name, line in (("now", "loss"), ("held out now", "held out")):
        mark: dict[str, Any] = {"linestyle": "", "marker": "os"[line == "held out"], "markersize": 7}
        mark |= {"color": artists[line].get_color(), "markeredgecolor": INK, "clip_on": False, "zorder": 5}
        artists[name] = right.plot([], [], **mark)[0]
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = add_lettering(figure, 0.02, 0.962, **bold)
    style: dict[str, Any] = {"frameon": False, "fontsize": TEXT_SIZE - 1, "labelcolor": INK, "ncols": 2}
    style |= {"handletextpad": 0.4, "columnspacing": 1.2, "labelspacing": 0.3, "loc": "center left"}
    names = {"train 0": "class 0", "train 1": "class 1", "held out 0": "held out", "held out 1": "held out"}
    handles = [artists[name] for name in names]
    figure.legend(handles, names.values(), bbox_to_anchor=(0.07, 0.872), **style)
    names = {"loss": "training", "held out": "held out", "border": "probability 1/2"}
    handles = [artists[name] for name in names]
    figure.legend(handles, names.values(), bbox_to_anchor=(0.52, 0.872), **style)
    return artists


def _draw_plane(axes: Axes) -> dict[str, Any]:
    artists: dict[str, Any] = {"map": axes.add_artist(PixelMap())}
    artists["border"] = axes.plot([], [], color=INK, linewidth=2, zorder=3)[0]
    for label, (marker, colour) in CLASSES.items():
        points: dict[str, Any] = {"linestyle": "", "marker": marker, "markeredgecolor": INK, "zorder": 5}
        held_out = {**points, "color": "white", "markersize": 4.5, "markeredgewidth": 1, "zorder": 4}
        held_out["markeredgecolor"] = ("#00476f", "#8a5a00")[label]
        artists[f"held out {label}"] = axes.plot([], [], **held_out)[0]
        points |= {"color": colour, "markersize": 6.5, "markeredgewidth": 0.7}
        artists[f"train {label}"] = axes.plot([], [], **points)[0]
    return artists


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Set map, border, points, curves and headline."""
    artists["map"].set_data(probability_map(moment.logits))
    artists["border"].set_data(*border(moment.logits).T)
    for name, part in (("train", slice(0, N_TRAIN)), ("held out", slice(N_TRAIN, None))):
        x, y = moment.x[part], moment.y[part]
        for label in CLASSES:
            artists[f"{name} {label}"].set_data(*x[y == label].T)
    steps = np.arange(len(moment.losses))
    artists["loss"].set_data(steps, moment.losses)
    artists["held out"].set_data(*moment.held_out.T)
    artists["now"].set_data(steps[-1:], np.clip(moment.losses[-1:], LOWEST, HIGHEST))
    artists["held out now"].set_data(moment.held_out[-1:, 0], moment.held_out[-1:, 1].clip(LOWEST, HIGHEST))
    artists["headline"].set_text(headline(moment))


def headline(moment: Moment) -> str:
    """Say in a few words how far the training has come."""
    taken = plural(len(moment.losses) - 1, "step")
    own, others = moment.correct
    return f"{moment.state}: right {own:.0f} % in training, {others:.0f} % held out; {taken}"


class Playground(Explorer):
    """A network learns the border between two classes; every step is one update on all 100 training points.

    Left its probability of class 1 in bands from blue (0) over white to orange (1), with the border at 1/2,
    training points and, small and white, 100 held-out ones; right the loss on both. The points stay the same
    for every seed, which draws the starting weights only.

    Questions it lets one answer:

    - How many hidden units does XOR need, and does every seed find them?
    - What can a network of any depth without a bend (identity) learn?
    - Which learning rate learns the moons in the fewest steps, and what does one ten times larger do?
    - Why does a deep network of sigmoids stand still where one of ReLUs learns, and does Adam help?
    - Raise the noise: from which step on does the held-out loss rise, and with how many units?

    Parameters
    ----------
    data : str
        A name in `playground_runs.DATA`.
    noise : float
        Standard deviation in both coordinates, in the picture's units, 0 to 0.6.
    units : int
        Hidden units of each hidden layer, 1 to 64.
    depth : int
        Hidden layers, 1 to 4.
    activation : str
        "ReLU", "tanh", "sigmoid" or "identity".
    optimizer : str
        "SGD", "SGD, momentum 0.9" or "Adam".
    lr : float
        Learning rate, 1e-3 to 10.
    seed : int
        Draws the starting weights, 0 to 20.
    step : int
        0 to 150.

    Examples
    --------
    >>> explorer = Playground(data="XOR", activation="identity", step=150)  # a straight border only
    >>> explorer.result.correct[0] < 80
    True
    >>> explorer.close()
    """

    title = "Playground"
    size = (720, 420)

    data = Choice("data", tuple(DATA), default="moons")
    noise = Slider("noise", 0, 0.6, default=0.15, step=0.01)
    units = IntegerSlider("hidden units", 1, 64, default=8)
    depth = IntegerSlider("hidden layers", 1, 4, default=1)
    activation = Choice("activation", tuple(ACTIVATIONS), default="tanh")
    optimizer = Choice("optimizer", tuple(OPTIMIZERS), default="SGD, momentum 0.9")
    lr = LogSlider("learning rate", 1e-3, 10, default=0.3)
    seed = IntegerSlider("seed", 0, 20, default=0)
    step = Playback("step", 0, N_STEPS, default=40)

    presets = {
        "XOR, one hidden unit": {"data": "XOR", "units": 1, "step": N_STEPS},
        "XOR, four hidden units": {"data": "XOR", "units": 4, "step": N_STEPS},
        "too few units": {"data": "rings", "units": 2, "step": N_STEPS},
        "spirals": {
            "data": "spirals",
            "noise": 0.05,
            "units": 32,
            "depth": 2,
            "lr": 0.03,
            "optimizer": "Adam",
        },
        "rate too large": {"activation": "ReLU", "units": 32, "depth": 2, "lr": 3, "step": N_STEPS},
        "no bend: identity": {"activation": "identity", "units": 32, "depth": 4, "lr": 0.03, "step": N_STEPS},
        "deep sigmoid stalls": {"activation": "sigmoid", "units": 16, "depth": 4, "step": N_STEPS},
        "overfitting": {
            "noise": 0.6,
            "units": 64,
            "depth": 3,
            "activation": "ReLU",
            "optimizer": "Adam",
            "lr": 0.01,
            "step": N_STEPS,
        },
    }

    compute = staticmethod(compute)

    def draw(self, figure: Figure, moment: Moment) -> dict[str, Artist]:
        """Draw both empty axes."""
        return draw(figure)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set map, border, points and curves."""
        move(artists, moment)

    def describe(self, moment: Moment) -> str:
        """Name the data, the network, the optimizer and how far the training has come."""
        settings = moment.settings
        return (
            f"Playground, {settings['data']} with noise {number(settings['noise'])}: "
            f"{plural(settings['depth'], 'hidden layer')} of {plural(settings['units'], 'unit')}, "
            f"{settings['activation']}, {settings['optimizer']}, learning rate {number(settings['lr'])}, "
            f"seed {settings['seed']}. {headline(moment).capitalize()}. "
            f"Loss {number(moment.losses[0])} to {number(moment.losses[-1])}, "
            f"held out {number(moment.held_out[-1, 1])}."
        )
