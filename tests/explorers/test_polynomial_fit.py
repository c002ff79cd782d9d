"""The polynomial fit: known limits of the fits, and presets that keep their word for most seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers import PolynomialFit
from course_utils.explorers.noisy_points import CURVE, MOST, points, truth, verdict
from course_utils.explorers.penalized_polynomials import (
    STRENGTHS,
    basis,
    errors,
    errors_by_strength,
    fit,
    true_weights,
)
from course_utils.explorers.polynomial_fit import Fit

SEEDS = range(21)


def fits(preset: str, **others: Any) -> list[Fit]:
    settings = {**PolynomialFit.defaults(), **PolynomialFit.presets[preset], **others}
    return [PolynomialFit.compute(**{**settings, "seed": seed}) for seed in SEEDS]


def states(preset: str) -> list[str]:
    return [found.state for found in fits(preset)]


def test_the_basis_is_orthonormal_and_the_truth_is_odd() -> None:
    x, mass = np.polynomial.legendre.leggauss(40)
    rows = basis(x, 15)
    np.testing.assert_allclose(rows.T @ (rows * mass[:, None] / 2), np.eye(16), atol=1e-12)
    np.testing.assert_allclose(true_weights()[::2], 0, atol=1e-14)
    np.testing.assert_allclose(basis(CURVE, 15) @ true_weights(), truth(CURVE), atol=1e-6)


def test_points_nest_and_noise_stretches() -> None:
    few, many, noisier = points(10, 0.2, 3), points(MOST, 0.2, 3), points(10, 0.4, 3)
    np.testing.assert_array_equal(few.x, many.x[:10])
    np.testing.assert_array_equal(few.y_held_out, many.y_held_out)
    np.testing.assert_allclose(noisier.y - truth(noisier.x), 2 * (few.y - truth(few.x)))
    assert [few.x.min(), few.x.max()] == [-1, 1]
    assert np.diff(np.sort(few.x)).max() < 0.5, "a gap"
    errors = np.concatenate([points(MOST, 0.3, seed).y - truth(points(MOST, 0.3, seed).x) for seed in SEEDS])
    assert abs(errors.std() - 0.3) < 0.02
    assert abs(errors.mean()) < 0.03


@pytest.mark.parametrize("penalty", ["L2", "L1", "elastic net"])
@pytest.mark.parametrize(("n", "degree"), [(10, 15), (16, 15), (40, 6)])
def test_limits_of_the_strength(penalty: str, n: int, degree: int) -> None:
    data = points(n, 0.3, 5)
    huge = fit(data, degree, penalty, 1e9)
    np.testing.assert_allclose(huge[1:], 0, atol=1e-8)
    np.testing.assert_allclose(huge[0], data.y.mean(), atol=1e-7)
    tiny, free = errors(data, fit(data, degree, penalty, 1e-9)), errors(data, fit(data, degree, "none", 0))
    np.testing.assert_allclose(tiny[0], free[0], atol=1e-4)
    own = errors_by_strength(n, 0.3, 5, degree, penalty)[:, 0]
    assert (np.diff(own) > -1e-7).all(), "a stronger penalty cannot come nearer to the training points"


def test_l1_from_another_start_finds_the_same() -> None:
    data, rng = points(12, 0.4, 1), np.random.default_rng(0)
    for strength in STRENGTHS[::6]:
        found = [fit(data, 15, "L1", strength, rng.normal(size=16)) for _ in range(2)]
        np.testing.assert_allclose(*found, atol=1e-5)


def test_fits_agree_with_scikit_learn() -> None:
    from sklearn.linear_model import ElasticNet

    data = points(40, 0.3, 2)
    for penalty, ratio in (("L1", 1.0), ("elastic net", 0.5)):
        other = ElasticNet(alpha=0.02, l1_ratio=ratio, tol=1e-12, max_iter=100_000)
        other.fit(basis(data.x, 15)[:, 1:], data.y)
        found = fit(data, 15, penalty, 0.02)
        np.testing.assert_allclose(found, [other.intercept_, *other.coef_], atol=1e-6)
        np.testing.assert_array_equal(found[1:] == 0, other.coef_ == 0)


def test_verdicts() -> None:
    others = [(0.2, 0.3), (0.5, 0.6), (0.0, 5.0)]
    assert verdict((0.2, 0.344), others) == "about right"
    assert verdict((0.19, 0.346), others) == "overfitting"
    assert verdict((0.21, 0.346), others) == "underfitting"
    assert verdict((0.0, 0.019), [(0.0, 0.0)]) == "about right"


@pytest.mark.parametrize(
    ("preset", "state", "least"),
    [
        ("too stiff", "underfitting", 21),
        ("about right", "about right", 21),
        ("memorizes", "overfitting", 21),
        ("as many weights as points", "overfitting", 19),
        ("more points", "about right", 19),
        ("L1 selects", "about right", 19),
        ("penalty too strong", "underfitting", 21),
    ],
)
def test_presets_are_what_they_are_called(preset: str, state: str, least: int) -> None:
    assert states(preset).count(state) >= least
    assert states(preset)[0] == state


def test_what_presets_promise_besides() -> None:
    assert max(found.rmse[0] for found in fits("memorizes")) < 1e-6
    peak, few = (np.array([f.rmse[1] for f in fits(p)]) for p in ("as many weights as points", "memorizes"))
    assert np.median(peak) > 3 * np.median(few), "the error peaks where weights and points are as many"
    free, shrunk = fits("L2 shrinks", penalty="none"), fits("L2 shrinks")
    assert sum(b.rmse[1] < a.rmse[1] for a, b in zip(free, shrunk, strict=True)) >= 14
    assert all(np.abs(b.weights).sum() < np.abs(a.weights).sum() for a, b in zip(free, shrunk, strict=True))
    assert all(len(found.zeros) == 0 for found in shrunk)
    chosen = fits("L1 selects")
    assert all(len(found.zeros) >= 2 for found in chosen)
    assert all(found.weights[3] < 0 < found.weights[5] for found in chosen), "the truth's two largest stay"
    even = sum((found.zeros % 2 == 0).sum() for found in chosen)
    assert even / sum(len(found.zeros) for found in chosen) > 0.4


def test_without_noise_no_penalty_is_best() -> None:
    found = PolynomialFit.compute(n=60, noise=0.0, seed=0, degree=15, penalty="L2", strength=0.1)
    assert found.path[:, 1].argmin() == 0


def test_greyed_controls() -> None:
    explorer = PolynomialFit(penalty="none")
    assert explorer.widgets["strength"].disabled
    explorer.penalty = "L1"
    assert not explorer.widgets["strength"].disabled
    explorer.degree = 0
    assert explorer.widgets["strength"].disabled
    explorer.close()
