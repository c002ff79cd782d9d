"""The surfaces have the gradients and minima they promise, and the states the names they deserve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import check_grad

from course_utils.explorers.gradient_descent import FAR, Descent, GradientDescent, compute, headline, state_of
from course_utils.explorers.surfaces import SURFACES, VIEW

MINIMA = {
    "parabola": [[0]],
    "two minima (1-D)": [[-1.0466805]],
    "bowl": [[0, 0]],
    "ravine": [[0, 0]],
    "Rosenbrock": [[1, 1]],
    "saddle": [[0, np.sqrt(2)], [0, -np.sqrt(2)]],
    "two minima": [[-1.0466805, 0]],
}


@pytest.mark.parametrize("name", SURFACES)
def test_gradient_and_minimum(name: str) -> None:
    surface = SURFACES[name]
    rng = np.random.default_rng(0)
    for point in rng.uniform(-VIEW, VIEW, size=(5, surface.n_weights)):
        slack = check_grad(lambda at: surface.loss(at)[0], lambda at: surface.loss(at)[1], point)
        assert slack < 1e-5 * (1 + np.abs(surface.loss(point)[1]).max())
    minima = np.array(MINIMA[name], dtype=float)
    losses, slopes = surface.loss(minima)
    np.testing.assert_allclose(losses, 0, atol=1e-12)
    np.testing.assert_allclose(slopes, 0, atol=1e-6)
    many = rng.uniform(-VIEW, VIEW, size=(2000, surface.n_weights))
    assert surface.loss(many)[0].min() >= 0
    assert surface.loss(many)[1].shape == many.shape


def run(**changes: Any) -> Descent:
    return compute(**{**GradientDescent.defaults(), **changes})


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"surface": "parabola", "lr": 0.5}, "converging"),
        ({"surface": "parabola", "lr": 1.9, "steps": 100}, "converging"),
        ({"surface": "parabola", "lr": 1.99}, "oscillating"),
        ({"surface": "parabola", "lr": 2.0}, "oscillating"),
        ({"surface": "parabola", "lr": 2.01}, "diverging"),
        ({"surface": "ravine", "lr": 2.01 / 25, "steps": 200}, "diverging"),
        ({"surface": "ravine", "lr": 1.99 / 25}, "oscillating"),
        ({"surface": "bowl", "lr": 0.0005}, "stalled"),
        ({"surface": "saddle", "y0": 0.0, "lr": 0.3}, "stalled"),
        ({"surface": "saddle", "y0": 0.05, "lr": 0.3}, "converging"),
        ({"surface": "two minima", "x0": 1.8, "lr": 0.1, "steps": 100}, "stalled"),
        ({"surface": "two minima", "x0": -1.8, "lr": 0.1, "steps": 100}, "converging"),
    ],
)
def test_states(changes: dict[str, Any], state: str) -> None:
    assert run(**changes).state == state


def test_presets_show_what_their_names_say() -> None:
    states = {name: run(**preset).state for name, preset in GradientDescent.presets.items()}
    assert states["too small"] == "stalled"
    assert states["just right"] == "converging"
    assert states["oscillates"] == "oscillating"
    assert states["diverges"] == "diverging"
    without, with_momentum = (
        run(**GradientDescent.presets[f"ravine {name} momentum"]) for name in ("without", "with")
    )
    assert with_momentum.losses[-1] < without.losses[-1] / 1000


def test_a_run_ends_where_it_is_far_out() -> None:
    far = run(surface="two minima (1-D)", lr=10.0, momentum=0.98, x0=2.0, steps=200)
    assert len(far.path) < 10
    assert np.abs(far.path[-1]).max() > FAR >= np.abs(far.path[-2]).max()
    assert np.isfinite(far.losses).all()
    assert headline(far) == f"diverging: a weight is beyond 100 after {len(far.path) - 1} steps"


def test_state_of_a_start_at_the_minimum() -> None:
    still = np.zeros((6, 2))
    assert state_of(still, still[:, 0]) == "converging"


def test_two_dimensional_start_is_idle_on_a_curve() -> None:
    explorer = GradientDescent(surface="parabola")
    assert explorer.widgets["y0"].disabled
    explorer.surface = "bowl"
    assert not explorer.widgets["y0"].disabled
    explorer.close()
