"""Updates to a loss: seen to be needed, and to be enough."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.models.side_by_side import gradients_each, networks_each, train_each
from course_utils.models.updates_each import updates_needed
from course_utils.nn import ReLU
from course_utils.optim import SGD

SEEDS, RATES = [1, 2], (0.1, 0.4)


@pytest.fixture
def task():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=60)
    return (rng.normal(size=(60, 5)) + 2 * np.eye(3, 5)[y]).astype(np.float32), y


def test_the_loss_passes_below_the_target_just_then(task):
    x, y = task
    rng = np.random.default_rng(3)
    needed = updates_needed(x, y, 50, RATES, SEEDS, target=0.5, rng=rng, n_watched=60)
    assert np.isfinite(needed[1]).all()
    model = networks_each(SEEDS * 2, (5, 16, 3), 1, lambda S, units: [ReLU()])
    optimizer, rng = SGD(model.parameters(), lr=1.0), np.random.default_rng(3)
    rates, first = np.repeat(np.float32(RATES), 2), np.full(4, np.inf)
    for step in range(1, int(needed[np.isfinite(needed)].max()) + 1):
        train_each(model, optimizer, x, y, n_steps=1, batch_size=50, rates=rates, rng=rng)
        losses, _ = gradients_each(model, x, y)
        first[(losses < 0.5) & np.isinf(first)] = step
    np.testing.assert_array_equal(first.reshape(2, 2), needed)


def test_what_never_arrives_is_infinite(task):
    x, y = task
    how = {"target": 0.5, "rng": np.random.default_rng(3), "n_watched": 60}
    needed = updates_needed(x, y, 50, (0.0, 0.4), SEEDS, **how)
    assert np.isinf(needed[0]).all()
    assert np.isfinite(needed[1]).all()


def test_it_cannot_watch_more_than_there_is(task):
    with pytest.raises(ValueError, match="expected 1 to 60 examples to watch, got 300"):
        updates_needed(*task, 8, RATES, SEEDS, target=0.5, rng=np.random.default_rng(0))
