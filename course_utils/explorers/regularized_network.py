"""Explorer: a small network fitted to noisy points, with dropout, penalties, early stopping. Chapter 06."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import regularized_network_picture
from course_utils.explorers._controls import Choice, IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number
from course_utils.explorers.noisy_points import MOST, Points, verdict
from course_utils.explorers.noisy_points_picture import error_text
from course_utils.explorers.penalized_polynomials import L1_RATIOS, errors_by_degree
from course_utils.explorers.regularized_runs import ACTIVATIONS, LOOK_EVERY, N_STEPS, training


@dataclass(frozen=True)
class Moment:
    """The network at one step of its training.

    Parameters
    ----------
    settings : dict
        The controls' values, with `step`.
    data : Points
        What it is fitted to, and what it is judged by.
    curve, stopped : ndarray (161,)
        The network's values along `CURVE` now, and at the step `best`.
    rmse : ndarray (2,)
        In training and held out, now and without dropout.
    steps, path : ndarray (k,) and (k, 2)
        Every fifth step up to now, and the errors then.
    best : int
        Among `steps`, that of the lowest held-out error: where early stopping would have ended.
    sizes, start : ndarray (units,)
        Absolute output weights now, the largest first; and before the first step.
    state : str
        "underfitting", "about right" or "overfitting", as `verdict` has it, among `path` and the polynomials
        of degree 0 to 15 fitted to the same points.
    """

    settings: dict[str, Any]
    data: Points
    curve: np.ndarray
    stopped: np.ndarray
    rmse: np.ndarray
    steps: np.ndarray
    path: np.ndarray
    best: int
    sizes: np.ndarray
    start: np.ndarray
    state: str

    @property
    def n_zeros(self) -> int:
        """How many hidden units have an output weight of exactly 0."""
        return int((self.sizes == 0).sum())


def compute(*, step: int, **settings: Any) -> Moment:
    """Train up to `step`, going on from where an earlier picture with these settings stopped."""
    ineffective = {"strength": 0.0} if settings["penalty"] == "none" else {}
    run = training(**(settings | ineffective))
    run.advance(step)
    rmse = run.rmse(step)
    path = run.path(step)
    steps = LOOK_EVERY * np.arange(len(path))
    best = int(steps[path[:, 1].argmin()])
    polynomials = errors_by_degree(settings["n"], settings["noise"], settings["seed"])
    sizes, start = (np.sort(np.abs(run.output_weights(k)))[::-1] for k in (step, 0))
    return Moment(
        settings | {"step": step},
        run.data,
        run.curve(step),
        run.curve(best),
        rmse,
        steps,
        path,
        best,
        sizes,
        start,
        verdict(rmse, np.concatenate([path, polynomials])),
    )


def headline(moment: Moment) -> str:
    """Say in a few words how the fit is."""
    own, others = moment.rmse
    return f"{moment.state}: error {error_text(own)} in training, {error_text(others)} held out"


class RegularizedNetwork(Explorer):
    """A network with one hidden layer learns noisy points of a known curve, with means against overfitting.

    Left the points, 40 held-out ones, the truth, the network's curve now, and as it was at the step of the
    lowest held-out error so far (early stopping); right the weights with which the hidden units enter the
    output, and the error on both sets. Trained is by Adam, learning rate 0.04, on all training points at
    once. Penalties act on both layers' weights, not their biases. Curves and errors are without dropout.

    Questions it lets one answer:

    - Without any means, after which step does the held-out error rise? With 60 points? With 10 units?
    - Which strength of L2 makes stopping early unnecessary? What does ten times as much do?
    - How many hidden units are left under L1 when the held-out error is about as low as it was?
    - Is there a dropout rate that beats stopping early here, for more than one seed?

    Parameters
    ----------
    n : int
        Training points, 10 to 60.
    noise : float
        Standard deviation of the error in y, 0 to 0.6; the curve goes from -1 to 1.
    units : int
        Hidden units, 10 to 100.
    activation : str
        "tanh" or "ReLU".
    dropout : float
        Probability that a hidden unit is switched off in a step, 0 to 0.8.
    penalty : str
        "none", "L2", "L1" or "elastic net", which is half of both.
    strength : float
        Of the penalty, 1e-3 to 10: a step pulls by the learning rate times this.
    seed : int
        Draws points, starting weights and what is dropped, 0 to 20.
    step : int
        0 to 200.

    Examples
    --------
    >>> explorer = RegularizedNetwork(penalty="L1", strength=10, step=100)  # nothing but the bias is left
    >>> explorer.result.n_zeros, explorer.result.state
    (80, 'underfitting')
    >>> explorer.close()
    """

    title = "Regularized network"
    size = (720, 440)

    dropout = Slider("dropout", 0, 0.8, default=0, step=0.01)
    penalty = Choice("penalty", ("none", *L1_RATIOS), default="none")
    strength = LogSlider("strength", 1e-3, 10, default=0.1)
    units = IntegerSlider("hidden units", 10, 100, default=80)
    activation = Choice("activation", tuple(ACTIVATIONS), default="tanh")
    n = IntegerSlider("training points", 10, MOST, default=12)
    noise = Slider("noise", 0, 0.6, default=0.4, step=0.01)
    seed = IntegerSlider("seed", 0, 20, default=0)
    step = Playback("step", 0, N_STEPS, default=150)

    presets = {
        "memorizes": {"step": N_STEPS},
        "stopped early": {"step": 60},
        "L2, about right": {"penalty": "L2", "strength": 1, "step": N_STEPS},
        "L1 prunes": {"penalty": "L1", "strength": 0.2, "step": N_STEPS},
        "L1 too strong": {"penalty": "L1", "strength": 3, "step": N_STEPS},
        "a little dropout": {"dropout": 0.05, "step": N_STEPS},
        "too much dropout": {"dropout": 0.8, "step": N_STEPS},
        "more points": {"n": 60, "step": N_STEPS},
    }

    compute = staticmethod(compute)

    def background(self, moment: Moment) -> float:
        """Redraw for another end of the axis of the weights."""
        return regularized_network_picture.reach(moment)

    def idle(self, moment: Moment) -> tuple[str, ...]:
        """Grey out the strength where there is no penalty."""
        return ("strength",) if moment.settings["penalty"] == "none" else ()

    def hover(self, moment: Moment) -> dict[str, list[str]]:
        """Tell the errors of each step looked at."""
        return {
            "held-out error": [
                f"step {step}: {error_text(own)} in training, {error_text(others)} held out"
                for step, (own, others) in zip(moment.steps, moment.path, strict=True)
            ]
        }

    def draw(self, figure: Figure, moment: Moment) -> dict[str, Artist]:
        """Draw the axes and the truth."""
        return regularized_network_picture.draw(figure, moment)

    def move(self, artists: dict[str, Any], moment: Moment) -> None:
        """Set points, curves, weights, errors and headline."""
        regularized_network_picture.move(artists, moment)
        artists["headline"].set_text(headline(moment))

    def describe(self, moment: Moment) -> str:
        """Name the network, the means, the errors, the best step and the weights."""
        settings = moment.settings
        penalty = "no penalty"
        if settings["penalty"] != "none":
            penalty = f"{settings['penalty']} penalty of strength {number(settings['strength'])}"
        return (
            f"Network of {settings['units']} hidden units, {settings['activation']}, fitted to "
            f"{settings['n']} points with noise {number(settings['noise'])}, seed {settings['seed']}; "
            f"dropout {number(settings['dropout'])}, {penalty}, step {settings['step']}. "
            f"{headline(moment).capitalize()}. The lowest held-out error so far, "
            f"{error_text(moment.path[:, 1].min())}, was at step {moment.best}. {moment.n_zeros} of "
            f"{settings['units']} output weights are exactly 0, the largest is {error_text(moment.sizes[0])}."
        )
