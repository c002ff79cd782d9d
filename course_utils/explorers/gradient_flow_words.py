"""What `GradientFlow` says of its networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_utils.explorers._numbers import plural
from course_utils.explorers.gradient_flow_numbers import of_loss, short, three
from course_utils.explorers.gradient_flow_picture import LOSS, MOVED, lines_of

if TYPE_CHECKING:
    from course_utils.explorers.gradient_flow import Scene

LEVEL = 30.0  # gradients that differ by less between the first and the last layer have not yet vanished
STEEP = 1.5  # and are level if they change by less from layer to layer
SAID = {  # name of a line: what its points are
    "gradients": "gradient of activations",
    "weight_gradients": "gradient of weights",
    "spreads": "spread of activations",
    "moved": "weights moved by",
}


def growth(gradients: np.ndarray) -> float:
    """Return the factor by which gradients change from a layer to the one before, by a straight-line fit.

    The line is fitted to the logarithms by least squares; layers whose gradient is exactly 0 are left out.
    NaN if less than two are left.

    Examples
    --------
    >>> print(round(growth(np.array([0.25, 0.5, 1.0])), 12))
    0.5
    """
    layers = np.flatnonzero(gradients)
    if len(layers) < 2:
        return float("nan")
    places = layers - layers.mean()
    return float(np.exp(-(places @ np.log(gradients[layers])) / (places @ places)))


def state_of(gradients: np.ndarray) -> str:
    """Name what gradients do on their way from the last layer to the first.

    Examples
    --------
    >>> [state_of(np.array([first, 1.0])) for first in (0.0, 0.01, 0.1, 1.0, 10.0, 100.0)]
    ['cut off', 'vanishing', 'shrinking', 'level', 'growing', 'exploding']
    """
    if not gradients.all():
        return "cut off"
    ratio = gradients[0] / gradients[-1]
    if not 1 / LEVEL <= ratio <= LEVEL:
        return "vanishing" if ratio < 1 else "exploding"
    a_layer = growth(gradients)
    return "shrinking" if a_layer < 1 / STEEP else "growing" if a_layer > STEEP else "level"


def headline(scene: Scene) -> str:
    """Name the state and the growth of the gradients, beside the theory."""
    gradients = scene.flow.gradients
    if not gradients.any():
        return "cut off: no gradient in any hidden layer, they are exactly 0"
    state = state_of(gradients)
    if state == "cut off":
        return f"cut off: the gradients are exactly 0 in {layer_list(gradients == 0)}"
    verb = {"vanishing": "shrink", "exploding": "grow"}.get(state, "change")
    words = f"{state}: gradients {verb} ×{three(growth(gradients))} a layer on the way back"
    return words + ("" if scene.expected is None else f" (theory ×{three(growth(scene.expected))})")


def subline(scene: Scene) -> str:
    """Compare the first layer with the last; in training, tell the loss and which layers moved."""
    flow, settings = scene.flow, scene.settings
    if settings["training"] == "on":
        return progress(scene)
    if not flow.gradients.any():
        return "all weights are 0"
    first, last = flow.weight_gradients[[0, -1]]
    words = f"layer 1 against {settings['depth']}: gradients of activations "
    words += f"×{short(flow.gradients[0] / flow.gradients[-1])}"
    if last > 0:
        words += f", of weights ×{short(first / last)}"
        if state_of(flow.gradients) in ("vanishing", "exploding") and 1 / LEVEL < first / last < LEVEL:
            words += ", which hide it"
    return words


def progress(scene: Scene) -> str:
    """Say how training went: the loss, and which layers' weights moved."""
    step, depth = scene.settings["step"], scene.settings["depth"]
    has_moved = scene.moved[step] >= MOVED
    first, now = of_loss(scene.flows[0].loss), of_loss(scene.flow.loss)
    n_moved = f"{has_moved.sum()} of {depth} layers moved by 1 % or more"
    if step < scene.settings["asked step"]:
        return f"diverged: overflow at step {step + 1}, loss {now} before it; {n_moved}"
    if step == 0:
        return f"before training: loss {now}"
    words = f"loss {first} to {now} in {plural(step, 'step')}; {n_moved}"
    if all(units.alike for units in scene.flow.units):
        return f"{words}; units still alike"
    if has_moved.all():
        most = int(np.argmax(scene.moved[step]))
        return f"{words}, layer {most + 1} most: by {short(100 * scene.moved[step, most])} %"
    return words + (f": {layer_list(has_moved)}" if has_moved.any() else "")


