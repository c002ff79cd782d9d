"""Gradient clipping against torch, and where torch cannot be asked."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Tensor, clip_grad_norm_, clip_grad_value_
from tests.nn.proof import SEEDS, Seen, assert_close

NORMS = [0.5, 1.0, 2.0, 3.0, float("inf")]


def parameters_with(gradients, dtype=np.float64):
    """Return tensors here and in torch with these gradients, None for one without."""
    ours, theirs = [], []
    for gradient in gradients:
        shape = () if gradient is None else gradient.shape
        ours.append(Tensor(np.zeros(shape, dtype), requires_grad=True))
        theirs.append(torch.tensor(np.zeros(shape, dtype), requires_grad=True))
        if gradient is not None:
            ours[-1].grad = gradient.astype(dtype)
            ours[-1].grad.flags.writeable = False
            theirs[-1].grad = torch.tensor(gradient.astype(dtype))
    return ours, theirs


@st.composite
def gradients(draw):
    rng = np.random.default_rng(draw(SEEDS))
    shapes = draw(
        st.lists(st.none() | array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), max_size=4)
    )
    scale = draw(st.sampled_from([0.0, 0.1, 1.0, 100.0]))
    return [None if shape is None else np.asarray(scale * rng.normal(size=shape)) for shape in shapes]


def compare(ours, theirs, dtype):
    for tensor, other in zip(ours, theirs, strict=True):
        assert (tensor.grad is None) == (other.grad is None)
        if tensor.grad is not None:
            assert isinstance(tensor.grad, np.ndarray)
            assert tensor.grad.dtype == dtype
            assert_close(tensor.grad, other.grad.numpy(), "gradient", dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_clip_grad_norm_equals_torch(dtype):
    seen = Seen(clip_grad_norm_)

    @settings(max_examples=150)
    @given(
        grads=gradients(),
        max_norm=st.sampled_from([0.0, 0.01, 1.0, 50.0]),
        norm_type=st.sampled_from(NORMS),
        strict=st.booleans(),
    )
    def equal(grads, max_norm, norm_type, strict):
        ours, theirs = parameters_with(grads, dtype)
        total = clip_grad_norm_(ours, max_norm, norm_type, strict)
        # torch cannot take the largest entry of none
        expected = torch.nn.utils.clip_grad_norm_(
            [t for t in theirs if t.grad is not None and t.grad.numel()], max_norm, norm_type, strict
        )
        assert type(total) is float
        assert_close(total, expected.numpy(), "norm", dtype)
        compare(ours, theirs, dtype)
        seen.note(ours, max_norm, norm_type, strict)

    equal()
    seen.check()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_clip_grad_value_equals_torch(dtype):
    @settings(max_examples=60)
    @given(grads=gradients(), clip_value=st.sampled_from([0.0, 0.05, 1.0, 1000.0]))
    def equal(grads, clip_value):
        ours, theirs = parameters_with(grads, dtype)
        assert clip_grad_value_(ours, clip_value) is None
        if any(t.grad is not None for t in theirs):  # torch fails if there is none
            torch.nn.utils.clip_grad_value_(theirs, clip_value)
        compare(ours, theirs, dtype)

    equal()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("norm_type", NORMS)
def test_gradients_that_are_not_finite_spoil_the_same_as_in_torch(value, norm_type):
    ours, theirs = parameters_with([np.array([1.0, value]), np.array([2.0])])
    total = clip_grad_norm_(ours, 1.0, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 1.0, norm_type)
    np.testing.assert_array_equal(total, expected.numpy())
    for tensor, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(tensor.grad, other.grad.numpy())
    clipped, others = parameters_with([np.array([1.0, value])])
    clip_grad_value_(clipped, 0.5)
    torch.nn.utils.clip_grad_value_(others, 0.5)
    np.testing.assert_array_equal(clipped[0].grad, others[0].grad.numpy())


def test_gradients_that_are_not_finite_can_be_refused():
    ours, _ = parameters_with([np.array([1.0, np.inf]), np.array([2.0])])
    with pytest.raises(ValueError, match="expected finite gradients, got a norm of inf"):
        clip_grad_norm_(ours, 1.0, error_if_nonfinite=True)
    np.testing.assert_array_equal(ours[1].grad, [2.0])  # nothing was changed


def test_the_direction_stays_and_the_length_is_the_limit():
    ours, _ = parameters_with([np.array([30.0]), np.array([[40.0]])])
    assert clip_grad_norm_(ours, 5.0) == 50.0
    np.testing.assert_allclose([t.grad.item() for t in ours], [3.0, 4.0], rtol=1e-7)
    assert clip_grad_norm_(ours, 50.0) == pytest.approx(5.0, rel=1e-7)


def test_short_gradients_are_left_alone():
    ours, _ = parameters_with([np.array([0.3, 0.4]), np.zeros(2)])
    before = [tensor.grad for tensor in ours]
    assert clip_grad_norm_(ours, 1.0) == 0.5
    assert all(tensor.grad is old for tensor, old in zip(ours, before, strict=True))


def test_no_gradient_and_zero_gradients_have_norm_zero():
    assert clip_grad_norm_([], 1.0) == 0.0
    assert clip_grad_norm_(parameters_with([None])[0], 1.0) == 0.0
    ours, _ = parameters_with([np.zeros(3)])
    assert clip_grad_norm_(ours, 1.0, 0.5) == 0.0
    np.testing.assert_array_equal(ours[0].grad, np.zeros(3))


def test_one_tensor_or_a_generator_will_do():
    (tensor,), _ = parameters_with([np.array([3.0, 4.0])])
    assert clip_grad_norm_(tensor, 1.0) == 5.0
    clip_grad_value_(tensor, 0.7)
    np.testing.assert_allclose(tensor.grad, [0.6, 0.7], rtol=1e-6)
    assert clip_grad_norm_((t for t in [tensor]), 10.0) == pytest.approx(np.hypot(0.6, 0.7), rel=1e-6)


def test_arrays_are_replaced_and_never_written_into():
    (tensor,), _ = parameters_with([np.array([3.0, 4.0])])
    before = tensor.grad
    clip_grad_norm_(tensor, 1.0)
    clip_grad_value_(tensor, 0.1)
    np.testing.assert_array_equal(before, [3.0, 4.0])


def test_squares_do_not_overflow():
    (tensor,), _ = parameters_with([np.array([3e30, 4e30])], np.float32)
    assert clip_grad_norm_(tensor, 5.0) == pytest.approx(5e30, rel=1e-6)
    np.testing.assert_allclose(tensor.grad, [3.0, 4.0], rtol=1e-6)
    (tensor,), _ = parameters_with([np.array([3e-200, 4e-200])])
    assert clip_grad_norm_(tensor, 1.0) == pytest.approx(5e-200)


def test_a_limit_given_as_a_numpy_number_keeps_float32():
    (tensor,), _ = parameters_with([np.array([3.0, 4.0])], np.float32)
    clip_grad_norm_(tensor, np.float64(1.0))
    clip_grad_value_(tensor, np.float64(0.1))
    assert tensor.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clip_grad_norm_([], -1.0), "expected max_norm >= 0, got -1.0"),
        (lambda: clip_grad_norm_([], float("nan")), "expected max_norm >= 0, got nan"),
        (lambda: clip_grad_norm_([], 1.0, 0.0), "expected norm_type > 0, got 0.0"),
        (lambda: clip_grad_value_([], -0.5), "expected clip_value >= 0, got -0.5"),
    ],
)
def test_limits_out_of_range(call, message):
    with pytest.raises(ValueError, match=message):
        call()
