"""The plane of momentum: limits known on paper, the best pairs, the runs, the presets and the words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from course_utils.explorers import MomentumPlane
from course_utils.explorers import momentum_plane_runs as runs
from course_utils.explorers._canvas import SCALE
from course_utils.explorers.momentum_plane_map import PALETTE, band, colour_map
from course_utils.explorers.momentum_plane_runs import Plane, cells, compute, factor_map
from course_utils.explorers.momentum_plane_theory import METHODS, best_pair, limit, swinging
from course_utils.explorers.momentum_plane_words import describe, headline, pace, readouts, state
from tests.explorers import oracle_momentum_plane

CONDITIONS = [1.0, 1.5, 10.0, 100.0, 1000.0]


def found(**changes: Any) -> Plane:
    return compute(**{**MomentumPlane.defaults(), **changes})


def preset(name: str) -> Plane:
    return found(**MomentumPlane.presets[name])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("lr", [0.01, 0.7, 1.0, 1.3, 3.3])
def test_without_momentum_a_step_multiplies_by_one_minus_lr_times_curvature(method: str, lr: float) -> None:
    plane = found(lr=lr, momentum=0.0, method=method, steps=10)
    assert math.isclose(plane.steep.factor, abs(1 - lr), abs_tol=1e-15)
    assert math.isclose(plane.flat.factor, 1 - lr / 100)
    steps = np.arange(11)
    np.testing.assert_allclose(plane.path[:, 0], abs(1 - lr) ** steps, atol=1e-15)
    np.testing.assert_allclose(plane.path[:, 1], (1 - lr / 100) ** steps)


@pytest.mark.parametrize("lr", [0.3, 1.0, 2.0, 3.5])
@pytest.mark.parametrize("condition", [1.0, 30.0, 100.0])
def test_swings_fade_by_the_root_of_the_momentum_whatever_the_rate(lr: float, condition: float) -> None:
    plane = found(lr=lr, momentum=0.9, condition=condition)
    assert plane.steep.kind == plane.flat.kind == "swings"
    assert math.isclose(plane.factor, math.sqrt(0.9))
    assert plane.decides == "both"


@pytest.mark.parametrize("lr", [0.1, 0.5, 0.9])
def test_swings_by_nesterov_fade_faster_where_it_is_steep(lr: float) -> None:
    steep = found(lr=lr, momentum=0.9, method="Nesterov").steep
    assert steep.kind == "swings"
    assert math.isclose(steep.factor, math.sqrt(0.9 * (1 - lr)))


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("method", METHODS)
def test_no_pair_on_the_map_is_faster_than_the_best_one(condition: float, method: str) -> None:
    factors = factor_map(condition, method)
    best = best_pair(condition, method)
    assert factors.min() > best.factor
    row, column = np.unravel_index(factors.argmin(), factors.shape)
    lr, momentum = cells()
    assert abs(math.log(lr[column] / best.lr)) < 0.13
    assert abs(momentum[row] - best.momentum) < 0.03
    there = found(lr=best.lr, momentum=best.momentum, condition=condition, method=method)
    assert math.isclose(there.factor, best.factor, abs_tol=1e-7)
    assert there.decides == "both"
    assert best.factor <= there.plain.factor


@pytest.mark.parametrize("condition", CONDITIONS)
def test_polyaks_pair_is_where_both_borders_of_swinging_meet(condition: float) -> None:
    lr, momentum, _ = best_pair(condition, "momentum")
    first, last = swinging(momentum, "momentum")
    assert math.isclose(last, lr)
    assert math.isclose(first, lr / condition, abs_tol=1e-15)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9, 0.99])
def test_the_limit_is_where_it_starts_to_diverge(method: str, momentum: float) -> None:
    at = limit(momentum, method)
    below, on, above = (
        found(lr=x, momentum=momentum, method=method).steep for x in (at - 1e-6, at, at + 1e-6)
    )
    assert below.factor < 1 < above.factor
    assert (below.kind, on.kind, above.kind) == ("flips", "never settles", "diverges")
    assert math.isclose(on.eigenvalues[0].real, -1)


def test_nesterov_bears_less_than_plain_momentum() -> None:
    assert limit(0.0, "Nesterov") == limit(0.0, "momentum") == 2
    assert math.isclose(limit(0.9, "Nesterov"), 3.8 / 2.8)
    assert math.isclose(limit(0.9, "momentum"), 3.8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("lr", "momentum"), [(0.4, 0.9), (0.02, 0.4), (1.2, 0.6), (0.05, 0.97), (1.3, 0.1)])
def test_the_run_falls_as_the_map_predicts(method: str, lr: float, momentum: float) -> None:
    plane = found(lr=lr, momentum=momentum, condition=20.0, method=method, steps=500)
    for direction, distances in zip((plane.steep, plane.flat), plane.path.T, strict=True):
        alive = np.flatnonzero(distances > 1e-250)[-1]
        early, late = (distances[at : at + 40].max() for at in (alive // 2 - 40, alive - 39))  # over a swing
        if direction.factor > 1e-3 and alive > 150:
            measured = (late / early) ** (1 / (alive - 39 - (alive // 2 - 40)))
            assert math.isclose(measured, direction.factor, rel_tol=0.015)


def test_the_map_does_not_depend_on_what_it_should_not() -> None:
    moved = colour_map(100.0, "momentum")
    assert moved is colour_map(100.0, "momentum")  # kept
    assert not np.array_equal(moved, colour_map(10.0, "momentum"))
    assert not np.array_equal(moved, colour_map(100.0, "Nesterov"))
    np.testing.assert_array_equal(factor_map(1.0, "momentum"), runs.steep_map("momentum"))


def test_brighter_is_faster() -> None:
    bands = band(np.append(1 - np.geomspace(1, 1e-6, 2000), [1.0, 1.2]))
    assert (np.diff(bands) >= 0).all()
    assert set(bands) == set(range(32))
    brightness = PALETTE.astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(brightness) < 0).all()


def test_the_axis_of_momenta_goes_there_and_back() -> None:
    momenta = np.linspace(0, 0.99, 50)
    np.testing.assert_allclose(runs.down_the_axis(runs.up_the_axis(momenta)), momenta, atol=1e-14)
    assert runs.down_the_axis(1.7) == 1  # dragged beyond the top


def test_a_run_that_diverges_ends_before_it_overflows() -> None:
    plane = found(lr=6.0, momentum=0.99, method="Nesterov", steps=500)
    assert len(plane.path) < 150
    assert 1e100 < plane.path[-1, 0] < 1e102
    assert "The run ends, far out, after " in describe(plane)
    assert "After 100 steps" in describe(found())


def test_presets_show_what_their_names_say() -> None:
    states = {name: (state(preset(name)), round(preset(name).factor, 4)) for name in MomentumPlane.presets}
    assert states == {
        "no momentum, best rate": ("steep flips, flat creeps", 0.9802),
        "Polyak's best pair": ("steep flips, flat creeps", 0.8182),
        "too much momentum": ("both directions swing", 0.995),
        "flat direction creeps": ("flat direction creeps", 0.998),
        "steep direction flips": ("steep direction flips", 0.9452),
        "diverges": ("steep direction diverges", 1.2099),
        "Nesterov at Polyak's pair": ("steep direction diverges", 4.2155),
        "Nesterov's best pair": ("steep flips, flat creeps", 0.8847),
    }
    best, plain = preset("Polyak's best pair"), preset("no momentum, best rate")
    np.testing.assert_allclose([best.factor, plain.factor], [best.best.factor, best.plain.factor], atol=1e-9)
    assert math.isclose(best.factor, 9 / 11)
    assert math.isclose(plain.factor, 99 / 101)
    assert preset("too much momentum").factor > found(lr=0.5, momentum=0.9).factor


def test_more_momentum_helps_until_the_flat_direction_swings() -> None:
    turn = (1 - math.sqrt(0.5 / 100)) ** 2
    factors = [found(lr=0.5, momentum=turn + off).factor for off in (-0.1, -0.01, 0.0, 0.01, 0.1)]
    assert factors[0] > factors[1] > factors[2] < factors[3] < factors[4]


def test_headlines() -> None:
    assert headline(found(lr=0.5)) == "both directions swing: factor 0.9487, 43.7 steps to a tenth"
    assert headline(found(lr=2.0, momentum=0.0)) == "steep direction never settles: factor 1, no end"
    at_once = "both directions arrive: factor 0, at once"
    assert headline(found(lr=1.0, momentum=0.0, condition=1.0)) == at_once
    slowest = found(lr=0.01, momentum=0.0, condition=1000.0)
    assert headline(slowest) == "flat direction creeps: factor 1 − 1e−5, 230 thousand steps to a tenth"
    assert pace(10**0.25) == "4 steps to tenfold"


def test_words_of_the_default() -> None:
    text = describe(found(lr=0.5))
    assert (
        "condition number 100, method momentum. Learning rate times largest curvature 0.5, momentum 0.9. "
        in text
    )
    assert "Both directions swing: in the long run the distance changes by the factor 0.9487 a step" in text
    assert (
        "Polyak's best pair is learning rate 3.306, momentum 0.6694, factor 0.8182, 11.5 steps to a tenth"
        in text
    )
    assert text.endswith("With this momentum it diverges from the rate 3.8 on.")
    assert "which at 0 is plain gradient descent" in describe(found(momentum=0.0, method="Nesterov"))
    said = readouts(found(lr=0.5))
    assert said["marks flat"][1].startswith("step 5: flat 0.")
    assert said["plain"] == [
        "best without momentum: learning rate 1.98, momentum 0, factor 0.9802, 115 steps to a tenth"
    ]


def test_texts_have_room() -> None:
    explorer = MomentumPlane()
    artists: dict[str, Any] = explorer.artists
    measure = explorer.canvas.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    for condition in (1.0, 37.3, 100.0, 1000.0):
        for lr in (0.01, 0.0137, 1.0, 1.98, 2.0, 3.306, 6.0):
            for momentum in (0.0, 0.669, 0.99):
                explorer.set(lr=lr, momentum=momentum, condition=condition)
                for name in ("headline", "text steep", "text flat"):
                    assert artists[name].get_window_extent(measure).x1 < SCALE * 714, artists[name].get_text()
    explorer.close()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("momentum", [0.0, 0.45, 0.99])
@pytest.mark.parametrize("lr", [0.01, 1.0, 2.0, 6.0])
def test_the_oracle_agrees_at_the_edges(method: str, momentum: float, lr: float) -> None:
    explorer = MomentumPlane(lr=lr, momentum=momentum, condition=1000.0, method=method, steps=40)
    oracle_momentum_plane.check(explorer)
    explorer.close()


def test_dragging_moves_both_controls() -> None:
    explorer = MomentumPlane()
    x, y = explorer.picture.grips["here"]
    explorer.picture.dragged = {"grip": "here", "x": x + 60, "y": y + 60, "count": 1}
    assert explorer.lr > 1.5
    assert 0.7 < explorer.momentum < 0.85
    explorer.picture.dragged = {"grip": "here", "x": 5000, "y": -5000, "count": 2}
    assert (explorer.lr, explorer.momentum) == (6, 0.99)
    explorer.close()
