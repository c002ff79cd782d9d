"""The playground: runs go on where they stopped, states have the right names, presets keep theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.artist import getp
from matplotlib.colors import to_rgb

from course_utils.explorers._numbers import number
from course_utils.explorers.playground import Moment, Playground, compute
from course_utils.explorers.playground_picture import PALETTE, border, probability_map
from course_utils.explorers.playground_runs import (
    DATA,
    FAR,
    N_STEPS,
    N_TRAIN,
    VIEW,
    Training,
    network,
    training,
)
from course_utils.explorers.playground_words import describe, headline, state_of


def at(**changes: Any) -> Moment:
    return compute(**{**Playground.defaults(), **changes})


def preset(name: str, **changes: Any) -> Moment:
    return at(**{**Playground.presets[name], **changes})


@pytest.fixture
def settings() -> dict[str, Any]:
    return {name: value for name, value in Playground.defaults().items() if name != "step"}


def test_any_way_through_the_steps_leads_to_the_same_picture() -> None:
    training.cache_clear()
    straight = at(step=60)
    training.cache_clear()
    for step in (3, 0, 41, 40, 60):
        moment = at(step=step)
        assert len(moment.losses) == step + 1
    np.testing.assert_array_equal(moment.losses, straight.losses)
    np.testing.assert_array_equal(moment.held_out, straight.held_out)
    np.testing.assert_array_equal(moment.logits, straight.logits)


def test_no_step_is_computed_before_it_is_shown_or_twice(settings: dict[str, Any]) -> None:
    run = Training(**settings)
    assert run.losses == []
    run.advance(7)
    first = list(run.losses)
    assert len(first) == 8
    run.advance(3)
    assert run.losses == first


def test_two_threads_may_share_a_run(settings: dict[str, Any]) -> None:
    alone, shared = Training(**settings), Training(**settings)
    alone.advance(60)
    threads = [threading.Thread(target=shared.advance, args=(60,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.losses == alone.losses


@pytest.mark.parametrize("data", DATA)
def test_data_fill_the_picture(data: str) -> None:
    for noise in (0.0, 0.3):
        x, y = DATA[data](400, noise, np.random.default_rng(0))
        assert x.shape == (400, 2)
        assert np.bincount(y).tolist() == [200, 200]
        assert np.abs(x.mean(axis=0)).max() < 0.2
        assert (np.abs(x) < VIEW).all(axis=1).mean() > 0.97


def test_seeds_draw_weights_and_leave_the_points() -> None:
    first, second = at(seed=0), at(seed=1)
    np.testing.assert_array_equal(first.x, second.x)
    assert first.losses[0] != second.losses[0]


def test_depth_counts_hidden_layers() -> None:
    model = network(5, 3, "tanh", np.random.default_rng(0))
    shapes = [parameter.data.shape for parameter in model.parameters()]
    assert shapes == [(5, 2), (5,), (5, 5), (5,), (5, 5), (5,), (1, 5), (1,)]


@pytest.mark.parametrize(
    ("losses", "held_out", "correct", "state"),
    [
        ([0.7], [0.7], 50, "untrained"),
        ([0.7, 1.2], [0.7], 50, "diverging"),
        ([0.7, 0.9], [0.7], 50, "learning"),
        ([1.5, 1.2], [0.7], 50, "learning"),
        ([0.7] + [0.5, 0.6] * 10, [0.6], 70, "jumping"),
        ([0.7] + [0.5, 0.6] * 4 + [0.5] * 12, [0.6], 70, "learning"),  # it did, but leaps no more
        ([0.7] + [0.56, 0.6] * 10, [0.6], 70, "learning"),
        (np.linspace(0.7, 0.1, 40), [0.7, 0.02, 0.04], 100, "learnt"),  # twice the lowest, but little
        (np.linspace(0.7, 0.5, 40), [2.0, 1.0, 1.2], 70, "learning"),
        ([0.7, 0.699, 0.698], [0.7], 50, "learning"),  # too early to say more
        (np.linspace(0.7, 0.6, 40), [0.7], 50, "learning"),
        (np.linspace(0.7, 0.1, 40), [0.7, 0.3, 0.5], 100, "overfitting"),
        (np.linspace(0.7, 0.1, 40), [0.7, 0.3, 0.3], 95, "learnt"),
        (np.linspace(0.7, 0.1, 40), [0.7, 0.3, 0.3], 94, "learning"),
        (np.full(40, 0.69), [0.69], 50, "stalled"),
    ],
)
def test_states(losses: Any, held_out: list[float], correct: float, state: str) -> None:
    rows = np.array([(5 * i, loss) for i, loss in enumerate(held_out)])
    assert state_of(np.array(losses), rows, (correct, 50.0)) == state


def test_presets_show_what_their_names_say() -> None:
    moments = {name: preset(name) for name in Playground.presets}
    one, four = moments["XOR, one hidden unit"], moments["XOR, four hidden units"]
    assert one.correct[0] < 80
    assert four.correct[0] > 90
    assert one.state == "stalled"
    assert moments["too few units"].correct[0] < 90
    assert preset("too few units", units=8).correct[0] >= 95
    assert moments["spirals"].correct[0] == 100
    too_large = moments["rate too large"]
    assert too_large.state == "diverged"
    assert len(too_large.losses) - 1 < N_STEPS
    assert preset("rate too large", lr=0.3).correct[0] >= 95
    straight = moments["no bend: identity"]
    assert straight.correct[0] < 95
    assert np.abs(np.diff(straight.logits, n=2, axis=1)).max() < 1e-3 * np.ptp(straight.logits)
    assert moments["deep sigmoid stalls"].state == "stalled"
    assert moments["deep sigmoid stalls"].correct[0] < 60
    assert preset("deep sigmoid stalls", activation="ReLU").correct[0] >= 95
    assert moments["overfitting"].state == "overfitting"


def test_a_run_ends_where_a_weight_is_far_out() -> None:
    settings = {**Playground.presets["rate too large"]}
    far = at(**settings)
    run = training(**far.settings)
    assert run.ended
    assert max(np.abs(array).max() for array in run._weights[-1]) <= FAR
    assert np.isfinite(far.losses).all()
    assert headline(far).startswith("diverged: ")
    assert describe(far).endswith(" A weight beyond 1e+4 ended the run.")
    assert at(**settings | {"step": 20}).state != "diverged"


def test_the_map_is_blue_below_one_half_and_orange_above() -> None:
    logits = np.tile(np.linspace(-4, 4, 40), (40, 1))
    rgb = probability_map(logits)
    assert (rgb[:, 0] == PALETTE[0]).all()
    assert (rgb[:, -1] == PALETTE[-1]).all()
    assert PALETTE[0, 2] > PALETTE[0, 0]
    assert PALETTE[-1, 0] > PALETTE[-1, 2]
    line = border(logits)
    np.testing.assert_allclose(line[~np.isnan(line[:, 0])][:, 0], 0, atol=1e-6)
    assert np.isnan(border(np.ones((40, 40)))).all()


def test_half_of_the_points_are_held_out() -> None:
    assert N_TRAIN == 100
    assert len(at().x) == 200


@pytest.fixture
def explorer() -> Iterator[Playground]:
    opened = Playground()
    yield opened
    opened.close()


def test_the_legends_name_what_is_drawn(explorer: Playground) -> None:
    artists: dict[str, Any] = explorer.artists
    figure: Any = explorer.canvas.figure
    names = ["train 0", "train 1", "held out 0", "held out 1", "loss", "held out", "border"]
    texts = ["class 0", "class 1", "held out", "held out", "training", "held out", "probability 1/2"]
    entries = [
        (handle, text.get_text())
        for legend in figure.legends
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
    ]
    assert [text for _, text in entries] == texts
    for (handle, _), name in zip(entries, names, strict=True):
        for look in ("color", "linestyle", "marker", "markeredgecolor"):
            assert getp(handle, look) == getp(artists[name], look)


def test_looks_of_the_classes(explorer: Playground) -> None:
    artists: dict[str, Any] = explorer.artists
    for label, redder in ((0, False), (1, True)):
        for colour in (
            artists[f"train {label}"].get_color(),
            artists[f"held out {label}"].get_markeredgecolor(),
        ):
            assert (to_rgb(colour)[0] > to_rgb(colour)[2]) == redder
        assert artists[f"train {label}"].get_marker() == artists[f"held out {label}"].get_marker()
    assert artists["train 0"].get_marker() != artists["train 1"].get_marker()
    assert artists["loss"].get_zorder() > artists["held out"].get_zorder()
    assert artists["now"].get_color() == artists["loss"].get_color()
    assert artists["held out now"].get_color() == artists["held out"].get_color()
    assert artists["train 0"].get_zorder() > artists["held out 0"].get_zorder() > artists["map"].get_zorder()


def test_the_map_lies_the_right_way_up(explorer: Playground) -> None:
    rgb, pixels = explorer.artists["map"].get_data(), explorer.canvas.pixels()[::-1]  # type: ignore[attr-defined]
    axes: Any = explorer.artists["map"].axes
    left, low, right, high = np.rint(axes.bbox.extents).astype(int)
    for row, column in ((3, 3), (3, -4), (-4, 3), (-4, -4)):
        y = low + 6 if row > 0 else high - 7
        x = left + 6 if column > 0 else right - 7
        np.testing.assert_array_equal(pixels[y, x], rgb[row, column])
    assert (rgb[3, 3] != rgb[-4, 3]).any()


def test_guessing_is_ln_2(explorer: Playground) -> None:
    axes: Any = explorer.artists["loss"].axes
    guessing = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert len(guessing) == 1
    np.testing.assert_allclose(guessing[0].get_ydata(), np.log(2))


def test_noise_is_the_spread_around_the_noiseless_points() -> None:
    for data in ("moons", "rings", "spirals"):
        clean, _ = DATA[data](20_000, 0.0, np.random.default_rng(0))
        noisy, _ = DATA[data](20_000, 0.3, np.random.default_rng(0))
        np.testing.assert_allclose((noisy - clean).std(axis=0), 0.3, rtol=0.03)
    x, y = DATA["blobs"](20_000, 0.3, np.random.default_rng(0))
    np.testing.assert_allclose(x[y == 1].std(axis=0), 0.5, rtol=0.03)
    np.testing.assert_allclose(x[y == 1].mean(axis=0), [0.9, 0.5], atol=0.02)


def test_texts() -> None:
    moment = at(units=1, depth=3, lr=0.2, seed=4, step=7, optimizer="Adam", activation="ReLU")
    loss, last, held_out = (number(value) for value in (*moment.losses[[0, -1]], moment.held_out[-1, 1]))
    assert describe(moment) == (
        "Playground, moons with noise of standard deviation 0.15: 3 hidden layers of 1 unit, ReLU, Adam, "
        f"learning rate 0.2, seed 4. {headline(moment).capitalize()}. Loss {loss} to {last}, "
        f"held out {held_out}."
    )


def test_few_runs_are_kept() -> None:
    assert training.cache_info().maxsize == 2  # 8 MB each
