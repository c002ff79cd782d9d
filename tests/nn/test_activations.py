"""Activations beyond drawn calls: values by hand, slopes at kinks, extremes, messages, the layers' texts."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

from course_utils.nn import Linear, Sequential, Tensor, layers
from course_utils.nn import functional as F

ENTRYWISE = [
    "elu",
    "gelu",
    "hardtanh",
    "leaky_relu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "tanh",
]


def value_and_slope(operation, x, **options):
    y, pullback = operation.vjp(np.asarray(x), **options)
    return y, pullback(np.ones_like(y))[0]


def torch_value_and_slope(operation, x, **options):
    x = torch.tensor(np.asarray(x), requires_grad=True)
    y = operation(x, **options)
    y.sum().backward()
    return y.detach().numpy(), x.grad.numpy()


BY_HAND = [
    ("leaky_relu", {"negative_slope": 0.1}, [-2.0, 3.0], [-0.2, 3.0]),
    ("elu", {"alpha": 2.0}, [-math.log(2), 3.0], [-1.0, 3.0]),
    ("hardtanh", {"min_val": -2.0, "max_val": 0.5}, [-3.0, -1.0, 0.25, 1.0], [-2.0, -1.0, 0.25, 0.5]),
    ("silu", {}, [0.0, math.log(3)], [0.0, 0.75 * math.log(3)]),
    ("softplus", {"beta": 2.0}, [0.0, math.log(2)], [math.log(2) / 2, math.log(5) / 2]),
    ("softplus", {"threshold": 1.0}, [2.0], [2.0]),
    ("gelu", {}, [0.0, -1.0], [0.0, -0.15865525393145705]),
    ("sigmoid", {}, [math.log(3)], [0.75]),
]


@pytest.mark.parametrize(("name", "options", "x", "expected"), BY_HAND)
def test_values_by_hand(name, options, x, expected):
    np.testing.assert_allclose(getattr(F, name)(np.array(x), **options), expected, rtol=1e-15)


KINKS = [
    ("relu", {}, [0.0, -0.0]),
    ("leaky_relu", {"negative_slope": 0.2}, [0.0]),
    ("elu", {"alpha": 3.0}, [0.0]),
    ("selu", {}, [0.0]),
    ("hardtanh", {}, [-1.0, 1.0]),
    ("hardtanh", {"min_val": 0.5, "max_val": 0.5}, [0.0, 0.5, 1.0]),
    ("softplus", {"beta": 2.0, "threshold": 4.0}, [2.0, np.nextafter(2.0, 3.0)]),
]


@pytest.mark.parametrize(("name", "options", "x"), KINKS)
def test_values_and_slopes_at_kinks_are_those_of_torch(name, options, x):
    y, dx = value_and_slope(getattr(F, name), x, **options)
    z, dz = torch_value_and_slope(getattr(TF, name), x, **options)
    np.testing.assert_allclose(y, z, rtol=1e-15)
    np.testing.assert_allclose(dx, dz, rtol=1e-15)


def test_prelu_at_the_kink_is_that_of_torch():
    x, weight = np.array([[0.0, 0.0, -1.0]]), np.array([0.2, -0.5, 2.0])
    _, pullback = F.prelu.vjp(x, weight)
    dx, dweight = pullback(np.ones_like(x))
    t, w = torch.tensor(x, requires_grad=True), torch.tensor(weight, requires_grad=True)
    TF.prelu(t, w).sum().backward()
    assert dx.tolist() == t.grad.tolist() == [[0.2, -0.5, 2.0]]
    assert dweight.tolist() == w.grad.tolist() == [0.0, 0.0, -1.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ENTRYWISE)
def test_huge_inputs_give_the_limits(name, dtype):
    x = np.array([-1e4, -1e3, 1e3, 1e4], dtype)
    y, dx = value_and_slope(getattr(F, name), x)
    z, dz = torch_value_and_slope(getattr(TF, name), x)
    assert y.dtype == dx.dtype == dtype
    np.testing.assert_allclose(y, z, rtol=1e-6)
    np.testing.assert_allclose(dx, dz, rtol=1e-6)


OPTIONS = [
    ("leaky_relu", {"negative_slope": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("hardtanh", {"min_val": -0.5, "max_val": 0.5}),
    ("softplus", {"beta": 0.5, "threshold": 0.5}),
]


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_options_that_are_numpy_numbers_keep_float32(name, options):
    x = np.array([-2.0, 0.25, 3.0], np.float32)
    y, dx = value_and_slope(getattr(F, name), x, **{n: np.float64(value) for n, value in options.items()})
    expected, slope = value_and_slope(getattr(F, name), x, **options)
    assert y.dtype == dx.dtype == np.float32
    assert y.tolist() == expected.tolist()
    assert dx.tolist() == slope.tolist()


@pytest.mark.parametrize("name", [*ENTRYWISE, "softmax", "log_softmax"])
def test_lists_are_taken_for_arrays(name):
    operation = getattr(F, name)
    assert operation([-1.0, 0.5]).tolist() == operation(np.array([-1.0, 0.5])).tolist()


def test_the_approximate_gelu_of_huge_inputs():
    y, dx = value_and_slope(F.gelu, [-1e4, 1e4], approximate="tanh")
    assert y.tolist() == [0.0, 1e4]
    assert dx.tolist() == [0.0, 1.0]


def test_both_forms_of_gelu_are_near_each_other_but_not_equal():
    x = np.linspace(-5, 5, 201)
    difference = np.abs(F.gelu(x) - F.gelu(x, approximate="tanh"))
    assert 1e-4 < difference.max() < 1e-3


@pytest.mark.parametrize("threshold", [1e3, np.inf])
def test_softplus_does_not_overflow_below_a_large_threshold(threshold):
    y, dx = value_and_slope(F.softplus, [-900.0, 900.0], threshold=threshold)
    assert y.tolist() == [0.0, 900.0]
    assert dx.tolist() == [0.0, 1.0]


def test_small_tails_are_not_rounded_away():
    assert F.sigmoid(np.array(-40.0)) == pytest.approx(np.exp(-40.0), rel=1e-12)
    assert F.softplus(np.array(-40.0)) == pytest.approx(np.exp(-40.0), rel=1e-12)
    assert F.silu(np.array(-40.0)) == pytest.approx(-40 * np.exp(-40.0), rel=1e-12)
    assert F.gelu(np.array(-10.0)) == pytest.approx(-10 * math.erfc(10 / math.sqrt(2)) / 2, rel=1e-12)


@pytest.mark.parametrize("scale", [1e3, 1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_of_extreme_scores(scale, dtype):
    x = np.array([[1, -1], [-1, 1], [1, 1]], dtype) * dtype(scale)
    y, pullback = F.softmax.vjp(x)
    assert y.tolist() == [[1, 0], [0, 1], [0.5, 0.5]]
    np.testing.assert_allclose(pullback(np.array([[1, 0]] * 3, dtype))[0], [[0, 0], [0, 0], [0.25, -0.25]])
    log_y, pullback = F.log_softmax.vjp(x)
    expected = [[0, -2 * scale], [-2 * scale, 0], [-math.log(2)] * 2]
    np.testing.assert_allclose(log_y, expected, rtol=1e-6)
    np.testing.assert_allclose(pullback(np.array([[1, 0]] * 3, dtype))[0], [[0, 0], [1, -1], [0.5, -0.5]])


def test_softmax_gives_0_to_minus_infinity():
    x = np.array([0.0, -np.inf, 0.0])
    assert F.softmax(x).tolist() == [0.5, 0.0, 0.5]
    assert F.log_softmax(x)[1] == -np.inf
    assert F.log_softmax.vjp(x)[1](np.array([1.0, 0.0, 0.0]))[0].tolist() == [0.5, 0.0, -0.5]


def test_softmax_is_along_the_last_axis_by_default():
    y = F.softmax(np.random.default_rng(0).normal(size=(3, 4)))
    np.testing.assert_allclose(y.sum(axis=1), 1.0)


def test_softmax_does_not_see_a_shift():
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(F.softmax(x + 100), F.softmax(x), rtol=1e-12)
    np.testing.assert_allclose(F.softmax.vjp(x)[1](x)[0].sum(axis=1), 0, atol=1e-15)


def test_selu_keeps_mean_0_and_variance_1():
    y = F.selu(np.random.default_rng(0).normal(size=1_000_000))
    assert abs(y.mean()) < 0.005
    assert y.var() == pytest.approx(1, abs=0.01)


def test_a_network_with_prelu_learns_its_slopes():
    rng = np.random.default_rng(0)
    model = Sequential(Linear(3, 4, rng=rng), layers.PReLU(4), Linear(4, 1, rng=rng))
    assert list(model.state_dict()) == ["0.weight", "0.bias", "1.weight", "2.weight", "2.bias"]
    model(rng.normal(size=(64, 3)).astype(np.float32)).sum().backward()
    slope = model[1].weight
    assert slope.dtype == np.float32
    assert slope.data.tolist() == [0.25] * 4
    assert slope.grad.shape == (4,)
    assert np.all(slope.grad != 0)


def test_prelu_starts_where_it_is_told():
    slope = layers.PReLU(2, init=0.5, dtype=np.float64).weight
    assert slope.data.tolist() == [0.5, 0.5]
    assert slope.dtype == np.float64


def test_a_softmax_of_a_tensor_goes_on_the_tape():
    x = Tensor(np.array([0.0, 0.0]), requires_grad=True)
    F.softmax(x, dim=0)[0].backward()
    assert x.grad.tolist() == [0.25, -0.25]


MESSAGES = [
    (lambda: F.hardtanh(np.ones(2), 1.0, -1.0), "expected min_val at most max_val, got 1.0 and -1.0"),
    (lambda: F.hardtanh(np.ones(2), np.nan, 1.0), "expected min_val at most max_val, got nan and 1.0"),
    (lambda: F.softplus(np.ones(2), beta=0.0), "expected beta above 0, got 0.0"),
    (lambda: F.softplus(np.ones(2), beta=np.nan), "expected beta above 0, got nan"),
    (lambda: F.gelu(np.ones(2), "erf"), 'expected approximate "none" or "tanh", got \'erf\''),
    (
        lambda: F.prelu(np.ones((2, 3)), np.ones(2)),
        r"expected weight \(1,\) or \(C,\) .*got shapes \(2,\) and \(2, 3\)",
    ),
    (lambda: F.prelu(np.ones(3), np.ones(3)), r"expected weight \(1,\).*got shapes \(3,\) and \(3,\)"),
    (lambda: F.prelu(np.ones((2, 3)), np.ones((1, 3))), r"got shapes \(1, 3\) and \(2, 3\)"),
    (
        lambda: F.softmax(np.ones((2, 3)), dim=2),
        r"expected at least one score along axis 2, got shape \(2, 3\)",
    ),
    (lambda: F.softmax(np.ones((2, 3)), dim=-3), r"along axis -3, got shape \(2, 3\)"),
    (lambda: F.log_softmax(np.ones((2, 0))), r"along axis -1, got shape \(2, 0\)"),
    (lambda: F.log_softmax(np.array(1.0)), r"along axis -1, got shape \(\)"),
    (lambda: layers.PReLU(0), "expected at least one parameter, got 0"),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_messages_say_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


TEXTS = [
    (layers.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"),
    (layers.PReLU(3), "PReLU(num_parameters=3)"),
    (layers.ELU(2.0), "ELU(alpha=2.0)"),
    (layers.SELU(), "SELU()"),
    (layers.GELU("tanh"), "GELU(approximate='tanh')"),
    (layers.Softplus(2.0, 5.0), "Softplus(beta=2.0, threshold=5.0)"),
    (layers.Hardtanh(-2.0, 3.0), "Hardtanh(min_val=-2.0, max_val=3.0)"),
    (layers.Softmax(1), "Softmax(dim=1)"),
    (layers.LogSoftmax(-1), "LogSoftmax(dim=-1)"),
]


@pytest.mark.parametrize(("layer", "text"), TEXTS)
def test_a_layer_shows_its_options(layer, text):
    assert repr(layer) == text
