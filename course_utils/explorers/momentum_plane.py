"""Explorer: momentum on a quadratic, over all learning rates and momenta at once. Chapter 05a."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import momentum_plane_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers.momentum_plane_runs import (
    HIGHEST_LR,
    HIGHEST_MOMENTUM,
    LOWEST_LR,
    Plane,
    compute,
)
from course_utils.explorers.momentum_plane_theory import METHODS, best_pair, best_without_momentum
from course_utils.explorers.momentum_plane_words import describe, readouts

POLYAK, NESTEROV = (best_pair(100, method) for method in METHODS)


class MomentumPlane(Explorer):
    """Every pair of learning rate and momentum on a map, and the run at one of them.

    The loss is (c_max u^2 + c_min v^2) / 2, of condition number c_max / c_min; what counts is the learning
    rate times c_max. A step is linear: along each direction one 2 x 2 matrix takes weight and velocity to the
    next, and in the long run the distance to the minimum changes by the larger |eigenvalue| at each step. The
    map shows the larger factor of both directions. Above the dashed line the eigenvalues of the steep one are
    complex, above the solid line those of the flat one: there it swings, elsewhere it creeps or flips from
    side to side. Right both distances over the steps, from 1 each, with the powers of their factors as dashes
    (their slopes agree in the long run, their heights need not), and the eigenvalues.

    Questions it lets one answer:

    - Which pair is the fastest for a condition number of 100, and how many steps does it save?
    - What do both directions do at Polyak's best pair, and which lines of the map meet there?
    - How does the factor depend on the learning rate where both directions swing, and on the momentum?
    - Where does more momentum make it slower, where faster?
    - How large may the learning rate be with a momentum of 0.9, and how large with Nesterov's variant?

    Parameters
    ----------
    lr : float
        Learning rate times the largest curvature, 0.01 to 6.
    momentum : float
        Part of the velocity that is kept, 0 to 0.99.
    condition : float
        Largest curvature divided by the smallest, 1 to 1000.
    method : str
        "momentum" or "Nesterov", as ``torch.optim.SGD`` with ``nesterov=True`` has it; without momentum they
        are the same.
    steps : int
        How many are taken, 10 to 500.

    Examples
    --------
    >>> explorer = MomentumPlane(lr=2.0, momentum=0.81)
    >>> plane = explorer.result
    >>> plane.steep.kind, plane.flat.kind, round(plane.factor, 12)  # the root of the momentum
    ('swings', 'swings', 0.9)
    >>> explorer.close()
    """

    title = "The plane of momentum"
    size = (720, 440)

    lr = LogSlider("rate × c_max", LOWEST_LR, HIGHEST_LR, default=0.5)
    momentum = Slider("momentum", 0, HIGHEST_MOMENTUM, default=0.9, step=0.01, digits=".3f")
    condition = LogSlider("condition", 1, 1000, default=100)
    method = Choice("method", METHODS, default="momentum")
    steps = IntegerSlider("steps", 10, 500, default=100)

    presets = {
        "no momentum, best rate": {"lr": best_without_momentum(100).lr, "momentum": 0.0},
        "Polyak's best pair": {"lr": POLYAK.lr, "momentum": POLYAK.momentum},
        "too much momentum": {"lr": 0.5, "momentum": 0.99},
        "flat direction creeps": {"lr": 0.1, "momentum": 0.5},
        "steep direction flips": {"lr": 3.18, "momentum": 0.6},
        "diverges": {"lr": POLYAK.lr, "momentum": 0.6},
        "Nesterov at Polyak's pair": {"lr": POLYAK.lr, "momentum": POLYAK.momentum, "method": "Nesterov"},
        "Nesterov's best pair": {"lr": NESTEROV.lr, "momentum": NESTEROV.momentum, "method": "Nesterov"},
    }

    handles = {"here": ("lr", "momentum")}

    compute = staticmethod(compute)

    def draw(self, figure: Figure, found: Plane) -> dict[str, Artist]:
        """Draw the axes."""
        return momentum_plane_picture.draw(figure, found)

    def move(self, artists: dict[str, Any], found: Plane) -> None:
        """Set map, marks, distances and eigenvalues."""
        momentum_plane_picture.move(artists, found)

    def hover(self, found: Plane) -> dict[str, list[str]]:
        """Say the distances at each step, and what the marks of the map are."""
        return readouts(found)

    def describe(self, found: Plane) -> str:
        """Name point, factor, both directions, the run and the best pairs."""
        return describe(found)
