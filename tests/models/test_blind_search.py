"""Restarts and annealing: on bowls whose answer is known, and on one with a false minimum."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.models.blind_search import anneal, restarts, turned


def bowl(w):
    return ((w - 1) ** 2).sum(axis=-1) / 2, w - 1


def two_dips(w):
    x = w[..., 0]
    return (x**2 - 4) ** 2 / 16 + x / 4 + 0.5, (x * (x**2 - 4) / 4 + 0.25)[..., None]


def test_restarts_descend_from_each_start():
    rng = np.random.default_rng(0)
    starts = np.random.default_rng(0).uniform(-5.12, 5.12, (3, 4, 2))
    found = restarts(bowl, 2, 12, 3, rng, 3, 0.5)  # 4 starts, two steps of factor 1/2 each
    expected = ((starts - 1) ** 2).sum(axis=-1) / 2 / 16
    np.testing.assert_allclose(found, expected.min(axis=1))


def test_more_restarts_find_the_deeper_dip():
    few, many = (restarts(two_dips, 1, n, 200, np.random.default_rng(1), 30, 0.1) for n in (30, 300))
    assert 0.3 < np.mean(few > 0.5) < 0.7
    assert np.mean(many > 0.5) < 0.02


def test_warm_annealing_leaves_the_shallow_dip_and_cold_does_not():
    warm, cold = (anneal(two_dips, 1, 500, 200, np.random.default_rng(2), hot, 0.3) for hot in (3.0, 0.051))
    assert np.mean(warm > 0.5) < 0.25
    assert np.mean(cold > 0.5) > 0.3


def test_annealing_keeps_the_lowest_it_has_seen():
    rng = np.random.default_rng(3)
    first = bowl(np.random.default_rng(3).uniform(-5.12, 5.12, (50, 2)))[0]
    assert (anneal(bowl, 2, 40, 50, rng, 1e6, 1.0) <= first).all()


def test_single_steps_move_one_weight_each():
    def counted(w):
        seen.append(w.copy())
        return np.zeros(len(w)), w  # level ground: every step is taken

    seen: list[np.ndarray] = []
    anneal(counted, 5, 60, 40, np.random.default_rng(4), 1.0, 1.0, single=True)
    moved = np.diff(np.array(seen), axis=0) != 0  # (59, 40, 5)
    assert (moved.sum(axis=2) == 1).all()
    assert moved.any(axis=(0, 1)).all()


def test_a_turned_surface_has_the_turned_loss_and_gradient():
    rng = np.random.default_rng(5)
    rotation, w = np.linalg.qr(rng.normal(size=(3, 3)))[0], rng.normal(size=(4, 3))
    surface = turned(lambda w: ((np.arange(3) * w**2).sum(axis=-1) / 2, np.arange(3) * w), rotation)
    H = rotation @ np.diag(np.arange(3.0)) @ rotation.T
    np.testing.assert_allclose(surface(w)[0], np.einsum("ni,ij,nj->n", w, H, w) / 2)
    np.testing.assert_allclose(surface(w)[1], w @ H)


def test_a_budget_below_one_start_is_refused():
    with pytest.raises(ValueError, match="expected a budget of at least 10, got 9"):
        restarts(bowl, 2, 9, 1, np.random.default_rng(0), 10, 0.1)
