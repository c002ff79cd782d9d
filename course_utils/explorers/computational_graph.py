"""Explorer: one neuron and its loss as a graph, values forward and gradients backward. Chapter 01a."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

import course_utils.nn.functional as F
from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE
from course_utils.explorers._controls import Choice, Slider
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number, short
from course_utils.figures import COLOURS
from course_utils.nn.autodiff import Tensor


def squared_error(p: Tensor, target: Tensor) -> Tensor:
    """Return (p - target)^2."""
    return (p - target) ** 2


def cross_entropy(p: Tensor, target: Tensor) -> Tensor:
    """Return -target log p - (1 - target) log(1 - p), in nats."""
    return -(target * p.log() + (1 - target) * (1 - p).log())


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "squared error": squared_error,
    "cross-entropy": cross_entropy,
}


@dataclass(frozen=True)
class Node:
    """An operation of the graph: its name, its inputs' names and its function."""

    name: str
    inputs: tuple[str, ...]
    operation: Callable[..., Tensor]


@dataclass(frozen=True)
class Graph:
    """All numbers of one pass forward and one back.

    Parameters
    ----------
    loss : str
        Which loss.
    values : dict of float
        The value of every node.
    gradients : dict of float
        dloss/d(node) of every node except the target, which nothing moves.
    slopes : dict of float
        For every edge (from, to): d(to)/d(from), the factor that the gradient picks up on its way back.
    """

    loss: str
    values: dict[str, float]
    gradients: dict[str, float]
    slopes: dict[tuple[str, str], float]


def compute(*, x: float, w: float, b: float, target: float, loss: str) -> Graph:
    """Run the graph forward, then back: gradient of an input = gradient of the output times slope."""
    nodes = (
        Node("wx", ("w", "x"), lambda w, x: w * x),
        Node("z", ("wx", "b"), lambda wx, b: wx + b),
        Node("p", ("z",), F.sigmoid),
        Node("loss", ("p", "target"), LOSSES[loss]),
    )
    values = {"x": x, "w": w, "b": b, "target": target}
    slopes = {}
    for node in nodes:
        inputs = [Tensor(np.float64(values[name]), requires_grad=True) for name in node.inputs]
        output = node.operation(*inputs)
        output.backward()
        values[node.name] = output.item()
        for name, at in zip(node.inputs, inputs, strict=True):
            slopes[name, node.name] = float(np.asarray(at.grad))
    gradients = {"loss": 1.0}
    for node in reversed(nodes):
        for name in node.inputs:
            gradients[name] = gradients[node.name] * slopes[name, node.name]
    del gradients["target"]
    return Graph(loss, values, gradients, slopes)


BOXES = {  # name: centre (x, y) in a picture 100 wide and 52 high, and the text in the box
    "w": (7.5, 40, "w"),
    "x": (7.5, 23, "x"),
    "b": (28.5, 14, "b"),
    "wx": (28.5, 31.5, "multiply"),
    "z": (49.5, 31.5, "add (z)"),
    "p": (70.5, 31.5, "sigmoid (p)"),
    "target": (70.5, 14, "target"),
    "loss": (92, 31.5, ""),
}
EDGES = (("w", "wx"), ("x", "wx"), ("wx", "z"), ("b", "z"), ("z", "p"), ("p", "loss"), ("target", "loss"))
WIDTH, HEIGHT = 12.0, 5.8  # of a box
FORWARD, BACKWARD = COLOURS["blue"], "#A34700"  # vermillion, dark enough for small text


