"""The deep network's layout, and where the connections past its layers lead."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.models import deep_mlp
from course_utils.models.deep_mlp import parts
from course_utils.nn import BatchNorm1d, Identity, LayerNorm, Linear, ReLU, Residual, Sequential, Tanh


def test_blocks_and_a_last_linear_layer() -> None:
    model = deep_mlp(5, 4, 3, 2, Tanh, rng=np.random.default_rng(0), dtype=np.float64)
    assert [type(block) for block in model] == [Sequential] * 3 + [Linear]
    assert [[type(part) for part in parts(block)] for block in list(model)[:-1]] == [[Linear, Tanh]] * 3
    assert [p.shape for p in model.parameters()] == [(4, 5), (4,), (4, 4), (4,), (4, 4), (4,), (2, 4), (2,)]
    assert model(np.ones((6, 5))).shape == (6, 2)
    assert {p.dtype for p in deep_mlp(5, 4, 3, 2, rng=np.random.default_rng(0)).parameters()} == {
        np.dtype(np.float32)
    }


@pytest.mark.parametrize(("name", "layer"), [("batch", BatchNorm1d), ("layer", LayerNorm)])
def test_normalization_stands_before_the_activation(name: str, layer: type) -> None:
    model = deep_mlp(4, 4, 2, 3, normalization=name, residual=True, rng=np.random.default_rng(0))
    assert [type(block) for block in model] == [Sequential, Residual, Linear]
    assert [type(part) for part in parts(model[1])] == [Linear, layer, ReLU]


def test_same_numbers_as_torch() -> None:
    model = deep_mlp(3, 4, 2, 2, Tanh, residual=True, rng=np.random.default_rng(0), dtype=np.float64)
    first, second, head = (torch.nn.Linear(n, m, dtype=torch.float64) for n, m in ((3, 4), (4, 4), (4, 2)))
    for theirs, ours in zip(
        (first, second, head), (parts(model[0])[0], parts(model[1])[0], model[2]), strict=True
    ):
        theirs.load_state_dict({name: torch.from_numpy(a) for name, a in ours.state_dict().items()})
    x = np.random.default_rng(1).normal(size=(5, 3))
    h = torch.tanh(first(torch.from_numpy(x)))
    expected = head(h + torch.tanh(second(h)))
    np.testing.assert_allclose(model(x).data, expected.detach().numpy(), rtol=1e-12)


def test_the_first_layer_is_drawn_first() -> None:
    first = Linear(4, 3, rng=np.random.default_rng(0))
    model = deep_mlp(4, 3, 2, 2, Identity, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(parts(model[0])[0].weight.data, first.weight.data)


def test_what_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="expected a depth of at least 1, got 0"):
        deep_mlp(4, 3, 0, 2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="expected normalization .*, got 'group'"):
        deep_mlp(4, 3, 1, 2, normalization="group", rng=np.random.default_rng(0))
