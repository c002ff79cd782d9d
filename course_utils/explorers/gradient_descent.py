"""Explorer: gradient descent on small surfaces, from a rate too small to one that diverges. Chapter 01b."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import gradient_descent_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import loss_number, number, plural
from course_utils.explorers.gradient_descent_run import FAR, Descent, compute
from course_utils.explorers.surfaces import SURFACES


def headline(run: Descent) -> str:
    """Say in a few words what the run does."""
    taken = plural(len(run.losses) - 1, "step")
    if np.abs(run.path[-1]).max() > FAR:
        return f"diverging: a weight is beyond {FAR:g} after {taken}"
    return f"{run.state}: loss {loss_number(run.losses[0])} to {loss_number(run.losses[-1])} in {taken}"


class GradientDescent(Explorer):
    """Gradient descent on a curve or a surface: the path of the weights, and the loss over the steps.

    Questions it lets one answer:

    - At which learning rate does the loss on the parabola first fail to fall? On the ravine?
    - Why is the ravine slow at any rate that does not diverge, and what does momentum change?
    - Which start leads to which minimum, and can momentum carry a run over the hill between the two?
    - What happens exactly on the ridge of the saddle (start y = 0), and what a hair beside it?

    Parameters
    ----------
    surface : str
        A name in ``surfaces.SURFACES``.
    lr : float
        Learning rate, 1e-4 to 10.
    momentum : float
        Part of the velocity that is kept, 0 to 0.98.
    x0, y0 : float
        Start, -2 to 2; one-dimensional surfaces have no y.
    steps : int
        How many, 5 to 200.

    Examples
    --------
    >>> explorer = GradientDescent(surface="parabola", lr=1.0, x0=2.0, steps=5)
    >>> explorer.result.path[:2, 0]  # at 1 over the curvature a single step is enough
    array([2., 0.])
    >>> explorer.close()
    """

    title = "Gradient descent"
    size = (720, 420)

    surface = Choice("surface", tuple(SURFACES), default="ravine")
    steps = IntegerSlider("steps", 5, 200, default=50)
    lr = LogSlider("learning rate", 1e-4, 10, default=0.03)
    momentum = Slider("momentum", 0, 0.98, default=0, step=0.01)
    x0 = Slider("start x", -2, 2, default=-1.8)
    y0 = Slider("start y", -2, 2, default=1.2)

    presets = {
        "too small": {"surface": "bowl", "lr": 0.001},
        "just right": {"surface": "bowl", "lr": 0.3},
        "oscillates": {"surface": "ravine", "lr": 0.0785},
        "diverges": {"surface": "ravine", "lr": 0.085},
        "ravine without momentum": {"surface": "ravine", "lr": 0.03},
        "ravine with momentum": {"surface": "ravine", "lr": 0.03, "momentum": 0.7},
    }

    handles = {"start": ("x0", "y0")}

    compute = staticmethod(compute)

    def background(self, run: Descent) -> str:
        """Redraw for another surface."""
        return run.surface.name

    def idle(self, run: Descent) -> tuple[str, ...]:
        """Grey out the start's y where there is none."""
        return ("y0",) if run.surface.n_weights == 1 else ()

    def draw(self, figure: Figure, run: Descent) -> dict[str, Artist]:
        """Draw the surface and the empty axes of the loss."""
        return gradient_descent_picture.draw(figure, run)

    def move(self, artists: dict[str, Any], run: Descent) -> None:
        """Set path, marks, loss curve and headline."""
        gradient_descent_picture.move(artists, run)
        artists["headline"].set_text(headline(run))

    def hover(self, run: Descent) -> dict[str, list[str]]:
        """Say where each step is, and its loss."""
        losses = [f"loss {loss_number(loss)}" for loss in run.losses]
        names = ("x", "y")[: run.surface.n_weights]
        places = [
            ", ".join(f"{name} {number(value)}" for name, value in zip(names, point, strict=True))
            for point in run.path
        ]
        return {
            "path": [f"step {i}: {place}, {losses[i]}" for i, place in enumerate(places)],
            "loss": [f"step {i}: {loss}" for i, loss in enumerate(losses)],
        }

    def describe(self, run: Descent) -> str:
        """Name surface, settings, state and losses."""
        settings = run.settings
        start = ", ".join(f"{value:.4g}" for value in run.path[0])
        return (
            f"Gradient descent, {run.surface.name}, learning rate {settings['lr']:.4g}, "
            f"momentum {settings['momentum']:.4g}, start ({start}). {headline(run).capitalize()}."
        )
