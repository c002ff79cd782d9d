"""The scene of constraint shapes: shrinkage by formulas, zeros from known strengths on, what presets show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers.constraint_shapes import ConstraintShapes, headline, kept_words, zero_words
from course_utils.explorers.constraint_shapes_paths import STRENGTHS, Balance, boundary, compute


def at(**changes: Any) -> Balance:
    return compute(**{**ConstraintShapes.defaults(), **changes})


def preset(name: str) -> Balance:
    return at(**ConstraintShapes.presets[name])


@pytest.mark.parametrize("angle", [-73, 0, 30, 90])
@pytest.mark.parametrize("strength", [0.01, 1, 10])
def test_l2_shrinks_each_direction_by_its_curvature(angle: float, strength: float) -> None:
    kept = at(penalty="L2", angle=angle, strength=strength, condition=5).kept
    np.testing.assert_allclose(kept, [1 / (1 + strength), 0.2 / (0.2 + strength)])


def test_l1_on_a_circle_subtracts_the_strength_from_each_weight() -> None:
    balance = at(penalty="L1", condition=1, w1=-0.7, w2=1.5, strength=0.5)
    np.testing.assert_allclose(balance.weights, [-0.2, 1.0])
    expected = np.maximum(np.array([0.7, 1.5]) - STRENGTHS[:, None], 0) * [-1, 1]
    np.testing.assert_allclose(balance.path, expected, atol=1e-15)
    assert (
        zero_words(balance)
        == "Weight 1 is 0 from a strength of 0.71 on. Weight 2 is 0 from a strength of 1.6 on"
    )


def test_l1_keeps_all_at_0_from_the_largest_slope_on() -> None:
    balance = at()
    slope = np.abs(balance.hessian @ balance.minimum).max()
    np.testing.assert_array_equal((balance.path == 0).all(axis=1), slope <= STRENGTHS)


def test_only_the_l1_part_makes_zeros() -> None:
    assert (preset("L1 reaches a corner").weights == 0).tolist() == [True, False]
    assert not (at(penalty="L2", strength=10).path == 0).any()
    between = preset("elastic net")
    assert not between.zeros.any()
    assert (at(penalty="elastic net", strength=10).weights == 0).all()


def test_a_smallest_loss_at_0_stays_there() -> None:
    for penalty in ("L2", "elastic net", "L1"):
        balance = at(penalty=penalty, w1=0, w2=0)
        assert (balance.path == 0).all()
        assert kept_words(balance) == "kept: nothing of the steep part, nothing of the flat"
        assert headline(balance) == f"{penalty}: both weights are exactly 0"
        assert zero_words(balance) == "Weight 1 is always 0. Weight 2 is always 0"
        np.testing.assert_array_equal(boundary(balance), 0)


def test_the_diamond_has_its_corners() -> None:
    balance = at(condition=1, strength=0.5)
    edge = boundary(balance)
    corners = 1.2 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    for corner in corners:
        assert np.abs(edge - corner).max(axis=1).min() < 1e-12


def test_a_weight_grows_under_a_stronger_penalty_in_the_preset_that_says_so() -> None:
    balance = preset("a weight that grows")
    assert balance.path[:, 0].max() > 5 * balance.minimum[0]
    assert balance.weights[0] > 5 * balance.minimum[0]


def test_too_strong() -> None:
    assert preset("too strong").zeros.all()
