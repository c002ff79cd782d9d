"""Shapes in the plane: exact shares, points on their curves, and a truth that knows the classes."""

import numpy as np
import pytest

from course_utils.data import (
    moons,
    nearest_moon,
    nearest_ring,
    nearest_spiral,
    ring_centres,
    ring_of_gaussians,
    rings,
    samples_per_mode,
    spirals,
    xor,
    xor_class,
)

SHAPES = {
    "two spirals": (spirals, {}, 2, nearest_spiral),
    "wound spirals": (
        spirals,
        {"n_arms": 5, "turns": 1.75},
        5,
        lambda x: nearest_spiral(x, 5, turns=1.75),
    ),
    "moons": (moons, {}, 2, nearest_moon),
    "xor": (xor, {}, 2, xor_class),
    "two rings": (rings, {}, 2, nearest_ring),
    "four rings": (rings, {"n_rings": 4}, 4, lambda x: nearest_ring(x, 4)),
}


def each_shape():
    return pytest.mark.parametrize(("draw", "options", "n_classes", "truth"), SHAPES.values(), ids=SHAPES)


@each_shape()
@pytest.mark.parametrize("n", [0, 1, 97, 400])
def test_shares_are_exact(draw, options, n_classes, truth, n):
    x, y = draw(n, rng=np.random.default_rng(0), **options)
    assert x.shape == (n, 2)
    assert y.shape == (n,)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    counts = np.bincount(y, minlength=n_classes)
    assert len(counts) == n_classes
    assert counts.max() - counts.min() <= 1


@each_shape()
def test_without_noise_the_truth_knows_every_class(draw, options, n_classes, truth):
    x, y = draw(2000, noise=0.0, rng=np.random.default_rng(1), **options)
    np.testing.assert_array_equal(truth(x), y)
    assert truth(x).dtype == np.int64


@each_shape()
def test_noise_moves_the_points_by_its_standard_deviation(draw, options, n_classes, truth):
    clean, y = draw(4000, noise=0.0, rng=np.random.default_rng(2), dtype=np.float64, **options)
    noisy, same = draw(4000, noise=0.3, rng=np.random.default_rng(2), dtype=np.float64, **options)
    np.testing.assert_array_equal(y, same)
    assert (noisy - clean).std(axis=0) == pytest.approx(0.3, rel=0.05)
    assert abs((noisy - clean).mean(axis=0)).max() < 0.02


@each_shape()
def test_the_generator_decides_and_the_order_is_random(draw, options, n_classes, truth):
    first, same, other = (draw(50, rng=np.random.default_rng(seed), **options) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first[0], same[0])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


def test_spirals_lie_on_their_curves():
    x, y = spirals(500, 3, noise=0.0, turns=0.8, rng=np.random.default_rng(0), dtype=np.float64)
    radius = np.hypot(*x.T)
    assert radius.min() >= 0.1
    assert radius.max() <= 1
    angle = 2 * np.pi * (0.8 * radius + y / 3)
    np.testing.assert_allclose(
        x, np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), atol=1e-12
    )


def test_half_way_between_two_spirals_the_truth_changes():
    radius, step = 0.7, 1e-6
    angle = 2 * np.pi * (radius + 0.25 + np.array([-step, step]))  # arms of two lie at 0 and 0.5
    x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert nearest_spiral(x).tolist() == [0, 1]


def test_moons_lie_on_scikit_learns_arcs():
    from sklearn.datasets import make_moons

    x, y = moons(2000, noise=0.0, rng=np.random.default_rng(0), dtype=np.float64)
    theirs, labels = make_moons(2000)
    for label in (0, 1):
        gaps = np.linalg.norm(x[y == label][:, None] - theirs[labels == label], axis=2).min(axis=1)
        assert gaps.max() < 0.01


def test_the_nearest_moon_is_the_nearest():
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 3, (500, 2))
    angle = np.linspace(0, np.pi, 20_001)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    distance = np.array([[np.hypot(*(arc - point).T).min() for arc in (upper, lower)] for point in x])
    clear = abs(distance[:, 0] - distance[:, 1]) > 1e-3
    assert clear.mean() > 0.9
    np.testing.assert_array_equal(nearest_moon(x)[clear], distance.argmin(axis=1)[clear])


def test_xor_fills_its_quadrants_equally():
    x, y = xor(400, rng=np.random.default_rng(0))
    quadrants = 2 * (x[:, 0] > 0) + (x[:, 1] > 0)
    assert np.bincount(quadrants).tolist() == [100] * 4
    assert abs(x).max() <= 1
    assert (y == (x[:, 0] * x[:, 1] < 0)).all()


def test_rings_have_whole_radii():
    x, y = rings(300, 3, noise=0.0, rng=np.random.default_rng(0), dtype=np.float64)
    np.testing.assert_allclose(np.hypot(*x.T), y + 1)


def assert_uniform(values, low, high):
    counts, _ = np.histogram(values, bins=10, range=(low, high))
    assert counts.sum() == len(values)
    np.testing.assert_allclose(counts / len(values), 0.1, atol=0.015)


