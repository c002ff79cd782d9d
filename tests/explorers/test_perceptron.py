"""The perceptron's scene: the run it steps through, its data, and what its presets promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.explorers._canvas import SCALE
from course_utils.explorers._numbers import number
from course_utils.explorers.perceptron import BY_EXAMPLE, Moment, Perceptron, compute
from course_utils.explorers.perceptron_picture import positive_side
from course_utils.explorers.perceptron_runs import DATA, MOST, MOST_PASSES, SHUFFLED, practise, two_sides
from course_utils.explorers.perceptron_words import describe, headline
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
    assert headline(preset("XOR")) == "never settles: 4 mistakes, weights back where they were after 0"
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
    x, wrong = DATA["one wrong label"](40, 0.3, np.random.default_rng(3))
    assert (right != wrong).sum() == 1
    i = int(np.flatnonzero(right != wrong)[0])
    assert (right[i], wrong[i]) == (1, -1)
    distances = np.linalg.norm(x[right == 1] - x[right == 1].mean(axis=0), axis=1)
    assert np.linalg.norm(x[i] - x[right == 1].mean(axis=0)) == distances.min()
    assert headline(preset("one wrong label")).endswith(": 200 mistakes in 56 passes")


def test_a_run_given_up_after_a_right_example_has_not_settled() -> None:
    given_up = at(data="one wrong label", examples=40, seed=4, margin=0.6, order=SHUFFLED, step=MOST)
    assert not given_up.run.mistake[-1]
    assert (len(given_up.mistakes), given_up.n_mistakes) == (MOST_PASSES, 199)
    assert not given_up.settled
    assert headline(given_up) == "never settles, no line separates: 199 mistakes in 100 passes"


def test_nothing_has_happened_at_step_0() -> None:
    start = at(step=0)
    assert headline(start) == "no border yet: all weights are 0"
    assert start.looked_at is None
    assert not at(data="XOR", step=0).wrong
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
    explorer.data = "two moons"
    assert {name for name, widget in explorer.widgets.items() if widget.disabled} == {"margin"}
    explorer.close()


def test_the_longest_headlines_fit() -> None:
    explorer = Perceptron(data="XOR", step=MOST)
    title: Any = explorer.artists["headline"]
    longest = (
        "never settles: 200 mistakes, weights back where they were after 196",
        "never settles, no line separates: 200 mistakes in 100 passes",
        "settled after 183 mistakes in 50 passes; the bound allows 4.1e+5",
    )
    for words in (title.get_text(), *longest):
        title.set_text(words)
        assert title.get_window_extent().x1 <= SCALE * 720, words
    explorer.close()


def test_the_legends_name_what_is_drawn() -> None:
    explorer = Perceptron()
    artists: dict[str, Any] = explorer.artists
    names = {"class −1": "points -1", "class +1": "points +1", "looked at": "ring", "border": "line"}
    names |= {"border before": "before", "w, towards +1": "head", "at most R √k": "ceiling", "|w|": "length"}
    names |= {"at least margin · k": "floor", "bound": "bound"}
    figure: Any = explorer.canvas.figure
    (plane,), (lengths,) = figure.legends, [axes.get_legend() for axes in figure.axes if axes.get_legend()]
    entries = [*zip(plane.legend_handles, plane.get_texts(), strict=True)]
    entries += zip(lengths.legend_handles, lengths.get_texts(), strict=True)
    assert {text.get_text() for _, text in entries} == names.keys()
    for handle, text in entries:
        drawn = artists[names[text.get_text()]]
        assert handle.get_color() == drawn.get_color()
        assert handle.get_linestyle() == drawn.get_linestyle()
        if text.get_text() != "w, towards +1":  # whose arrow head turns
            assert handle.get_marker() == drawn.get_marker()
    explorer.close()


def test_a_side_has_the_colour_of_its_points() -> None:
    explorer = Perceptron()
    artists: dict[str, Any] = explorer.artists
    assert artists["points -1"].get_marker() != artists["points +1"].get_marker()
    for label in (-1, 1):
        points, side = (
            np.array(to_rgb(colour))
            for colour in (
                artists[f"points {label:+d}"].get_color(),
                artists[f"side {label:+d}"].get_facecolor()[:3],
            )
        )
        assert np.sign(points[0] - points[2]) == np.sign(side[0] - side[2])  # red against blue
        assert np.ptp(side) > 0.05
    explorer.close()


def test_axes_hold_what_happens() -> None:
    explorer = Perceptron()
    artists: dict[str, Any] = explorer.artists
    passes, lengths = artists["mistakes"].axes, artists["length"].axes
    for axis, names in ((passes.xaxis, "1 10 100"), (lengths.xaxis, "1 10 100 1000 10000")):
        assert [tick.get_text() for tick in axis.get_ticklabels()] == names.split()
        np.testing.assert_allclose(axis.get_majorticklocs(), [float(name) for name in names.split()])
    assert passes.get_xlim()[1] > MOST_PASSES
    assert lengths.get_xlim()[1] > 1e4
    assert passes.get_yticks().tolist() == [0, 1, 5, 10, 20, 30]
    assert passes.get_ylim()[1] > 30
    plane = artists["points -1"].axes
    assert plane.get_xlim() == plane.get_ylim() == (-2, 2)
    for data, seed in ((data, seed) for data in DATA for seed in (0, 7, 15)):
        explorer.set(data=data, seed=seed, examples=100, margin=0.0, step=MOST)
        assert explorer.result.mistakes.max() < passes.get_ylim()[1]
        assert np.max(artists["length"].get_data()[1]) < lengths.get_ylim()[1]
    explorer.close()


def test_texts() -> None:
    moment = at(step=2)
    assert describe(moment).startswith(
        "Perceptron, two sides of a line, 40 examples, order the same every pass, steps of one mistake: "
        "weights and bias ("
    )
    weights = ", ".join(number(float(value)) for value in moment.weight)
    assert f"weights and bias ({weights}). " in describe(moment)
    assert len(moment.weight) == 3
    assert f". Learning: 2 mistakes in 1 pass; the bound allows {moment.run.bound:.4g}. " in describe(moment)
    looked_at = moment.run.example[moment.run.mistake][1]
    assert describe(moment).endswith(f" Example {looked_at + 1} was wrong: the border moved.")
    assert moment.looked_at == looked_at
    right = at(by=BY_EXAMPLE, margin=0.2, step=2)
    assert describe(right).endswith(" Example 2 was right: nothing moved.")
    narrow = headline(preset("narrow margin"))
    assert narrow == "settled after 98 mistakes in 27 passes; the bound allows 7197"
    assert headline(at(margin=0.0, examples=100, seed=15, step=1)).endswith("the bound allows 5.6e+5")


def test_the_marks_of_a_moment() -> None:
    explorer = Perceptron(step=15)
    artists: dict[str, Any] = explorer.artists
    k, length = artists["length"].get_data()
    np.testing.assert_array_equal(np.ravel(artists["now"].get_data()), [15, length[-1]])
    tip, direction = artists["head"].get_marker().vertices[0], explorer.result.weight[:2]
    np.testing.assert_allclose(tip / np.hypot(*tip), direction / np.hypot(*direction))
    ends = np.array([artists["shaft"].get_data()]).reshape(2, 2).T
    np.testing.assert_allclose(np.ravel(artists["head"].get_data()), ends[1])
    explorer.set(data="two moons", step=15)
    k, ceiling = artists["ceiling"].get_data()
    assert k[0] == 1
    assert k[1] > artists["length"].axes.get_xlim()[1]  # without a line, on to the edge
    explorer.close()


def test_weights_of_zero_colour_no_side() -> None:
    explorer = Perceptron(data="XOR", step=3)
    sides: list[Any] = [explorer.artists[f"side {label:+d}"] for label in (-1, 1)]
    assert all(side.get_visible() for side in sides)
    explorer.step = 4
    assert not any(side.get_visible() for side in sides)
    explorer.close()
