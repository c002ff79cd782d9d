"""Convolutions: values by hand, symmetries, the adjoint, extremes, messages."""

import numpy as np
import pytest
import torch

from course_utils.nn import Conv1d, Conv2d, ConvTranspose2d, Tensor, layers
from course_utils.nn import functional as F
from course_utils.nn.correlation import gather, spread, weight_gradient
from course_utils.nn.padding import circular_pad
from course_utils.nn.windows import Windows, output_length

SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# ---------------------------------------------------------------- values by hand


def test_an_edge_kernel_answers_at_the_edge_with_the_right_sign():
    image = np.zeros((1, 4, 6))
    image[..., 3:] = 1.0  # dark on the left, bright on the right
    edge = F.conv2d(image, SOBEL[None, None])
    np.testing.assert_array_equal(edge, [[[0, 4, 4, 0], [0, 4, 4, 0]]])
    np.testing.assert_array_equal(F.conv2d(image, SOBEL.T[None, None]), np.zeros((1, 2, 4)))


def test_the_kernel_is_not_flipped():
    one_pixel = np.zeros((1, 3, 3))
    one_pixel[0, 1, 1] = 1.0
    kernel = np.arange(9.0).reshape(3, 3)
    gathered = F.conv2d(one_pixel, kernel[None, None], padding=1)
    np.testing.assert_array_equal(gathered[0], kernel[::-1, ::-1])  # cross-correlation with a point
    spread_out = F.conv_transpose2d(one_pixel, kernel[None, None], padding=1)
    np.testing.assert_array_equal(spread_out[0], kernel)


def test_sum_over_channels_plus_bias_by_loops(rng):
    x, weight, bias = rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    expected = np.empty((2, 4, 2, 4))
    for n, o, a, b in np.ndindex(*expected.shape):
        below = x[n, :, 2 * a : 2 * a + 2, b : b + 3]
        expected[n, o, a, b] = np.sum(weight[o] * below) + bias[o]
    np.testing.assert_allclose(F.conv2d(x, weight, bias, stride=(2, 1)), expected, rtol=1e-12)


def test_a_one_by_one_kernel_is_an_affine_map_at_every_pixel(rng):
    x, weight, bias = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3)), rng.normal(size=6)
    y = F.conv2d(x, weight[:, :, None, None], bias)
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), F.linear(np.moveaxis(x, 1, -1), weight, bias))


def test_groups_are_convolutions_side_by_side(rng):
    x, weight = rng.normal(size=(2, 4, 5, 5)), rng.normal(size=(6, 2, 3, 3))
    halves = [F.conv2d(x[:, :2], weight[:3]), F.conv2d(x[:, 2:], weight[3:])]
    np.testing.assert_allclose(F.conv2d(x, weight, groups=2), np.concatenate(halves, axis=1))


def test_a_dilated_kernel_is_a_kernel_with_gaps(rng):
    x, weight = rng.normal(size=(1, 1, 8, 9)), rng.normal(size=(1, 1, 2, 3))
    with_gaps = np.zeros((1, 1, 4, 5))
    with_gaps[:, :, ::3, ::2] = weight
    np.testing.assert_allclose(F.conv2d(x, weight, dilation=(3, 2)), F.conv2d(x, with_gaps), atol=1e-15)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_same_keeps_the_size_and_puts_the_odd_zero_behind(kernel):
    y = F.conv1d(np.ones((1, 6)), np.ones((1, 1, kernel)), padding="same")
    before = (kernel - 1) // 2
    expected = [min(i + kernel - before, 6) - max(i - before, 0) for i in range(6)]
    np.testing.assert_array_equal(y, [expected])


# ---------------------------------------------------------------- symmetries


def test_a_shifted_image_gives_the_shifted_output(rng):
    x, weight = rng.normal(size=(1, 2, 8, 9)), rng.normal(size=(3, 2, 3, 2))
    y, of_shifted = F.conv2d(x, weight), F.conv2d(np.roll(x, (2, 3), axis=(2, 3)), weight)
    np.testing.assert_allclose(of_shifted[:, :, 2:, 3:], y[:, :, :-2, :-3], rtol=1e-12)


