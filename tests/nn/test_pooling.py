"""Pooling: values by hand, ties, borders, sizes against torch, extremes, messages."""

import itertools

import numpy as np
import pytest
import torch

from course_utils.nn import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d, Tensor
from course_utils.nn import functional as F

IMAGE = np.array([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 6.0, 7.0], [9.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 2.0]]])


def gradient(operation, x, *arguments, upstream=None, **options):
    y, pullback = operation.vjp(x, *arguments, **options)
    return pullback(np.ones_like(y) if upstream is None else upstream)[0]


# ---------------------------------------------------------------- values by hand


def test_maxima_and_means_of_four_windows():
    np.testing.assert_array_equal(F.max_pool2d(IMAGE, 2), [[[4, 7], [9, 2]]])
    np.testing.assert_array_equal(F.avg_pool2d(IMAGE, 2), [[[2.5, 4.5], [2.5, 1.25]]])
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(IMAGE, 2), [[[2.5, 4.5], [2.5, 1.25]]])
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(IMAGE, 1), [[[IMAGE.mean()]]])


def test_the_gradient_goes_to_the_maximum_or_to_all_alike():
    upstream = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    largest = [[0, 0, 0, 0], [1, 0, 0, 2], [3, 0, 0, 0], [0, 0, 0, 4]]
    np.testing.assert_array_equal(gradient(F.max_pool2d, IMAGE, 2, upstream=upstream), [largest])
    shared = np.repeat(np.repeat(upstream / 4, 2, axis=1), 2, axis=2)
    for operation in (F.avg_pool2d, F.adaptive_avg_pool2d):
        np.testing.assert_array_equal(gradient(operation, IMAGE, 2, upstream=upstream), shared)


def test_a_window_of_zeros_after_relu_gives_its_gradient_to_the_first():
    x = Tensor(np.full((1, 1, 2, 4), -1.0), requires_grad=True)
    rectified = F.relu(x).data
    np.testing.assert_array_equal(gradient(F.max_pool2d, rectified, 2), [[[[1, 0, 1, 0], [0, 0, 0, 0]]]])


@pytest.mark.parametrize(
    "options",
    [{}, {"stride": 1}, {"stride": (1, 2), "padding": 1}, {"dilation": 2, "stride": 1}, {"ceil_mode": True}],
)
def test_ties_go_where_they_do_in_torch(options):
    x = np.random.default_rng(0).integers(0, 2, size=(3, 2, 7, 7)).astype(float)
    other = torch.tensor(x, requires_grad=True)
    z = torch.nn.functional.max_pool2d(other, 3, **options)
    upstream = np.arange(1.0, z.numel() + 1).reshape(z.shape)
    z.backward(torch.tensor(upstream))
    np.testing.assert_array_equal(
        gradient(F.max_pool2d, x, 3, upstream=upstream, **options), other.grad.numpy()
    )


def test_padding_never_wins_even_over_negative_numbers():
    np.testing.assert_array_equal(
        F.max_pool2d(np.full((1, 2, 2), -5.0), 2, padding=1), np.full((1, 2, 2), -5)
    )
    whole = F.max_pool2d(np.full((1, 2, 2), -5), 2, padding=1)
    np.testing.assert_array_equal(whole, np.full((1, 2, 2), -5))
    assert whole.dtype.kind == "i"


def test_what_counts_in_the_mean_at_the_border():
    x = np.ones((1, 3, 3))
    with_padding = F.avg_pool2d(x, 2, padding=1)  # one, two or four of four entries are in the image
    np.testing.assert_array_equal(with_padding, [[[0.25, 0.5], [0.5, 1.0]]])
    np.testing.assert_array_equal(F.avg_pool2d(x, 2, padding=1, count_include_pad=False), np.ones((1, 2, 2)))
    np.testing.assert_array_equal(
        F.avg_pool2d(x, 2, ceil_mode=True), np.ones((1, 2, 2))
    )  # beyond: not counted
    sums = F.avg_pool2d(x, 2, ceil_mode=True, divisor_override=1)
    np.testing.assert_array_equal(sums, [[[4, 2], [2, 1]]])


