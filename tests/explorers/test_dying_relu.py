"""Dying units: who dies, who cannot revive, who does; presets keep their promises; lines lie right."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.artist import getp

from course_utils.explorers.dying_relu import DyingReLU, Moment, compute
from course_utils.explorers.dying_relu_picture import (
    ARROW,
    DEAD,
    HIGHEST,
    SHADES,
    UNKNOWN,
    VIEW,
    arrows,
    lines_in_view,
    lives,
    marks,
)
from course_utils.explorers.dying_relu_run import (
    ACTIVATIONS,
    ARRIVES,
    BELOW,
    DRIFTS,
    FAR,
    LEAVES,
    N_STEPS,
    N_UNITS,
    STAYS,
    Training,
    cloud,
    training,
)
from course_utils.explorers.dying_relu_words import describe, headline, loss_text, readouts, unit_text

LN_2 = np.log(2)


def at(**changes: Any) -> Moment:
    return compute(**{**DyingReLU.defaults(), "step": N_STEPS, **changes})


def preset(name: str, **changes: Any) -> Moment:
    return at(**{**DyingReLU.presets[name], **changes})


def run_of(**changes: Any) -> Training:
    settings = {**DyingReLU.defaults(), **changes}
    del settings["step"]
    return training(**settings)


def counts(moment: Moment) -> list[int]:
    return moment.alive.sum(axis=1).tolist()


# What dies, and what comes back


@pytest.mark.parametrize("bias", [0.5, 0.0, -1.0, -2.0])
@pytest.mark.parametrize("lr", [0.1, 1.0, 10.0, 30.0])
def test_on_fixed_data_no_dead_unit_ever_revives(bias: float, lr: float) -> None:
    for seed in range(3):
        moment = at(moves=STAYS, bias=bias, lr=lr, seed=seed)
        assert not moment.revived.any()
        assert not (moment.alive[1:] & ~moment.alive[:-1]).any()
        assert moment.alive[0].any()


def test_dead_units_stand_still_and_living_ones_move() -> None:
    run = run_of(moves=STAYS)
    run.advance(N_STEPS)
    before, now = run.parts(0), run.parts(N_STEPS)
    dead = ~run.alive(N_STEPS)[0]
    assert 0 < dead.sum() < N_UNITS
    for first, last in zip(before[:2], now[:2], strict=True):
        np.testing.assert_array_equal(first[dead], last[dead])
        assert (first[~dead] != last[~dead]).any(axis=tuple(range(1, first.ndim))).all()


def test_a_unit_revives_where_it_died_when_the_cloud_crosses_its_line() -> None:
    run = run_of(x=1.2, y=-1.2)
    run.advance(N_STEPS)
    alive = run.alive(N_STEPS)
    never, revived = ~alive[0], alive[-1] & ~alive[0]
    assert revived.sum() == 7
    assert not (alive[1 : LEAVES + 1] & never).any(), "nothing revives before the cloud leaves"
    for unit in np.flatnonzero(revived):
        step = int(alive[:, unit].argmax())
        weight, bias = (part[unit] for part in run.parts(step)[:2])
        np.testing.assert_array_equal(weight, run.parts(0)[0][unit])
        crossed, before = ((run.inputs(k) @ weight + bias > 0).sum() for k in (step, step - 1))
        assert crossed > 0 == before


def test_a_layer_below_moves_the_cloud_and_revives() -> None:
    fixed, moved = (at(moves=moves, seed=0) for moves in (STAYS, BELOW))
    assert fixed.losses[0] == moved.losses[0]
    np.testing.assert_array_equal(fixed.alive[0], moved.alive[0])
    assert counts(fixed)[-1] == 3
    assert counts(moved)[-1] == 12
    assert moved.revived.sum() == 9
    assert np.abs(moved.x - fixed.x).max() > 0.5


def test_all_dead_a_layer_below_gets_no_gradient() -> None:
    run = run_of(moves=BELOW, seed=5)
    run.advance(N_STEPS)
    alive = run.alive(N_STEPS).any(axis=1)
    assert not alive[-1]
    first = int(alive.argmin())  # the first step without a living unit
    assert 0 < first < LEAVES
    np.testing.assert_array_equal(run.inputs(first), run.inputs(N_STEPS))
    for early, late in zip(run.parts(first)[:3], run.parts(N_STEPS)[:3], strict=True):
        np.testing.assert_array_equal(early, late)
    assert run.losses[-1] == pytest.approx(LN_2, abs=1e-4)  # the output is its bias, and classes are even


@pytest.mark.parametrize("activation", ["Leaky ReLU", "PReLU", "ELU"])
@pytest.mark.parametrize("moves", [STAYS, DRIFTS, BELOW])
def test_others_keep_a_slope(activation: str, moves: str) -> None:
    moment = at(activation=activation, moves=moves, lr=0.3, seed=5)
    assert moment.alive.all()
    assert "dead" not in moment.states
    assert (moment.shares[0] == 0).sum() == (at(step=0, seed=5).states == "dead").sum() == 13


def test_large_rates_kill_over_many_seeds() -> None:
    left = {lr: [counts(at(bias=0, moves=STAYS, lr=lr, seed=s))[-1] for s in range(21)] for lr in (3, 10, 30)}
    assert set(left[3]) == {N_UNITS}
    assert np.mean(left[10]) < 6
    assert np.mean(left[30]) < 2


def test_states_of_units() -> None:
    alive = np.array([[1, 0, 1, 1, 1, 0], [1, 0, 0, 0, 1, 0], [1, 0, 0, 1, 1, 1]], bool)
    shares = np.array([[0.5, 0, 0.5, 0.1, 0.0, 0.0]] * 2 + [[0.5, 0, 0, 0.1, 0.0, 0.2]])
    empty = np.zeros((0, 2))
    moment = Moment({}, False, empty, empty, empty, empty, np.zeros(3), alive, shares)
    assert moment.states.tolist() == ["alive", "dead", "dead", "alive", "asleep", "alive"]
    assert moment.died.tolist() == [False, False, True, False, False, False]
    assert moment.revived.tolist() == [False, False, False, True, False, True]


# What the presets promise


def test_presets_show_what_their_names_say() -> None:
    moments = {name: preset(name) for name in DyingReLU.presets}
    assert moments["all alive"].alive.all()
    assert moments["all alive"].losses[-1] < 0.1
    killed = moments["steps too large kill"]
    assert counts(killed)[0] == N_UNITS
    assert counts(killed)[5] <= 2, "in the first steps"
    assert counts(killed)[-1] <= 2
    assert preset("steps too large kill", lr=1.0).alive.all()
    fixed = moments["dead for good on fixed data"]
    assert counts(fixed) == [3] * (N_STEPS + 1)
    moved = moments["the cloud moves: revived"]
    assert counts(moved)[: LEAVES + 1] == [3] * (LEAVES + 1)
    assert (counts(moved)[-1], moved.revived.sum()) == (10, 7)
    assert moved.losses[-1] < fixed.losses[-1]
    deeper = moments["a layer below learns: revived"]
    assert (counts(deeper)[0], counts(deeper)[-1], deeper.revived.sum()) == (3, 12, 9)
    stuck = moments["all dead, nothing learns"]
    assert not stuck.alive[20:].any()
    assert abs(stuck.losses[-1] - LN_2) < 1e-3
    comes = moments["all dead, then the cloud comes"]
    assert not comes.alive[20 : LEAVES + 1].any()
    assert (counts(comes)[-1], comes.revived.sum()) == (6, 6)
    assert comes.losses[LEAVES] > 0.69 > 0.25 > comes.losses[-1]
    leaves = moments["the cloud leaves: units die"]
    assert leaves.alive[: LEAVES + 1].all()
    assert leaves.died.sum() == N_UNITS - counts(leaves)[-1] >= 5
    leaky, elu = moments["leaky keeps a slope"], moments["ELU wakes them"]
    assert leaky.alive.all()
    assert elu.alive.all()
    assert (leaky.states == "asleep").all()
    assert (elu.states == "asleep").sum() < (elu.shares[0] == 0).sum()
    assert elu.losses[-1] < 0.2 < 0.65 < leaky.losses[-1] < 0.69
    assert at(activation="Leaky ReLU", moves=STAYS, seed=5, lr=3.0).losses[-1] < 0.4


# The run


def test_any_way_through_the_steps_leads_to_the_same_picture() -> None:
    training.cache_clear()
    straight = at(step=60)
    training.cache_clear()
    for step in (3, 0, 41, 40, 60):
        moment = at(step=step)
        assert len(moment.losses) == len(moment.alive) == len(moment.shares) == step + 1
    for name in ("x", "weight", "bias", "losses", "alive", "shares"):
        np.testing.assert_array_equal(getattr(moment, name), getattr(straight, name))


def test_two_threads_may_share_a_run() -> None:
    settings = {name: value for name, value in DyingReLU.defaults().items() if name != "step"}
    alone, shared = Training(**settings), Training(**settings)
    alone.advance(60)
    threads = [threading.Thread(target=shared.advance, args=(60,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.losses == alone.losses


def test_the_cloud_rests_drifts_and_rests() -> None:
    centres = np.array([at(x=-2, y=1, step=step).x.mean(axis=0) for step in (0, LEAVES, 60, ARRIVES, 120)])
    expected = np.outer([0, 0, 0.5, 1, 1], [-2, 1])
    np.testing.assert_allclose(centres, expected, atol=1e-6)
    shapes = [at(x=-2, y=1, step=step).x for step in (0, ARRIVES)]
    np.testing.assert_allclose(shapes[1] - shapes[0], np.tile([-2, 1], (60, 1)), atol=1e-6)


def test_the_cloud_fits_the_picture_wherever_it_drifts() -> None:
    x, y = cloud()
    assert np.bincount(y).tolist() == [30, 30]
    assert np.abs(x).max() + 2.2 < VIEW + 0.1


def test_seeds_draw_weights_and_leave_the_cloud() -> None:
    first, second = at(seed=0, step=0), at(seed=1, step=0)
    np.testing.assert_array_equal(first.x, second.x)
    assert first.losses[0] != second.losses[0]
    assert (first.bias == -2).all()


def test_where_a_fixed_cloud_would_drift_to_makes_no_difference() -> None:
    training.cache_clear()
    for moves in (STAYS, BELOW):
        one, other = at(moves=moves, x=2.0, y=1.0), at(moves=moves)
        np.testing.assert_array_equal(one.losses, other.losses)
    assert training.cache_info().currsize == 2


def test_a_run_ends_where_a_weight_is_far_out() -> None:
    moment = at(activation="PReLU", lr=3.0)
    last = moment.settings["step"]
    assert moment.ended
    assert last < N_STEPS
    run = run_of(activation="PReLU", lr=3.0)
    assert run.ended
    assert max(np.abs(part).max() for part in run.parts(last)) <= FAR
    assert np.isfinite(moment.losses).all()
    assert headline(moment) == f"diverged after {last} steps, with all 14 units alive"
    assert describe(moment).endswith(" A weight beyond 1e+4 ended the run.")
    assert not at(activation="PReLU", lr=3.0, step=last).ended


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_step_goes_down_the_gradient(activation: str) -> None:
    for moves in (STAYS, BELOW):
        losses = at(activation=activation, moves=moves, lr=0.01, bias=-0.5, step=20).losses
        assert (np.diff(losses) < 0).all()


# The picture


def test_lines_are_cut_to_the_picture() -> None:
    weight = np.array([[1.0, 0.0], [0.0, -2.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    bias = np.array([-1.0, 2.0, 0.0, 9.0, -4.0, -1.0])
    ends, normals = lines_in_view(weight, bias)
    assert sorted(ends[0].tolist()) == [[1, -VIEW], [1, VIEW]]
    assert sorted(ends[1].tolist()) == [[-VIEW, 1], [VIEW, 1]]
    np.testing.assert_allclose(sorted(ends[2].tolist()), [[-VIEW, VIEW], [VIEW, -VIEW]])
    assert np.isnan(ends[3:]).all()
    np.testing.assert_allclose(normals[:3], [[1, 0], [0, -1], [0.5**0.5, 0.5**0.5]])


def test_arrows_stand_upright_inside_the_picture() -> None:
    rng = np.random.default_rng(0)
    ends, normal = lines_in_view(rng.normal(size=(200, 2)), rng.normal(size=200))
    foot = marks(ends, normal)
    seen = np.isfinite(foot).all(axis=1)
    assert seen.sum() > 150
    arrow = arrows(foot, normal).reshape(-1, 6, 2)
    np.testing.assert_allclose((arrow[seen, 1] - arrow[seen, 0]), ARROW * normal[seen])
    assert np.isnan(arrow[:, 5]).all()
    inside = (np.abs(arrow[seen, :5]) < VIEW).all(axis=(1, 2))
    assert inside.mean() > 0.97, "but where a line only cuts a corner off"
    barbs = arrow[seen][:, [2, 4]] - arrow[seen][:, [1]]
    assert ((barbs * normal[seen][:, None]).sum(axis=-1) < 0).all(), "the head points along the arrow"


def test_the_map_of_the_units() -> None:
    alive, shares = np.ones((2, N_UNITS), bool), np.zeros((2, N_UNITS))
    alive[1, 0], shares[0, 0], shares[1, 13] = False, 1.0, 0.5
    rgb = lives(alive, shares)
    assert rgb.shape == (N_UNITS, N_STEPS + 1, 3)
    assert (rgb[-1, 1] == DEAD).all()
    np.testing.assert_array_equal(rgb[-1, 0], SHADES[100])
    np.testing.assert_array_equal(rgb[0, 1], SHADES[50])
    np.testing.assert_array_equal(rgb[0, 0], SHADES[0])
    assert (rgb[:, 2:] == UNKNOWN).all()


@pytest.fixture
def explorer() -> Iterator[DyingReLU]:
    opened = DyingReLU()
    yield opened
    opened.close()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_entry_of_the_map_is_painted_in_its_place(explorer: DyingReLU, scale: float) -> None:
    explorer.picture.scale = scale
    explorer.set(bias=0, x=-2, y=1.2, step=N_STEPS)
    units: Any = explorer.artists["units"]
    rgb = units.get_data()
    left, low, right, high = units.axes.bbox.extents.round()
    rows, columns = np.arange(N_UNITS) + 0.5, np.arange(N_STEPS + 1) + 0.5  # middles of entries
    up = (low + rows / N_UNITS * (high - low)).astype(int)
    across = (left + columns / (N_STEPS + 1) * (right - left)).astype(int)
    painted = explorer.canvas.pixels()[::-1][up][:, across]
    np.testing.assert_array_equal(painted, rgb)
    assert len(np.unique(rgb.reshape(-1, 3), axis=0)) > 20


def test_the_ring_is_there_to_drag_only_where_the_cloud_drifts(explorer: DyingReLU) -> None:
    assert "target" in explorer.picture.grips
    assert not explorer.widgets["x"].disabled
    for moves in (STAYS, BELOW):
        explorer.moves = moves
        assert "target" not in explorer.picture.grips
        assert explorer.widgets["x"].disabled
        assert explorer.widgets["y"].disabled


def test_the_legend_and_the_labels_name_what_is_drawn(explorer: DyingReLU) -> None:
    names = {"class 0": "class 0", "class 1": "class 1", "target": "drifts to (drag)"}
    names |= {"lines alive": "alive", "lines asleep": "asleep", "lines dead": "dead unit"}
    for moves in (DRIFTS, STAYS, BELOW):
        explorer.moves = moves
        figure: Any = explorer.canvas.figure
        (legend,) = figure.legends
        said = {
            text.get_text(): handle
            for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
        }
        wanted = {name: text for name, text in names.items() if name != "target" or moves == DRIFTS}
        assert said.keys() == set(wanted.values())
        for name, text in wanted.items():
            for look in ("color", "linestyle", "marker"):
                assert getp(said[text], look) == getp(explorer.artists[name], look)
        axes: Any = explorer.artists["class 0"].axes
        assert axes.get_xlabel().startswith("output 1 of the layer below" if moves == BELOW else "input x1")
        shaded: Any = explorer.artists["loss"].axes
        assert len(shaded.patches) == (moves == DRIFTS)


def test_states_differ_in_more_than_colour(explorer: DyingReLU) -> None:
    artists: dict[str, Any] = explorer.artists
    for kind, look in (("lines", "linestyle"), ("marks", "marker"), ("lines", "color")):
        looks = {str(getp(artists[f"{kind} {state}"], look)) for state in ("alive", "asleep", "dead")}
        assert len(looks) == 3


def test_a_loss_beyond_the_axis_lies_on_its_edge_and_says_its_value(explorer: DyingReLU) -> None:
    explorer.set(activation="ELU", lr=30, x=2.2, y=-2.2, step=N_STEPS)
    losses, height = explorer.result.losses, explorer.artists["loss"].get_data()[1]
    beyond = losses > HIGHEST
    assert 20 < beyond.sum() < len(losses) - 20
    assert (height[beyond] == HIGHEST).all()
    np.testing.assert_array_equal(height[~beyond], losses[~beyond])
    said = {text for _, _, text in explorer.picture.hover}
    assert said >= {f"step {k}: loss {loss_text(losses[k])}" for k in np.flatnonzero(beyond)}


@pytest.mark.parametrize("step", [0, 1, N_STEPS])
def test_the_number_alive_is_to_be_seen_at_every_step(explorer: DyingReLU, step: int) -> None:
    explorer.step = step
    line: Any = explorer.artists["number alive"]
    x, low = line.axes.transData.transform((step, counts(explorer.result)[-1])).round().astype(int)
    pixels = explorer.canvas.pixels()
    green = np.array([0, 158, 115])
    around = pixels[::-1][low - 5 : low + 6, x - 5 : x + 6].astype(int)
    assert (np.abs(around - green).max(axis=-1) < 8).sum() > 40


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_key_of_the_map_has_room(explorer: DyingReLU, scale: float) -> None:
    explorer.picture.scale = scale
    figure: Any = explorer.canvas.figure
    written = {text.get_text(): text.get_window_extent() for text in figure.texts}
    strip, box = (axes.get_window_extent() for axes in figure.axes if axes.images)
    places = [written["active on  0"], strip, written["100 %"], box, written["dead"]]
    for left, right in itertools.pairwise(places):
        assert right.x0 - left.x1 > 4 * scale
    assert places[-1].x1 < figure.bbox.x1


# The words


def test_texts() -> None:
    moment = at(step=60)
    assert headline(moment) == "7 of 14 units alive: 7 never alive, 4 revived; loss 0.407"
    assert describe(moment) == (
        "Dying units, ReLU, learning rate 1, biases at the start −2, seed 4; the cloud drifts to "
        "(1.2, −1.2) from step 40 to 80. Step 60, centre of the cloud (0.6, −0.6). 7 of 14 units alive: 7 "
        "never alive, 4 revived; loss 0.407. At the start loss 0.702, 3 alive. "
        "Dead: 3, 4, 5, 6, 9, 12, 14. Lines beyond the picture: 1."
    )
    assert "; the cloud stays. " in describe(at(moves=STAYS))
    assert "; the cloud is moved by a linear layer below, which learns. " in describe(at(moves=BELOW))
    assert headline(at(bias=-3, step=0)) == "all 14 units dead: 14 never alive; loss 0.694"
    assert " Lines beyond the picture: 1." in describe(at(bias=-3, step=0))
    assert headline(preset("leaky keeps a slope")) == "all 14 units alive: 14 asleep; loss 0.681"
    assert loss_text(1234.5) == "1230"


def test_units_say_since_when_they_are_what_they_are() -> None:
    alive = np.ones((4, N_UNITS), bool)
    alive[:, 0] = False
    alive[2:, 1] = False
    alive[1:3, 2] = False
    shares = np.full((4, N_UNITS), 0.25)
    shares[:, 3] = 0
    zeros = np.zeros((N_UNITS, 2))
    moment = Moment({}, False, zeros, zeros, zeros, zeros, np.array([1.0, 0.5, 0.25, 0.125]), alive, shares)
    assert [unit_text(moment, unit) for unit in range(5)] == [
        "unit 1: dead from the start",
        "unit 2: dead since step 2",
        "unit 3: active on 25 %, revived at step 3",
        "unit 4: asleep: active on none, but with a slope",
        "unit 5: active on 25 %",
    ]
    said = readouts(moment)
    assert said["number alive"] == [f"step {k}: {n} of 14 alive" for k, n in enumerate([13, 12, 11, 12])]
    assert said["loss"][-1] == "step 3: loss 0.125"
    assert [len(said[f"marks {state}"]) for state in ("alive", "asleep", "dead")] == [11, 1, 2]
