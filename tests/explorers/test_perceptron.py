"""The perceptron's scene: the run it steps through, its data, and what its presets promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers.perceptron import BY_EXAMPLE, Moment, Perceptron, compute, headline, positive_side
from course_utils.explorers.perceptron_runs import DATA, MOST, MOST_PASSES, SHUFFLED, practise, two_sides
from course_utils.models.perceptron import train_perceptron, with_bias


def at(**changes: Any) -> Moment:
    return compute(**{**Perceptron.defaults(), **changes})


def preset(name: str) -> Moment:
    return at(**Perceptron.presets[name])


@pytest.mark.parametrize("margin", [0.0, 0.01, 0.3, 0.6])
@pytest.mark.parametrize("n", [10, 41, 100])
def test_two_sides_have_the_margin(n: int, margin: float) -> None:
    for seed in range(5):
        x, y = two_sides(n, margin, np.random.default_rng(seed))
        assert x.shape == (n, 2)
        assert min((y == 1).sum(), (y == -1).sum()) >= 0.1 * n
        gap = np.linalg.norm(x[y == 1][:, None] - x[y == -1], axis=-1).min()
        assert gap >= 2 * margin
        assert np.abs(x).max() < 2  # inside the picture


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("order", Perceptron.controls()["order"].extremes())
def test_the_last_step_is_where_training_ends(data: str, order: str) -> None:
    moment = at(data=data, order=order, step=MOST)
    rng = np.random.default_rng([1, 1]) if order == SHUFFLED else None
    trained = train_perceptron(with_bias(moment.run.x), moment.run.y, max_epochs=MOST_PASSES, rng=rng)
    assert moment.settled == (trained.converged and trained.n_updates < MOST)
    if trained.n_updates < MOST:
        np.testing.assert_array_equal(moment.weight, trained.weight)
        assert moment.n_mistakes == trained.n_updates
        assert len(moment.mistakes) == trained.n_epochs
    else:
        assert moment.n_mistakes == MOST


def test_mistakes_and_examples_lead_to_the_same_places() -> None:
    for k in range(1, 15):
        by_mistake = at(step=k)
        assert by_mistake.wrong
        by_example = at(by=BY_EXAMPLE, step=min(by_mistake.n_visits, MOST))
        if by_mistake.n_visits <= MOST:
            assert by_example.looked_at == by_mistake.looked_at
            assert by_example.n_mistakes == k
            np.testing.assert_array_equal(by_example.mistakes, by_mistake.mistakes)


def test_xor_goes_round_in_a_circle_of_four_mistakes() -> None:
    for k in range(0, MOST - 4):
        np.testing.assert_array_equal(at(data="XOR", step=k).weight, at(data="XOR", step=k + 4).weight)
    assert headline(preset("XOR")) == "never settles: 4 mistakes; the weights are those after 0 again"
    assert headline(at(data="XOR", step=3)).startswith(
        "never settles, no line separates: 3 mistakes in 1 pass"
    )


def test_presets_show_what_their_names_say() -> None:
    wide, narrow = preset("wide margin"), preset("narrow margin")
    assert wide.settled
    assert narrow.settled
    assert narrow.n_mistakes > 10 * wide.n_mistakes
    assert narrow.run.bound > 100 * wide.run.bound
    for name in ("one wrong label", "two moons"):
        given_up = preset(name)
        assert given_up.run.margin == 0
        assert given_up.n_mistakes == MOST or len(given_up.mistakes) == MOST_PASSES
        assert "never settles, no line separates" in headline(given_up)
    first = preset("example by example")
    assert (first.n_visits, first.n_mistakes, first.looked_at) == (
        1,
        1,
        0,
    )  # on the line, which is nowhere yet


def test_one_wrong_label_is_one() -> None:
    _, right = DATA["two sides of a line"](40, 0.3, np.random.default_rng(3))
    _, wrong = DATA["one wrong label"](40, 0.3, np.random.default_rng(3))
    assert (right != wrong).sum() == 1


def test_nothing_has_happened_at_step_0() -> None:
    start = at(step=0)
    assert headline(start) == "no border yet: all weights are 0"
    assert start.looked_at is None
    assert len(start.mistakes) == 0
    assert len(positive_side(start.weight)[0]) == 0


def test_beyond_the_last_mistake_no_example_is_ringed() -> None:
    last = at().run.mistake.sum()
    assert at(step=int(last)).looked_at is not None
    assert at(step=int(last)).settled
    assert at(step=int(last) + 1).looked_at is None
    assert headline(at(step=int(last) + 1)).startswith(f"settled after {last} mistakes in ")


@pytest.mark.parametrize(
    ("weight", "n_corners", "n_ends"),
    [((1, 0, 0), 4, 2), ((0, 0, 1), 4, 0), ((0, 0, -1), 0, 0), ((1, 1, -3), 3, 2), ((1, 1, 3), 5, 2)],
)
def test_sides_of_a_line(weight: tuple[float, ...], n_corners: int, n_ends: int) -> None:
    side, ends = positive_side(np.array(weight, dtype=float))
    assert (len(side), len(ends)) == (n_corners, n_ends)


def test_cached_runs_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        at().run.weights[0] = 1
    assert practise.cache_info().maxsize == 8


def test_controls_without_effect_are_greyed() -> None:
    explorer = Perceptron(data="XOR")
    idle = {name for name, widget in explorer.widgets.items() if widget.disabled}
    assert idle == {"margin", "examples", "seed"}
    explorer.order = SHUFFLED
    assert not explorer.widgets["seed"].disabled
    explorer.close()
