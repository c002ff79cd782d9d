"""Normalisation: by hand, invariances, running statistics, extremes, messages."""

import copy

import numpy as np
import pytest
import torch

from course_utils.nn import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm, Linear, Sequential, Tensor
from course_utils.nn import functional as F
from course_utils.nn.batch_norm import batch_statistics


def rng(seed=0):
    return np.random.default_rng(seed)


def batch_norm(x, **options):
    return F.batch_norm(x, None, None, training=True, **options)


# every function on (B, C, L), with the axes that it averages over
FUNCTIONS = {
    "batch_norm": (batch_norm, (0, 2)),
    "layer_norm": (lambda x, **options: F.layer_norm(x, np.shape(x)[1:], **options), (1, 2)),
    "group_norm": (lambda x, **options: F.group_norm(x, 1, **options), (1, 2)),
}
each_function = pytest.mark.parametrize("name", FUNCTIONS)


@each_function
def test_mean_zero_and_variance_one(name):
    norm, axes = FUNCTIONS[name]
    y = norm(5 + 3 * rng().normal(size=(6, 4, 7)), eps=1e-12)
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=axes), 1, rtol=1e-9)


@each_function
def test_shift_and_scale_of_the_input_do_not_matter(name):
    norm, _ = FUNCTIONS[name]
    x = rng().normal(size=(5, 4, 3))
    np.testing.assert_allclose(norm(7 * x - 3, eps=1e-12), norm(x, eps=1e-12), rtol=1e-8, atol=1e-8)


@each_function
def test_the_gradient_has_no_mean_and_no_part_along_the_output(name):
    norm, axes = FUNCTIONS[name]
    x = Tensor(rng().normal(size=(5, 4, 3)), requires_grad=True)
    y = norm(x, eps=1e-12)
    y.backward(rng(1).normal(size=y.shape))
    np.testing.assert_allclose(x.grad.sum(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose((x.grad * y.data).sum(axis=axes), 0, atol=1e-9)


@each_function
def test_equal_values_give_zero_and_finite_gradients(name):
    norm, _ = FUNCTIONS[name]
    x = Tensor(np.full((3, 2, 4), 1e4, np.float32), requires_grad=True)
    y = norm(x)
    np.testing.assert_array_equal(y.data, 0)
    y.backward(rng().normal(size=y.shape))
    assert np.isfinite(x.grad).all()


@each_function
@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_a_large_offset_leaves_float32_usable(name, offset):
    norm, _ = FUNCTIONS[name]
    x = rng().normal(size=(16, 8, 9))
    y = norm((x + offset).astype(np.float32))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, norm(x), atol=5e-3)  # the input itself is rounded to 1e-3


@pytest.mark.parametrize("shape", [(100_000, 4), (2_000, 4, 50), (1, 4, 100_000)])
def test_a_long_float32_batch_keeps_its_mean(shape):
    x = (rng().normal(size=shape) + 1e4).astype(np.float32)
    mean, var = batch_statistics(x)
    assert mean.dtype == var.dtype == np.float32
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean(axis=others), atol=1e-3)  # 1e4 itself is known to 1e-3
    np.testing.assert_allclose(var, wide.var(axis=others), rtol=1e-3)
    np.testing.assert_allclose(batch_norm(x), batch_norm(wide), atol=5e-3)


@each_function
def test_large_and_tiny_inputs(name):
    norm, axes = FUNCTIONS[name]
    x = rng().normal(size=(4, 3, 5))
    np.testing.assert_allclose(norm((1e4 * x).astype(np.float32)), norm(x, eps=1e-13), atol=1e-5)
    centred = x - x.mean(axis=axes, keepdims=True)
    np.testing.assert_allclose(norm(1e-10 * x), 1e-10 * centred / np.sqrt(1e-5))  # eps is all there is


@each_function
def test_awkward_inputs_are_left_alone(name):
    norm, _ = FUNCTIONS[name]
    base = rng().normal(size=(7, 6, 4))
    x = base.transpose(2, 1, 0)[:, ::2]
    kept = x.copy()
    x.flags.writeable = False
    np.testing.assert_allclose(norm(x), norm(kept), rtol=1e-12)
    np.testing.assert_array_equal(x, kept)


