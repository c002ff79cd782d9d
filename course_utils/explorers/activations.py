"""Explorer: activation functions, their slopes, and a layer of units that saturate or die. Chapter 03."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import activations_picture
from course_utils.explorers._controls import Choice, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.activations_layer import NAMES, PARAMETERS, VIEW, Layer, compute
from course_utils.explorers.activations_words import describe, readouts


class Activations(Explorer):
    """An activation and its slope, over the pre-activations of 50 units on 100 examples.

    The units' weights are drawn once, so that at scale 1 and bias 0 the pre-activations have about unit
    variance; `scale` multiplies the weights and `shift` is the bias of all units. A unit is dead if its slope
    is exactly 0 on every example: then no gradient reaches its weights.

    Questions it lets one answer:

    - Which activation has the largest slope? What is left of a sigmoid's after ten layers?
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

    handles = {name: ("shift",) for name in ("bias", "at saturated", "at dead")}

    compute = staticmethod(compute)

    def background(self, layer: Layer) -> tuple[float, float]:
        """Redraw for other ends of the axes."""
        return activations_picture.axis_tops(layer)

    def idle(self, layer: Layer) -> tuple[str, ...]:
        """Grey out the parameter of an activation without one."""
        return () if layer.settings["activation"] in PARAMETERS else ("parameter",)

    def draw(self, figure: Figure, layer: Layer) -> dict[str, Artist]:
        """Draw the axes."""
        return activations_picture.draw(figure, layer)

    def move(self, artists: dict[str, Any], layer: Layer) -> None:
        """Set curves, histogram and marks."""
        activations_picture.move(artists, layer)

    def hover(self, layer: Layer) -> dict[str, list[str]]:
        """Say value and slope of the function, and both shares."""
        return readouts(layer)

    def describe(self, layer: Layer) -> str:
        """Name activation, inputs, slopes and shares."""
        return describe(layer)
