"""The axes over the layers in `GradientFlow`: their ends, ticks and grid move, which costs no background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.explorers._lettering import add_lettering
from course_utils.explorers.gradient_flow_numbers import power

if TYPE_CHECKING:
    from course_utils.explorers.gradient_flow import Scene

DEPTHS = (2, 3, 5, 10, 20, 30, 50, 70, 100)  # the axis of the layers ends at one of these: it seldom changes
LOWEST = (-4, -8, -12, -16, -24, -32, -48, -64, -96, -128, -192, -320)  # powers of ten at the lower end of
HIGHEST = (1, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 308)  # the other axis, and at its upper end
N_TICKS = 9


def decades(scene: Scene) -> tuple[int, int]:
    """Return powers of ten that enclose all lines at all steps."""
    shown = [scene.moved.ravel()]
    for flow in scene.flows:
        shown += [flow.gradients, flow.weight_gradients, flow.spreads]
    positive = np.concatenate(shown)
    positive = positive[positive > 0]
    low, high = np.log10([positive.min(initial=1), positive.max(initial=1)])
    return (
        next((end for end in LOWEST if end <= low), LOWEST[-1]),
        next((end for end in HIGHEST if end >= high), HIGHEST[-1]),
    )


def draw_ticks(axes: Axes, words: dict[str, Any]) -> dict[str, Any]:
    """Make the axes logarithmic; return ticks and grid, which move."""
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set(xticks=[], yticks=[])
    high, wide = axes.get_xaxis_transform(), axes.get_yaxis_transform()  # one in data, the other from 0 to 1
    artists: dict[str, Any] = {
        "grid": axes.plot([], [], color="#dddddd", linewidth=0.8, transform=wide, zorder=1)[0]
    }
    for i in range(N_TICKS):
        artists[f"level {i}"] = add_lettering(axes, -0.015, 1, ha="right", transform=wide, **words)
        artists[f"layer {i}"] = add_lettering(axes, 0, -0.045, ha="center", transform=high, **words)
    return artists


def move_axes(artists: dict[str, Any], scene: Scene) -> None:
    """Set ends, ticks and grid, if they are others than they were."""
    axes: Axes = artists["gradients"].axes
    end = next(end for end in DEPTHS if end >= scene.settings["depth"])
    low, high = decades(scene)
    x_ends, y_ends = (0.5, end + 0.5), (10.0**low, 10.0**high)
    if axes.get_xlim() != x_ends:
        axes.set_xlim(x_ends)
        layers = [1, *range(max(2, end // 5), end + 1, max(1, end // 5))]
        for i in range(N_TICKS):
            tick = artists[f"layer {i}"]
            tick.set_visible(i < len(layers))
            if i < len(layers):
                tick.set_x(layers[i])
                tick.set_text(str(layers[i]))
    if axes.get_ylim() != y_ends:
        axes.set_ylim(y_ends)
        _move_levels(artists, low, high)


def _move_levels(artists: dict[str, Any], low: int, high: int) -> None:
    spacing = next(n for n in (1, 2, 4, 8, 16, 32, 64, 128) if (high - low) / n < N_TICKS - 1)
    exponents = [n for n in range(low, high + 1) if n % spacing == 0]
    levels = [10.0**n for n in exponents]
    artists["grid"].set_data([0, 1, np.nan] * len(levels), np.repeat(levels, 3))
    for i in range(N_TICKS):
        tick = artists[f"level {i}"]
        tick.set_visible(i < len(levels))
        if i < len(levels):
            tick.set_y(levels[i])
            tick.set_text(power(exponents[i]))
