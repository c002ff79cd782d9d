"""Modules and layers: names, weights to and from torch, defaults, messages."""

import copy

import numpy as np
import pytest
import torch

from course_utils.nn import (
    BatchNorm1d,
    Dropout,
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
    fit,
)
from course_utils.nn import functional as F
from course_utils.optim import SGD


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


# ---------------------------------------------------------------- buffers, hooks, copies, freezing


class Counter(Module):
    """A parameter after a buffer, a part after both: the order in which torch saves is another."""

    def __init__(self):
        self.part = Linear(2, 2, bias=False, rng=rng())
        self.register_buffer("n_calls", np.array(0))
        self.register_buffer("total", np.zeros(2, np.float32))
        self.scale = Parameter(np.ones(2, np.float32))

    def forward(self, x):
        y = self.part(x) * self.scale
        self.n_calls = self.n_calls + 1
        self.total = self.total + y.data.sum(axis=0)
        return y


class TorchCounter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.nn.Linear(2, 2, bias=False)
        self.register_buffer("n_calls", torch.tensor(0))
        self.register_buffer("total", torch.zeros(2))
        self.scale = torch.nn.Parameter(torch.ones(2))


def test_buffers_belong_to_the_state_in_the_order_of_torch_but_are_not_learnt():
    model, other = Sequential(Counter(), ReLU()), torch.nn.Sequential(TorchCounter(), torch.nn.ReLU())
    assert list(model.state_dict()) == list(other.state_dict())
    assert [n for n, _ in model.named_parameters()] == [n for n, _ in other.named_parameters()]
    assert [n for n, _ in model.named_buffers()] == [n for n, _ in other.named_buffers()]
    assert [n for n, _ in model.named_modules()] == [n for n, _ in other.named_modules()]
    assert len(model.parameters()) == 2


def test_buffers_go_round_through_a_state():
    model, fresh = Counter(), Counter()
    model(np.ones((3, 2), np.float32))
    state = model.state_dict()
    fresh.load_state_dict(state)
    assert fresh.n_calls == 1
    assert fresh.n_calls.dtype == int
    np.testing.assert_array_equal(fresh.total, model.total)
    fresh(np.ones((3, 2), np.float32))
    assert (model.n_calls, state["n_calls"], fresh.n_calls) == (1, 1, 2)
    other = TorchCounter()
    other.load_state_dict({name: torch.from_numpy(np.asarray(a)) for name, a in state.items()})
    fresh.load_state_dict(other.state_dict())
    np.testing.assert_array_equal(fresh.total, model.total)


def test_a_misfit_leaves_buffers_alone_too():
    model = Counter()
    state = model.state_dict() | {"n_calls": np.array(5), "total": np.zeros(3)}
    with pytest.raises(ValueError, match=r"expected total of shape \(2,\), got shape \(3,\)"):
        model.load_state_dict(state)
    assert model.n_calls == 0
    del state["total"]
    with pytest.raises(ValueError, match=r"missing \['total'\], unknown \[\]"):
        model.load_state_dict(state)


def test_a_buffer_set_twice_stands_in_the_state_once():
    model = Counter()
    model.register_buffer("total", np.ones(2))
    assert [n for n, _ in model.named_buffers()] == ["n_calls", "total"]
    assert model.total.tolist() == [1, 1]


def test_hooks_are_called_in_order_and_can_be_removed():
    layer, seen = ReLU(), []
    remove_first = layer.register_forward_hook(lambda *arguments: seen.append(("first", *arguments)))
    layer.register_forward_hook(lambda *arguments: seen.append(("second", *arguments)))
    x = np.array([-1.0, 2.0])
    y = layer(x)
    assert [call[0] for call in seen] == ["first", "second"]
    for _, module, inputs, output in seen:
        assert module is layer
        assert inputs == (x,)
        assert output is y
    remove_first()
    remove_first()  # once more does no harm
    layer(x)
    assert [call[0] for call in seen] == ["first", "second", "second"]


def test_a_hook_belongs_to_one_module_and_changes_nothing():
    first, second, calls = ReLU(), ReLU(), []
    first.register_forward_hook(lambda module, inputs, output: calls.append(output) or 99)
    model = Sequential(first, second)
    assert model(np.array([-1.0, 2.0])).tolist() == [0, 2]
    assert len(calls) == 1
    second(np.ones(2))
    assert len(calls) == 1


