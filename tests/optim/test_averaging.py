"""Averages of weights against torch's, and batch norm's statistics measured anew."""

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from course_utils.nn import BatchNorm1d, Linear, Module, Parameter, Sequential
from course_utils.optim import AveragedModel, update_bn
from tests.nn.proof import assert_close

torch_swa = torch.optim.swa_utils


class Counted(Module):
    """A line with a buffer of floats and one of whole numbers."""

    def __init__(self, dtype):
        self.weight = Parameter(np.zeros((2, 3), dtype))
        self.bias = Parameter(np.zeros((), dtype))
        self.register_buffer("mean", np.zeros(3, dtype))
        self.register_buffer("count", np.array(0))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class CountedInTorch(torch.nn.Module):
    def __init__(self, dtype):
        super().__init__()
        kind = getattr(torch, dtype)
        self.weight = torch.nn.Parameter(torch.zeros(2, 3, dtype=kind))
        self.bias = torch.nn.Parameter(torch.zeros((), dtype=kind))
        self.register_buffer("mean", torch.zeros(3, dtype=kind))
        self.register_buffer("count", torch.tensor(0))


def moves(dtype, seed, n_steps=200):
    """Yield random walks as states of the model."""
    rng, weight, bias, mean = np.random.default_rng(seed), np.ones((2, 3)), np.array(1.0), np.ones(3)
    for count in range(n_steps):
        weight = weight + 0.1 * rng.normal(size=(2, 3))
        bias, mean = bias + 0.1 * rng.normal(), mean + 0.1 * rng.normal(size=3)
        state = {"weight": weight, "bias": bias, "mean": mean}
        yield {name: np.asarray(v, dtype) for name, v in state.items()} | {"count": np.array(count)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("averaged", ["mean", "ema"])
def test_two_hundred_updates(averaged, dtype):
    @settings(max_examples=8, phases=[Phase.generate])
    @given(decay=st.floats(0.5, 0.9999), use_buffers=st.booleans(), seed=st.integers(0, 10**6))
    def compare(decay, use_buffers, seed):
        ema = averaged == "ema"
        model, other = Counted(dtype), CountedInTorch(dtype)
        ours = AveragedModel(model, decay if ema else None, use_buffers)
        rule = torch_swa.get_ema_avg_fn(decay) if ema else torch_swa.get_swa_avg_fn()
        theirs = torch_swa.AveragedModel(other, avg_fn=rule, use_buffers=use_buffers)
        for i, state in enumerate(moves(dtype, seed)):
            model.load_state_dict(state)
            other.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
            ours.update_parameters(model)
            theirs.update_parameters(other)
            if i in (0, 1, 50, 199):
                assert list(ours.state_dict()) == list(theirs.state_dict())
                for name, value in theirs.state_dict().items():
                    if name != "module.count":  # ours is copied always
                        assert_close(ours.state_dict()[name], value.numpy(), f"{name}, {i}", dtype)
                assert ours.module.count == i
        assert ours.module.weight.dtype == dtype

    compare()


def test_the_moving_average_of_many_at_once_is_the_same_rule():
    model, other = Counted("float64"), CountedInTorch("float64")
    ours = AveragedModel(model, 0.9)
    theirs = torch_swa.AveragedModel(other, multi_avg_fn=torch_swa.get_ema_multi_avg_fn(0.9))
    for state in moves("float64", 0):
        model.load_state_dict(state)
        other.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
        ours.update_parameters(model)
        theirs.update_parameters(other)
    assert_close(ours.module.weight.data, theirs.module.weight.detach().numpy(), "weight", "float64")


def scaled(value):
    model = Counted("float64")
    model.bias.data = np.array(float(value))
    return model


def test_a_warm_up_by_hand():
    """Kept are 0, then 1/10, then 2/11 of the average, until decay is less."""
    averaged = AveragedModel(scaled(0), decay=0.15, warm_up=True)
    for value in (1.0, 2.0, 4.0):
        averaged.update_parameters(scaled(value))
    assert averaged.module.bias.data == pytest.approx(0.15 * (0.1 * 1 + 0.9 * 2) + 0.85 * 4)


def test_the_average_is_a_model_and_the_other_stays():
    model = scaled(3.0)
    averaged = AveragedModel(model)
    averaged.update_parameters(model)
    averaged.update_parameters(scaled(5.0))
    assert averaged(np.zeros((1, 3))).data.tolist() == [[4.0, 4.0]]
    assert model.bias.data == 3.0
    assert not np.shares_memory(averaged.module.weight.data, model.weight.data)


def test_the_average_is_lent_and_given_back():
    model, averaged = scaled(3.0), AveragedModel(scaled(7.0))
    with averaged.applied_to(model) as lent:
        assert lent is model
        assert model.bias.data == 7.0
    assert model.bias.data == 3.0
    with pytest.raises(KeyboardInterrupt), averaged.applied_to(model):
        raise KeyboardInterrupt
    assert model.bias.data == 3.0
    averaged.copy_to(model)
    model.bias.data = model.bias.data + 1
    assert (model.bias.data, averaged.module.bias.data) == (8.0, 7.0)


def test_an_average_is_saved_and_goes_on():
    whole = AveragedModel(scaled(0))
    for value in (1.0, 2.0):
        whole.update_parameters(scaled(value))
    later = AveragedModel(scaled(0))
    later.load_state_dict(whole.state_dict())
    for averaged in (whole, later):
        averaged.update_parameters(scaled(6.0))
    assert whole.module.bias.data == later.module.bias.data == 3.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decay": 1.1}, "expected decay from 0 to 1, or None for the mean of all, got 1.1"),
        ({"decay": float("nan")}, "expected decay from 0 to 1"),
        ({"warm_up": True}, "expected a decay with warm_up, got None"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        AveragedModel(scaled(0), **options)


def test_another_model_is_refused():
    averaged = AveragedModel(scaled(0))
    with pytest.raises(ValueError, match=r"expected a model with the names \['weight', .*, got \['0.weight'"):
        averaged.update_parameters(Sequential(Linear(2, 3, rng=np.random.default_rng(0))))


# ---------------------------------------------------------------- batch norm


def norms(*momenta):
    return Sequential(*(BatchNorm1d(3, momentum=momentum, dtype=np.float64) for momentum in momenta))


@pytest.mark.parametrize("in_training", [True, False])
def test_statistics_are_measured_anew(in_training):
    rng = np.random.default_rng(0)
    batches = [rng.normal(i, 1 + i, size=(6, 3)) for i in range(4)]
    model = norms(0.3, 0.5)
    other = torch.nn.Sequential(*(torch.nn.BatchNorm1d(3, dtype=torch.float64) for _ in range(2)))
    model(rng.normal(size=(5, 3)))  # statistics that must be forgotten
    model.train(in_training)
    update_bn([(batch, "labels") for batch in batches], model)
    torch_swa.update_bn([torch.tensor(batch) for batch in batches], other)
    for name, value in other.state_dict().items():
        assert_close(model.state_dict()[name], value.numpy(), name, "float64")
    assert [(norm.momentum, norm.training) for norm in model] == [(0.3, in_training), (0.5, in_training)]


def test_modes_and_momenta_come_back_after_an_error():
    model = norms(0.3).eval()

    def interrupted():
        yield np.ones((2, 3))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_bn(interrupted(), model)
    assert (model[0].momentum, model[0].training) == (0.3, False)


def test_batches_are_needed_only_where_there_is_batch_norm():
    update_bn([], Sequential(Linear(2, 3, rng=np.random.default_rng(0))))
    with pytest.raises(ValueError, match="expected at least one batch .*, got none"):
        update_bn([], norms(0.1))
    with pytest.raises(ValueError, match=r"got an array of shape \(4, 3\): pass \[x\]"):
        update_bn(np.ones((4, 3)), norms(0.1))
