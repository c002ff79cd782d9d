"""The race names what its runs do, and its presets show what they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.lines import Line2D

from course_utils.explorers._canvas import SCALE
from course_utils.explorers.optimizer_race import OptimizerRace, Scene, compute
from course_utils.explorers.race_run import N_STEPS
from course_utils.explorers.race_standings import Standing, place, standing
from course_utils.explorers.race_words import describe, headline, visible_number
from course_utils.explorers.racers import LINE_UPS, RACERS
from course_utils.explorers.surfaces import RACE_TRACKS, SURFACES, race_track

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
        ([1.0, 1.5, 2.0, 3.0, 4.0], "above start"),  # too early to say more
        ([1.0, 1.5, 2.0, 3.0, 4.0, 5.0], "diverging"),
        ([2.0, 1.999, 1.998, 1.997, 1.996], "converging"),
        ([2.0, 1.999, 1.998, 1.997, 1.996, 1.995], "stalled"),
        (2 * (-1.0002) ** STEPS, "oscillating"),  # higher and higher, but not to be seen
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


def test_noise_that_lifts_a_run_out_of_a_minimum_is_no_divergence() -> None:
    lifted = 0.01 * np.arange(40)
    assert judged(lifted).state == "diverging"
    assert judged(lifted, noisy=True).state == "above start"
    assert judged(0.1 * np.arange(40), noisy=True).state == "diverging"  # out of the picture


def test_on_several_minima_words_tell_where() -> None:
    points = np.array([[0.0, 1.0], [0.0, 2**0.5]])
    for name, where in (("saddle", " at (0, 1.41)"), ("bowl", "")):
        track = race_track(name, 1.0)
        one = standing("it", points, np.array([0.1, 1e-9]), track, noisy=False)
        assert one.words() == "arrived at step 1" + where
        assert one.brief() == "arrived at step 1"
    at_start = standing("it", points[:1], np.array([0.1]), race_track("saddle", 1.0), noisy=False)
    assert at_start.words() == "0.1, at the start"
    several = {name for name in RACE_TRACKS if race_track(name, 1.0).several}
    assert several == {"saddle", "Rastrigin", "two minima", "two minima (1-D)"}


def test_the_text_tells_which_minimum_was_reached() -> None:
    text = describe(scene("Rastrigin: traps"))
    assert "Race on the surface Rastrigin, lowest at (0, 0), learning rate 0.005" in text
    assert "; Adam 4.97, trapped at (−1.99, 0.995); " in text
    text = describe(scene("noise leaves a minimum"))
    assert "two minima (1-D), lowest at −1.05, " in text
    assert " GD 0.2, trapped at 0.946; SGD " in text


def test_the_text_says_what_the_noise_is() -> None:
    assert " no noise, " in describe(scene())
    spread = "noise of standard deviation 3 on each part of all gradients"
    assert f" {spread}, " in describe(scene("noise: who stays calm"))
    assert f" {spread} but GD's, " in describe(scene(noise=3.0))


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
    np.testing.assert_allclose(scene(lr=0.2, condition=1.0).race.rates[0], 0.2)  # gradients down to 1e-10
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
    changes = {"noise": 2.0, "condition": 1.0, "lr": 1e-4, "momentum": 0.0, "step": N_STEPS}
    race = scene(line_up="under noise", **changes).race
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
    assert scene(step=101).race is scene(step=N_STEPS).race
    assert scene(step=51).race is scene(step=100).race
    assert scene(lower="effective rate").race is scene().race
    assert scene(lr=0.031).race is not scene().race


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_a_short_race_is_the_beginning_of_a_long_one(noise: float) -> None:
    changes: dict[str, Any] = {"line_up": "all ten", "lr": 0.05, "noise": noise}
    long = scene(**changes, step=N_STEPS)
    for step in (0, 50, 100):
        short = scene(**changes, step=step)
        n_steps = max(step, 50)
        assert short.race.lengths.shape == short.race.rates.shape == (10, n_steps)
        np.testing.assert_array_equal(short.race.paths, long.race.paths[:, : n_steps + 1])
        np.testing.assert_array_equal(short.race.losses, long.race.losses[:, : n_steps + 1])
        assert [short.until(i) for i in range(10)] == np.minimum(long.race.ends, step).tolist()


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


def test_the_legend_names_every_racer(explorer: OptimizerRace) -> None:
    for line_up in LINE_UPS:
        explorer.line_up = line_up
        figure: Any = explorer.canvas.figure
        names = {text.get_text(): text.get_position() for text in figure.texts}
        samples = [line for line in figure.artists if isinstance(line, Line2D)]
        for sample, name in zip(samples, LINE_UPS[line_up], strict=True):
            racer, (x, y) = RACERS[name], names[name]
            assert (sample.get_color(), sample.get_marker()) == (racer.colour, racer.marker)
            assert sample.get_ydata()[0] == y
            assert sample.get_xdata()[-1] < x
            words: Any = explorer.artists[f"standing {name}"]
            assert words.get_position()[1] == y


def test_levels_and_goal_of_the_bowl(explorer: OptimizerRace) -> None:
    for surface in ("bowl", "diagonal ravine"):
        explorer.set(surface=surface, condition=7.0)
        levels: Any = explorer.artists["levels"]
        loss = explorer.result.race.surface.loss
        heights = [loss(path.vertices[:-1])[0] for path in levels.get_paths()]
        for around in heights:
            np.testing.assert_allclose(around, around[0])
        highest = loss(2.4 * np.array([[1.0, 1.0], [1.0, -1.0]]))[0].max()
        expected = np.linspace(highest**0.4, 0, 10)[:-1] ** 2.5
        np.testing.assert_allclose([around[0] for around in heights], expected)
        brightness = levels.get_facecolor()[:, :3].sum(axis=1)
        assert (np.diff(brightness) < 0).all()  # darker inwards
    for surface in ("Beale", "Rosenbrock", "saddle"):
        explorer.surface = surface
        goal: Any = explorer.artists["goal"]
        np.testing.assert_allclose(np.transpose(goal.get_data()), explorer.result.race.surface.minima)


def test_the_ends_of_the_paths_speak(explorer: OptimizerRace) -> None:
    explorer.preset("Rastrigin: traps")
    said = [text for _, _, text in explorer.picture.hover]
    assert "Adam: 4.97, trapped at (−1.99, 0.995)" in said
    assert len(said) == 10


def test_a_drag_moves_the_start(explorer: OptimizerRace) -> None:
    x, y = explorer.picture.grips["start"]
    explorer.picture.dragged = {"grip": "start", "x": x + 30, "y": y, "count": 1}
    assert explorer.values["x0"] > -1.7
    np.testing.assert_allclose(explorer.values["y0"], 1.2, atol=0.03)


def test_texts() -> None:
    text = describe(scene(momentum=0.5, step=10, line_up="adaptive"))
    assert "learning rate 0.03, momentum 0.5, no noise, start (−1.8, 1.2), 10 steps. " in text
    assert text.endswith(" Adadelta's rate is a factor of its own step.")
    assert not describe(scene()).endswith("its own step.")
    low, high = (float(part.replace("−", "-")) for part in re.findall(r"([\d.e−]+) \(", text)[-2:])
    assert low < high
    three, four = (
        [Standing(name, 1.0, "converging", 9) for name in "abc"],
        Standing("d", 1.0, "converging", 9),
    )
    assert headline(three, 9).startswith("a, b and c lead: 1 after 9 steps")
    assert headline([*three, four], 9).startswith("4 of 4 lead: ")
    near = Standing("d", 1.00001, "converging", 9)
    assert headline([three[0], near], 9).startswith("a and d lead: ")
    assert visible_number(2e-9) == "2e−9"
    assert visible_number(9e-10) == "below 1e−9"
    early, late = Standing("a", 1e-7, "arrived", 30), Standing("b", 1e-8, "arrived", 40)
    assert headline([late, early], 50) == "a leads: below 1e−6 since step 30"


def test_the_noise_is_the_seeds() -> None:
    one, other = (scene(line_up="under noise", noise=1.0, seed=seed).race.paths for seed in (0, 1))
    assert not np.allclose(one, other)


def test_converging_goes_without_saying_in_the_picture(explorer: OptimizerRace) -> None:
    shown: dict[str, Any] = explorer.artists
    assert shown["standing GD"].get_text() == "3.7e−3"
    assert "GD 3.7e−3, converging; " in explorer.alt
    assert shown["standing RMSprop"].get_text() == "arrived at step 72"


def test_what_is_out_of_sight_has_no_mark(explorer: OptimizerRace) -> None:
    explorer.set(lr=10.0, step=1)  # a first step of more than 100
    ends: Any = explorer.artists["lower ends"]
    assert explorer.result.lower(0)[0] > 100
    assert np.isnan(ends.get_offsets()[0]).all()
    explorer.set(step=0)
    assert np.isnan(ends.get_offsets()).all()


@pytest.mark.parametrize("name", RACE_TRACKS)
def test_gradients_are_the_slopes_of_the_losses(name: str) -> None:
    track = race_track(name, 7.0)
    points = np.random.default_rng(0).uniform(-2, 2, (50, track.n_weights))
    gradient = track.loss(points)[1]
    for i, nudge in enumerate(1e-6 * np.eye(track.n_weights)):
        slope = (track.loss(points + nudge)[0] - track.loss(points - nudge)[0]) / 2e-6
        np.testing.assert_allclose(gradient[:, i], slope, rtol=1e-5, atol=1e-5)
    for minimum in track.minima:
        loss, gradient = track.loss(np.array(minimum))
        np.testing.assert_allclose(loss, 0, atol=1e-12)
        np.testing.assert_allclose(gradient, 0, atol=1e-7)


def test_how_far_noise_may_lead_a_run_that_wanders() -> None:
    steps = np.tile([0.02, 0.02, -0.02], 40)  # on and on: a third of the way travelled leads somewhere
    drifting = 2 - np.cumsum(steps)
    assert judged(drifting[:70], noisy=True).state == "jittering"
    steps = np.tile([0.02, 0.02, 0.02, 0.02, -0.02], 20)  # three fifths
    assert judged(2 - np.cumsum(steps)[:70], noisy=True).state == "converging"
    swings = np.tile([1.0, -1.0], 30)
    shrinking = np.append(swings, 0.4 * swings[:30])  # in the loss to 0.16, less than a fifth
    assert judged(shrinking, noisy=True).state == "converging"
    shrinking = np.append(swings, 0.5 * swings[:30])
    assert judged(shrinking, noisy=True).state == "jittering"


def test_how_near_a_minimum_or_saddle_must_be() -> None:
    rastrigin, saddle = race_track("Rastrigin", 1), race_track("saddle", 1)
    assert place(np.array([0.99496, 0.97]), rastrigin) == "stalled"  # 0.13 above the dip's 1.98, a fifteenth
    assert place(np.array([0.99496, 0.99]), rastrigin) == "trapped"
    assert place(np.array([0.0, 0.05]), saddle) == "on a saddle"
    assert place(np.array([0.0, 0.3]), saddle) == "stalled"


def test_only_where_there_are_several_minima_the_text_names_the_lowest() -> None:
    assert " surface Rosenbrock, learning rate " in describe(scene(surface="Rosenbrock"))
    both = " surface saddle, lowest at (0, −1.41) and (0, 1.41), learning rate "
    assert both in describe(scene(surface="saddle"))
