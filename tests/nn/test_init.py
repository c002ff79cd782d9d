"""Initializers: values, bounds and spreads by their formulas, fans and gains against torch, messages."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Parameter, Tensor, init

RANDOM = {
    "normal_": (200, 300),
    "uniform_": (200, 300),
    "xavier_uniform_": (200, 300),
    "xavier_normal_": (200, 300),
    "kaiming_uniform_": (200, 300),
    "kaiming_normal_": (200, 300),
    "orthogonal_": (20, 30),
}
FIXED = ["zeros_", "ones_", "eye_", "constant_"]
KERNEL = (60, 40, 5, 5)
FAN_IN, FAN_OUT = 40 * 25, 60 * 25


def filled(name, shape, dtype=np.float64, seed=0, **options):
    tensor = Parameter(np.zeros(shape, dtype))
    result = getattr(init, name)(tensor, rng=np.random.default_rng(seed), **options)
    assert result is tensor
    return tensor.data


def test_every_public_function_is_tested_here():
    public = {name for name in vars(init) if name.endswith("_") and not name.startswith("_")}
    assert public == {*RANDOM, *FIXED}


# ---------------------------------------------------------------- fixed values


def test_fixed_values():
    tensor = Tensor(np.full((2, 3), 7.0))
    assert init.zeros_(tensor).data.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert init.ones_(tensor).data.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert init.constant_(tensor, 0.5).data.tolist() == [[0.5] * 3] * 2
    assert init.eye_(tensor).data.tolist() == [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*RANDOM, *FIXED])
def test_shape_and_dtype_stay_and_the_old_array_is_left_alone(name, dtype):
    old = np.full((3, 2), 7.0, dtype)
    old.flags.writeable = False
    tensor = Parameter(old)
    options = {"rng": np.random.default_rng(0)} if name in RANDOM else {}
    options |= {"val": 2.0} if name == "constant_" else {}
    assert getattr(init, name)(tensor, **options) is tensor
    assert tensor.data.dtype == dtype
    assert tensor.data.shape == (3, 2)
    assert tensor.data.flags.writeable
    assert tensor.requires_grad
    assert (old == 7).all()


# ---------------------------------------------------------------- random values


@pytest.mark.parametrize("name", RANDOM)
def test_the_generator_alone_decides(name):
    shape = RANDOM[name]
    first, second, other = filled(name, shape), filled(name, shape), filled(name, shape, seed=1)
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
    np.testing.assert_array_equal(filled(name, shape, np.float32), first.astype(np.float32))


def statistics_of(values):
    return float(np.mean(values)), float(np.std(values)), float(np.abs(values).max())


UNIFORM = [  # name, options, bound by the formula
    ("xavier_uniform_", {}, math.sqrt(6 / (FAN_IN + FAN_OUT))),
    ("xavier_uniform_", {"gain": 5 / 3}, 5 / 3 * math.sqrt(6 / (FAN_IN + FAN_OUT))),
    ("kaiming_uniform_", {"nonlinearity": "relu"}, math.sqrt(6 / FAN_IN)),
    ("kaiming_uniform_", {"nonlinearity": "relu", "mode": "fan_out"}, math.sqrt(6 / FAN_OUT)),
    ("kaiming_uniform_", {"a": math.sqrt(5)}, 1 / math.sqrt(FAN_IN)),
    ("kaiming_uniform_", {"nonlinearity": "linear"}, math.sqrt(3 / FAN_IN)),
    ("uniform_", {"a": -2.0, "b": 2.0}, 2.0),
]


@pytest.mark.parametrize(("name", "options", "bound"), UNIFORM)
def test_uniform_rules_fill_their_bounds_as_torch_does(name, options, bound):
    values = filled(name, KERNEL, **options)
    mean, std, largest = statistics_of(values)
    assert 0.999 * bound < largest <= bound
    assert abs(mean) < 0.01 * bound
    assert std == pytest.approx(bound / math.sqrt(3), rel=0.01)
    torch.manual_seed(0)
    other = getattr(torch.nn.init, name)(torch.empty(KERNEL, dtype=torch.float64), **options)
    np.testing.assert_allclose(statistics_of(other.numpy())[1:], (std, largest), rtol=0.01)


NORMAL = [  # name, options, standard deviation by the formula
    ("xavier_normal_", {}, math.sqrt(2 / (FAN_IN + FAN_OUT))),
    ("xavier_normal_", {"gain": 0.5}, 0.5 * math.sqrt(2 / (FAN_IN + FAN_OUT))),
    ("kaiming_normal_", {}, math.sqrt(2 / FAN_IN)),
    ("kaiming_normal_", {"mode": "fan_out", "a": 1.0}, math.sqrt(1 / FAN_OUT)),
    ("kaiming_normal_", {"nonlinearity": "tanh"}, 5 / 3 / math.sqrt(FAN_IN)),
    ("normal_", {"std": 3.0}, 3.0),
]


@pytest.mark.parametrize(("name", "options", "expected"), NORMAL)
def test_normal_rules_have_their_spread_as_torch_does(name, options, expected):
    values = filled(name, KERNEL, **options)
    mean, std, largest = statistics_of(values)
    assert abs(mean) < 0.02 * expected
    assert std == pytest.approx(expected, rel=0.01)
    assert 3.5 * expected < largest  # not uniform
    assert np.mean(np.abs(values) < expected) == pytest.approx(0.6827, abs=0.01)
    torch.manual_seed(0)
    other = getattr(torch.nn.init, name)(torch.empty(KERNEL, dtype=torch.float64), **options)
    assert statistics_of(other.numpy())[1] == pytest.approx(std, rel=0.02)


def test_mean_and_ends_of_the_plain_draws():
    assert filled("normal_", (200, 300), mean=5.0, std=0.1).mean() == pytest.approx(5, abs=0.01)
    values = filled("uniform_", (200, 300))
    assert values.min() >= 0
    assert values.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("gain", [1.0, math.sqrt(2)])
@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3, 3), (40, 2, 3)])
def test_orthogonal_rows_or_columns(shape, gain):
    matrix = filled("orthogonal_", shape, gain=gain).reshape(shape[0], -1)
    product = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_matrices_have_no_preferred_direction():
    """Without the correction of signs the diagonal would be of one sign."""
    first = [filled("orthogonal_", (3, 3), seed=seed) for seed in range(300)]
    assert np.abs(np.mean(first, axis=0)).max() < 0.15
    assert np.mean([np.linalg.det(q) > 0 for q in first]) == pytest.approx(0.5, abs=0.1)


def test_kaiming_keeps_a_signal_alive_through_fifty_layers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 256))
    for _ in range(50):
        weight = init.kaiming_normal_(Tensor(np.empty((256, 256))), nonlinearity="relu", rng=rng)
        x = np.maximum(x @ weight.data.T, 0)
    assert 0.02 < np.square(x).mean() < 50  # without the gain it would be 2^-50


# ---------------------------------------------------------------- fans and gains


@given(shape=array_shapes(min_dims=2, max_dims=5, min_side=0, max_side=6))
def test_fans_are_those_of_torch(shape):
    expected = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert init.calculate_fan_in_and_fan_out(Tensor(np.empty(shape))) == expected


NONLINEARITIES = [
    *("linear", "conv1d", "conv2d", "conv3d"),
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    *("sigmoid", "tanh", "relu", "selu", "leaky_relu"),
]


@pytest.mark.parametrize("nonlinearity", NONLINEARITIES)
def test_gains_are_those_of_torch(nonlinearity):
    assert {*init.GAINS, "leaky_relu"} == set(NONLINEARITIES)
    assert init.calculate_gain(nonlinearity) == torch.nn.init.calculate_gain(nonlinearity)


@pytest.mark.parametrize("slope", [0, 0.01, 0.3, 1, math.sqrt(5), -0.5])
def test_the_gain_of_leaky_relu_follows_its_slope(slope):
    expected = torch.nn.init.calculate_gain("leaky_relu", slope)
    assert init.calculate_gain("leaky_relu", slope) == pytest.approx(expected, rel=1e-15)


# ---------------------------------------------------------------- messages

draw = {"rng": np.random.default_rng(0)}
VECTOR, MATRIX, EMPTY = Tensor(np.ones(3)), Tensor(np.ones((3, 2))), Tensor(np.ones((0, 2)))
MESSAGES = [
    (partial(init.zeros_, np.ones(3)), "expected a Tensor, whose data can be replaced, got ndarray"),
    (partial(init.normal_, np.ones(3), **draw), "expected a Tensor.*got ndarray"),
    (partial(init.ones_, Tensor(np.array([1, 2]))), "expected a tensor of floating dtype, got int64"),
    (partial(init.eye_, VECTOR), r"expected a matrix \(n, m\), got shape \(3,\)"),
    (partial(init.xavier_uniform_, VECTOR, **draw), r"at least two axes, got shape \(3,\)"),
    (partial(init.kaiming_normal_, VECTOR, **draw), r"at least two axes, got shape \(3,\)"),
    (partial(init.orthogonal_, VECTOR, **draw), r"at least two axes, got shape \(3,\)"),
    (partial(init.xavier_normal_, EMPTY, **draw), r"expected at least one weight, got shape \(0, 2\)"),
    (partial(init.kaiming_uniform_, EMPTY, **draw), r"expected at least one weight, got shape \(0, 2\)"),
    (partial(init.orthogonal_, EMPTY, **draw), r"expected at least one weight, got shape \(0, 2\)"),
    (partial(init.kaiming_normal_, MATRIX, mode="fan", **draw), 'mode "fan_in" or "fan_out", got \'fan\''),
    (partial(init.kaiming_normal_, MATRIX, nonlinearity="cos", **draw), "leaky_relu, got 'cos'"),
    (partial(init.calculate_gain, "cos"), "expected one of linear, .*leaky_relu, got 'cos'"),
    (partial(init.uniform_, MATRIX, 1.0, 0.0, **draw), "expected a at most b, got 1.0 and 0.0"),
    (partial(init.uniform_, MATRIX, math.nan, 0.0, **draw), "expected a at most b, got nan and 0.0"),
    (partial(init.normal_, MATRIX, 0.0, -1.0, **draw), "expected std of at least 0, got -1.0"),
    (partial(init.normal_, MATRIX, 0.0, math.nan, **draw), "expected std of at least 0, got nan"),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_messages_say_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", RANDOM)
def test_there_is_no_draw_without_a_generator(name):
    with pytest.raises(TypeError, match="rng"):
        getattr(init, name)(Tensor(np.ones((3, 2))))