@pytest.mark.parametrize("padding", [2, "same"])
def test_circular_padding_makes_the_layer_exactly_equivariant(rng, padding):
    layer = Conv2d(2, 3, 5, padding=padding, padding_mode="circular", dilation=1, rng=rng, dtype=np.float64)
    x = rng.normal(size=(1, 2, 7, 6))
    rolled = layer(np.roll(x, (3, -2), axis=(2, 3))).data
    np.testing.assert_allclose(rolled, np.roll(layer(x).data, (3, -2), axis=(2, 3)), rtol=1e-12)
    zeros = Conv2d(2, 3, 5, padding=padding, rng=rng, dtype=np.float64)
    zeros.load_state_dict(layer.state_dict())
    assert not np.allclose(
        zeros(np.roll(x, 3, axis=2)).data, np.roll(zeros(x).data, 3, axis=2)
    )  # the border shows


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": (2, 3), "padding": (1, 2)},
        {"dilation": (2, 1), "padding": 3, "groups": 2},
        {"stride": 4, "padding": 5, "groups": 2},
    ],
)
def test_the_transposed_convolution_is_the_adjoint(rng, options):
    x, weight = rng.normal(size=(2, 4, 9, 10)), rng.normal(size=(6, 4 // options.get("groups", 1), 3, 2))
    y = rng.normal(size=F.conv2d(x, weight, **options).shape)
    defaults = {"stride": 1, "padding": 0, "dilation": 1}
    stride, padding, dilation = (np.broadcast_to(options.get(n, d), 2) for n, d in defaults.items())
    reached = (np.array(y.shape[2:]) - 1) * stride - 2 * padding + dilation * np.array([2, 1]) + 1
    extra = tuple(int(n - r) for n, r in zip(x.shape[2:], reached, strict=True))
    back = F.conv_transpose2d(y, weight, output_padding=extra, **options)
    assert back.shape == x.shape
    assert np.sum(F.conv2d(x, weight, **options) * y) == pytest.approx(np.sum(x * back), rel=1e-10)


def test_each_is_the_pullback_of_the_other(rng):
    x, weight = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 3, 2))
    y, pullback = F.conv2d.vjp(x, weight, padding=1)
    dx, dweight, _ = pullback(y)
    np.testing.assert_array_equal(dx, F.conv_transpose2d(y, weight, padding=1))
    _, pullback_of_transposed = F.conv_transpose2d.vjp(y, weight, padding=1)
    dy, same_dweight, _ = pullback_of_transposed(x)
    np.testing.assert_array_equal(dy, F.conv2d(x, weight, padding=1))
    np.testing.assert_allclose(same_dweight, dweight, rtol=1e-12)


def test_take_and_add_up_are_adjoint(rng):
    places = Windows(size=(5, 6), kernel=(2, 3), stride=(3, 2), dilation=(2, 1), before=(2, 1), count=(2, 4))
    x = rng.normal(size=(2, 3, 5, 6))
    taken = places.take(x)
    assert taken.shape == (2, 3, 2, 3, 2, 4)
    weights = rng.normal(size=taken.shape)
    back = places.add_up(lambda i, j: weights[:, :, i, j])
    assert np.sum(taken * weights) == pytest.approx(np.sum(x * back), rel=1e-12)


@pytest.mark.parametrize(("dim", "before", "after"), [(1, 2, 1), (2, 0, 4), (-1, 4, 4), (0, 0, 0)])
def test_circular_padding_is_numpys_wrap(rng, dim, before, after):
    x = rng.normal(size=(2, 3, 4))
    widths = [(0, 0)] * 3
    widths[dim] = (before, after)
    np.testing.assert_array_equal(circular_pad(x, dim, before, after), np.pad(x, widths, mode="wrap"))


# ---------------------------------------------------------------- large batches and extremes


