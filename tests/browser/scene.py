"""A scene for tests: a ball in a bowl. It plays, speaks under the mouse, and its start can be dragged.

Tests copy this file beside their notebook; a second import would count the explorer twice.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from course_utils.explorers._canvas import add_axes
from course_utils.explorers._controls import Choice, Playback, Slider
from course_utils.explorers._live import Explorer


def compute(*, x0: float, y0: float, rate: float, step: int, colour: str) -> dict[str, Any]:
    """Shrink the start by `rate` at every step."""
    time.sleep(pause)
    steps = np.arange(step + 1)
    return {"x": x0 * (1 - rate) ** steps, "y": y0 * (1 - 2 * rate) ** steps, "step": step, "colour": colour}


pause = 0.0  # s; a test makes the kernel slow by it


class Ball(Explorer):
    """A ball in a bowl."""

    title = "A ball in a bowl"
    size = (720, 300)
    x0 = Slider("start x", -2, 2, default=-1.5)
    y0 = Slider("start y", -2, 2, default=1.0)
    rate = Slider("rate", 0.01, 0.4, default=0.1)
    colour = Choice("colour", ("blue", "black"), default="blue")
    step = Playback("step", 0, 30, default=5)
    presets = {"far away": {"x0": 2, "y0": -2}}
    handles = {"start": ("x0", "y0")}
    compute = staticmethod(compute)

    def draw(self, figure: Any, result: Any) -> dict[str, Any]:
        axes = add_axes(figure, (0.1, 0.2, 0.85, 0.65), x="x", y="y", title="path")
        axes.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
        path = axes.plot([], [], "-o", color="#0072B2")[0]
        return {"path": path, "start": axes.plot([], [], "o", markersize=12, color="#D55E00")[0]}

    def move(self, artists: dict[str, Any], result: Any) -> None:
        artists["path"].set_data(result["x"], result["y"])
        artists["path"].set_color(result["colour"])
        artists["start"].set_data(result["x"][:1], result["y"][:1])

    def hover(self, result: Any) -> dict[str, list[str]]:
        return {"path": [f"step {i}: x = {x:.2f}" for i, x in enumerate(result["x"])]}

    def describe(self, result: Any) -> str:
        start = f"({result['x'][0]:.2f}, {result['y'][0]:.2f})"
        return f"Step {result['step']} from {start}: x = {result['x'][-1]:.2f}, {result['colour']}."