@each_function
def test_nan_stays_in_what_it_is_averaged_with(name):
    norm, axes = FUNCTIONS[name]
    x = rng().normal(size=(3, 2, 4))
    x[0, 0, 0] = np.nan
    n_bad = np.prod([x.shape[axis] for axis in axes])
    assert np.isnan(norm(x)).sum() == n_bad


def test_batch_norm_by_hand():
    x = np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0]])
    weight, bias = np.array([2.0, 1.0]), np.array([0.5, 0.0])
    y = batch_norm(x, weight=weight, bias=bias, eps=1e-12)
    root = np.sqrt(1.5)  # means 3 and 20, biased variances 8 / 3 and 200
    np.testing.assert_allclose(
        y, [[0.5 - 2 * root, -(0.5**0.5)], [0.5, -(0.5**0.5)], [0.5 + 2 * root, 2**0.5]]
    )
    np.testing.assert_allclose(
        F.batch_norm(x, np.array([1.0, 0.0]), np.array([4.0, 100.0]), weight, bias, eps=1e-12),
        [[0.5, 1.0], [2.5, 1.0], [4.5, 4.0]],
    )


def test_two_values_alone_hide_their_size_from_the_gradient():
    x = Tensor(np.array([[1.0], [5.0]]), requires_grad=True)
    y = batch_norm(x, eps=1e-12)
    np.testing.assert_allclose(y.data, [[-1], [1]])
    y.backward(np.array([[2.0], [3.0]]))
    np.testing.assert_allclose(x.grad, 0, atol=1e-12)


def test_a_single_entry_gives_the_bias():
    x, bias = rng().normal(size=(3, 1)), np.array([0.3])
    np.testing.assert_array_equal(F.layer_norm(x, 1, bias=bias), np.full((3, 1), 0.3))
    for n_examples in (1, 3):
        taped = Tensor(x[:n_examples].repeat(2, axis=1), requires_grad=True)
        y = F.group_norm(taped, 2, bias=np.array([0.3, 0.4]))
        np.testing.assert_array_equal(y.data, [[0.3, 0.4]] * n_examples)
        y.backward(np.ones(y.shape))
        np.testing.assert_array_equal(taped.grad, 0)


@each_function
def test_scale_and_shift_may_be_left_out_one_by_one(name):
    norm, _ = FUNCTIONS[name]
    x, shape = rng().normal(size=(3, 2, 4)), (2, 4) if name == "layer_norm" else (2,)
    bias, weight = rng(1).normal(size=(2, *shape))
    np.testing.assert_array_equal(norm(x, bias=bias), norm(x, weight=np.ones(shape), bias=bias))
    np.testing.assert_array_equal(norm(x, weight=weight), norm(x, weight=weight, bias=np.zeros(shape)))


def test_one_group_is_a_layer_norm_and_one_per_channel_looks_at_positions_alone():
    x = rng().normal(size=(3, 4, 5))
    np.testing.assert_allclose(F.group_norm(x, 1), F.layer_norm(x, (4, 5)), rtol=1e-12)
    np.testing.assert_allclose(F.group_norm(x, 4), F.layer_norm(x, 5), rtol=1e-12)


def test_examples_stand_alone_but_in_a_batch_norm():
    x = rng().normal(size=(4, 6))
    for norm in (lambda x: F.layer_norm(x, 6), lambda x: F.group_norm(x, 2)):
        np.testing.assert_allclose(norm(x)[:1], norm(x[:1]), rtol=1e-12)
    assert not np.allclose(batch_norm(x)[:2], batch_norm(x[:2]))


@pytest.mark.parametrize("layer", [LayerNorm(3), GroupNorm(1, 3), BatchNorm1d(3).eval()])
def test_an_empty_batch_is_possible_where_no_batch_is_averaged(layer):
    x = Tensor(np.zeros((0, 3), np.float32), requires_grad=True)
    y = layer(x)
    assert y.shape == (0, 3)
    y.sum().backward()
    assert x.grad.shape == (0, 3)
    np.testing.assert_array_equal(layer.weight.grad, 0)


# ---------------------------------------------------------------- running statistics


def test_running_statistics_by_hand():
    layer = BatchNorm1d(1, momentum=0.25, dtype=np.float64)
    layer(np.array([[1.0], [3.0]]))  # mean 2, biased variance 1, unbiased 2
    assert layer.running_mean.tolist() == [0.5]
    assert layer.running_var.tolist() == [0.75 * 1 + 0.25 * 2]
    assert layer.num_batches_tracked == 1
    mean, var = batch_statistics(np.array([[1.0], [3.0]]))
    assert (mean.tolist(), var.tolist()) == ([2.0], [1.0])