@pytest.mark.parametrize("groups", [1, 3])
def test_a_batch_of_several_pieces_is_its_images_one_by_one(rng, groups):
    x, weight = rng.normal(size=(7, 3, 64, 60)), rng.normal(size=(3, 3 // groups, 5, 5))
    dy = rng.normal(size=(7, 3, 60, 56))  # unfolded, an image takes 2 MB and more
    y, pullback = F.conv2d.vjp(x, weight, groups=groups)
    dx, dweight, _ = pullback(dy)
    alone = [F.conv2d.vjp(x[n : n + 1], weight, groups=groups) for n in range(7)]
    np.testing.assert_allclose(y, np.concatenate([value for value, _ in alone]), rtol=1e-12)
    gradients = [back(dy[n : n + 1]) for n, (_, back) in enumerate(alone)]
    np.testing.assert_allclose(dx, np.concatenate([g[0] for g in gradients]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(dweight, sum(g[1] for g in gradients), rtol=1e-9, atol=1e-9)


def test_many_small_pieces_of_unequal_length_are_put_together(rng, monkeypatch):
    x, weight, dy = (
        rng.normal(size=(7, 2, 5, 5)),
        rng.normal(size=(3, 2, 2, 2)),
        rng.normal(size=(7, 3, 4, 4)),
    )
    places = Windows((5, 5), (2, 2), (1, 1), (1, 1), (0, 0), (4, 4))
    windows = places.take(x)

    def all_three():
        return (
            gather(windows, weight, 1),
            spread(dy, weight, places, 1),
            weight_gradient(windows, dy, weight.shape, 1),
        )

    whole = all_three()
    three_at_a_time = (slice(0, 3), slice(3, 6), slice(6, 9))
    monkeypatch.setattr("course_utils.nn.correlation._pieces", lambda *_: iter(three_at_a_time))
    for one, other in zip(all_three(), whole, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_an_empty_batch_gives_an_empty_output_and_no_push():
    weight = np.ones((2, 3, 3, 3))
    y, pullback = F.conv2d.vjp(np.ones((0, 3, 5, 5)), weight, np.ones(2))
    dx, dweight, dbias = pullback(y)
    assert (y.shape, dx.shape) == ((0, 2, 3, 3), (0, 3, 5, 5))
    np.testing.assert_array_equal(dweight, np.zeros_like(weight))
    np.testing.assert_array_equal(dbias, np.zeros(2))


def test_windows_on_the_padding_alone_see_zeros(rng):
    x, weight = rng.normal(size=(2, 1, 5, 4)), np.ones((1, 1, 1, 1))
    y, pullback = F.conv2d.vjp(x, weight, stride=20, padding=3)  # one window, three pixels off the corner
    np.testing.assert_array_equal(y, np.zeros((2, 1, 1, 1)))
    dx, dweight, _ = pullback(np.ones_like(y))
    np.testing.assert_array_equal(dx, np.zeros_like(x))
    np.testing.assert_array_equal(dweight, np.zeros_like(weight))


def test_the_gradient_of_data_is_not_computed(monkeypatch, rng):
    def fail(*_):
        raise AssertionError("computed")

    monkeypatch.setattr("course_utils.nn.convolution.spread", fail)
    layer = Conv2d(1, 2, 3, rng=rng)
    layer(np.ones((2, 1, 4, 4), np.float32)).sum().backward()
    assert layer.weight.grad.shape == (2, 1, 3, 3)


def test_large_numbers_stay_finite_in_float32():
    y = F.conv2d(np.full((1, 1, 3, 3), 1e4, np.float32), np.full((1, 1, 3, 3), -1e4, np.float32))
    np.testing.assert_allclose(y, [[[[-9e8]]]], rtol=1e-6)
    assert y.dtype == np.float32


def test_nan_reaches_only_the_windows_that_see_it():
    x = np.ones((1, 5, 5))
    x[0, 0, 0] = np.nan
    y = F.conv2d(x, np.zeros((1, 1, 2, 2)))
    assert np.isnan(y[0, 0, 0])
    assert np.isnan(y).sum() == 1


def test_booleans_and_whole_numbers_count_as_numbers():
    x = np.array([[[True, False, True]]])
    np.testing.assert_array_equal(F.conv2d(x, np.array([[[[2.0, 3.0]]]])), [[[2.0, 3.0]]])
    np.testing.assert_array_equal(F.conv2d(x.astype(int), np.array([[[[2, 3]]]])), [[[2, 3]]])


def test_tensors_by_keyword_and_lists_of_options():
    x, weight = Tensor(np.ones((1, 3, 3)), requires_grad=True), Tensor(np.ones((1, 1, 2, 2)))
    y = F.conv2d(x=x, weight=weight, stride=[1, 1])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]])  # windows over each pixel


# ---------------------------------------------------------------- sizes


def test_output_lengths_are_torchs(rng):
    for length in (5, 6, 7, 11):
        for kernel, stride, padding, dilation in np.ndindex(4, 3, 3, 3):
            option = {"stride": stride + 1, "padding": padding, "dilation": dilation + 1}
            span = (dilation + 1) * kernel + 1
            n = output_length(length, kernel + 1, **option)
            if span > length + 2 * padding:
                assert n < 1
                continue
            x, weight = torch.zeros(1, 1, length), torch.zeros(1, 1, kernel + 1)
            assert n == torch.nn.functional.conv1d(x, weight, **option).shape[-1]


# ---------------------------------------------------------------- layers


def test_the_start_is_torchs_uniform(rng):
    wide = Conv2d(4, 1000, (3, 2), groups=2, rng=rng)
    bound = 1 / np.sqrt(2 * 3 * 2)
    for parameter in (wide.weight.data, wide.bias.data):
        assert bound * 0.98 < np.abs(parameter).max() <= bound
        assert np.std(parameter) == pytest.approx(bound / np.sqrt(3), rel=0.05)
    back = ConvTranspose2d(1000, 4, 3, rng=rng).weight.data
    assert np.abs(back).max() == pytest.approx(1 / 6, rel=0.01)  # 4 output channels of 3 x 3
    reference = torch.nn.ConvTranspose2d(1000, 4, 3).weight.detach().numpy()
    assert np.abs(reference).max() == pytest.approx(1 / 6, rel=0.01)


def test_the_weight_is_drawn_first():
    layer = Conv1d(2, 3, 4, rng=np.random.default_rng(1))
    weight = np.random.default_rng(1).uniform(-(8**-0.5), 8**-0.5, size=(3, 2, 4))
    np.testing.assert_array_equal(layer.weight.data, weight.astype(np.float32))


def test_layers_say_what_they_are(rng):
    assert repr(Conv2d(1, 6, 5, padding=2, rng=rng)) == "Conv2d(1, 6, kernel_size=(5, 5), padding=(2, 2))"
    circular = Conv1d(2, 4, 3, padding="same", groups=2, bias=False, padding_mode="circular", rng=rng)
    assert repr(circular) == (
        "Conv1d(2, 4, kernel_size=(3,), padding='same', groups=2, bias=False, padding_mode='circular')"
    )
    transposed = ConvTranspose2d(4, 2, 3, stride=2, output_padding=1, rng=rng)
    assert repr(transposed) == (
        "ConvTranspose2d(4, 2, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))"
    )


def test_a_layer_learns_the_kernel_that_made_its_targets(rng):
    x = rng.normal(size=(20, 1, 6, 6))
    target = F.conv2d(x, SOBEL[None, None])
    layer = Conv2d(1, 1, 3, bias=False, rng=rng, dtype=np.float64)
    for _ in range(100):
        layer.zero_grad()
        F.mse_loss(layer(x), target).backward()
        layer.weight.data = layer.weight.data - 0.3 * layer.weight.grad
    np.testing.assert_allclose(layer.weight.data[0, 0], SOBEL, atol=1e-3)


# ---------------------------------------------------------------- messages

X, WEIGHT = np.ones((2, 4, 5, 5)), np.ones((6, 4, 3, 3))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.ones((5, 5)), WEIGHT), {}, r"expected x \(N, C, H, W\) or \(C, H, W\), got shape \(5, 5\)"),
        ((X, WEIGHT[0]), {}, r"expected weight \(C_out, C_in / groups, kH, kW\), got shape \(4, 3, 3\)"),
        ((X, WEIGHT[:0]), {}, r"expected weight .*, got shape \(0, 4, 3, 3\)"),
        ((X[:, :3], WEIGHT), {}, r"expected x with 4 channels for weight .* and groups 1, got 3 channels"),
        ((X, WEIGHT), {"groups": 2}, r"expected x with 8 channels for weight .* and groups 2, got 4"),
        ((X, WEIGHT), {"groups": 4}, "expected groups that divide the 6 kernels, got 4"),
        ((X, WEIGHT), {"groups": 0}, "expected groups to be an int of at least 1, got 0"),
        ((X, WEIGHT, np.ones(4)), {}, r"expected bias \(6,\) for weight \(6, 4, 3, 3\), got shape \(4,\)"),
        ((X[:, :, :2], WEIGHT), {}, r"expected a kernel no larger than .* \(2, 5\), got one over \(3, 3\)"),
        ((X, WEIGHT), {"dilation": 3}, r"padded input \(5, 5\), got one over \(7, 7\)"),
        ((X[:, :, :0], WEIGHT), {"padding": 4}, r"expected images of at least one pixel, got shape"),
        ((X, WEIGHT), {"stride": 0}, "expected stride to be an int or a pair of ints, at least 1, got 0"),
        ((X, WEIGHT), {"stride": (1, 2, 3)}, r"expected stride .*, got \(1, 2, 3\)"),
        ((X, WEIGHT), {"padding": -1}, "expected padding to be an int or a pair of ints, at least 0, got -1"),
        ((X, WEIGHT), {"padding": 0.5}, "expected padding .*, got 0.5"),
        ((X, WEIGHT), {"dilation": (1, 0)}, r"expected dilation .* at least 1, got \(1, 0\)"),
        ((X, WEIGHT), {"padding": "full"}, 'expected padding .* "valid" or "same", got \'full\''),
        ((X, WEIGHT), {"padding": "same", "stride": 2}, 'expected stride 1 with padding "same", got'),
    ],
)
def test_conv2d_says_what_does_not_fit(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        F.conv2d(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.ones(5), np.ones((1, 1, 3))), {}, r"expected x \(N, C, L\) or \(C, L\), got shape \(5,\)"),
        ((np.ones((1, 5)), np.ones((1, 3))), {}, r"expected weight \(C_out, C_in / groups, k\), got shape"),
        ((np.ones((1, 5)), np.ones((1, 1, 3))), {"stride": (1, 1)}, "expected stride .* tuple of one"),
        ((np.ones((2, 5)), np.ones((1, 1, 3))), {}, "expected x with 1 channels .*, got 2 channels"),
    ],
)
def test_conv1d_says_what_does_not_fit(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        F.conv1d(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((X, WEIGHT[0]), {}, r"expected weight \(C_in, C_out / groups, kH, kW\), got shape"),
        ((X, WEIGHT), {}, r"expected x with 6 channels for weight .*, got 4 channels"),
        ((X, np.ones((4, 3, 2, 2)), np.ones(4)), {}, r"expected bias \(3,\) for weight .*, got shape \(4,\)"),
        ((X, np.ones((4, 3, 2, 2))), {"output_padding": 1}, r"expected output_padding below .*, got 1"),
        ((X, np.ones((4, 3, 2, 2))), {"padding": 3}, r"at least one pixel to be left, got output \(0, 0\)"),
        ((X, np.ones((4, 3, 2, 2))), {"padding": "same"}, "expected padding .*, got 'same'"),
    ],
)
def test_conv_transpose2d_says_what_does_not_fit(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        F.conv_transpose2d(*arguments, **options)


@pytest.mark.parametrize(
    ("name", "arguments", "options", "message"),
    [
        ("Conv2d", (0, 2, 3), {}, "expected in_channels to be an int of at least 1, got 0"),
        ("Conv2d", (2, 3, 3), {"groups": 2}, "expected groups that divide 2 input and 3 output .*, got 2"),
        ("Conv2d", (2, 3, 0), {}, "expected kernel_size .*, got 0"),
        ("Conv2d", (2, 3, 3), {"padding": "full"}, "expected padding .* \"same\", got 'full'"),
        ("Conv2d", (2, 3, 3), {"padding": "same", "stride": 2}, "expected stride 1"),
        ("Conv2d", (2, 3, 3), {"padding_mode": "reflect"}, "expected padding_mode .*, got 'reflect'"),
        ("Conv1d", (2, 3, (3, 3)), {}, "expected kernel_size to be an int or a tuple of one"),
        ("ConvTranspose2d", (2, 3, 3), {"padding": "same"}, "expected padding .*, got 'same'"),
    ],
)
def test_layers_say_what_does_not_fit(rng, name, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(layers, name)(*arguments, **options, rng=rng)


def test_circular_padding_leaves_the_message_about_axes_to_the_convolution(rng):
    layer = Conv2d(1, 1, 3, padding=1, padding_mode="circular", rng=rng)
    for shape in ((5,), (5, 5)):
        with pytest.raises(ValueError, match=r"expected x \(N, C, H, W\) or \(C, H, W\), got shape \(5,"):
            layer(np.ones(shape, np.float32))


def test_circular_padding_goes_around_once_at_most(rng):
    layer = Conv1d(1, 1, 3, padding=4, padding_mode="circular", rng=rng)
    with pytest.raises(ValueError, match="expected circular padding of at most the length 3, got 4 and 4"):
        layer(np.ones((1, 1, 3), np.float32))
