"""Every optimizer against torch's: 200 steps, every parameter and every entry of the state."""

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings

from course_utils import optim
from course_utils.models import mlp
from course_utils.nn import Tensor
from course_utils.nn import functional as F
from tests.nn.proof import Seen, assert_close
from tests.optim.optimizer_cases import CASES, N_STEPS, Run, runs

COMPARED = {0, 1, 2, 20, 70, N_STEPS - 1}
RULES = list(CASES)


@pytest.fixture(params=["float64", "float32"])
def dtype(request):
    """Let torch keep counts and products in this dtype too: NAdam's product in float32 is off by 1e-7."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, request.param))
    yield request.param
    torch.set_default_dtype(before)


def test_every_optimizer_has_a_case():
    public = {getattr(optim, name) for name in optim.__all__ if isinstance(getattr(optim, name), type)}
    rules = {c for c in public if issubclass(c, optim.Optimizer) and c is not optim.Optimizer}
    assert rules == set(CASES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_two_hundred_steps(rule, dtype):
    seen = Seen(rule)

    @settings(max_examples=12, phases=[Phase.generate])  # shrinking two hundred steps takes minutes
    @given(run=runs(CASES[rule]))
    def compare(run):
        compare_run(rule, run, dtype)
        seen.note(None, **run.first)
        seen.note(None, **run.second)

    compare()
    seen.check()


def compare_run(rule, run: Run, dtype):
    """Take all steps on both sides; the options of the first group are the constructor's."""
    second = dict(run.second)
    if rule is optim.Adagrad:  # torch starts all sums at the constructor's value, whatever the group says
        second["initial_accumulator_value"] = run.first["initial_accumulator_value"]
    ours = [Tensor(weights.copy(), requires_grad=True) for weights in run.weights(dtype)]
    theirs = [torch.tensor(weights, requires_grad=True) for weights in run.weights(dtype)]
    sides = [
        kind([{"params": tensors[:3]}, {"params": tensors[3:], **second}], **run.first)
        for kind, tensors in ((rule, ours), (getattr(torch.optim, rule.__name__), theirs))
    ]
    largest: dict[tuple[int, str], float] = {}
    for step, gradients in enumerate(run.gradients(dtype)):
        for x, z, gradient in zip(ours, theirs, gradients, strict=True):
            x.grad = gradient
            z.grad = None if gradient is None else torch.tensor(gradient)
        if step == 100:
            for side in sides:
                side.param_groups[0]["lr"] *= 0.5
        for side in sides:
            side.step()
        if step in COMPARED:
            compare_parameters(ours, theirs, f"step {step}", dtype)
            compare_states(*sides, largest, f"step {step}", dtype)


def compare_parameters(ours, theirs, when, dtype):
    """Compare all at once: a single number may just pass by 0, and has no scale of its own."""
    for x, z in zip(ours, theirs, strict=True):
        assert isinstance(x.data, np.ndarray)
        assert x.data.dtype == dtype
        assert x.shape == tuple(z.shape)
    values = np.concatenate([x.data.ravel() for x in ours])
    assert_close(values, torch.cat([z.detach().ravel() for z in theirs]).numpy(), when, dtype)


def compare_states(optimizer, other, largest, when, dtype):
    """Compare states entry by entry, on the scale of the largest value the entry has had; then the groups."""
    state, reference = optimizer.state_dict(), other.state_dict()
    assert state["state"].keys() == reference["state"].keys(), when
    for i, entries in reference["state"].items():
        assert state["state"][i].keys() == entries.keys(), when
        for name, entry in entries.items():
            value, expected = np.asarray(state["state"][i][name]), entry.numpy()
            assert value.shape == expected.shape
            scale = largest[i, name] = max(largest.get((i, name), 0.0), np.abs(expected).max(initial=0.0))
            what = f"{name} of parameter {i}, {when}"
            assert_close(np.append(value, scale), np.append(expected, scale), what, dtype)
    for group, known in zip(state["param_groups"], reference["param_groups"], strict=True):
        assert group == {name: known[name] for name in group}, when


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_network_learns_as_in_torch(rule):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(60, 8, 5)), rng.integers(0, 3, size=(60, 8))
    ours = mlp([5, 7, 3], rng=rng, dtype=np.float64)
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.ReLU(), torch.nn.Linear(7, 3)).double()
    start = ours.state_dict()
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in start.items()})
    optimizer = rule(ours.parameters(), 0.01)
    other = getattr(torch.optim, rule.__name__)(theirs.parameters(), 0.01)
    for inputs, classes in zip(x, labels, strict=True):
        for side in (optimizer, other):
            side.zero_grad()
        F.cross_entropy(ours(inputs), classes).backward()
        loss = torch.nn.functional.cross_entropy(theirs(torch.tensor(inputs)), torch.tensor(classes))
        loss.backward()
        for side in (optimizer, other):
            side.step()
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-7, atol=1e-10)
        assert np.abs(p.data - start[name]).max() > 1e-4


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_run_goes_on_from_torchs_state_and_torchs_from_ours(rule):
    """Ten steps there, ten more here after loading; and the other way round."""
    rng = np.random.default_rng(1)
    start, gradients = rng.normal(size=(3, 2)), rng.normal(size=(20, 3, 2))
    other_rule = getattr(torch.optim, rule.__name__)
    options = {"lr": 0.02, "weight_decay": 0.1}
    options |= {"momentum": 0.8} if rule in (optim.SGD, optim.RMSprop) else {}
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        reference = torch.tensor(start, requires_grad=True)
        whole = steps_of_torch(other_rule([reference], **options), reference, gradients[:10])
        ours = Tensor(reference.detach().numpy().copy(), requires_grad=True)
        optimizer = rule([ours])  # without the options: they come with the state
        optimizer.load_state_dict(whole.state_dict())
        steps_of_ours(optimizer, ours, gradients[10:])
        steps_of_torch(whole, reference, gradients[10:])
        np.testing.assert_allclose(ours.data, reference.detach().numpy(), rtol=1e-10)

        ours = Tensor(start, requires_grad=True)
        optimizer = steps_of_ours(rule([ours], **options), ours, gradients[:10])
        back = torch.tensor(ours.data, requires_grad=True)
        half = other_rule([back])
        state = optimizer.state_dict()
        for entries in state["state"].values():
            entries |= {n: torch.tensor(v) for n, v in entries.items() if isinstance(v, np.ndarray)}
        half.load_state_dict(state)
        steps_of_torch(half, back, gradients[10:])
        np.testing.assert_allclose(back.detach().numpy(), reference.detach().numpy(), rtol=1e-10)
    finally:
        torch.set_default_dtype(before)


def steps_of_torch(optimizer, parameter, gradients):
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
    return optimizer


def steps_of_ours(optimizer, parameter, gradients):
    for gradient in gradients:
        parameter.grad = gradient
        optimizer.step()
    return optimizer


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nan_stays_where_it_came_in(rule):
    ours = Tensor(np.ones(3), requires_grad=True)
    theirs = torch.ones(3, dtype=torch.float64, requires_grad=True)
    for gradient in ([1.0, np.nan, 2.0], [1.0, 1.0, 1.0]):
        ours.grad, theirs.grad = np.array(gradient), torch.tensor(gradient, dtype=torch.float64)
        for side in (rule([ours]), getattr(torch.optim, rule.__name__)([theirs])):
            side.step()
    assert np.isnan(ours.data).tolist() == [False, True, False]
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-10)
