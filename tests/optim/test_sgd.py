"""SGD against torch's, option by option."""

import numpy as np
import pytest
import torch

from course_utils.models import mlp
from course_utils.nn import Tensor
from course_utils.nn import functional as F
from course_utils.optim import SGD

OPTIONS = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.3},
    {"momentum": 0.9, "nesterov": True},
    {"weight_decay": 0.05},
    {"momentum": 0.8, "weight_decay": 0.05, "nesterov": True},
    {"momentum": 0.8, "dampening": 0.5, "weight_decay": 0.01},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_weights_after_fifty_steps_are_those_of_torch(options):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(50, 8, 5)), rng.integers(0, 3, size=(50, 8))
    ours = mlp([5, 7, 3], rng=rng, dtype=np.float64)
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.ReLU(), torch.nn.Linear(7, 3)).double()
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in ours.state_dict().items()})
    optimizer = SGD(ours.parameters(), 0.1, **options)
    other = torch.optim.SGD(theirs.parameters(), 0.1, **options)
    for step in range(50):
        if step == 25:
            optimizer.lr = other.param_groups[0]["lr"] = 0.05
        for o in (optimizer, other):
            o.zero_grad()
        F.cross_entropy(ours(x[step]), labels[step]).backward()
        torch.nn.functional.cross_entropy(
            theirs(torch.tensor(x[step])), torch.tensor(labels[step])
        ).backward()
        for o in (optimizer, other):
            o.step()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-10, atol=1e-13)


def test_momentum_by_hand():
    w = Tensor(np.array([1.0]), requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.5)
    seen = []
    for _ in range(3):
        w.grad = np.array([1.0])
        optimizer.step()
        seen.append(w.data.item())
    assert seen == pytest.approx([0.9, 0.75, 0.575])  # velocities 1, 1.5, 1.75


def test_a_parameter_without_gradient_stays():
    used, unused = (Tensor(np.array([1.0]), requires_grad=True) for _ in range(2))
    optimizer = SGD([used, unused], lr=0.1, momentum=0.9, weight_decay=0.1)
    used.grad = np.array([1.0])
    optimizer.step()
    assert unused.data.tolist() == [1.0]
    optimizer.zero_grad()
    assert used.grad is None


def test_a_step_replaces_arrays_and_leaves_gradients_alone():
    w = Tensor(np.array([1.0, 2.0], np.float32), requires_grad=True)
    before, gradient = w.data, np.array([1.0, 1.0], np.float32)
    gradient.flags.writeable = False
    optimizer = SGD(
        [w], lr=np.float64(0.1), momentum=np.float64(0.9), weight_decay=np.float64(0.1), nesterov=True
    )
    for _ in range(2):
        w.grad = gradient
        optimizer.step()
    assert before.tolist() == [1.0, 2.0]
    assert w.data.dtype == np.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": -0.1}, "expected lr >= 0, got -0.1"),
        ({"lr": float("nan")}, "expected lr >= 0, got nan"),
        ({"lr": 0.1, "momentum": -1.0}, "expected momentum >= 0"),
        ({"lr": 0.1, "weight_decay": -1.0}, "expected weight_decay >= 0"),
        (
            {"lr": 0.1, "nesterov": True},
            "expected momentum > 0 and dampening 0 with nesterov, got momentum 0.0",
        ),
        ({"lr": 0.1, "nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening 0.1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        SGD([Tensor(1.0, requires_grad=True)], **options)


def test_nothing_to_learn_is_an_error():
    with pytest.raises(ValueError, match="at least one parameter"):
        SGD([], lr=0.1)


def parameter():
    return Tensor(np.array([1.0, 2.0]), requires_grad=True)


@pytest.mark.parametrize("params", [parameter(), Tensor(1.0, requires_grad=True)], ids=["vector", "scalar"])
def test_a_bare_tensor_is_not_a_list_of_parameters(params):
    with pytest.raises(
        TypeError, match=r"expected a list of tensors.*, got a single Tensor: write \[tensor\]"
    ):
        SGD(params, lr=0.1)


def test_two_places_for_one_parameter_would_move_it_twice():
    w = parameter()
    with pytest.raises(ValueError, match="expected each parameter once, got number 2 also as number 0"):
        SGD([w, parameter(), w], lr=0.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.ones(2), "expected tensors to learn, .*, got ndarray as number 1"),
        (("weight", parameter()), "got tuple as number 1"),
        ("0.weight", "got str as number 1"),
        (Tensor(np.ones(2)), r"expected tensors with requires_grad=True, got one of shape \(2,\) without"),
        (parameter() * 2, r"expected tensors that no operation made, got the result of one .* as number 1"),
    ],
    ids=["array", "named", "name", "no gradient", "not a leaf"],
)
def test_what_cannot_be_learnt_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        SGD([parameter(), wrong], lr=0.1)


def test_arrays_alone_are_refused():
    with pytest.raises(ValueError, match="got float64 as number 0"):
        SGD(np.ones(3), lr=0.1)  # type: ignore[arg-type]