def test_without_momentum_all_batches_weigh_alike():
    layer = BatchNorm2d(2, momentum=None, dtype=np.float64)
    batches = rng().normal(size=(5, 3, 2, 4, 4)) + 2
    for x in batches:
        layer(x)
    np.testing.assert_allclose(layer.running_mean, batches.mean(axis=(0, 1, 3, 4)))
    unbiased = batches.transpose(0, 2, 1, 3, 4).reshape(5, 2, -1).var(axis=2, ddof=1)
    np.testing.assert_allclose(layer.running_var, unbiased.mean(axis=0))


def test_training_ends_where_evaluation_agrees():
    layer, x = BatchNorm1d(3, dtype=np.float64), 4 * rng().normal(size=(5000, 3)) - 2
    for _ in range(200):
        y = layer(x)
    np.testing.assert_allclose(layer.eval()(x).data, y.data, rtol=1e-3, atol=1e-3)


def test_evaluation_changes_nothing_and_needs_no_batch():
    layer = BatchNorm1d(2)
    layer(rng().normal(size=(8, 2)).astype(np.float32))
    before = layer.state_dict()
    x = rng(1).normal(size=(4, 2)).astype(np.float32)
    layer.eval()
    np.testing.assert_allclose(layer(x[:1]).data, layer(x).data[:1], rtol=1e-6)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_saved_state_and_a_copy_stay_as_they_were():
    layer = BatchNorm1d(2)
    state, twin, mean = layer.state_dict(), copy.deepcopy(layer), layer.running_mean
    layer(rng().normal(size=(8, 2)).astype(np.float32))
    assert not state["running_mean"].any()
    assert not twin.running_mean.any()
    assert not mean.any()
    assert layer.running_mean.all()
    layer.load_state_dict(state)
    assert layer.num_batches_tracked == 0
    assert layer.num_batches_tracked.dtype == np.int64


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_everything_floating_has_the_dtype_asked_for(dtype):
    for layer in (BatchNorm1d(4, dtype=dtype), LayerNorm(4, dtype=dtype), GroupNorm(2, 4, dtype=dtype)):
        layer(np.ones((3, 4), np.float64))
        floating = {a.dtype for n, a in layer.state_dict().items() if n != "num_batches_tracked"}
        assert floating == {np.dtype(dtype)}


def test_a_network_with_norms_equals_torch_after_some_batches():
    generator = rng()
    ours = Sequential(
        Linear(5, 6, rng=generator, dtype=np.float64),
        BatchNorm1d(6, dtype=np.float64),
        LayerNorm(6, dtype=np.float64),
        Linear(6, 4, rng=generator, dtype=np.float64),
        GroupNorm(2, 4, dtype=np.float64),
    )
    theirs = torch.nn.Sequential(
        torch.nn.Linear(5, 6),
        torch.nn.BatchNorm1d(6),
        torch.nn.LayerNorm(6),
        torch.nn.Linear(6, 4),
        torch.nn.GroupNorm(2, 4),
    ).double()
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in ours.state_dict().items()})
    for x in rng(1).normal(size=(4, 7, 5)):
        y, z = ours(x), theirs(torch.from_numpy(x))
    (y * y * y).sum().backward()
    (z * z * z).sum().backward()
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        scale = np.abs(q.grad.numpy()).max()
        np.testing.assert_allclose(p.grad, q.grad.numpy(), atol=max(1e-10 * scale, 1e-12), err_msg=name)
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    for name, array in ours.state_dict().items():
        np.testing.assert_allclose(array, state[name].numpy(), rtol=1e-12, err_msg=name)


# ---------------------------------------------------------------- messages


def test_one_value_for_each_channel_is_refused_in_training_as_in_torch():
    for x in (np.ones((1, 3)), np.ones((1, 3, 1)), np.ones((0, 3))):
        with pytest.raises(ValueError, match=r"more than one value per channel in training, got shape \("):
            batch_norm(x)
        layer = BatchNorm1d(3, dtype=np.float64)
        with pytest.raises(ValueError, match="more than one value per channel"):
            layer(x)
        assert layer.num_batches_tracked == 0
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        torch.nn.BatchNorm1d(3)(torch.ones(1, 3))