def test_a_module_that_serves_as_a_hook_is_no_part():
    class Watcher(Module):
        def __init__(self):
            self.weight = Parameter(np.zeros(1))
            self.shapes = []

        def __call__(self, module, inputs, output):
            self.shapes.append(output.shape)

    model, watcher = Sequential(ReLU()), Watcher()
    model.register_forward_hook(watcher)
    model(np.ones((2, 3)))
    assert watcher.shapes == [(2, 3)]
    assert (len(model), model.state_dict()) == (1, {})
    assert watcher.training
    assert not model.eval()[0].training
    assert watcher.training


def test_children_modules_and_apply_are_those_of_torch():
    model, other = network(), torch_network()
    for ours, theirs in ((model.children(), other.children()), (model.modules(), other.modules())):
        assert [type(m).__name__ for m in ours] == [type(m).__name__ for m in theirs]
    seen, expected = [], []
    assert model.apply(lambda module: seen.append(type(module).__name__)) is model
    other.apply(lambda module: expected.append(type(module).__name__))
    assert seen == expected


def test_a_slice_is_a_model_of_the_same_layers_and_append_makes_one_longer():
    model = network()
    part = model[1:3]
    assert isinstance(part, Sequential)
    assert list(part) == [model[1], model[2]]
    assert list(part.state_dict()) == ["0.weight", "0.bias"]
    assert model[-1] is model[len(model) - 1]
    added = ReLU()
    assert part.append(added) is part
    assert part[2] is added
    assert len(model) == 7
    with pytest.raises(ValueError, match="expected a module like ReLU\\(\\), got int at place 3"):
        part.append(3)


def test_train_and_eval_reach_modules_in_lists():
    class Nested(Module):
        def __init__(self):
            self.parts = [Sequential(ReLU()), (Dropout(rng=rng()), BatchNorm1d(2))[0]]
            self.pair = (ReLU(), ReLU())

    model = Nested()
    assert not any(module.training for _, module in model.eval().named_modules())
    assert all(module.training for _, module in model.train().named_modules())
    names = [name for name, _ in model.named_modules()]
    assert names == ["", "parts.0", "parts.0.0", "parts.1", "pair.0", "pair.1"]


def test_a_deep_copy_is_independent():
    model = Sequential(Linear(3, 2, rng=rng()), BatchNorm1d(2), Dropout(rng=rng()))
    x = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    model(x).sum().backward()
    twin, before = copy.deepcopy(model), model.state_dict()
    np.testing.assert_array_equal(twin(x).data, model(x).data)  # generators stand at the same place
    mask = model[2](np.ones(50))
    model[2](np.ones(50))  # the original's generator alone moves on
    np.testing.assert_array_equal(twin[2](np.ones(50)), mask)
    for parameter in twin.parameters():
        parameter.data += 1
        parameter.grad += 1
    for name, p in model.named_parameters():
        np.testing.assert_array_equal(p.data, before[name])
    assert model[0].weight.grad is not twin[0].weight.grad
    twin(x)
    assert (model[1].num_batches_tracked, twin[1].num_batches_tracked) == (2, 3)


def test_a_frozen_part_stays_and_the_rest_learns():
    model = Sequential(Linear(3, 4, rng=rng()), ReLU(), Linear(4, 2, rng=rng()))
    assert model[0].requires_grad_(False) is model[0]
    before = model.state_dict()
    with pytest.raises(ValueError, match="requires_grad=True"):
        SGD(model.parameters(), lr=0.1)
    optimizer = SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    generator = np.random.default_rng(1)
    x, labels = generator.normal(size=(20, 3)).astype(np.float32), generator.integers(0, 2, size=20)
    fit(model, F.cross_entropy, optimizer, x, labels, epochs=2, batch_size=5, rng=generator, progress=False)
    after = model.state_dict()
    changed = [name for name in before if not np.array_equal(before[name], after[name])]
    assert changed == ["2.weight", "2.bias"]
    assert model[0].weight.grad is None
    model.requires_grad_()
    model(x).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
