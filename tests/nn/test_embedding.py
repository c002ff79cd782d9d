"""Embedding: rows by number, gradients that add up, the padding row, and messages."""

import numpy as np
import pytest

from course_utils.nn import Embedding, Tensor
from course_utils.nn import functional as F
from course_utils.optim import SGD


def rng():
    return np.random.default_rng(0)


def test_it_is_the_product_of_one_hot_rows_with_the_table():
    weight = Tensor(rng().normal(size=(5, 3)), requires_grad=True)
    other = Tensor(weight.data, requires_grad=True)
    indices = np.array([[4, 1, 1], [0, 4, 4]])
    upstream = rng().normal(size=(2, 3, 3))
    y, z = F.embedding(indices, weight), np.eye(5)[indices] @ other
    np.testing.assert_array_equal(y.data, z.data)
    y.backward(upstream)
    z.backward(upstream)
    np.testing.assert_allclose(weight.grad, other.grad, rtol=1e-12)
    assert not weight.grad[[2, 3]].any()


def test_repeated_rows_add_up():
    weight = Tensor(np.zeros((2, 2), np.float32), requires_grad=True)
    F.embedding(np.array([1, 1, 1]), weight).backward(np.array([[1.0, 2], [3, 4], [5, 6]], np.float32))
    assert weight.grad.tolist() == [[0, 0], [9, 12]]
    assert weight.grad.dtype == np.float32


@pytest.mark.parametrize("padding_idx", [2, -2])
def test_the_padding_row_starts_at_zero_and_stays(padding_idx):
    layer = Embedding(4, 3, padding_idx, rng=rng())
    assert (layer.weight.data == 0).all(axis=1).tolist() == [False, False, True, False]
    before = layer.weight.data.copy()
    layer(np.array([1, 2, 2])).sum().backward()
    SGD(layer.parameters(), lr=1.0).step()
    moved = (layer.weight.data != before).all(axis=1)
    assert moved.tolist() == [False, True, False, False]


def test_only_the_gradient_knows_of_padding():
    weight = np.arange(4.0).reshape(2, 2)
    assert F.embedding(np.array([1]), weight, padding_idx=1).tolist() == [[2, 3]]


def test_the_start_is_standard_normal_and_drawn_by_the_generator():
    table = Embedding(400, 100, rng=rng()).weight.data
    assert table.mean() == pytest.approx(0, abs=0.02)
    assert table.std() == pytest.approx(1, abs=0.02)
    assert table.dtype == np.float32
    np.testing.assert_array_equal(Embedding(400, 100, rng=rng()).weight.data, table)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_any_integers_serve_as_indices(dtype):
    weight = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    y = F.embedding(np.array([2, 0], dtype), weight)
    assert y.data.tolist() == [[4, 5], [0, 1]]
    y.sum().backward()
    assert weight.grad.tolist() == [[1, 1], [0, 0], [1, 1]]


def test_a_small_integer_dtype_reaches_the_end_of_a_large_table():
    weight = Tensor(np.zeros((256, 100), np.float32), requires_grad=True)
    F.embedding(np.array([255], np.uint8), weight).sum().backward()
    assert weight.grad[255].all()
    assert weight.grad.sum() == 100


def test_no_indices_and_a_single_number():
    weight = Tensor(np.ones((3, 2)), requires_grad=True)
    y = F.embedding(np.zeros((2, 0), int), weight)
    assert y.shape == (2, 0, 2)
    y.sum().backward()
    assert not weight.grad.any()
    assert F.embedding(1, weight).shape == (2,)


def test_messages():
    weight = np.ones((3, 2))
    with pytest.raises(ValueError, match=r"expected indices in 0\.\.2, got 0\.\.3"):
        F.embedding(np.array([0, 3]), weight)
    with pytest.raises(ValueError, match=r"expected indices in 0\.\.2, got -1\.\.1"):
        F.embedding(np.array([1, -1]), weight)
    with pytest.raises(ValueError, match="expected integer indices, got float64"):
        F.embedding(np.array([1.0]), weight)
    with pytest.raises(ValueError, match="expected integer indices, got bool"):
        F.embedding(np.array([True]), weight)
    with pytest.raises(
        ValueError, match=r"expected a floating weight \(n_rows, n_features\), got float64, shape \(3,\)"
    ):
        F.embedding(np.array([1]), np.ones(3))
    for padding_idx in (3, -4, 1.5):
        with pytest.raises(ValueError, match=rf"expected padding_idx in -3\.\.2, got {padding_idx}"):
            F.embedding(np.array([1]), weight, padding_idx)
        with pytest.raises(ValueError, match="expected padding_idx in"):
            Embedding(3, 2, padding_idx, rng=rng())
    with pytest.raises(ValueError, match="at least one row and one column, got 0 and 2"):
        Embedding(0, 2, rng=rng())


def test_text():
    assert repr(Embedding(3, 2, rng=rng())) == "Embedding(3, 2)"
    assert repr(Embedding(3, 2, -1, rng=rng())) == "Embedding(3, 2, padding_idx=2)"