def test_adaptive_windows_overlap_where_they_must():
    x = np.arange(5.0).reshape(1, 1, 5)
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(x, (None, 3)), [[[0.5, 2.0, 3.5]]])  # 01, 123, 34
    np.testing.assert_allclose(
        gradient(F.adaptive_avg_pool2d, x, (1, 3)), [[[0.5, 5 / 6, 1 / 3, 5 / 6, 0.5]]]
    )
    repeated = F.adaptive_avg_pool2d(x, (2, 5))
    np.testing.assert_array_equal(repeated, np.repeat(x, 2, axis=1))


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_sizes_are_torchs(ceil_mode):
    n_compared = 0
    for length, kernel, stride in itertools.product(range(1, 10), range(1, 5), range(1, 7)):
        for padding, dilation in itertools.product(range(kernel // 2 + 1), (1, 2)):
            if dilation * (kernel - 1) + 1 > length + 2 * padding or length < dilation:
                continue
            options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
            x = np.arange(1.0, length + 1).reshape(1, 1, length)
            size = {"kernel_size": (1, kernel)} | {
                name: (1 if name != "padding" else 0, value)
                for name, value in options.items()
                if name != "ceil_mode"
            }
            size["ceil_mode"] = ceil_mode
            expected = torch.nn.functional.max_pool2d(torch.tensor(x), **size).numpy()
            np.testing.assert_array_equal(F.max_pool2d(x, **size), expected, err_msg=str(options))
            n_compared += 1
    assert n_compared > 300


# ---------------------------------------------------------------- extremes


def test_nan_wins_and_passes_the_gradient_on():
    x = IMAGE.copy()
    x[0, 0, 1] = np.nan
    y = F.max_pool2d(x, 2)
    np.testing.assert_array_equal(np.isnan(y), [[[True, False], [False, False]]])
    np.testing.assert_array_equal(gradient(F.max_pool2d, x, 2)[0, :2, :2], [[0, 1], [0, 0]])
    other = torch.tensor(x, requires_grad=True)
    torch.nn.functional.max_pool2d(other, 2).sum().backward()
    np.testing.assert_array_equal(gradient(F.max_pool2d, x, 2), other.grad.numpy())


def test_infinite_gradients_stay_where_they_belong():
    upstream = np.array([[[np.inf, 1.0], [1.0, 1.0]]])
    dx = gradient(F.max_pool2d, IMAGE, 2, upstream=upstream)
    assert dx[0, 1, 0] == np.inf
    assert np.isfinite(dx).sum() == 15


def test_an_image_of_minus_infinity_has_that_maximum():
    assert F.max_pool2d(np.full((1, 2, 2), -np.inf), 2)[0, 0, 0] == -np.inf


@pytest.mark.parametrize("operation", [F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d])
def test_an_empty_batch_gives_an_empty_output(operation):
    y, pullback = operation.vjp(np.ones((0, 2, 4, 6)), 2)
    assert y.shape[:2] == (0, 2)
    assert pullback(y)[0].shape == (0, 2, 4, 6)


def test_means_of_whole_numbers_are_floats():
    np.testing.assert_array_equal(F.avg_pool2d(np.array([[[1, 2]]]), (1, 2)), [[[1.5]]])
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(np.array([[[1, 2]]]), 1), [[[1.5]]])


def test_the_output_is_not_the_input():
    x = IMAGE.copy()
    y = F.max_pool2d(x, 1)
    y[...] = 0
    np.testing.assert_array_equal(x, IMAGE)


def test_rolled_images_keep_their_global_mean():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 7))
    rolled = np.roll(x, (2, 3), axis=(2, 3))
    np.testing.assert_allclose(F.adaptive_avg_pool2d(rolled, 1), F.adaptive_avg_pool2d(x, 1), rtol=1e-12)


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("operation", "arguments", "options", "message"),
    [
        (
            F.max_pool2d,
            (np.ones((4, 4)), 2),
            {},
            r"expected x \(N, C, H, W\) or \(C, H, W\), got shape \(4, 4\)",
        ),
        (F.max_pool2d, (np.ones((2, 0, 4, 4)), 2), {}, "expected at least one channel and one pixel, got"),
        (
            F.max_pool2d,
            (IMAGE, 5),
            {},
            r"expected a kernel no larger than .* \(4, 4\), got one over \(5, 5\)",
        ),
        (F.max_pool2d, (IMAGE, 2), {"padding": 2}, r"at most half the kernel_size \(2, 2\), got \(2, 2\)"),
        (F.avg_pool2d, (IMAGE, (3, 1)), {"padding": (1, 1)}, r"kernel_size \(3, 1\), got \(1, 1\)"),
        (F.max_pool2d, (IMAGE, 0), {}, "expected kernel_size .* at least 1, got 0"),
        (F.max_pool2d, (IMAGE, 2), {"stride": 0}, "expected stride .* at least 1, got 0"),
        (F.max_pool2d, (IMAGE > 1, 2), {}, "expected numbers to compare, got bool"),
        (
            F.avg_pool2d,
            (IMAGE, 2),
            {"divisor_override": 0},
            "expected divisor_override .* other than 0, got 0",
        ),
        (F.adaptive_avg_pool2d, (IMAGE, 0), {}, "expected output_size to be an int of at least 1 .*, got 0"),
        (F.adaptive_avg_pool2d, (IMAGE, None), {}, "expected output_size .*, got None"),
        (F.adaptive_avg_pool2d, (IMAGE, (1, 2, 3)), {}, r"expected output_size .*, got \(1, 2, 3\)"),
        (F.adaptive_avg_pool2d, (IMAGE[:, :0], 1), {}, "expected at least one channel and one pixel, got"),
    ],
)
def test_pooling_says_what_does_not_fit(operation, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        operation(*arguments, **options)


def test_layers_say_what_they_are():
    assert (
        repr(MaxPool2d(2)) == "MaxPool2d(kernel_size=2, stride=None, padding=0, dilation=1, ceil_mode=False)"
    )
    assert repr(AvgPool2d(3, 1)) == "AvgPool2d(kernel_size=3, stride=1, padding=0, ceil_mode=False)"
    assert repr(AdaptiveAvgPool2d((1, None))) == "AdaptiveAvgPool2d(output_size=(1, None))"
