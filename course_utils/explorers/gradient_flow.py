"""Explorer: how gradients vanish and explode in deep networks, and what keeps them. Chapters 04 and 06."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import gradient_flow_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback
from course_utils.explorers._live import Explorer
from course_utils.explorers.digit_networks import (
    ACTIVATIONS,
    N_STEPS,
    at_start,
    train,
    wide_growth,
)
from course_utils.explorers.gradient_flow_words import (
    caption,
    describe,
    facts,
    headline,
    key,
    loss_fact,
    readouts,
    subline,
)
from course_utils.explorers.layer_statistics import Flow, Units
from course_utils.explorers.random_weights import INITIALIZATIONS

MOST_WEIGHTS = {"off": 100 * 64**2, "on": 50 * 64**2}  # by training: with more, one would have to wait

BATCH_NORM: dict[str, Any] = {
    "activation": "ReLU",
    "initialization": "He",
    "normalization": "batch",
    "depth": 50,
    "layer": 1,
}


@dataclass(frozen=True)
class Scene:
    """A network and what flows through it: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values; of ``width``, ``layer`` and ``step`` what is shown, and what was "asked".
    flows : tuple of Flow
        Before training, and, if that was asked for, after each step until something overflowed.
    units : Units
        Of the layer and at the step that are shown.
    moved : ndarray
        How far each layer's weights are from where they started, (len(flows), depth).
    theory : ndarray or None
        Of wide networks: by how much dL/dh grows from each layer to the one before, (depth - 1,).
    """

    settings: dict[str, Any]
    flows: tuple[Flow, ...]
    units: Units
    moved: np.ndarray
    theory: np.ndarray | None

    @property
    def flow(self) -> Flow:
        """What flows at the step that is shown."""
        return self.flows[self.settings["step"]]

    @property
    def expected(self) -> np.ndarray | None:
        """The theory's dL/dh, (depth,), as large as the real one in the last layer; None after training."""
        if self.theory is None or self.settings["step"] > 0:
            return None
        to_last = np.cumprod(self.theory[::-1])[::-1]
        return self.flow.gradients[-1] * np.append(to_last, 1.0)


