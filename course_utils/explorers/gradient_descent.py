"""Explorer: gradient descent on small surfaces, from a rate too small to one that diverges. Chapter 01b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, log_scale
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._edges import arrow_head, mark_end, visible_part
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import loss_number, plural
from course_utils.explorers.surface_pictures import draw_contours, draw_curve, surface_axes
from course_utils.explorers.surfaces import SURFACES, VIEW, Surface
from course_utils.figures import COLOURS
from course_utils.nn.module import Parameter
from course_utils.optim.sgd import SGD

FAR = 100.0  # a weight beyond this ends the run: it diverges
LOWEST, HIGHEST = 1e-6, 1e4  # ends of the loss axis
STEP_LIMITS = (25, 50, 100, 200)  # the step axis ends at one of these, so that few changes redraw it


@dataclass(frozen=True)
class Descent:
    """A run of gradient descent: what `compute` found.

    Parameters
    ----------
    surface : Surface
        Where.
    settings : dict
        The controls' values.
    path : ndarray
        Weights before the first step and after each, (n_steps + 1, n_weights).
    losses : ndarray
        The loss at each, (n_steps + 1,).
    state : str
        "converging", "oscillating", "stalled" or "diverging".
    """

    surface: Surface
    settings: dict[str, Any]
    path: np.ndarray
    losses: np.ndarray
    state: str


def compute(*, surface: str, lr: float, momentum: float, x0: float, y0: float, steps: int) -> Descent:
    """Descend by the engine's own `SGD`; a run that leaves [-`FAR`, `FAR`] ends there."""
    chosen = SURFACES[surface]
    weights = Parameter(np.array([x0, y0][: chosen.n_weights]))
    optimizer = SGD([weights], lr=lr, momentum=momentum)
    path = [weights.data]
    for _ in range(steps):
        _, weights.grad = chosen.loss(weights.data)
        optimizer.step()
        path.append(weights.data)
        if np.abs(weights.data).max() > FAR:
            break
    walked = np.array(path)  # (n_steps + 1, n_weights)
    losses = chosen.loss(walked)[0]
    settings = {"lr": lr, "momentum": momentum, "x0": x0, "y0": y0, "steps": steps}
    return Descent(chosen, settings, walked, losses, state_of(walked, losses))


def state_of(path: np.ndarray, losses: np.ndarray) -> str:
    """Name what a run does.

    Diverging: it ends higher than it started, or far out. Oscillating: it turns back five times or more in
    some weight by visible steps, and is not down to a hundredth of the first loss. Stalled: above `LOWEST`,
    the last tenth of the steps gains less than 2 %. Converging: everything else.

    Examples
    --------
    >>> path = np.array([[2.0], [1.0], [0.5]])
    >>> state_of(path, path[:, 0] ** 2)
    'converging'
    """
    first, last = losses[0], losses[-1]
    if np.abs(path[-1]).max() > FAR or last > first:
        return "diverging"
    moves = np.diff(path, axis=0)  # (n_steps, n_weights)
    moves[np.abs(moves) < VIEW / 100] = 0  # not to be seen
    turns = (moves[1:] * moves[:-1] < 0).sum(axis=0)
    if turns.max(initial=0) >= 5 and last > first / 100:
        return "oscillating"
    before = losses[-1 - max(1, (len(losses) - 1) // 10)]
    if last > LOWEST and before - last < 0.02 * before:
        return "stalled"
    return "converging"


def draw(figure: Figure, run: Descent) -> dict[str, Artist]:
    """Draw the surface and the axes of the loss; return what moves."""
    surface = run.surface
    left = surface_axes(figure, (0.085, 0.13, 0.40, 0.675), surface)
    (draw_contours if surface.n_weights == 2 else draw_curve)(left, surface)
    right = add_axes(figure, (0.60, 0.13, 0.375, 0.675), x="step", y="", title="loss, logarithmic")
    log_scale(right)
    end = axis_end(run)
    right.set(xlim=(-0.02 * end, 1.02 * end), ylim=(LOWEST, HIGHEST))
    halo: dict[str, Any] = {"color": "white", "linewidth": 3.5, "zorder": 3}
    path: dict[str, Any] = {
        "color": COLOURS["vermillion"],
        "linewidth": 1.4,
        "marker": "o",
        "markersize": 3.5,
    }
    path["zorder"] = 4
    mark: dict[str, Any] = {"linestyle": "", "markeredgecolor": INK, "zorder": 5}
    star: dict[str, Any] = {
        "marker": "*",
        "markersize": 15,
        "color": COLOURS["yellow"],
        "clip_on": False,
        **mark,
    }
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists: dict[str, Any] = {
        "halo": left.plot([], [], **halo)[0],
        "path": left.plot([], [], **path)[0],
        "start": left.plot([], [], marker="o", markersize=10, color="white", **mark)[0],
        "end": left.plot([], [], **star)[0],
        "loss": right.plot([], [], **path)[0],
        "last": right.plot([], [], **star)[0],
        "headline": figure.text(0.02, 0.962, "", **bold),
    }
    arrow = Line2D([], [], **{**star, "marker": arrow_head(1, 0), "color": COLOURS["orange"]})
    legend: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (0.008, 0.905), "ncols": 3}
    legend |= {"frameon": False, "fontsize": TEXT_SIZE - 1, "labelcolor": INK}
    legend |= {"handletextpad": 0.1, "columnspacing": 1.2}
    handles = [artists["start"], artists["end"], arrow]
    figure.legend(handles, ["start", "end", "leaves the picture"], **legend)
    return artists


def axis_end(run: Descent) -> int:
    """Return the end of the step axis."""
    return next(limit for limit in STEP_LIMITS if limit >= run.settings["steps"])


def move(artists: dict[str, Any], run: Descent) -> None:
    """Put the path, its marks and the headline where this run has them."""
    x = run.path[:, 0]
    y = run.losses if run.surface.n_weights == 1 else run.path[:, 1]
    for line in (artists["halo"], artists["path"]):
        line.set_data(*visible_part(line, x, y))
    artists["start"].set_data(x[:1], y[:1])
    mark_end(artists["end"], x, y)
    steps = np.arange(len(run.losses))
    artists["loss"].set_data(*visible_part(artists["loss"], steps, run.losses))
    mark_end(artists["last"], steps, run.losses)
    artists["headline"].set_text(headline(run))


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

    def background(self, run: Descent) -> tuple[str, int]:
        """Redraw for another surface or another end of the step axis."""
        return run.surface.name, axis_end(run)

    def idle(self, run: Descent) -> tuple[str, ...]:
        """Grey out the start's y where there is none."""
        return ("y0",) if run.surface.n_weights == 1 else ()

    def draw(self, figure: Figure, run: Descent) -> dict[str, Artist]:
        """Draw the surface and the empty axes of the loss."""
        return draw(figure, run)

    def move(self, artists: dict[str, Any], run: Descent) -> None:
        """Set path, marks, loss curve and headline."""
        move(artists, run)

    def describe(self, run: Descent) -> str:
        """Name surface, settings, state and losses."""
        settings = run.settings
        start = ", ".join(f"{value:.4g}" for value in run.path[0])
        return (
            f"Gradient descent, {run.surface.name}, learning rate {settings['lr']:.4g}, "
            f"momentum {settings['momentum']:.4g}, start ({start}). {headline(run).capitalize()}."
        )
