"""Padding and masks of sequences of unequal length."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Tensor, length_mask, mask_padding, pad_sequence
from tests.nn.proof import SEEDS, Seen, awkward


@st.composite
def unequal(draw):
    """Draw sequences (length, ...) that differ in length alone, of length 0 too."""
    rng = np.random.default_rng(draw(SEEDS))
    lengths = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    rest = draw(array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
    return [rng.normal(size=(length, *rest)) for length in lengths]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_pad_sequence_equals_torch(dtype):
    seen = Seen(pad_sequence)

    @settings(max_examples=60)
    @given(arrays=unequal(), batch_first=st.booleans(), padding_value=st.sampled_from([0.0, -1.5, 7]))
    def equal(arrays, batch_first, padding_value):
        ours = [Tensor(awkward(a.astype(dtype)), requires_grad=True) for a in arrays]
        theirs = [torch.tensor(a.astype(dtype), requires_grad=True) for a in arrays]
        y = pad_sequence(ours, batch_first, padding_value)
        z = torch.nn.utils.rnn.pad_sequence(theirs, batch_first, float(padding_value))
        assert y.dtype == dtype
        np.testing.assert_array_equal(y.data, z.detach().numpy())
        upstream = np.random.default_rng(0).normal(size=y.shape).astype(dtype)
        (y * upstream).sum().backward()
        (z * torch.tensor(upstream)).sum().backward()
        for tensor, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(tensor.grad, other.grad.numpy())
        seen.note(ours, batch_first, padding_value)

    equal()
    seen.check()


def test_tokens_stay_whole_numbers():
    padded = pad_sequence([np.array([1, 2]), np.array([3])], padding_value=-100.0)
    np.testing.assert_array_equal(padded, [[1, 3], [2, -100]])
    assert padded.dtype == np.int64
    np.testing.assert_array_equal(pad_sequence([[1, 2], [3]]), [[1, 3], [2, 0]])  # lists too
    for dtype, value in (("int64", 0.5), ("int64", np.nan), ("int64", np.inf), ("uint8", -1), ("int8", 128)):
        message = f"expected a whole padding_value for sequences of {dtype}, got {value}"
        with pytest.raises(ValueError, match=message):
            pad_sequence([np.array([1, 2], dtype)], padding_value=value)


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ([], "expected a list of at least one sequence, got none"),
        (np.ones((2, 3)), "expected a list of at least one sequence, got a single array"),
        (Tensor([1.0]), "expected a list of at least one sequence, got a single array"),
        ([np.ones((2, 3)), np.ones((2, 4))], r"differ in length alone, got \(2, 3\), \(2, 4\)"),
        ([np.float64(1.0)], r"expected sequences \(length, ...\) .*, got \(\)"),
    ],
)
def test_sequences_that_cannot_lie_side_by_side(sequences, message):
    with pytest.raises(ValueError, match=message):
        pad_sequence(sequences)


def test_length_mask_by_hand():
    expected = [[True, False, False, False], [True, True, True, True], [True, True, True, False]]
    np.testing.assert_array_equal(length_mask(np.array([1, 4, 3]), 4), expected)
    assert length_mask(np.array([2], dtype=np.uint8), 2).all()
    assert length_mask([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([3, 0], "expected lengths from 1 to 4, got 0 for sequence 1"),
        ([3, 1, 5, 6], "expected lengths from 1 to 4, got 5 for sequence 2"),
        ([-1], "expected lengths from 1 to 4, got -1 for sequence 0"),
        ([[1], [2]], r"expected lengths \(N,\), got shape \(2, 1\)"),
        (3, r"expected lengths \(N,\), got shape \(\)"),
        ([1.0, 2.0], "expected whole lengths, got float64"),
        ([True, True], "expected whole lengths, got bool"),
    ],
)
def test_lengths_that_cannot_be(lengths, message):
    with pytest.raises(ValueError, match=message):
        length_mask(lengths, 4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_mask_padding_wipes_out_anything_past_the_end(dtype):
    x = np.full((3, 2, 2), 5, dtype)
    if dtype != np.int64:
        x[2, 0], x[1:, 1] = np.nan, np.inf
    masked = mask_padding(awkward(x), [2, 1])
    assert masked.dtype == dtype
    np.testing.assert_array_equal(masked[:, :, 0], [[5, 5], [5, 0], [0, 0]])
    np.testing.assert_array_equal(mask_padding(x.swapaxes(0, 1), [2, 1], True), masked.swapaxes(0, 1))


def test_no_gradient_comes_back_from_the_padding():
    x = Tensor(np.ones((3, 2)), requires_grad=True)
    upstream = np.array([[1.0, 2.0], [3.0, np.nan], [np.inf, 4.0]])
    mask_padding(x, [2, 1]).backward(upstream)
    np.testing.assert_array_equal(x.grad, [[1, 2], [3, 0], [0, 0]])


@pytest.mark.parametrize(
    ("shape", "lengths", "batch_first", "message"),
    [
        ((3,), [1], False, r"expected x \(L, N, ...\), got shape \(3,\)"),
        ((3,), [1], True, r"expected x \(N, L, ...\), got shape \(3,\)"),
        ((3, 2), [1, 1, 1], False, r"expected lengths \(2,\) for x \(3, 2\), got shape \(3,\)"),
        ((3, 2), [3, 1, 1], True, "expected lengths from 1 to 2, got 3 for sequence 0"),
    ],
)
def test_lengths_that_do_not_fit_the_array(shape, lengths, batch_first, message):
    with pytest.raises(ValueError, match=message):
        mask_padding(np.ones(shape), lengths, batch_first)
