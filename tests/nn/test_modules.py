"""Modules and layers: names, weights to and from torch, defaults, messages."""

import numpy as np
import pytest
import torch

from course_utils.nn import (
    Flatten,
    Linear,
    Module,
    Parameter,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Tensor,
)
from course_utils.nn import functional as F


def rng():
    return np.random.default_rng(0)


def network(dtype=np.float64):
    generator = rng()
    return Sequential(
        Flatten(),
        Linear(6, 5, rng=generator, dtype=dtype),
        Tanh(),
        Sequential(Linear(5, 4, bias=False, rng=generator, dtype=dtype), Sigmoid()),
        ReLU(),
        Linear(4, 3, rng=generator, dtype=dtype),
        Softmax(dim=-1),
    )


def torch_network():
    nn = torch.nn
    inner = nn.Sequential(nn.Linear(5, 4, bias=False), nn.Sigmoid())
    return nn.Sequential(
        nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), inner, nn.ReLU(), nn.Linear(4, 3), nn.Softmax(dim=-1)
    ).double()


def test_weights_travel_to_torch_and_back():
    ours, theirs = network(), torch_network()
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in ours.state_dict().items()})
    x = np.random.default_rng(1).normal(size=(7, 2, 3))
    y, z = ours(x), theirs(torch.tensor(x))
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10)
    (y * y).sum().backward()
    (z * z).sum().backward()
    for (name, p), (other_name, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other_name
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-10, atol=1e-14)

    torch.manual_seed(1)
    fresh = torch_network()
    ours.load_state_dict(fresh.state_dict())
    np.testing.assert_allclose(ours(x).data, fresh(torch.tensor(x)).detach().numpy(), rtol=1e-10)


def test_default_start_is_uniform_with_the_bound_of_torch():
    layer = Linear(100, 2000, rng=rng())
    for p in (layer.weight.data, layer.bias.data):
        assert np.abs(p).max() <= 0.1
        assert np.abs(p).max() > 0.0995
        assert p.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05)
    torch.manual_seed(0)
    theirs = torch.nn.Linear(100, 2000)
    assert theirs.weight.std().item() == pytest.approx(layer.weight.data.std(), rel=0.02)
    assert theirs.bias.abs().max().item() == pytest.approx(0.1, rel=0.01)


def test_the_generator_alone_decides_the_start():
    a, b = network(), network()
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_through_a_network(dtype):
    model = network(dtype)
    y = model(np.ones((2, 6), dtype))
    y.sum().backward()
    assert y.dtype == dtype
    assert {p.grad.dtype for p in model.parameters()} == {np.dtype(dtype)}


def test_a_tied_parameter_counts_once_and_gets_both_gradients():
    class Twice(Module):
        def __init__(self):
            self.first = Linear(2, 2, bias=False, rng=rng(), dtype=np.float64)
            self.second = Linear(2, 2, bias=False, rng=rng(), dtype=np.float64)
            self.second.weight = self.first.weight

        def forward(self, x):
            return self.second(self.first(x))

    model = Twice()
    assert len(model.parameters()) == 1
    assert list(model.state_dict()) == ["first.weight", "second.weight"]
    x = np.array([[1.0, 2.0]])
    model(x).sum().backward()
    w = torch.tensor(model.first.weight.data, requires_grad=True)
    (torch.tensor(x) @ w.T @ w.T).sum().backward()
    np.testing.assert_allclose(model.first.weight.grad, w.grad.numpy())


def test_own_module_with_parameters_and_a_list():
    class Deep(Module):
        def __init__(self):
            self.layers = [Linear(3, 3, rng=rng()) for _ in range(2)]
            self.scale = Parameter(np.ones(3, np.float32))

        def forward(self, x):
            for layer in self.layers:
                x = F.relu(layer(x))
            return x * self.scale

    model = Deep()
    assert list(model.state_dict()) == [
        "scale",
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]
    model(np.ones((1, 3), np.float32)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_train_and_eval_reach_every_module():
    model = network()
    assert model.eval() is model
    assert not model[3][1].training
    model.train()
    assert model[3][1].training


def test_state_is_a_copy():
    model = Linear(2, 1, rng=rng())
    state = model.state_dict()
    state["weight"][:] = 99.0
    assert model.weight.data.max() < 1.0
    model.load_state_dict(state)
    state["weight"][:] = 0.0
    assert model.weight.data.tolist() == [[99.0, 99.0]]


def test_a_state_that_does_not_fit_changes_nothing():
    model = Linear(2, 1, rng=rng())
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"missing \['bias'\], unknown \['gain'\]"):
        model.load_state_dict({"weight": np.zeros((1, 2)), "gain": np.zeros(1)})
    with pytest.raises(ValueError, match=r"expected bias of shape \(1,\), got shape \(2,\)"):
        model.load_state_dict({"weight": np.zeros((1, 2)), "bias": np.zeros(2)})
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_activation_layers_take_arrays_too():
    assert ReLU()(np.array([-1.0, 1.0])).tolist() == [0.0, 1.0]
    assert Flatten()(np.ones((2, 3, 4))).shape == (2, 12)


def test_messages():
    with pytest.raises(ValueError, match="expected a module like ReLU\\(\\), got type at place 0"):
        Sequential(ReLU)
    with pytest.raises(ValueError, match="at least one input and one output, got 0 and 2"):
        Linear(0, 2, rng=rng())
    with pytest.raises(NotImplementedError, match="Module needs a method forward"):
        Module()(1)


def test_text_and_sequence_of_a_model():
    model = Sequential(Linear(2, 3, rng=rng()), ReLU())
    assert repr(model) == "Sequential(\n  (0): Linear(2, 3, bias=True)\n  (1): ReLU()\n)"
    assert len(model) == 2
    assert isinstance(model[1], ReLU)
    assert isinstance(model(Tensor(np.ones((1, 2), np.float32))), Tensor)