def test_the_points_fill_their_curves_and_squares_evenly():
    draws = {"n": 10_000, "noise": 0.0, "rng": np.random.default_rng(0), "dtype": np.float64}
    x, _ = spirals(**draws)
    assert_uniform(np.hypot(*x.T), 0.1, 1)
    x, y = moons(**draws)
    upper = np.where(y[:, None] == 0, x, [1, 0.5] - x)  # the lower arc turned onto the upper
    assert_uniform(np.arctan2(upper[:, 1], upper[:, 0]), 0, np.pi)
    x, _ = xor(**draws)
    for coordinate in x.T:
        assert_uniform(coordinate, -1, 1)
    x, _ = rings(**draws)
    assert_uniform(np.arctan2(x[:, 1], x[:, 0]), -np.pi, np.pi)


def test_what_lies_inside_the_first_ring_or_outside_the_last_is_theirs():
    assert nearest_ring([[0.0, 0.0], [0.2, 0.1], [1.6, 0.0], [50.0, 0.0]], 2).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("truth", [nearest_spiral, nearest_moon, xor_class, nearest_ring])
def test_points_may_be_a_list_or_strided_or_none(truth):
    points = np.random.default_rng(0).normal(size=(6, 4))
    points.flags.writeable = False
    expected = truth(points[::2, ::2].copy())
    assert truth(points[::2, ::2]).tolist() == truth(points[::2, ::2].tolist()).tolist() == expected.tolist()
    assert truth(np.zeros((0, 2))).tolist() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: moons(-1, rng=rng), "expected n of 0 or more and at least one class, got -1 and 2"),
        (lambda rng: spirals(10, 0, rng=rng), "expected n of 0 or more and at least one class, got 10 and 0"),
        (lambda rng: rings(10, noise=-0.1, rng=rng), "expected a noise of 0 or more, got -0.1"),
        (lambda rng: xor(10, rng=rng, dtype=int), "expected a floating dtype.*, got int64"),
        (lambda rng: nearest_ring(np.zeros(2)), r"expected x \(N, 2\), got shape \(2,\)"),
        (lambda rng: nearest_moon(np.zeros((3, 3))), r"expected x \(N, 2\), got shape \(3, 3\)"),
        (
            lambda rng: nearest_spiral([[np.nan, 0.0]]),
            "expected points of finite coordinates, got nan or inf",
        ),
        (lambda rng: nearest_spiral([[1.0, 0.0]], 0), "expected at least one class, got 0"),
        (lambda rng: moons(2, np.nan, rng=rng), "expected a noise of 0 or more, got nan"),
        (lambda rng: ring_of_gaussians(5, std=np.nan, rng=rng), "of 0 or more, got 5 and nan"),
        (lambda rng: ring_centres(0), "expected at least one mode and a positive radius, got 0 and 2.0"),
        (lambda rng: ring_centres(8, 0), "expected at least one mode and a positive radius, got 8 and 0"),
        (lambda rng: ring_of_gaussians(-1, rng=rng), "expected n and std of 0 or more, got -1 and 0.02"),
        (lambda rng: ring_of_gaussians(5, std=-1, rng=rng), "expected n and std of 0 or more, got 5 and -1"),
        (lambda rng: ring_of_gaussians(5, rng=rng, dtype=int), "expected a floating dtype.*, got int64"),
        (lambda rng: samples_per_mode(np.zeros(4)), r"expected samples \(N, 2\), got shape \(4,\)"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


def test_a_ring_of_gaussians_has_equal_narrow_modes():
    x, y = ring_of_gaussians(8004, rng=np.random.default_rng(0), dtype=np.float64)
    assert sorted(np.bincount(y)) == [1000] * 4 + [1001] * 4
    offsets = x - ring_centres()[y]
    assert offsets.std(axis=0) == pytest.approx(0.02, rel=0.03)
    centres = np.array([x[y == mode].mean(axis=0) for mode in range(8)])
    np.testing.assert_allclose(np.hypot(*centres.T), 2, atol=0.003)
    np.testing.assert_allclose(
        np.arctan2(centres[:, 1], centres[:, 0]) % (2 * np.pi), np.arange(8) * np.pi / 4, atol=0.002
    )


def test_true_samples_count_as_good_as_often_as_theory_says():
    x, y = ring_of_gaussians(80_000, std=0.1, radius=3.0, n_modes=5, rng=np.random.default_rng(0))
    counts = samples_per_mode(x, 5, radius=3.0, std=0.1)
    assert counts.sum() / 80_000 == pytest.approx(1 - np.exp(-4.5), abs=0.002)  # 98.9 %
    assert counts.sum() < 80_000
    assert counts.max() - counts.min() < 100


def test_a_collapsed_generator_is_seen():
    rng = np.random.default_rng(0)
    x, y = ring_of_gaussians(4000, rng=rng)
    collapsed = x[(y == 2) | (y == 5)]
    assert np.flatnonzero(samples_per_mode(collapsed)).tolist() == [2, 5]
    assert samples_per_mode(np.zeros((10, 2))).tolist() == [0] * 8
    assert samples_per_mode(np.full((10, 2), np.nan)).tolist() == [0] * 8
    assert samples_per_mode(np.zeros((0, 2))).tolist() == [0] * 8
    assert samples_per_mode(x, within=1.0).sum() < samples_per_mode(x).sum()
