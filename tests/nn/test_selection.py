"""Choices among numbers: ties, bounds, broadcasting, nan, messages. test_gradcheck proves the slopes."""

import numpy as np
import pytest
import torch

from course_utils.nn import Tensor, where
from course_utils.nn.selection import amax, clamp


def gradient(function, x):
    tensor = Tensor(x, requires_grad=True)
    function(tensor).sum().backward()
    return tensor.grad


def test_equally_large_entries_share_the_gradient_as_in_torch():
    x = np.array([[2.0, 5.0, 5.0], [1.0, 1.0, 1.0]])
    for dim in (1, (0, 1)):
        theirs = torch.tensor(x, requires_grad=True)
        theirs.amax(dim=dim).sum().backward()
        np.testing.assert_array_equal(gradient(lambda t, dim=dim: t.amax(dim=dim), x), theirs.grad.numpy())


def test_the_slope_of_clamp_at_its_bounds_is_that_of_torch():
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    for bounds in ((0.0, 1.0), (None, 1.0), (0.0, None), (1.0, 0.0)):
        theirs = torch.tensor(x, requires_grad=True)
        value = theirs.clamp(*bounds)
        value.sum().backward()
        np.testing.assert_array_equal(clamp(x, *bounds), value.detach().numpy())
        np.testing.assert_array_equal(gradient(lambda t, b=bounds: t.clamp(*b), x), theirs.grad.numpy())


def test_where_broadcasts_and_gives_each_side_its_gradient():
    condition, x, other = np.array([[True], [False]]), np.array([1.0, 2.0]), np.array(7.0)
    a, b = Tensor(x, requires_grad=True), Tensor(other, requires_grad=True)
    y = where(condition, a, b)
    assert y.data.tolist() == [[1.0, 2.0], [7.0, 7.0]]
    y.backward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert (a.grad.tolist(), b.grad.tolist()) == ([1.0, 2.0], 7.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_are_kept(dtype):
    x = np.array([[1.0, -2.0], [1.0, 3.0]], dtype)
    for value, pullback in (
        amax.vjp(x, dim=0),
        clamp.vjp(x, 0.0, 1.0),
        where.vjp(x > 0, x, 0.0),
    ):
        assert value.dtype == dtype
        assert all(g.dtype == dtype for g in pullback(np.ones_like(value))[:2] if g is not None)


def test_nan_goes_through():
    x = np.array([np.nan, 1.0])
    assert np.isnan(amax(x))
    assert np.isnan(clamp(x, 0.0, 1.0)[0])
    assert np.isfinite(gradient(lambda t: t.amax(), x)).all()


def test_messages():
    with pytest.raises(ValueError, match="expected min or max, or both, got neither"):
        clamp(np.ones(2))
    with pytest.raises(ValueError, match="expected a condition of booleans, got float64"):
        where(np.ones(2), np.ones(2), 0.0)
    with pytest.raises(ValueError, match="zero-size"):
        amax(np.ones(0))