def compute(*, layer: int, training: str, step: int, **network: Any) -> Scene:
    """Send a batch of digits through the network and back: as drawn, or before each step of a training."""
    asked = {"asked width": network["width"], "asked step": step}
    network["width"] = min(network["width"], math.isqrt(MOST_WEIGHTS[training] // network["depth"]))
    if network["initialization"] != "normal":
        network["std"] = 0.0  # idle: all its values are the same network
    if training == "on":
        flows, moved = train(**network)
    else:
        flows, moved = (at_start(**network),), np.zeros((1, network["depth"]))
    shown: dict[str, Any] = {"layer": min(layer, network["depth"]), "training": training}
    shown["step"] = min(step, len(flows) - 1)
    units = flows[shown["step"]].units[shown["layer"] - 1]
    return Scene({**network, **shown, **asked}, flows, units, moved, wide_growth(**network))


class GradientFlow(Explorer):
    """Vanishing and exploding gradients: a real network on 48 digits, layer by layer, before and in training.

    The gradient of the loss with respect to each layer's activations and weights, and the spread of the
    activations, over depth; the numbers that enter and leave the chosen layer's activation; the growth of the
    gradients from layer to layer beside the theory of wide networks (with batch normalization, of large
    batches too); and 50 steps of SGD (rate 0.03).
    100 layers have at most 64 units, and 26 up to 128; in training 50 layers have at most 64. Wider ones are
    narrowed, and say so.

    Questions it lets one answer:

    - Which initialization keeps the gradients of 100 layers of ReLU level, and which those of tanh?
    - Gradients vanish in a deep network of sigmoids unless large weights saturate its units: what does help?
    - With Xavier weights and ReLU the activations' gradients vanish. Why do those of the weights not show it?
    - Batch normalization keeps the spread of activations at 1. Why do gradients explode, and what tames them?
    - Which layers move in 50 steps of training when gradients vanish, and what does the loss do?

    Parameters
    ----------
    activation : str
        "sigmoid", "tanh", "ReLU", "Leaky ReLU", "GELU" or "linear" (none).
    initialization : str
        "zeros", "normal", "Xavier", "He", "torch's default" or "orthogonal".
    std : float
        Standard deviation of normal weights, 0.01 to 1.
    normalization : {"none", "batch", "layer"}
        What stands before each activation.
    residual : {"off", "on"}
        Whether each hidden layer but the first is added to its input.
    depth, width : int
        Number of hidden layers, 2 to 100, and of units in each, 16 to 128.
    seed : int
        Of the weights, 0 to 20.
    layer : int
        The one whose numbers are shown, 1 to 100; beyond the depth, the last.
    training : {"off", "on"}
        Whether to train.
    step : int
        Steps taken, 0 to 50.

    Examples
    --------
    >>> explorer = GradientFlow(activation="linear", initialization="orthogonal", depth=100)
    >>> first, last = explorer.result.flow.gradients[[0, -1]]
    >>> print(round(first / last, 12))  # orthogonal matrices keep every length
    1.0
    >>> explorer.close()
    """

    title = "Vanishing and exploding gradients"
    size = (720, 440)

    activation = Choice("activation", tuple(ACTIVATIONS), default="sigmoid")
    initialization = Choice("initialization", INITIALIZATIONS, default="normal")
    std = LogSlider("std of weights", 0.01, 1, default=0.125)
    normalization = Choice("normalization", ("none", "batch", "layer"), default="none")
    residual = Choice("residual", ("off", "on"), default="off")
    depth = IntegerSlider("hidden layers", 2, 100, default=20)
    width = IntegerSlider("units a layer", 16, 128, default=64)
    seed = IntegerSlider("seed", 0, 20, default=0)
    layer = IntegerSlider("show layer", 1, 100, default=10)
    training = Choice("train 50 steps", ("off", "on"), default="off")
    step = Playback("step", 0, N_STEPS, default=N_STEPS)

    presets = {
        "sigmoid: vanishes": {"activation": "sigmoid", "initialization": "Xavier"},
        "sigmoid: nothing learnt": {"activation": "sigmoid", "initialization": "Xavier", "training": "on"},
        "tanh Xavier: holds": {"activation": "tanh", "initialization": "Xavier", "depth": 50},
        "tanh Xavier: learns": {"activation": "tanh", "initialization": "Xavier", "training": "on"},
        "ReLU He: holds": {"activation": "ReLU", "initialization": "He", "depth": 50},
        "ReLU Xavier: weights hide it": {"activation": "ReLU", "initialization": "Xavier", "depth": 50},
        "torch's default: vanishes": {"activation": "ReLU", "initialization": "torch's default"},
        "too large: explodes": {"activation": "ReLU", "std": 0.3, "depth": 50},
        "too large: diverges": {"activation": "ReLU", "std": 0.25, "depth": 10, "training": "on"},
        "zeros: no gradient": {"initialization": "zeros", "depth": 3},
        "zeros: units stay alike": {"initialization": "zeros", "depth": 3, "training": "on"},
        "batch norm alone: explodes": BATCH_NORM,
        "batch norm alone: hardly learns": BATCH_NORM | {"training": "on"},
        "with residual: tamed": BATCH_NORM | {"residual": "on"},
        "with residual: learns": BATCH_NORM | {"residual": "on", "training": "on"},
    }

    compute = staticmethod(compute)

    def background(self, scene: Scene) -> Hashable:
        """Redraw where the axes of the loss come or go."""
        return gradient_flow_picture.background(scene)

    def idle(self, scene: Scene) -> tuple[str, ...]:
        """Grey out the spread of weights that are not normal, and the step where none is taken."""
        other = () if scene.settings["initialization"] == "normal" else ("std",)
        return other if scene.settings["training"] == "on" else (*other, "step")

    def draw(self, figure: Figure, scene: Scene) -> dict[str, Artist]:
        """Draw the empty axes."""
        return gradient_flow_picture.draw(figure, scene)

    def move(self, artists: dict[str, Any], scene: Scene) -> None:
        """Set lines, histograms and texts."""
        gradient_flow_picture.move(artists, scene)
        artists["headline"].set_text(headline(scene))
        artists["subline"].set_text(subline(scene))
        artists["key"].set_text(key(scene))
        artists["caption"].set_text(caption(scene))
        gradient_flow_picture.write_facts(artists, facts(scene) | loss_fact(scene))

    def hover(self, scene: Scene) -> dict[str, list[str]]:
        """Say the value of each layer, and the loss of each step."""
        return readouts(scene)

    def describe(self, scene: Scene) -> str:
        """Name the network, what its gradients do, and the chosen layer's numbers."""
        return describe(scene)
