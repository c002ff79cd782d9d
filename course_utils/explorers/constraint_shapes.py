"""Explorer: where a loss and a penalty on two weights balance, and why corners make zeros. Chapter 06b."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import constraint_shapes_picture
from course_utils.explorers._controls import Choice, LogSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number
from course_utils.explorers.constraint_shapes_paths import L1_SHARES, STRENGTHS, Balance, compute


def headline(balance: Balance) -> str:
    """Name the weights, and which of them are exactly 0."""
    first, second = (number(float(f"{weight:.3g}")) for weight in balance.weights)
    said = {
        (True, True): "both weights are exactly 0",
        (True, False): f"weight 1 is exactly 0, weight 2 is {second}",
        (False, True): f"weight 2 is exactly 0, weight 1 is {first}",
        (False, False): f"weights {first} and {second}, neither is 0",
    }
    return f"{balance.settings['penalty']}: {said[tuple(balance.zeros.tolist())]}"


def kept_words(balance: Balance) -> str:
    """Say which share of the smallest loss's weights is left in each direction."""
    steep, flat = ("nothing" if np.isnan(share) else share_text(share) for share in balance.kept)
    return f"kept: {steep} of the steep part, {flat} of the flat"


def share_text(share: float) -> str:
    """Return a share in percent."""
    return f"{number(round(100 * share))} %"


def zero_words(balance: Balance) -> str:
    """Say from which strength on each weight is 0."""
    said = []
    for i, name in enumerate(("Weight 1", "Weight 2")):
        zero = balance.path[:, i] == 0
        if not zero[-1]:
            said.append(f"{name} is not 0 at the greatest strength")
        elif zero.all():
            said.append(f"{name} is always 0")
        else:
            first = STRENGTHS[np.flatnonzero(~zero)[-1] + 1]
            said.append(f"{name} is 0 from a strength of {number(float(f'{first:.2g}'))} on")
    return ". ".join(said)


class ConstraintShapes(Explorer):
    """Two weights, a quadratic loss, and a penalty: L1, L2 or half of each.

    The blue lines join weights of equal loss, the white circle has the smallest. Inside the orange shape the
    penalty is smaller than at the star, which is where the sum of loss and penalty is smallest: there the
    ellipse of the loss (dashed) touches the shape. Right, both weights over the strength of the penalty. The
    curvature of the loss is 1 in its steep direction and 1 / condition in the flat one.

    Questions it lets one answer:

    - Where on the diamond of L1 does the ellipse mostly touch it? And on the circle of L2?
    - At which strength does the first weight become 0 under L1? Under L2?
    - Which direction does L2 shrink more, the steep or the flat one, and by which formula?
    - Can a weight grow, or change its sign, when the penalty gets stronger? (Turn the ellipse.)

    Parameters
    ----------
    penalty : str
        "L2", "elastic net" or "L1".
    strength : float
        The factor of the penalty, 1e-3 to 10. L2 is strength / 2 times the sum of squares, L1 strength times
        the sum of absolute values, the elastic net the mean of both.
    w1, w2 : float
        The weights of the smallest loss, -2 to 2; the white circle can be dragged.
    condition : float
        The steep curvature over the flat one, 1 to 30.
    angle : float
        The flat direction's, in degrees from the axis of weight 1, -90 to 90.

    Examples
    --------
    >>> explorer = ConstraintShapes(penalty="L2", strength=1, angle=0, condition=4)
    >>> explorer.result.kept  # of curvatures c = 1 and 1/4, L2 keeps c / (c + strength)
    array([0.5, 0.2])
    >>> explorer.close()
    """

    title = "Constraint shapes"
    size = (720, 420)

    penalty = Choice("penalty", tuple(L1_SHARES), default="L1")
    strength = LogSlider("strength λ", 1e-3, 10, default=0.2)
    w1 = Slider("smallest loss, weight 1", -2, 2, default=0.7)
    w2 = Slider("smallest loss, weight 2", -2, 2, default=1.5)
    condition = LogSlider("condition", 1, 30, default=4)
    angle = Slider("angle of the flat direction", -90, 90, default=30, step=1, digits=".0f")

    presets = {
        "L1 reaches a corner": {},
        "L2 reaches none": {"penalty": "L2"},
        "elastic net": {"penalty": "elastic net"},
        "along the axes": {"angle": 0, "strength": 0.1},
        "a circle": {"condition": 1, "strength": 0.5},
        "a weight that grows": {"w1": 0.1, "w2": 2, "condition": 20, "angle": -60, "strength": 0.28},
        "too strong": {"strength": 3},
    }

    handles = {"minimum": ("w1", "w2")}

    compute = staticmethod(compute)

    def idle(self, balance: Balance) -> tuple[str, ...]:
        """Grey out the angle where both directions are alike."""
        return ("angle",) if balance.settings["condition"] == 1 else ()

    def hover(self, balance: Balance) -> dict[str, list[str]]:
        """Tell both weights at each strength."""
        return {
            name: [
                f"λ {number(float(f'{strength:.2g}'))}: weights {number(float(f'{first:.3g}'))} and "
                f"{number(float(f'{second:.3g}'))}"
                for strength, (first, second) in zip(STRENGTHS, balance.path, strict=True)
            ]
            for name in ("first", "second")
        }

    def draw(self, figure: Figure, balance: Balance) -> dict[str, Artist]:
        """Draw both axes."""
        return constraint_shapes_picture.draw(figure, balance)

    def move(self, artists: dict[str, Any], balance: Balance) -> None:
        """Set lines, marks and texts."""
        constraint_shapes_picture.move(artists, balance)
        artists["kept"].set_text(kept_words(balance))
        artists["headline"].set_text(headline(balance))

    def describe(self, balance: Balance) -> str:
        """Name the loss, the penalty, the weights, what is kept and what becomes 0."""
        given = {name: number(value) for name, value in balance.settings.items() if name != "penalty"}
        return (
            f"{balance.settings['penalty']} penalty of strength {given['strength']} on two weights. The loss "
            f"is smallest at ({given['w1']}, {given['w2']}); condition {given['condition']}, flat direction "
            f"at {given['angle']} degrees. {headline(balance)}; {kept_words(balance)}. {zero_words(balance)}."
        )