def draw(figure: Figure, graph: Graph) -> dict[str, Artist]:
    """Draw boxes and edges; return the numbers that stand at them."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 100), ylim=(0, 52))
    axes.set_axis_off()
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists: dict[str, Artist] = {"headline": add_lettering(axes, 1.8, 49.5, **bold)}
    for start, end in EDGES:
        artists |= _draw_edge(axes, start, end, with_slope=start in graph.gradients)
    for name in BOXES:
        artists |= _draw_box(axes, name, graph)
    legend: dict[str, Any] = {"va": "center", "fontsize": TEXT_SIZE}
    axes.text(1.8, 4.5, "above: value", color=FORWARD, weight="bold", **legend)
    axes.text(22, 4.5, "below: gradient of the loss", color=BACKWARD, **legend)
    axes.text(57.5, 4.5, "on an edge: factor on the way back", color=MUTED, style="italic", **legend)
    return artists


def _draw_edge(axes: Axes, start: str, end: str, with_slope: bool) -> dict[str, Artist]:
    (x0, y0, _), (x1, y1, _) = BOXES[start], BOXES[end]
    x0, x1 = x0 + WIDTH / 2, x1 - WIDTH / 2
    style: dict[str, Any] = {"arrowstyle": "-|>", "color": MUTED, "linewidth": 1.3, "mutation_scale": 12}
    axes.add_patch(FancyArrowPatch((x0, y0), (x1, y1), shrinkA=0, shrinkB=0, **style))
    if not with_slope:
        return {}
    level = y0 == y1
    place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT_SIZE - 1, "style": "italic"}
    x, y = (x0 + x1) / 2, (y0 + y1) / 2 + 1.7 * level
    if not level:  # stands on the line, in a gap
        axes.add_patch(Rectangle((x - 3.2, y - 1.3), 6.4, 2.6, color="white", linewidth=0, zorder=2))
    return {f"slope {start} {end}": add_lettering(axes, x, y, color=MUTED, zorder=5, **place)}


def _draw_box(axes: Axes, name: str, graph: Graph) -> dict[str, Artist]:
    x, y, text = BOXES[name]
    corner = x - WIDTH / 2, y - HEIGHT / 2
    box = FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=1")
    box.set(facecolor="#f2f2f2", edgecolor=INK, linewidth=1.2, zorder=3)
    axes.add_patch(box)
    place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT_SIZE}
    two_lines = graph.loss.replace(" ", "\n").replace("-", "-\n")
    add_lettering(axes, x, y, text or two_lines, color=INK, zorder=4, **place)  # as wide on every screen
    artists: dict[str, Artist] = {
        f"value {name}": add_lettering(axes, x, y + 4.6, color=FORWARD, zorder=5, weight="bold", **place)
    }
    if name in graph.gradients:
        artists[f"gradient {name}"] = add_lettering(axes, x, y - 4.6, color=BACKWARD, zorder=5, **place)
    return artists


def move(artists: dict[str, Any], graph: Graph) -> None:
    """Write the numbers."""
    for name, value in graph.values.items():
        artists[f"value {name}"].set_text(number(value))
    for name, gradient in graph.gradients.items():
        artists[f"gradient {name}"].set_text(number(gradient))
    for (start, end), slope in graph.slopes.items():
        if start != "target":
            artists[f"slope {start} {end}"].set_text(f"×{short(slope)}")
    artists["headline"].set_text(headline(graph))


def headline(graph: Graph) -> str:
    """Say what the pass found."""
    return f"loss {number(graph.values['loss'])}, dloss/dw {number(graph.gradients['w'])}"


class ComputationalGraph(Explorer):
    """One neuron p = sigmoid(w x + b) and its loss, as a graph: values above the boxes, gradients below.

    Questions it lets one answer:

    - Follow the gradient from the loss back to w: which factor does each edge add?
    - Why is the gradient at w zero whenever x is, however wrong p may be?
    - The neuron is wrong and sure: what is left of the gradient with squared error, what with cross-entropy?
    - Which sign has the gradient at b when p is below the target, and where does a step against it move p?

    Parameters
    ----------
    x, w, b : float
        Input, weight and bias, -4 to 4.
    target : float
        What p shall be, 0 to 1.
    loss : str
        "squared error" or "cross-entropy".

    Examples
    --------
    >>> explorer = ComputationalGraph(x=0.0, b=0.0, target=1.0)  # sigmoid(0) = 1/2, so the loss is 1/4
    >>> explorer.result.values["loss"], explorer.result.gradients["p"]
    (0.25, -1.0)
    >>> explorer.close()
    """

    title = "Computational graph of a neuron"
    size = (720, 375)

    x = Slider("input x", -4, 4, default=1.5, step=0.1)
    w = Slider("weight w", -4, 4, default=-1, step=0.1)
    b = Slider("bias b", -4, 4, default=0.5, step=0.1)
    target = Slider("target", 0, 1, default=1)
    loss = Choice("loss", tuple(LOSSES), default="squared error")

    presets = {
        "unsure": {"w": 0, "b": 0},
        "right and sure": {"x": 2, "w": 2, "b": 1},
        "wrong and sure": {"x": 2, "w": -3, "b": -2},
        "wrong and sure, cross-entropy": {"x": 2, "w": -3, "b": -2, "loss": "cross-entropy"},
        "input zero": {"x": 0},
    }

    compute = staticmethod(compute)

    def background(self, graph: Graph) -> str:
        """Redraw for another loss, whose name stands in its box."""
        return graph.loss

    def draw(self, figure: Figure, graph: Graph) -> dict[str, Artist]:
        """Draw boxes and edges."""
        return draw(figure, graph)

    def move(self, artists: dict[str, Any], graph: Graph) -> None:
        """Write the numbers at boxes and edges."""
        move(artists, graph)

    def describe(self, graph: Graph) -> str:
        """Name inputs, output, loss and the two gradients that training needs."""
        values, gradients = graph.values, graph.gradients
        inputs = ", ".join(f"{name} {number(values[name])}" for name in ("x", "w", "b"))
        return (
            f"Graph of a neuron: {inputs} give p {number(values['p'])}; target {number(values['target'])}, "
            f"{graph.loss} {number(values['loss'])}. Gradients: dloss/dw {number(gradients['w'])}, "
            f"dloss/db {number(gradients['b'])}."
        )
