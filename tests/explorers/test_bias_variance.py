"""Bias and variance: laws known on paper, estimates beside what is expected, presets that keep their word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers import BiasVariance
from course_utils.explorers import bias_variance_fits as fits
from course_utils.explorers import bias_variance_runs as runs
from course_utils.explorers.bias_variance_fits import Measured
from course_utils.explorers.bias_variance_picture import GRIPS
from course_utils.explorers.bias_variance_runs import ManyFits, Parts
from course_utils.explorers.noisy_points import Points, points, truth
from course_utils.explorers.penalized_polynomials import basis, fit, true_weights

SEEDS = range(21)


def settings(**changes: Any) -> dict[str, Any]:
    return {**BiasVariance.defaults(), **changes}


def expected(**changes: Any) -> Parts:
    return Parts(*(float(part[0]) for part in runs.exact_parts([settings(**changes)])))


def preset(name: str, **changes: Any) -> ManyFits:
    return runs.compute(**settings(**{**BiasVariance.presets[name], **changes}))


def states(name: str, **changes: Any) -> list[str]:
    found = [settings(**{**BiasVariance.presets[name], **changes, "seed": seed}) for seed in SEEDS]
    return [runs.verdict(expected(**one), one) for one in found]


@pytest.mark.parametrize("strength", [0.0, 1e-5, 0.3])
@pytest.mark.parametrize(("n", "degree"), [(10, 15), (16, 15), (10, 9), (33, 4)])
def test_the_operator_is_the_fit_of_the_polynomial_scene(n: int, degree: int, strength: float) -> None:
    data = points(n, 0.3, 4)
    other = fit(Points(data.x, data.y, data.x, data.y), degree, "L2" if strength else "none", strength)
    found = fits.operator(n, 4, degree, strength) @ data.y
    np.testing.assert_allclose(found[: degree + 1], other, atol=1e-8 * np.abs(other).max())
    np.testing.assert_array_equal(found[degree + 1 :], 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"degree": 3},
        {"degree": 9, "noise": 0.6},
        {"degree": 15, "penalty": "ridge", "n": 12},
        {"degree": 7, "members": 5, "correlation": 0.4},
    ],
)
def test_what_is_expected_is_the_mean_over_fresh_noise(changes: dict[str, Any]) -> None:
    """4000 runs of noise that the scene does not draw; errors of m members share a part."""
    given, n_runs = settings(**changes), 4000
    rng, x = np.random.default_rng(1), points(given["n"], 0.0, 0).x
    m, c = given["members"], given["correlation"]
    shared, own = rng.normal(size=(n_runs, len(x))), rng.normal(size=(m, n_runs, len(x)))
    noise = np.sqrt(c) * shared + np.sqrt(1 - c) * own.mean(axis=0)
    kind = "L2" if given["penalty"] == "ridge" else "none"
    y = (truth(x) + given["noise"] * noise).T
    weights = fit(Points(x, y, x[:0], x[:0]), given["degree"], kind, given["strength"])  # (k, runs)
    at, mass = np.polynomial.legendre.leggauss(40)
    values = basis(at, given["degree"]) @ weights
    new = truth(at)[:, None] + given["noise"] * rng.normal(size=values.shape)
    parts = expected(**given)
    assert mass @ values.var(axis=1) / 2 == pytest.approx(parts.variance, rel=0.05)
    gap = values.mean(axis=1) - truth(at)
    assert mass @ gap**2 / 2 == pytest.approx(parts.bias, rel=0.05, abs=3 * parts.variance / n_runs)
    assert mass @ np.square(values - new).mean(axis=1) / 2 == pytest.approx(parts.total, rel=0.02)


def estimates(n_sets: int, degree: int) -> Measured:
    """Return what every seed measures, one setting of x: arrays (21,)."""
    given = settings(n_sets=n_sets, degree=degree)
    a, x = fits.operator(20, 0, degree, 0.0), points(20, 0.0, 0).x
    found = []
    for seed in SEEDS:
        y = truth(x) + given["noise"] * np.random.default_rng(seed).normal(size=(n_sets, 20))
        found.append(fits.measure((y @ a.T)[None], given["noise"], seed))
    return Measured(*(np.concatenate(part) for part in zip(*found, strict=True)))


def test_the_estimates_are_right_on_average_and_the_raw_bias_is_not() -> None:
    parts, found = expected(degree=9), estimates(10, 9)
    error = found.bias.std(ddof=1) / np.sqrt(len(found.bias))
    assert abs(found.bias.mean() - parts.bias) < 3 * error
    raw = found.bias + found.variance / 10  # what the mean of ten fits is off by
    assert raw.mean() - parts.bias > 5 * error
    assert raw.mean() == pytest.approx(parts.variance / 10, rel=0.3)
    assert found.variance.mean() == pytest.approx(parts.variance, rel=0.1)


@pytest.mark.parametrize(("degree", "noise"), [(2, 0.3), (5, 0.6), (9, 0.3), (12, 0.1)])
def test_the_measured_parts_add_up_to_the_error_on_fresh_points(degree: int, noise: float) -> None:
    for seed in SEEDS:
        given = settings(degree=degree, noise=noise, seed=seed, n_sets=200)
        found = fits.measure(runs.fit_all(given)[None], noise, seed)
        total = found.bias[0] + found.variance[0] + noise**2
        assert found.fresh[0] == pytest.approx(total, rel=0.04)


def test_more_data_sets_come_nearer_to_what_is_expected() -> None:
    for part, want in (("variance", expected(degree=7).variance), ("bias", expected(degree=7).bias)):
        few, many = (np.abs(getattr(estimates(n_sets, 7), part) - want).mean() for n_sets in (10, 160))
        assert many < few / 2.5, "16 times the data sets: a quarter of the error in the variance"


def test_averages_are_plain_means_of_fits_to_own_data() -> None:
    sums, seed, m = fits.other_members(3), 3, 6
    noise = np.concatenate([fits.draws(seed).first[None], sums[:1], np.diff(sums, axis=0)])[:m, :50, :20]
    y = truth(points(20, 0.0, seed).x) + 0.3 * noise  # (m, 50, 20)
    single = y @ fits.operator(20, seed, 3, 0.0).T
    given = settings(members=m, seed=seed)
    np.testing.assert_allclose(single.mean(axis=0), runs.fit_all(given), atol=1e-12)


def test_correlated_members_have_a_floor() -> None:
    one, many = expected(degree=9), expected(degree=9, members=20)
    assert many.variance == pytest.approx(one.variance / 20)
    assert many.bias == one.bias
    for c in (0.25, 1.0):
        floor = expected(degree=9, members=20, correlation=c).variance
        assert floor == pytest.approx(one.variance * (c + (1 - c) / 20))
    noise = fits.mean_noise(2, 60, 200, 20, 0.5)
    assert noise.var() == pytest.approx(0.525, rel=0.05)
    first = fits.mean_noise(2, 60, 200, 1, 0.5)
    assert (noise * first).mean() == pytest.approx(0.525, rel=0.05), "as the covariance with each member"


def test_variance_of_least_squares_goes_with_the_number_of_weights() -> None:
    """At the points themselves it is noise^2 (degree + 1) / n; between them that is nearly so for many."""
    x = points(60, 0.0, 0).x
    for degree in range(1, 12):
        hat = basis(x, 15) @ fits.operator(60, 0, degree, 0.0)
        assert 0.09 * np.square(hat).sum() / 60 == pytest.approx(0.09 * (degree + 1) / 60)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("too stiff: bias", "too stiff"),
        ("too wild: variance", "too wild"),
        ("just right", "about right"),
        ("as many weights as points", "too wild"),
        ("more data cures variance", "about right"),
        ("more data does not cure bias", "too stiff"),
        ("the penalty trades one for the other", "about right"),
        ("averaging leaves bias", "too stiff"),
        ("ten data sets: a rough guess", "about right"),
    ],
)
def test_presets_are_what_they_are_called(name: str, state: str) -> None:
    assert states(name) == [state] * len(SEEDS)
    assert preset(name).state == state


def test_what_presets_promise_besides() -> None:
    nearest_cubic = 0.5 - np.square(true_weights()[:4]).sum()  # its mean squared distance to the truth
    for seed in SEEDS:
        wild = preset("more data cures variance", seed=seed, n=20)
        cured = preset("more data cures variance", seed=seed)
        assert cured.exact.variance < wild.exact.variance / 3
        assert wild.state == "too wild"
        stiff = preset("more data does not cure bias", seed=seed).exact
        assert nearest_cubic < stiff.bias < 1.08 * nearest_cubic, "no number of points goes below that"
        peak = preset("as many weights as points", seed=seed).path.variance
        assert peak.argmax() + 1 in (10, 11), "least squares is worst with as many weights as points"
    penalized, free = (
        preset("the penalty trades one for the other", penalty=kind).exact for kind in ("ridge", "none")
    )
    assert penalized.bias > 1e4 * free.bias
    assert penalized.variance < free.variance / 5


def test_a_stronger_penalty_has_more_bias_and_less_variance() -> None:
    for seed in SEEDS:
        path = preset("the penalty trades one for the other", seed=seed).path
        assert (np.diff(path.bias[1:]) > 0).all()
        assert (np.diff(path.variance[1:]) < 0).all()
        assert 0 < path.total.argmin() < len(path.total) - 1


def test_averaging_presets() -> None:
    for name, left in (("averaging cuts variance", 1 / 20), ("alike members: a floor", 0.525)):
        found = preset(name)
        np.testing.assert_allclose(found.path.variance[-1], left * found.path.variance[0])
        np.testing.assert_allclose(found.path.bias, found.path.bias[0])
        assert found.measured.variance[0] == pytest.approx(found.exact.variance, rel=0.5)
    assert preset("averaging cuts variance", members=1).state == "too wild"
    assert preset("averaging cuts variance").state == "about right"
    assert states("averaging cuts variance").count("about right") >= 19
    assert preset("alike members: a floor").state == "too wild"
    stiff = preset("averaging leaves bias")
    assert stiff.exact.bias > 50 * stiff.exact.variance


def test_without_noise_all_fits_are_the_same() -> None:
    found = runs.compute(**settings(noise=0, degree=5))
    np.testing.assert_array_equal(found.weights - found.weights[0], 0)
    assert found.exact.variance == found.exact.noise == 0
    assert found.exact.total == found.exact.bias > 0.003
    explorer = BiasVariance(noise=0)
    assert "below 1e−6, is at degree 9." in explorer.alt, "of those that only rounding tells apart the first"
    assert "+ noise 0 =" in explorer.artists["equation"].get_text()  # type: ignore[attr-defined]
    explorer.close()


def test_greyed_controls() -> None:
    explorer = BiasVariance()
    assert explorer.widgets["strength"].disabled
    assert explorer.widgets["correlation"].disabled
    before = explorer.picture.png
    explorer.set(strength=1, correlation=0.7)
    assert explorer.picture.png == before
    explorer.set(penalty="ridge", members=2)
    assert not explorer.widgets["strength"].disabled
    assert not explorer.widgets["correlation"].disabled
    explorer.set(members=1, axis="fits averaged")
    assert not explorer.widgets["correlation"].disabled
    explorer.close()


@pytest.mark.parametrize(
    ("axis", "name"),
    [("penalty", "strength"), ("points", "n"), ("fits averaged", "members"), ("degree", "degree")],
)
def test_the_mark_drags_what_the_errors_are_drawn_over(axis: str, name: str) -> None:
    explorer = BiasVariance(axis=axis, penalty="ridge", degree=8, n=30, members=8)
    grip = GRIPS[axis]
    assert list(explorer.picture.grips) == [grip]
    assert explorer.picture.drags[grip] == BiasVariance.controls()[name].label
    x, y = explorer.picture.grips[grip]
    before = explorer.values
    explorer.picture.dragged = {"grip": grip, "x": x - 60, "y": y, "count": 1}
    assert {key for key in before if explorer.values[key] != before[key]} == {name}
    assert explorer.values[name] < before[name]
    assert abs(explorer.picture.grips[grip][0] - (x - 60)) < 9.3, "half a step of a whole number"
    explorer.close()


def test_without_penalty_nothing_is_to_be_dragged_over_the_strength() -> None:
    explorer = BiasVariance(axis="penalty")
    assert explorer.picture.grips == {}
    assert explorer.artists["off"].get_data()[0] == [runs.OFF]  # type: ignore[attr-defined]
    explorer.close()
