"""The surfaces have the gradients and minima they promise, and the states the names they deserve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import check_grad

from course_utils.explorers.gradient_descent import GradientDescent, headline
from course_utils.explorers.gradient_descent_run import FAR, Descent, compute, state_of
from course_utils.explorers.surfaces import RACE_TRACKS, SURFACES, Quadratic, Surface, race_track

TRACKS = [race_track(name, condition) for name in RACE_TRACKS for condition in (1.0, 300.0)]


@pytest.mark.parametrize("surface", [*SURFACES.values(), *TRACKS], ids=lambda surface: surface.name)
def test_gradient_and_minimum(surface: Surface) -> None:
    rng = np.random.default_rng(0)
    view = surface.view
    for point in rng.uniform(-view, view, size=(5, surface.n_weights)):
        slack = check_grad(lambda at: surface.loss(at)[0], lambda at: surface.loss(at)[1], point)
        assert slack < 1e-5 * (1 + np.abs(surface.loss(point)[1]).max())
    losses, slopes = surface.loss(np.array(surface.minima))
    np.testing.assert_allclose(losses, 0, atol=1e-12)
    np.testing.assert_allclose(slopes, 0, atol=1e-6)
    many = rng.uniform(-view, view, size=(2000, surface.n_weights))
    found, slopes = surface.loss(many)
    assert found.min() >= 0
    assert slopes.shape == many.shape
    near = np.abs(many[found.argmin()] - np.array(surface.minima)).max(axis=1).min()
    assert near < view / 4 or surface.name == "diagonal ravine", "the lowest of many points is elsewhere"


@pytest.mark.parametrize("turned", [False, True])
def test_condition_number_and_levels_of_a_quadratic(turned: bool) -> None:
    bowl = Quadratic(40.0, turned)
    curvatures = np.linalg.eigvalsh(bowl(np.eye(2))[1])
    np.testing.assert_allclose(curvatures, [1, 40])
    np.testing.assert_allclose(bowl(bowl.level(3.5, 30))[0], 3.5)


def test_beale_has_its_textbook_values() -> None:
    beale = race_track("Beale", 1).loss
    np.testing.assert_allclose(beale(np.array([0.0, 0.0]))[0], 1.5**2 + 2.25**2 + 2.625**2)
    np.testing.assert_array_equal(beale(np.array([0.0, 1.0]))[1], [0, 0])  # the saddle


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


def test_each_step_says_where_it_is() -> None:
    explorer = GradientDescent(surface="ravine", lr=0.04, x0=-2, y0=1, steps=5)
    said = explorer.hover(explorer.result)
    assert said["path"][1] == "step 1: x −1.92, y 0, loss 1.843"
    assert said["loss"][0] == "step 0: loss 14.5"
    assert len(said["path"]) == len(said["loss"]) == 6
    x, y = explorer.picture.grips["start"]
    assert [x, y, "step 0: x −2, y 1, loss 14.5"] in explorer.picture.hover
    explorer.surface = "parabola"
    assert explorer.hover(explorer.result)["path"][0] == "step 0: x −2, loss 2"
    explorer.close()


def test_two_dimensional_start_is_idle_on_a_curve() -> None:
    explorer = GradientDescent(surface="parabola")
    assert explorer.widgets["y0"].disabled
    explorer.surface = "bowl"
    assert not explorer.widgets["y0"].disabled
    explorer.close()
