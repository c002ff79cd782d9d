"""The picture of `GradientFlow`: lines over the layers, two histograms, and numbers or the loss."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_utils.explorers._canvas import INK, MUTED, TEXT_SIZE, add_axes
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers.gradient_flow_axes import draw_ticks, move_axes
from course_utils.explorers.gradient_flow_numbers import digits
from course_utils.explorers.layer_statistics import N_BINS, Histogram
from course_utils.figures import COLOURS

if TYPE_CHECKING:
    from course_utils.explorers.gradient_flow import Scene

LOSSES = (3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 1e4)  # upper ends of the axis of losses
CHANCE = np.log(10)  # the loss of one who knows nothing about ten classes
LOSS = "loss (guessing: 2.30)"
FACTS = ("gradient of activations", "gradient of weights", "spread of activations", "W · dL/dW", LOSS)
MOVED = 0.01  # a layer has moved if its weights have changed by this part
WORDS: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "va": "center", "color": INK}

LINES = {  # name: label, colour, marker
    "gradients": ("gradients of\nactivations", COLOURS["blue"], "o"),
    "weight_gradients": ("gradients\nof weights", COLOURS["vermillion"], "s"),
    "spreads": ("spread of\nactivations", COLOURS["green"], "^"),
    "moved": ("weights\nmoved by", COLOURS["purple"], "D"),
}


def lines_of(scene: Scene) -> dict[str, np.ndarray]:
    """Return what is drawn over the layers by name, each (depth,)."""
    flow, settings = scene.flow, scene.settings
    lines = {
        "gradients": flow.gradients,
        "weight_gradients": flow.weight_gradients,
        "spreads": flow.spreads,
    }
    return lines | ({"moved": scene.moved[settings["step"]]} if settings["training"] == "on" else {})


def background(scene: Scene) -> Hashable:
    """Return whether there are axes for the loss; the ends and ticks of all axes are moving parts."""
    return scene.settings["training"]


def draw(figure: Figure, scene: Scene) -> dict[str, Artist]:
    """Draw the axes; return what moves."""
    large = WORDS | {"fontsize": TEXT_SIZE + 1, "weight": "bold"}
    artists: dict[str, Any] = {
        "headline": add_lettering(figure, 0.02, 0.962, **large),
        "subline": add_lettering(figure, 0.02, 0.908, **WORDS | {"fontsize": TEXT_SIZE}),
    }
    artists |= _draw_lines(figure)
    artists |= _draw_histogram(figure, "before", 0.665, COLOURS["sky"])
    artists |= _draw_histogram(figure, "after", 0.425, COLOURS["orange"])
    return artists | (_draw_losses if scene.settings["training"] == "on" else _draw_facts)(figure)


def _axes(figure: Figure, box: tuple[float, float, float, float], **labels: str) -> Axes:
    """Add axes whose frame lies below all that moves, as a stored background does."""
    axes = add_axes(figure, box, **{"x": "", "y": "", "title": "", **labels})
    for spine in axes.spines.values():
        spine.set_zorder(0.2)
    return axes


def _draw_lines(figure: Figure) -> dict[str, Any]:
    axes = _axes(figure, (0.085, 0.115, 0.435, 0.70))
    ticks = draw_ticks(axes, WORDS)
    high = axes.get_xaxis_transform()  # x in data, y from 0 to 1
    words = WORDS | {"fontsize": TEXT_SIZE, "transform": axes.transAxes}
    artists: dict[str, Any] = ticks | {
        "key": add_lettering(axes, 0, 1.04, **words),
        "caption": add_lettering(axes, 0.5, -0.125, ha="center", **words),
        "theory": axes.plot([], [], color=INK, linestyle="--", linewidth=1.2, zorder=6)[0],
        "threshold": axes.plot([], [], color=LINES["moved"][1], linestyle=":", zorder=3)[0],
        "chosen": axes.plot([], [], color=MUTED, linewidth=0.9, linestyle=":", transform=high, zorder=2)[0],
    }
    for name, (label, colour, marker) in LINES.items():
        style: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4.5, "linewidth": 1.5}
        artists[name] = axes.plot([], [], **style, zorder=4)[0]
        style |= {"linestyle": "", "marker": "v", "markerfacecolor": "white", "clip_on": False}
        artists[f"zero {name}"] = axes.plot([], [], transform=high, **style, zorder=5)[0]
        artists[f"label {name}"] = add_lettering(
            axes, 0, 0, label, transform=high, **WORDS | {"color": colour}
        )
    return artists


def _draw_histogram(figure: Figure, name: str, bottom: float, colour: str) -> dict[str, Any]:
    axes = _axes(figure, (0.685, bottom, 0.29, 0.15))
    axes.set(xlim=(-1.03, 1.03), ylim=(0, 1.08), xticks=[-1, 0, 1], xticklabels=[], yticks=[])
    axes.spines["left"].set_visible(False)
    words = WORDS | {"transform": axes.transAxes}
    axes.text(0.5, -0.2, "0", ha="center", **words)
    edges = np.linspace(-1, 1, N_BINS + 1)
    return {
        name: axes.stairs(np.zeros(N_BINS), edges, fill=True, color=colour),
        f"title {name}": add_lettering(axes, 0, 1.14, **words),
        f"cut {name}": add_lettering(axes, 0, 0.9, **words),
        f"left {name}": add_lettering(axes, 0, -0.2, ha="left", **words),
        f"right {name}": add_lettering(axes, 1, -0.2, ha="right", **words),
    }


def _draw_facts(figure: Figure) -> dict[str, Any]:
    artists = {}
    for i, name in enumerate(FACTS):
        add_lettering(figure, 0.655, 0.285 - 0.05 * i, name, **WORDS)
        artists[name] = add_lettering(figure, 0.98, 0.285 - 0.05 * i, ha="right", weight="bold", **WORDS)
    return artists


def _draw_losses(figure: Figure) -> dict[str, Any]:
    axes = _axes(figure, (0.685, 0.115, 0.29, 0.19), x="step", title="loss; dotted: guessing")
    axes.set(xlim=(-1, 51), yticks=[0], ylim=(0, 1))
    star: dict[str, Any] = {
        "marker": "*",
        "markersize": 13,
        "color": COLOURS["yellow"],
        "markeredgecolor": INK,
    }
    ends = axes.get_yaxis_transform()
    return {
        "guessing": axes.plot([0, 1], [CHANCE] * 2, color=MUTED, linestyle=":", transform=ends)[0],
        "losses": axes.plot([], [], color=INK, linewidth=1.5)[0],
        "now": axes.plot([], [], clip_on=False, **star)[0],
        "top": add_lettering(axes, -0.03, 1, ha="right", transform=axes.transAxes, **WORDS),
    }


def move(artists: dict[str, Any], scene: Scene) -> None:
    """Set lines, marks, ticks and histograms; the texts about them come from the explorer."""
    depth, chosen = scene.settings["depth"], scene.settings["layer"]
    move_axes(artists, scene)
    layers = np.arange(1, depth + 1)
    lines = lines_of(scene)
    for i, name in enumerate(LINES):
        values = lines.get(name, np.zeros(0))
        _put(artists[name], layers[: len(values)], np.where(values > 0, values, np.nan))
        artists[name].set_markevery(max(1, depth // 20))
        zeros = layers[: len(values)][values == 0]
        _put(artists[f"zero {name}"], zeros, np.full(len(zeros), 0.015 + 0.035 * i))
    _place_labels(artists, lines, depth)
    expected = scene.expected
    _put(artists["theory"], *((layers, expected) if expected is not None else ([], [])))
    artists["chosen"].set_data([chosen, chosen], [0, 1])
    _put(artists["threshold"], *(([0.5, depth], [MOVED] * 2) if "moved" in lines else ([], [])))
    units = scene.units
    for name, found in (("before", units.before), ("after", units.after)):
        _move_histogram(artists, name, found)
    artists["title before"].set_text(f"layer {chosen}: before activation")
    dead = "all units alike" if units.alike else f"{units.dead:.0%} dead units"
    artists["title after"].set_text("after: " + dead.replace("%", " %"))
    if "losses" in artists:
        _move_losses(artists, scene)


def _put(line: Line2D, x: Any, y: Any) -> None:
    """Set the points of a line, or hide it: one without points would cost as much time as another."""
    line.set_data(x, y)
    line.set_visible(len(x) > 0)


def _move_losses(artists: dict[str, Any], scene: Scene) -> None:
    losses, step = np.array([flow.loss for flow in scene.flows]), scene.settings["step"]
    top = next((end for end in LOSSES if losses.max() <= end), LOSSES[-1])
    artists["losses"].axes.set_ylim(0, top)
    artists["losses"].set_data(np.arange(len(losses)), np.minimum(losses, top))
    artists["now"].set_data([step], [min(losses[step], top)])
    artists["top"].set_text(digits(top, 2))


def _place_labels(artists: dict[str, Any], lines: dict[str, np.ndarray], depth: int) -> None:
    """Put each label at the right end of its line, and apart from the others."""
    axes: Axes = artists["gradients"].axes
    low, high = np.log10(axes.get_ylim())
    ends = {
        name: (np.log10(max(values[-1], 10.0**low)) - low) / (high - low) for name, values in lines.items()
    }
    names = sorted(ends, key=lambda name: ends[name])
    gap = 0.105  # two lines of text
    places = [0.03 + gap * i for i in range(len(names))]
    for i, name in enumerate(names):  # upwards: at its line, but above the one before
        places[i] = max(ends[name], places[i - 1] + gap if i else 0.03)
    for i in reversed(range(len(names))):  # downwards again, where the last are beyond the top
        places[i] = min(places[i], 0.955 - gap * (len(names) - 1 - i))
    for name in LINES:
        artists[f"label {name}"].set_visible(name in lines)
    for name, place in zip(names, places, strict=True):
        artists[f"label {name}"].set_position((depth + 0.03 * (axes.get_xlim()[1] - 0.5), place))


def _move_histogram(artists: dict[str, Any], name: str, found: Histogram) -> None:
    """Scale to the fullest bin, or to the second if the fullest is far beyond; that is cut, and numbered."""
    shares, reach = found.shares, found.reach
    second, largest = np.sort(shares)[-2:]
    cut = largest > 2 * second > 0
    artists[name].set_data(np.minimum(shares / ((1.6 * second if cut else largest) or 1), 1.08))
    at = int(np.argmax(shares))
    artists[f"cut {name}"].set_text(f"{largest:.0%}".replace("%", " %") if cut else "")
    right = at < 0.8 * N_BINS
    artists[f"cut {name}"].set(x=(at + 1.5 if right else at - 0.5) / N_BINS, ha="left" if right else "right")
    artists[f"left {name}"].set_text(digits(-reach, 2) if reach else "")
    artists[f"right {name}"].set_text(digits(reach, 2) if reach else "")


def write_facts(artists: dict[str, Any], facts: dict[str, str]) -> None:
    """Write the values, where there is room for them."""
    for name in FACTS:
        if name in artists:
            artists[name].set_text(facts[name])
