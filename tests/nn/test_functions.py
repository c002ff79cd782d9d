"""Every function of the engine against torch: values, gradients, dtypes, extremes, messages."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Tensor
from course_utils.nn import functional as F

drawn = settings(deadline=None, derandomize=True, max_examples=40, database=None)
seeds = st.integers(0, 2**32 - 1)
REDUCTIONS = ["mean", "sum", "none"]


def compare(ours, theirs, *arrays, rtol=1e-10):
    tensors = [Tensor(a, requires_grad=True) for a in arrays]
    others = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = ours(*tensors), theirs(*others)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=rtol, atol=1e-12)
    upstream = np.random.default_rng(0).normal(size=y.shape)
    y.backward(upstream)
    z.backward(torch.tensor(upstream))
    for tensor, other in zip(tensors, others, strict=True):
        np.testing.assert_allclose(tensor.grad, other.grad.numpy(), rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
@drawn
@given(shape=array_shapes(min_dims=0, max_dims=4, max_side=4), seed=seeds)
def test_activations(name, shape, seed):
    x = np.asarray(np.random.default_rng(seed).normal(scale=3, size=shape))
    compare(getattr(F, name), getattr(torch, name), x)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@drawn
@given(shape=array_shapes(min_dims=1, max_dims=4, max_side=5), dim=st.integers(0, 23), seed=seeds)
def test_softmax_along_any_axis(name, shape, dim, seed):
    dim = dim % (2 * len(shape)) - len(shape)  # from the left or from the right
    x = np.random.default_rng(seed).normal(scale=3, size=shape)
    compare(lambda t: getattr(F, name)(t, dim=dim), lambda t: getattr(torch, name)(t, dim=dim), x)


def test_softmax_is_along_the_last_axis_by_default():
    y = F.softmax(np.random.default_rng(0).normal(size=(3, 4)))
    np.testing.assert_allclose(y.sum(axis=1), 1.0)


@drawn
@given(
    leading=array_shapes(min_dims=0, max_dims=3, max_side=4),
    n_in=st.integers(1, 5),
    n_out=st.integers(1, 5),
    with_bias=st.booleans(),
    seed=seeds,
)
def test_linear_with_any_leading_axes(leading, n_in, n_out, with_bias, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=(*leading, n_in)), rng.normal(size=(n_out, n_in))]
    arrays += [rng.normal(size=n_out)] if with_bias else []
    compare(F.linear, TF.linear, *arrays)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@drawn
@given(n=st.integers(1, 6), k=st.integers(1, 6), scale=st.sampled_from([0.1, 3.0, 100.0]), seed=seeds)
def test_cross_entropy(reduction, n, k, scale, seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(scale=scale, size=(n, k)), rng.integers(0, k, size=n)
    compare(
        lambda z: F.cross_entropy(z, labels, reduction=reduction),
        lambda z: TF.cross_entropy(z, torch.tensor(labels), reduction=reduction),
        logits,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@drawn
@given(shape=array_shapes(min_dims=0, max_dims=3, max_side=4), seed=seeds)
def test_binary_cross_entropy_with_logits(reduction, shape, seed):
    rng = np.random.default_rng(seed)
    logits, target = np.asarray(rng.normal(scale=5, size=shape)), np.asarray(rng.uniform(size=shape))
    compare(
        lambda z, t: F.binary_cross_entropy_with_logits(z, t, reduction=reduction),
        lambda z, t: TF.binary_cross_entropy_with_logits(z, t, reduction=reduction),
        logits,
        target,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@drawn
@given(shape=array_shapes(min_dims=0, max_dims=3, max_side=4), seed=seeds)
def test_mse_loss(reduction, shape, seed):
    rng = np.random.default_rng(seed)
    a, b = np.asarray(rng.normal(size=shape)), np.asarray(rng.normal(size=shape))
    compare(
        lambda x, t: F.mse_loss(x, t, reduction=reduction),
        lambda x, t: TF.mse_loss(x, t, reduction=reduction),
        a,
        b,
    )


def test_cross_entropy_gradient_is_p_minus_y_over_n():
    logits, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 1, 1])
    _, pullback = F.cross_entropy.vjp(logits, labels)
    dlogits, dlabels = pullback(1.0)
    np.testing.assert_allclose(dlogits, (F.softmax(logits) - np.eye(3)[labels]) / 4, rtol=1e-12)
    assert dlabels is None


CASES = {  # name: function of the dtype, giving the call's arguments
    "relu": lambda t: (np.array([[-1.0, 2.0], [0.5, 3.0]], t),),
    "sigmoid": lambda t: (np.array([[-1.0, 2.0], [0.5, 3.0]], t),),
    "tanh": lambda t: (np.array([[-1.0, 2.0], [0.5, 3.0]], t),),
    "softmax": lambda t: (np.array([[-1.0, 2.0], [0.5, 3.0]], t),),
    "log_softmax": lambda t: (np.array([[-1.0, 2.0], [0.5, 3.0]], t),),
    "linear": lambda t: (np.ones((4, 2), t), np.ones((3, 2), t), np.ones(3, t)),
    "cross_entropy": lambda t: (np.array([[-1.0, 2.0], [0.5, 3.0]], t), np.array([0, 1])),
    "binary_cross_entropy_with_logits": lambda t: (np.array([-1.0, 2.0], t), np.array([0.0, 1.0], t)),
    "mse_loss": lambda t: (np.array([-1.0, 2.0], t), np.array([0.0, 1.0], t)),
}


def test_the_cases_below_cover_every_function():
    assert CASES.keys() == set(F.__all__)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_dtype_is_kept_by_value_and_gradients(name, dtype):
    arguments = CASES[name](dtype)
    value, pullback = getattr(F, name).vjp(*arguments)
    assert value.dtype == dtype
    for gradient in pullback(np.ones_like(value)):
        assert gradient is None or gradient.dtype == dtype
    taped = [Tensor(a, requires_grad=a.dtype == dtype) for a in arguments]
    getattr(F, name)(*taped).sum().backward()
    assert all(t.grad.dtype == dtype for t in taped if t.requires_grad)


@pytest.mark.parametrize("name", CASES)
def test_inputs_are_not_touched_and_need_not_be_contiguous(name):
    arguments = CASES[name](np.float64)
    value, pullback = getattr(F, name).vjp(*arguments)
    dy = np.ones_like(value)
    expected = pullback(dy)
    strided = [np.repeat(a, 2, axis=-1)[..., ::2] for a in arguments]
    for a in (*strided, dy):
        a.flags.writeable = False
    again, pullback = getattr(F, name).vjp(*strided)
    np.testing.assert_array_equal(value, again)
    for first, second in zip(expected, pullback(dy), strict=True):
        assert (first is None) == (second is None)
        if first is not None:
            np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_stay_finite_and_exact(dtype):
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [1000.0, 1000.0]], dtype)
    for name in ("sigmoid", "softmax", "log_softmax", "tanh"):
        value, pullback = getattr(F, name).vjp(z)
        assert np.isfinite(value).all()
        assert np.isfinite(pullback(np.ones_like(value))[0]).all()
    value, pullback = F.cross_entropy.vjp(z, np.array([1, 1, 0]))
    assert value == pytest.approx((2000 + 0 + np.log(2)) / 3, rel=1e-6)
    np.testing.assert_allclose(pullback(1.0)[0] * 3, [[1, -1], [0, 0], [-0.5, 0.5]], atol=1e-6)
    value, pullback = F.binary_cross_entropy_with_logits.vjp(z[0], np.array([0, 1]))
    assert value == 1000.0
    assert (pullback(1.0)[0] * 2).tolist() == [1.0, -1.0]


def test_small_tails_are_not_rounded_away():
    assert F.sigmoid(np.array(-40.0)) == pytest.approx(np.exp(-40.0), rel=1e-12)
    loss = F.binary_cross_entropy_with_logits(np.array([40.0]), np.array([1.0]))
    assert loss == pytest.approx(np.exp(-40.0), rel=1e-12)


def test_loss_accepts_integer_and_boolean_targets():
    logits = np.array([0.5, -0.5], np.float32)
    for target in (np.array([1, 0]), np.array([True, False])):
        loss = F.binary_cross_entropy_with_logits(logits, target)
        assert loss.dtype == np.float32
        assert loss == pytest.approx(np.log1p(np.exp(-0.5)), rel=1e-6)


MESSAGES = [
    (lambda: F.linear(np.ones((2, 3)), np.ones((4, 2))), r"expected x \(\.\.\., 2\).*got shape \(2, 3\)"),
    (lambda: F.linear(np.ones(3), np.ones(3)), r"expected weight \(n_out, n_in\), got shape \(3,\)"),
    (lambda: F.linear(np.ones(3), np.ones((1, 3)), np.ones(2)), r"expected bias \(1,\).*got shape \(2,\)"),
    (lambda: F.cross_entropy(np.ones(3), np.array([0])), r"expected logits \(B, K\), got shape \(3,\)"),
    (lambda: F.cross_entropy(np.ones((2, 3)), np.array([0])), r"expected labels \(2,\).*got shape \(1,\)"),
    (lambda: F.cross_entropy(np.ones((2, 3)), np.array([0, 3])), r"expected labels in 0\.\.2, got 0\.\.3"),
    (lambda: F.cross_entropy(np.ones((2, 3)), np.array([0, -1])), r"expected labels in 0\.\.2, got -1\.\.0"),
    (lambda: F.cross_entropy(np.ones((2, 3)), np.array([0.0, 1.0])), "expected integer labels, got float64"),
    (lambda: F.cross_entropy(np.ones((2, 3), int), np.array([0, 1])), "expected floating logits, got int64"),
    (lambda: F.cross_entropy(np.ones((0, 3)), np.array([], int)), "expected at least one example"),
    (
        lambda: F.cross_entropy(np.ones((1, 3)), np.array([0]), reduction="max"),
        "expected reduction .*got 'max'",
    ),
    (lambda: F.mse_loss(np.ones((2, 1)), np.ones(2)), r"same shape as input \(2, 1\), got shape \(2,\)"),
    (lambda: F.mse_loss(np.ones(2, int), np.ones(2)), "expected floating input, got int64"),
    (
        lambda: F.binary_cross_entropy_with_logits(np.ones(2), np.array([0.0, 2.0])),
        r"expected targets in \[0, 1\], got values from 0\.0 to 2\.0",
    ),
    (
        lambda: F.binary_cross_entropy_with_logits(np.ones(2), np.ones((2, 1))),
        r"same shape as logits \(2,\), got shape \(2, 1\)",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_messages_say_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