def test_messages_about_shapes():
    x = np.ones((2, 3, 4))
    with pytest.raises(ValueError, match=r"expected x \(B, C, ...\), got shape \(3,\)"):
        batch_norm(np.ones(3))
    with pytest.raises(ValueError, match=r"expected weight \(3,\), got shape \(4,\)"):
        batch_norm(x, weight=np.ones(4))
    with pytest.raises(ValueError, match=r"expected running_var \(3,\), got shape \(2,\)"):
        F.batch_norm(x, np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="expected running_mean and running_var unless training=True, got"):
        F.batch_norm(x, None, np.ones(3))
    for shape, other in ((x.shape, "3, 5"), ((4,), "3, 4")):
        with pytest.raises(ValueError, match=rf"expected x \(..., {other}\), got shape \({shape[0]},"):
            F.layer_norm(np.ones(shape), tuple(map(int, other.split(","))))
    with pytest.raises(ValueError, match=r"expected bias \(4,\), got shape \(3,\)"):
        F.layer_norm(x, 4, bias=np.ones(3))
    with pytest.raises(ValueError, match=r"normalized_shape with lengths of at least 1, got \(0,\)"):
        LayerNorm(0)
    with pytest.raises(ValueError, match=r"normalized_shape with lengths of at least 1, got \(\)"):
        F.layer_norm(x, ())
    with pytest.raises(ValueError, match="expected num_groups that divides the 3 channels, got 2"):
        F.group_norm(x, 2)
    with pytest.raises(ValueError, match="expected num_groups that divides the 4 channels, got 0"):
        GroupNorm(0, 4)
    with pytest.raises(ValueError, match=r"at least one value in each group, got shape \(2, 3, 0\)"):
        F.group_norm(np.ones((2, 3, 0)), 3)


def test_messages_of_layers():
    with pytest.raises(ValueError, match=r"x \(B, C\) or \(B, C, L\) with C = 3, got shape \(2, 4\)"):
        BatchNorm1d(3)(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"expected x \(B, C, H, W\) with C = 3, got shape \(2, 3\)"):
        BatchNorm2d(3)(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"expected x \(B, 4, ...\), got shape \(2, 6\)"):
        GroupNorm(2, 4)(np.ones((2, 6)))
    for layer in (lambda: BatchNorm1d(0), lambda: GroupNorm(1, 0)):
        with pytest.raises(ValueError, match="expected at least one channel, got 0"):
            layer()
    with pytest.raises(ValueError, match=r"expected momentum in \[0, 1\] or None, got 2"):
        BatchNorm2d(3, momentum=2)


@each_function
def test_messages_about_dtype_and_eps(name):
    norm, _ = FUNCTIONS[name]
    with pytest.raises(ValueError, match="expected floating x, got int64"):
        norm(np.ones((2, 3, 4), int))
    for eps in (0, -1.0, np.nan):
        with pytest.raises(ValueError, match=f"expected eps > 0, got {eps}"):
            norm(np.ones((2, 3, 4)), eps=eps)


def test_a_scale_without_a_shift():
    for layer in (BatchNorm1d(3, bias=False), BatchNorm2d(3, bias=False), GroupNorm(1, 3, bias=False)):
        assert [name for name, _ in layer.named_parameters()] == ["weight"]


def test_without_tracking_evaluation_looks_at_the_batch_too():
    layer, x = BatchNorm1d(2, track_running_stats=False, dtype=np.float64), rng().normal(size=(5, 2))
    np.testing.assert_array_equal(layer.eval()(x).data, layer.train()(x).data)
    assert "running_mean" not in layer.state_dict()


def test_lists_are_read_as_arrays():
    layer = BatchNorm1d(2, dtype=np.float64)
    np.testing.assert_allclose(layer([[1.0, 2.0], [3.0, 6.0]]).data, [[-1, -1], [1, 1]], rtol=1e-4)
    np.testing.assert_allclose(layer.running_mean, [0.2, 0.4])


def test_text():
    assert repr(LayerNorm(4, bias=False)) == repr(torch.nn.LayerNorm(4, bias=False))
    assert repr(GroupNorm(2, 4)) == "GroupNorm(2, 4, eps=1e-05, affine=True)"
    assert repr(BatchNorm2d(3)) == (
        "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"
    )
