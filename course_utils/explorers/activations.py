"""Explorer: activation functions, their slopes, and a layer of units that saturate or die. Chapter 03."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import Patch

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes
from course_utils.explorers._controls import Choice, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number
from course_utils.figures import COLOURS

PARAMETERS = {"leaky_relu": "negative_slope", "prelu": "weight", "elu": "alpha", "softplus": "beta"}
NAMES = ("sigmoid", "tanh", "hardtanh", "relu", *PARAMETERS, "selu", "gelu", "silu")
N_UNITS, N_EXAMPLES, N_NORMAL = 50, 100, 16  # N_NORMAL: inputs of a unit on the normal cloud
VIEW = 6.0  # x from -VIEW to VIEW
X = np.linspace(-VIEW, VIEW, 241)
BINS = np.linspace(-VIEW, VIEW, 49)
SHIFTS = np.linspace(-VIEW, VIEW, 25)
SLOPE_TOPS, VALUE_TOPS = (0.3, 2.2), (1.5, 4, 15, 80)  # ends of the axes, so that few changes redraw


@dataclass(frozen=True)
class Layer:
    """A layer of units on a batch: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values.
    y, slope : ndarray (241,)
        The function and its slope at `X`.
    largest : float
        The largest slope, up or down, over `X`.
    z : ndarray (N_EXAMPLES, N_UNITS)
        Pre-activations.
    is_saturated : ndarray of bool, the shape of z
        Where the slope, up or down, is below the threshold's share of the largest.
    shares : ndarray (25, 2)
        Share of saturated pre-activations and of dead units at each of `SHIFTS`.
    saturated, dead : float
        Both shares at the present shift. A unit is dead if its slope is 0 on every example.
    mean, spread : float
        Mean and standard deviation of the outputs.
    """

    settings: dict[str, Any]
    y: np.ndarray
    slope: np.ndarray
    largest: float
    z: np.ndarray
    is_saturated: np.ndarray
    shares: np.ndarray
    saturated: float
    dead: float
    mean: float
    spread: float


def compute(
    *, activation: str, parameter: float, inputs: str, shift: float, scale: float, threshold: float
) -> Layer:
    """Apply the activation to a grid, and to 50 units on 100 examples whose biases all equal `shift`."""
    settings = {"activation": activation, "parameter": parameter, "inputs": inputs}
    settings |= {"shift": shift, "scale": scale, "threshold": threshold}
    y, slope = value_and_slope(activation, parameter, X)
    largest = float(np.abs(slope).max())
    x, weight = examples_and_weights(inputs)
    z = F.linear(x, scale * weight, np.full(N_UNITS, shift))  # (N_EXAMPLES, N_UNITS)
    outputs, slopes = value_and_slope(activation, parameter, z)
    is_saturated = np.abs(slopes) < threshold * largest
    shares = shares_over_shifts(activation, parameter, inputs, scale, threshold * largest)
    dead = float((slopes == 0).all(axis=0).mean())
    spread = float(outputs.std())
    at = float(is_saturated.mean()), dead, float(outputs.mean()), spread
    return Layer(settings, y, slope, largest, z, is_saturated, shares, *at)


def value_and_slope(activation: str, parameter: float, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an activation and its slope, which is what its pullback makes of ones.

    Examples
    --------
    >>> value, slope = value_and_slope("leaky_relu", 0.1, np.array([-2.0, 3.0]))
    >>> print(value, slope)
    [-0.2  3. ] [0.1 1. ]
    """
    options: dict[str, Any] = {}
    if activation in PARAMETERS:
        options[PARAMETERS[activation]] = np.array([parameter]) if activation == "prelu" else parameter
    value, pullback = getattr(F, activation).vjp(x, **options)
    return value, pullback(np.ones_like(x))[0]