def layer_list(chosen: np.ndarray) -> str:
    """Name layers, counted from 1, briefly.

    Examples
    --------
    >>> layer_list(np.array([True, True, False])), layer_list(np.array([True, False, True]))
    ('layers 1 to 2', 'some of layers 1 to 3')
    """
    layers = np.flatnonzero(chosen) + 1
    if len(layers) == 1:
        return f"layer {layers[0]}"
    whole = layers[-1] - layers[0] + 1 == len(layers)
    return f"{'' if whole else 'some of '}layers {layers[0]} to {layers[-1]}"


def key(scene: Scene) -> str:
    """Say what the lines over the layers are, as far as they are there."""
    words = "root mean square"
    if scene.expected is not None:
        words += "; dashed: theory"
    if any((values == 0).any() for values in lines_of(scene).values()):
        words += "; ▽: exactly 0"
    return words + ("; dotted: moved 1 %" if scene.settings["step"] > 0 else "")


def caption(scene: Scene) -> str:
    """Name the axis of the layers, with the width if it is less than asked for."""
    width = scene.settings["width"]
    return (
        "layer" if width == scene.settings["asked width"] else f"layer, of only {width} units at this depth"
    )


def facts(scene: Scene) -> dict[str, str]:
    """Return the chosen layer's numbers by name."""
    flow, i = scene.flow, scene.settings["layer"] - 1
    units = "all alike" if scene.units.alike else f"{scene.units.dead:.0%} dead".replace("%", " %")
    numbers = (flow.gradients, flow.weight_gradients, flow.spreads)
    product = short(flow.products[i])
    if np.ptp(flow.products) < 1e-6 * abs(flow.products[0]):  # Euler's identity: no bias, norm or shortcut
        product = f"all layers {product}"
    names = ("gradient of activations", "gradient of weights", "spread of activations", "units", "W · dL/dW")
    return dict(zip(names, [*(short(found[i]) for found in numbers), units, product], strict=True))


def loss_fact(scene: Scene) -> dict[str, str]:
    """Return the loss by its name."""
    return {LOSS: of_loss(scene.flow.loss)}


def readouts(scene: Scene) -> dict[str, list[str]]:
    """Return what the points of each line say."""
    said = {
        name: [f"layer {i + 1}: {SAID[name]} {short(value)}" for i, value in enumerate(values.tolist())]
        for name, values in lines_of(scene).items()
    }
    if scene.settings["training"] == "on":
        said["losses"] = [f"step {i}: loss {of_loss(flow.loss)}" for i, flow in enumerate(scene.flows)]
    return said


def describe(scene: Scene) -> str:
    """Name the network, what its gradients do, and the chosen layer's numbers."""
    chosen = scene.settings
    weights = f"weights {chosen['initialization']}"
    if chosen["initialization"] == "normal":
        weights += f" (std {chosen['std']:.3g})"
    only = "only " if chosen["width"] < chosen["asked width"] else ""
    told = (headline(scene), subline(scene))
    loss = "" if chosen["training"] == "on" else f"Loss {of_loss(scene.flow.loss)} (guessing: 2.30). "
    listed = ", ".join(f"{name} {value}" for name, value in facts(scene).items())
    return (
        f"{chosen['depth']} hidden layers of {only}{chosen['width']} units, {chosen['activation']}, "
        f"{weights}, normalization {chosen['normalization']}, residual {chosen['residual']}, "
        f"seed {chosen['seed']}. {told[0].capitalize()}. {told[1].capitalize()}. {loss}"
        f"Layer {chosen['layer']}: {listed}."
    )
