"""The race names what its runs do, and its presets show what they promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from course_utils.explorers._canvas import SCALE
from course_utils.explorers.optimizer_race import N_STEPS, OptimizerRace, Scene, compute, describe
from course_utils.explorers.race_standings import Standing, headline, place, standing
from course_utils.explorers.racers import LINE_UPS, RACERS
from course_utils.explorers.surfaces import SURFACES, race_track

PARABOLA = SURFACES["parabola"]


def scene(preset: str = "", **changes: Any) -> Scene:
    settings = OptimizerRace.presets[preset] if preset else {}
    return compute(**{**OptimizerRace.defaults(), **settings, **changes})


def states(shown: Scene) -> dict[str, str]:
    return {one.name: one.state for one in shown.standings}


def judged(path: list[float] | np.ndarray, *, noisy: bool = False) -> Standing:
    points = np.array(path, dtype=float)[:, None]
    return standing("it", points, PARABOLA.loss(points)[0], PARABOLA, noisy=noisy)


STEPS = np.arange(61)


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ([2.0], "at the start"),
        (2 * 0.95**STEPS, "converging"),
        (2 * (-0.8) ** STEPS, "arrived"),
        (2 * (-0.93) ** STEPS, "converging"),  # turns back at every step, but comes down
        (2 * (-0.99) ** STEPS, "oscillating"),
        (2 * np.cos(0.5 * STEPS), "oscillating"),  # slowly, with small steps where it turns
        (2 * (-1.02) ** STEPS, "diverging"),
        (2 * (-1.2) ** np.arange(24), "diverged"),
        (2 - 1e-4 * STEPS, "stalled"),
        (np.append(2, np.linspace(3.5, 2.5, 20)), "above start"),
    ],
)
def test_states(path: list[float] | np.ndarray, state: str) -> None:
    assert judged(path).state == state


def test_noise_that_leads_nowhere_is_jittering() -> None:
    rng = np.random.default_rng(0)
    assert judged(0.3 * rng.normal(size=100), noisy=True).state == "jittering"
    descent = 2 - 0.01 * np.arange(100) + 0.005 * rng.normal(size=100)
    assert judged(descent, noisy=True).state == "converging"


def test_arrival_counts_from_the_last_time_above() -> None:
    crossing = judged([1, 0, 0.5, 0, 0, 0])
    assert (crossing.state, crossing.since) == ("arrived", 3)
    assert judged([0, 0, 0]).since == 0
    assert crossing.words() == crossing.brief() == "arrived at step 3"


def test_places() -> None:
    rastrigin = race_track("Rastrigin", 1)
    assert place(np.array([0.99496, 0.99496]), rastrigin) == "trapped"
    assert place(np.array([0.9, 0.9]), rastrigin) == "stalled"
    assert place(np.array([0.5025, 0.99496]), rastrigin) == "on a saddle"
    assert place(np.array([0.0, 1.0]), race_track("Beale", 1)) == "on a saddle"
    assert place(np.array([-1.0, 1.0]), race_track("Rosenbrock", 1)) == "stalled"
    assert place(np.array([1.0, 0.1]), race_track("bowl", 1000)) == "stalled"


def test_headlines() -> None:
    adam, gd = Standing("Adam", 0.0123, "converging", 60), Standing("GD", 1e9, "diverged", 9)
    sgd, rms = Standing("SGD", 2e8, "diverged", 7), Standing("RMSprop", 1e-8, "arrived", 40)
    assert headline([gd, adam], 60) == "Adam leads: 0.0123 after 60 steps; GD diverged at step 9"
    assert headline([gd, sgd, adam], 60) == "Adam leads: 0.0123 after 60 steps; 2 diverged"
    assert headline([adam, rms], 60) == "RMSprop leads: below 1e−6 since step 40"
    assert headline([gd, sgd], 60) == "all diverged, SGD first, at step 7"
    assert headline([Standing("Adam", 4.975, "trapped", 1)], 1) == "Adam leads, trapped: 4.975 after 1 step"
    assert headline([adam, gd], 0) == "at the start: loss 0.0123"


def test_the_first_steps_by_hand() -> None:
    first = scene(line_up="all ten", lr=0.1, x0=1.0, y0=-0.5, condition=4.0, step=1)
    after = {racer.name: first.race.paths[i, 1] for i, racer in enumerate(first.race.racers)}
    for name in ("GD", "SGD", "momentum"):  # gradient (1, -2)
        np.testing.assert_allclose(after[name], [0.9, -0.3])
    np.testing.assert_allclose(after["Nesterov"], [1 - 0.19, -0.5 + 0.38])
    for name in ("AdaGrad", "Adam"):  # the length of the rate in every weight
        np.testing.assert_allclose(after[name], [0.9, -0.4], atol=1e-8)
    np.testing.assert_allclose(after["AdamW"], [0.899, -0.3995], atol=1e-8)  # and a decay of 0.1 %
    np.testing.assert_allclose(after["RMSprop"], [0, 0.5], atol=1e-6)  # ten times the rate
    assert abs(after["Adadelta"] - [1, -0.5]).max() < 0.001


def test_effective_rates() -> None:
    race = scene(line_up="all ten", lr=0.01, condition=1.0).race
    rates = dict(zip((racer.name for racer in race.racers), race.rates, strict=True))
    np.testing.assert_allclose(rates["GD"], 0.01)
    np.testing.assert_allclose(rates["momentum"][:2], [0.01, 0.01 * (0.9 + 0.99) / 0.99])
    assert (np.diff(rates["AdaGrad"]) < 0).all()
    assert rates["Adam"][60] > rates["Adam"][0]


def test_without_noise_sgd_is_gd_and_without_momentum_so_is_momentum() -> None:
    race = scene(line_up="plain and momentum", momentum=0.0).race
    for path in race.paths[1:]:
        np.testing.assert_array_equal(path, race.paths[0])
    with_noise = scene(line_up="plain and momentum", momentum=0.0, noise=0.5).race
    np.testing.assert_array_equal(with_noise.paths[0], race.paths[0])
    np.testing.assert_array_equal(with_noise.paths[1], with_noise.paths[2])
    assert not np.allclose(with_noise.paths[1], race.paths[0], atol=0.01)


def test_the_noise_has_the_given_spread() -> None:
    race = scene(line_up="under noise", noise=2.0, condition=1.0, lr=1e-4, momentum=0.0).race
    seen = -np.diff(race.paths[0], axis=0) / 1e-4 - race.paths[0, :-1]  # SGD's gradients less the exact ones
    assert seen.size == 2 * N_STEPS
    assert abs(seen.std() - 2) < 0.15


def test_presets_show_what_their_names_say() -> None:
    ill = scene("condition number 100: momentum")
    assert states(ill) == dict.fromkeys(("GD", "SGD"), "converging") | dict.fromkeys(
        ("momentum", "Nesterov"), "arrived"
    )
    assert ill.standings[0].loss > 1e-3
    too_large = states(scene("too large a rate"))
    assert too_large["GD"] == too_large["momentum"] == "diverged"
    steep, diagonal = scene("one steep axis: AdaGrad"), scene("steep, but diagonal")
    assert states(steep)["AdaGrad"] == "arrived"
    assert states(diagonal)["AdaGrad"] == "stalled"
    assert states(scene("Adam oscillates"))["Adam"] == "oscillating"
    saddle = states(scene("saddle: who escapes"))
    assert saddle.pop("GD") == "on a saddle"
    assert set(saddle.values()) <= {"converging", "arrived", "jittering"}
    calm = {one.name: one.loss for one in scene("noise: who stays calm").standings}
    assert calm["Adam"] < calm["SGD"] / 5 < calm["momentum"] / 50
    freed = scene("noise leaves a minimum")
    assert states(freed)["GD"] == "trapped"
    assert freed.race.paths[0, -1, 0] > 0 > freed.race.paths[1:, :, 0].min(axis=1).max()
    valley = {one.name: one.loss for one in scene("Rosenbrock's valley").standings}
    assert min(valley, key=valley.__getitem__) == "momentum"
    traps = list(states(scene("Rastrigin: traps")).values())
    assert traps.count("trapped") >= 7
    assert "arrived" not in traps


def test_a_racer_ends_where_it_is_far_out() -> None:
    lost = scene("too large a rate", step=N_STEPS)
    gd = lost.race.paths[0]
    assert lost.race.ends[0] == 3 == lost.until(0)
    assert np.abs(gd[3]).max() > 100 >= np.abs(gd[2]).max()
    np.testing.assert_array_equal(gd[3:], np.broadcast_to(gd[3], gd[3:].shape))
    assert np.isfinite(lost.race.losses).all()
    assert "GD diverged at step 3" in describe(lost)


def test_moving_the_step_does_not_race_again() -> None:
    assert scene(step=3).race is scene(step=190).race
    assert scene(lower="effective rate").race is scene().race
    assert scene(lr=0.031).race is not scene().race


def test_looks_differ_in_every_line_up() -> None:
    for line_up in LINE_UPS.values():
        looks = [(RACERS[name].colour, RACERS[name].marker, str(RACERS[name].dash)) for name in line_up]
        for i, one in enumerate(looks):
            for other in looks[:i]:
                assert sum(a != b for a, b in zip(one, other, strict=True)) >= 2
        if len(line_up) < len(RACERS):
            assert len({colour for colour, _, _ in looks}) == len(looks)


@pytest.fixture
def explorer() -> Iterator[OptimizerRace]:
    opened = OptimizerRace()
    yield opened
    opened.close()


def test_what_a_surface_does_not_have_is_greyed(explorer: OptimizerRace) -> None:
    greyed = {}
    for surface in ("bowl", "diagonal ravine", "saddle", "two minima (1-D)"):
        explorer.set(surface=surface, noise=float(surface == "saddle"))
        greyed[surface] = {name for name, widget in explorer.widgets.items() if widget.disabled}
    assert greyed["bowl"] == greyed["diagonal ravine"] == {"seed"}
    assert greyed["saddle"] == {"condition"}
    assert greyed["two minima (1-D)"] == {"condition", "seed", "y0"}


def test_the_longest_words_fit_beside_each_other(explorer: OptimizerRace) -> None:
    for line_up, n_columns, gap in (("adaptive", 2, 0.152), ("all ten", 3, 0.143)):
        explorer.line_up = line_up
        words: list[Any] = [part for name, part in explorer.artists.items() if name.startswith("standing")]
        for part in words:
            left = part.get_window_extent().x0
            for longest in ("diverged at step 200", "1.2e−5, oscillating", "1.2e−5, above start"):
                part.set_text(longest)
                room = SCALE * 720 * (0.985 / n_columns - gap)
                assert part.get_window_extent().width <= room
                assert left + part.get_window_extent().width <= SCALE * 720


def test_the_start_can_be_dragged(explorer: OptimizerRace) -> None:
    assert explorer.handles == {"start": ("x0", "y0")}
    explorer.set(x0=0.5, y0=-1.0)
    np.testing.assert_allclose(np.ravel(explorer.artists["start"].get_data()), [0.5, -1.0])  # type: ignore[attr-defined]