@functools.lru_cache(maxsize=4)
def examples_and_weights(inputs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch of examples of mean square 1, and weights of variance 1 / (number of inputs)."""
    rng = np.random.default_rng(3)
    if inputs == "digits":
        x = load_digits(dtype=np.float64).x_train[:N_EXAMPLES]
        x = x / np.sqrt((x * x).mean())
    else:
        x = rng.normal(size=(N_EXAMPLES, N_NORMAL))
    weight = rng.normal(size=(N_UNITS, x.shape[1])) / np.sqrt(x.shape[1])
    return x, weight


@functools.lru_cache(maxsize=64)
def shares_over_shifts(
    activation: str, parameter: float, inputs: str, scale: float, least: float
) -> np.ndarray:
    """Return the share of slopes below `least`, and of dead units, for each of `SHIFTS`: (25, 2)."""
    x, weight = examples_and_weights(inputs)
    z = F.linear(x, scale * weight)
    _, slopes = value_and_slope(activation, parameter, z + SHIFTS[:, None, None])  # (25, examples, units)
    saturated = (np.abs(slopes) < least).mean(axis=(1, 2))
    return np.column_stack([saturated, (slopes == 0).all(axis=1).mean(axis=1)])


def axis_tops(layer: Layer) -> tuple[float, float]:
    """Return the upper ends of the function's axis and of its slope's."""
    at_zero = np.interp(0, X, layer.y)
    lowest = 1.5 if layer.settings["activation"] in ("sigmoid", "tanh", "hardtanh") else 4
    value = next(top for top in VALUE_TOPS if top >= max(lowest, 1.1 * at_zero))
    return value, next(top for top in SLOPE_TOPS if top >= 1.04 * layer.largest)


FILL: dict[str, Any] = {"facecolor": (0.84, 0.37, 0, 0.2), "linewidth": 0}
FILL |= {"zorder": 2.6}  # above the axes' own lines, below curves and bars
CAPTION = "pre-activations x"


def draw(figure: Figure, layer: Layer) -> dict[str, Artist]:
    """Draw the axes; return curves, histogram and marks."""
    value_top, slope_top = axis_tops(layer)
    panels = {
        "value": add_axes(figure, (0.075, 0.655, 0.515, 0.22), x="", y="", title="activation"),
        "slope": add_axes(figure, (0.075, 0.385, 0.515, 0.18), x="", y="", title="its slope"),
        "z": add_axes(figure, (0.075, 0.115, 0.515, 0.18), x="x", y="", title=CAPTION),
    }
    panels["value"].set(ylim=(-1.25 if value_top < 2 else -2.25, value_top))
    for top, ticks in ((1.5, (-1, 0, 1)), (4, (-2, 0, 2, 4))):
        if value_top == top:
            panels["value"].set_yticks(ticks)
    panels["slope"].set(ylim=(-0.2 if slope_top > 1 else -0.03, slope_top))
    panels["z"].set(ylim=(0, 0.3), yticks=(0, 0.15, 0.3), yticklabels=("0", "15 %", "30 %"))
    artists: dict[str, Any] = {}
    for name, axes in panels.items():
        axes.set(xlim=(-VIEW, VIEW), xticks=np.arange(-6, 7, 2))
        across = axes.get_xaxis_transform()
        artists[f"region {name}"] = axes.fill_between(X, 0, 1, where=X > VIEW, transform=across, **FILL)
        if name != "z":
            axes.axhline(0, color="#aaaaaa", linewidth=0.8)
            axes.tick_params(labelbottom=False)
    line: dict[str, Any] = {"linewidth": 2.2, "zorder": 4}
    artists["value"] = panels["value"].plot(X, layer.y, color=COLOURS["blue"], **line)[0]
    artists["slope"] = panels["slope"].plot(X, layer.slope, color=COLOURS["green"], **line)[0]
    empty = np.zeros(len(BINS) - 1)
    bars: dict[str, Any] = {"fill": True, "zorder": 3}
    artists["all"] = panels["z"].stairs(empty, BINS, color=COLOURS["sky"], **bars)
    artists["saturated"] = panels["z"].stairs(empty, BINS, color=COLOURS["vermillion"], zorder=4, fill=True)
    small: dict[str, Any] = {"fontsize": TEXT_SIZE, "color": INK}
    artists["headline"] = figure.text(0.02, 0.962, "", **{**small, "fontsize": TEXT_SIZE + 2}, weight="bold")
    artists["headline"].set_va("center")
    return artists | draw_shares(figure)


def draw_shares(figure: Figure) -> dict[str, Artist]:
    """Draw the axes of both shares over the bias; return the lines, the marks and the text below."""
    axes = add_axes(figure, (0.70, 0.425, 0.275, 0.45), x="bias of all units", y="", title="share")
    axes.set(xlim=(-VIEW, VIEW), ylim=(-0.02, 1.04), xticks=np.arange(-6, 7, 3))
    axes.set(yticks=(0, 0.5, 1), yticklabels=("0", "50 %", "100 %"))
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    orange, black = COLOURS["vermillion"], COLOURS["black"]
    mark: dict[str, Any] = {"linestyle": "", "markersize": 9, "markeredgecolor": "white", "zorder": 6}
    mark["clip_on"] = False
    artists: dict[str, Any] = {
        "shares saturated": axes.plot([], [], color=orange, linewidth=2, zorder=4)[0],
        "shares dead": axes.plot([], [], color=black, linewidth=2, linestyle="--", zorder=4)[0],
        "at saturated": axes.plot([], [], marker="o", color=orange, **mark)[0],
        "at dead": axes.plot([], [], marker="X", color=black, **mark)[0],
        "mean": figure.text(0.80, 0.075, "", fontsize=TEXT_SIZE, color=INK),
    }
    lines = [artists[name] for name in ("shares saturated", "shares dead")]
    shown = [*lines, Patch(**FILL)]
    names = ["saturated", "dead units", "saturated x"]
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0.63, 0.325), "frameon": False}
    figure.legend(shown, names, fontsize=TEXT_SIZE, labelcolor=INK, handlelength=2.2, **place)
    figure.text(0.645, 0.075, "mean output", fontsize=TEXT_SIZE, color=INK)
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=":")
    return artists


def move(artists: dict[str, Any], layer: Layer) -> None:
    """Set curves, shaded regions, histogram and marks."""
    settings = layer.settings
    artists["value"].set_ydata(layer.y)
    artists["slope"].set_ydata(layer.slope)
    saturated = np.abs(layer.slope) < settings["threshold"] * layer.largest
    for name in ("value", "slope", "z"):
        artists[f"region {name}"].set_data(X, np.zeros_like(X), np.ones_like(X), where=saturated)
    for name, z in (("all", layer.z.ravel()), ("saturated", layer.z[layer.is_saturated])):
        artists[name].set_data(np.histogram(z, BINS)[0] / layer.z.size)
    for column, name in enumerate(("saturated", "dead")):
        artists[f"shares {name}"].set_data(SHIFTS, layer.shares[:, column])
        artists[f"at {name}"].set_data([settings["shift"]], [getattr(layer, name)])
    artists["mean"].set_text(number(layer.mean))
    artists["headline"].set_text(headline(layer))


def percent(share: float) -> str:
    """Return a share in per cent, in at most three digits.

    Examples
    --------
    >>> percent(0.4836), percent(0.00021), percent(0)
    ('48.4 %', '0.021 %', '0 %')
    """
    return f"{100 * share:.3g} %"


def called(layer: Layer) -> str:
    """Return the activation's name, with its parameter where it has one."""
    name = layer.settings["activation"]
    if name not in PARAMETERS:
        return name
    return f"{name}, {PARAMETERS[name]} {number(layer.settings['parameter'])}"


def headline(layer: Layer) -> str:
    """Say what the layer suffers from, with the three numbers."""
    what = "dying" if layer.dead > 0 else "saturated" if layer.saturated > 0.25 else "awake"
    return (
        f"{what}: largest slope {number(layer.largest)}, saturated {percent(layer.saturated)}, "
        f"dead units {percent(layer.dead)}"
    )


class Activations(Explorer):
    """An activation and its slope, over the pre-activations of 50 units on 100 examples.

    The units' weights are drawn once, so that at scale 1 and bias 0 the pre-activations have about unit
    variance; `scale` multiplies the weights and `shift` is the bias of all units. A unit is dead if its slope
    is exactly 0 on every example: then no gradient reaches its weights.

    Questions it lets one answer:

    - Which activation has the largest slope, and what is left of it after ten layers of sigmoids?
    - At which scale of the weights is half of the sigmoid's input saturated? Half of the tanh's?
    - How far down must the bias go until half of the ReLU units are dead, on the cloud and on digits?
    - Which activations keep every unit alive at that bias, and at what slope?
    - Whose outputs have mean 0 for a symmetric input?

    Parameters
    ----------
    activation : str
        A name in ``course_utils.nn.functional``.
    parameter : float
        `negative_slope`, `weight`, `alpha` or `beta` of the activations that have one, 0.01 to 2.
    inputs : str
        "normal cloud" (16 standard normal inputs) or "digits" (64 pixels, of mean square 1).
    shift : float
        Bias of all units, -6 to 6.
    scale : float
        Factor of the weights, 0.1 to 10.
    threshold : float
        Saturated is where the slope is below this share of the largest, 0.001 to 0.5.

    Examples
    --------
    >>> explorer = Activations(activation="sigmoid")
    >>> explorer.result.largest  # p (1 - p) at p = 1/2
    0.25
    >>> explorer.close()
    """

    title = "Activations and their slopes"
    size = (720, 440)

    activation = Choice("activation", NAMES, default="elu")
    parameter = LogSlider("parameter", 0.01, 2, default=0.3)
    shift = Slider("bias of all units", -VIEW, VIEW, default=-1, step=0.1)
    scale = LogSlider("scale of weights", 0.1, 10, default=2)
    threshold = LogSlider("saturated below", 0.001, 0.5, default=0.01)
    inputs = Choice("inputs", ("normal cloud", "digits"), default="normal cloud")

    presets = {
        "sigmoid awake": {"activation": "sigmoid", "shift": 0, "scale": 1},
        "sigmoid saturated": {"activation": "sigmoid", "shift": 0, "scale": 6},
        "dying ReLU": {"activation": "relu", "shift": -2.5, "scale": 1},
        "dying ReLU on digits": {"activation": "relu", "shift": -1.5, "scale": 1, "inputs": "digits"},
        "leaky ReLU survives": {"activation": "leaky_relu", "parameter": 0.05, "shift": -2.5, "scale": 1},
        "hardtanh dies on both sides": {"activation": "hardtanh", "shift": 3.5, "scale": 1},
    }

    compute = staticmethod(compute)

    def background(self, layer: Layer) -> tuple[float, float]:
        """Redraw for other ends of the axes."""
        return axis_tops(layer)

    def idle(self, layer: Layer) -> tuple[str, ...]:
        """Grey out the parameter of an activation without one."""
        return () if layer.settings["activation"] in PARAMETERS else ("parameter",)

    def draw(self, figure: Figure, layer: Layer) -> dict[str, Artist]:
        """Draw the axes."""
        return draw(figure, layer)

    def move(self, artists: dict[str, Any], layer: Layer) -> None:
        """Set curves, histogram and marks."""
        move(artists, layer)

    def describe(self, layer: Layer) -> str:
        """Name activation, inputs, slopes and shares."""
        settings = layer.settings
        return (
            f"Activation {called(layer)}. {N_UNITS} units on {N_EXAMPLES} examples ({settings['inputs']}), "
            f"weights times {number(settings['scale'])}, bias {number(settings['shift'])}, saturated below "
            f"{percent(settings['threshold'])} of the largest slope. {headline(layer).capitalize()}. Outputs "
            f"have mean {number(layer.mean)}, spread {number(layer.spread)}."
        )
