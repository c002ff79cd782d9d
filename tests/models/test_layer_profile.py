"""The profile of a network's layers, against torch's hooks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.models import deep_mlp, growth_per_layer, layer_profile
from course_utils.nn import Sequential, Tanh


@pytest.fixture
def task():
    rng = np.random.default_rng(1)
    return rng.normal(size=(7, 5)), np.arange(7) % 3


def test_same_numbers_as_torch(task) -> None:
    x, y = task
    model = deep_mlp(5, 4, 3, 3, Tanh, rng=np.random.default_rng(0), dtype=np.float64)
    weights = [torch.tensor(p.data, requires_grad=True) for p in model.parameters()]
    h, outputs = torch.from_numpy(x), []
    for i in range(3):
        h = torch.tanh(h @ weights[2 * i].T + weights[2 * i + 1])
        h.retain_grad()
        outputs.append(h)
    loss = torch.nn.functional.cross_entropy(h @ weights[6].T + weights[7], torch.from_numpy(y))
    loss.backward()
    found = layer_profile(model, x, y)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    for ours, theirs in (
        (found.activations, [h.square().mean().sqrt().item() for h in outputs]),
        (found.gradients, [h.grad.norm().item() for h in outputs]),
        (found.weight_gradients, [weights[2 * i].grad.norm().item() for i in range(3)]),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_a_second_look_sees_the_same(task) -> None:
    model = deep_mlp(5, 4, 2, 3, rng=np.random.default_rng(0), dtype=np.float64, residual=True)
    first, second = (layer_profile(model, *task) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_loss_of_ones_own(task) -> None:
    model = deep_mlp(5, 4, 1, 1, rng=np.random.default_rng(0), dtype=np.float64)
    found = layer_profile(model, task[0], None, lambda output, _: output.sum())
    head, n_examples = model[1].weight.data, len(task[0])
    assert found.gradients[0] == pytest.approx(np.sqrt(n_examples) * np.linalg.norm(head), rel=1e-12)


def test_one_block_is_too_few(task) -> None:
    model = deep_mlp(5, 4, 1, 3, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="expected a model of at least two blocks"):
        layer_profile(Sequential(model[1]), *task)


def test_growth_is_the_factor_of_a_geometric_row() -> None:
    assert growth_per_layer(5.0 * 0.25 ** np.arange(9)) == pytest.approx(0.25, rel=1e-12)
