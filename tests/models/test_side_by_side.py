"""Networks side by side: each is the network that it would be alone."""

from __future__ import annotations

import numpy as np
import pytest

import course_utils.nn.functional as F
from course_utils.models.side_by_side import (
    gradients_each,
    linear_each,
    logits_each,
    losses_each,
    networks_each,
    train_each,
    walk_each,
)
from course_utils.nn import BatchNorm1d, GroupNorm, LayerNorm, ReLU, Residual, gradcheck
from course_utils.optim import SGD

SIZES = 5, 4, 3


def batch_norm(S, n_units):
    return [BatchNorm1d(n_units), ReLU()]


def layer_norm(S, n_units):
    return [GroupNorm(S, n_units), ReLU()]


def layer_norm_alone(S, n_units):
    return [LayerNorm(n_units), ReLU()]


@pytest.fixture
def task():
    rng = np.random.default_rng(1)
    return rng.normal(size=(20, 5)).astype(np.float32), rng.integers(3, size=20)


def test_linear_each_is_a_matrix_product_for_each() -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(6, 3, 5)), rng.normal(size=(3, 4, 5))
    y = linear_each(x.reshape(6, 15), weight).reshape(6, 3, 4)
    for s in range(3):
        np.testing.assert_allclose(y[:, s], x[:, s] @ weight[s].T, rtol=1e-12)
    gradcheck(linear_each, x.reshape(6, 15), weight)


def test_linear_each_names_the_shape_it_expects() -> None:
    with pytest.raises(ValueError, match=r"expected x \(B, 15\) for weight \(3, 4, 5\), got shape \(6, 5\)"):
        linear_each(np.ones((6, 5)), np.ones((3, 4, 5)))


@pytest.mark.parametrize(("after", "alone"), [(batch_norm, batch_norm), (layer_norm, layer_norm_alone)])
@pytest.mark.parametrize("residual", [False, True])
def test_each_trains_as_it_would_alone(task, after, alone, residual) -> None:
    x, y = task
    seeds, rates = (7, 8, 7), np.array([0.1, 0.1, 0.3], np.float32)
    together = networks_each(seeds, SIZES, 3, after, residual=residual)
    found = train_each(
        together, SGD(together.parameters(), lr=1.0, momentum=0.9), x, y,
        n_steps=6, batch_size=8, rates=rates, rng=np.random.default_rng(2),
    )  # fmt: skip
    logits = logits_each(together, x, 20)
    for s, (seed, rate) in enumerate(zip(seeds, rates, strict=True)):
        model = networks_each((seed,), SIZES, 3, alone, residual=residual)
        optimizer, rng = SGD(model.parameters(), lr=float(rate), momentum=0.9), np.random.default_rng(2)
        for step in range(6):
            batch = rng.integers(20, size=(8, 3))[:, s]
            loss = F.cross_entropy(model(x[batch]), y[batch])
            assert found[step, s] == pytest.approx(loss.item(), rel=2e-3)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        np.testing.assert_allclose(logits[:, s], logits_each(model, x, 20)[:, 0], rtol=0.02, atol=0.01)


def test_a_network_that_diverges_leaves_the_others_alone(task) -> None:
    x, y = task
    histories = []
    for wild in (0.1, 1e30):
        model = networks_each((1, 2), SIZES, 3, lambda S, n: [ReLU()], level=2)
        rates, rng = np.array([0.1, wild], np.float32), np.random.default_rng(3)
        optimizer = SGD(model.parameters(), lr=1.0)
        histories.append(train_each(model, optimizer, x, y, n_steps=5, batch_size=8, rates=rates, rng=rng))
    assert np.isnan(histories[1][-1, 1])
    np.testing.assert_array_equal(histories[0][:, 0], histories[1][:, 0])


def test_gradients_each_are_those_of_the_losses(task) -> None:
    x, y = task
    model = networks_each((1, 2), SIZES, 2, batch_norm)
    losses, gradients = gradients_each(model, x, y)
    for s in range(2):
        alone = networks_each((1 + s,), SIZES, 2, batch_norm)
        loss = F.cross_entropy(alone(x), y)
        loss.backward()
        assert losses[s] == pytest.approx(loss.item(), rel=1e-5)
        flat = np.concatenate([p.grad.ravel() for p in alone.parameters()])
        np.testing.assert_allclose(gradients[s], flat, rtol=1e-3, atol=1e-6)


def test_losses_each_takes_own_examples(task) -> None:
    x, y = task
    model = networks_each((1, 1), SIZES, 1, lambda S, n: [ReLU()])
    losses = losses_each(model, np.stack([x[:10], x[10:]], axis=1), np.stack([y[:10], y[10:]], axis=1)).data
    alone = networks_each((1,), SIZES, 1, lambda S, n: [ReLU()])
    for s, part in enumerate((slice(0, 10), slice(10, 20))):
        assert losses[s] == pytest.approx(F.cross_entropy(alone(x[part]), y[part]).item(), rel=1e-5)


def test_asks_for_a_layer_and_a_seed() -> None:
    with pytest.raises(ValueError, match="expected at least one layer and one seed, got 0 and 1"):
        networks_each((1,), SIZES, 0, batch_norm)


@pytest.mark.parametrize("level", [1 / 3, 2])
def test_level_is_inputs_times_variance(level) -> None:
    model = networks_each((1, 2, 3), (50, 40, 3), 2, lambda S, n: [ReLU()], level=level)
    for block, n_in in ((model[0], 50), (model[1], 40)):
        weight = next(iter(block.parameters())).data
        assert weight.dtype == np.float32
        assert n_in * weight.var() == pytest.approx(level, rel=0.1)


@pytest.mark.parametrize("residual", [False, True])
def test_all_blocks_but_the_first_have_a_way_past(residual) -> None:
    *blocks, _ = networks_each((1, 2), SIZES, 3, batch_norm, residual=residual)
    assert [isinstance(block, Residual) for block in blocks] == [False, residual, residual]


def test_walk_each_goes_downhill_and_back(task) -> None:
    x, y = task
    model = networks_each((1, 2), SIZES, 2, batch_norm)
    before = [p.data.copy() for p in model.parameters()]
    loss, gradient = gradients_each(model, x, y)
    for length in (1e-2, 0.5):
        ratio, change = walk_each(model, x, y, length)
        for s in range(2):  # one network, taken there by hand
            alone = networks_each((1 + s,), SIZES, 2, batch_norm)
            _, own = gradients_each(alone, x, y)
            sizes = np.cumsum([p.data.size for p in alone.parameters()])[:-1]
            step = length * own[0] / np.linalg.norm(own)
            for p, piece in zip(alone.parameters(), np.split(step, sizes), strict=True):
                p.data = p.data - piece.reshape(p.data.shape).astype(np.float32)
            there, own_there = gradients_each(alone, x, y)
            assert ratio[s] == pytest.approx(there[0] / loss[s], rel=1e-4)
            moved = np.linalg.norm(own_there - own) / np.linalg.norm(own)
            assert change[s] == pytest.approx(moved, rel=1e-2)
    for p, data in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, data)
