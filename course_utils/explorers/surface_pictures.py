"""How a loss surface is drawn: a curve over one weight, lines of equal loss over two. Chapters 01b and 05."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.explorers._canvas import add_axes
from course_utils.explorers.surfaces import Surface
from course_utils.figures import COLOURS


def surface_axes(figure: Figure, box: tuple[float, float, float, float], surface: Surface) -> Axes:
    """Add axes for a surface: over one weight with the loss upward, over two with one weight each way."""
    two = surface.n_weights == 2
    title = f"{surface.name}: lines of equal loss" if two else surface.name
    axes = add_axes(figure, box, x="weight x", y="weight y" if two else "loss", title=title)
    view = (-surface.view, surface.view)
    axes.set(xlim=view, ylim=view if two else (-0.25, 3))
    return axes


def draw_curve(axes: Axes, surface: Surface, colour: str = COLOURS["blue"]) -> None:
    """Draw the loss over its one weight."""
    x = np.linspace(-surface.view, surface.view, 241)
    axes.plot(x, surface.loss(x[:, None])[0], color=colour, linewidth=2)


def draw_contours(axes: Axes, surface: Surface, colours: Sequence[Any] | None = None) -> None:
    """Fill the space between lines of equal loss in cividis.

    Given `colours`, from the lowest level up, are used instead; what is much higher than most has the last.
    """
    x = np.linspace(-surface.view, surface.view, 121)
    points = np.stack(np.meshgrid(x, x), axis=-1)  # (121, 121, 2)
    loss = surface.loss(points)[0]
    levels, fill = levels_up_to(loss.max(), 15), dict[str, Any](cmap="cividis")
    if colours is not None:
        highest = min(loss.max(), 40 * np.median(loss))
        levels, fill = levels_up_to(highest, len(colours) + 1), {"colors": colours}
        axes.set_facecolor(colours[-1])
    axes.contourf(x, x, loss, levels=levels, **fill)
    axes.contour(x, x, loss, levels=levels, colors="white", linewidths=0.4, alpha=0.6)


def levels_up_to(highest: float, n_levels: int) -> np.ndarray:
    """Return the losses at which lines are drawn: closer together near 0."""
    return np.linspace(0, highest**0.4, n_levels) ** 2.5
