"""PSNR and SSIM against scikit-image."""

import numpy as np
import pytest
import skimage.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.metrics import psnr, ssim
from tests.nn.proof import SEEDS, Seen


@st.composite
def calls(draw):
    rng = np.random.default_rng(draw(SEEDS))
    channel_axis = draw(st.sampled_from([None, 0, 2, -1]))
    shape = [draw(st.integers(13, 20)), draw(st.integers(13, 20))]
    if channel_axis is not None:
        shape.insert(channel_axis % 3, draw(st.integers(1, 3)))
    x = rng.uniform(size=shape)
    y = np.clip(x + rng.normal(scale=draw(st.sampled_from([0.01, 0.3])), size=shape), 0, 1)
    factor = draw(st.sampled_from([1.0, 255.0]))
    options = {
        "data_range": factor,
        "win_size": draw(st.sampled_from([3, 7, 11])),
        "gaussian_weights": draw(st.booleans()),
        "sigma": draw(st.sampled_from([1.5, 0.8])),
        "use_sample_covariance": draw(st.booleans()),
        "channel_axis": channel_axis,
    }
    return x * factor, y * factor, options


def test_values_are_those_of_scikit_image():
    seen = Seen(ssim)

    @settings(max_examples=100)
    @given(call=calls())
    def compare(call):
        x, y, options = call
        seen.note(x, y, **options)
        theirs = dict(options)
        if options["gaussian_weights"]:  # theirs takes the window from sigma only if none is given
            del theirs["win_size"]
        assert ssim(x, y, **options) == pytest.approx(
            skimage.metrics.structural_similarity(x, y, **theirs), rel=1e-10
        )
        data_range = options["data_range"]
        other = skimage.metrics.peak_signal_noise_ratio(y, x, data_range=data_range)
        assert psnr(x, y, data_range=data_range) == pytest.approx(other, rel=1e-12)

    compare()
    seen.check()


def test_equal_pictures():
    x = np.random.default_rng(0).uniform(size=(9, 9))
    assert psnr(x, x, data_range=1.0) == np.inf
    assert ssim(x, x, data_range=1.0) == 1.0


def test_bytes_do_not_overflow_and_are_left_alone():
    x, y = np.full((8, 8), 250, np.uint8), np.full((8, 8), 10, np.uint8)
    x.flags.writeable = y.flags.writeable = False
    assert psnr(x, y, data_range=255) == pytest.approx(20 * np.log10(255 / 240))
    assert ssim(x, y, data_range=255) == pytest.approx(
        skimage.metrics.structural_similarity(x, y, data_range=255), rel=1e-10
    )


def test_at_equal_psnr_structure_tells_noise_from_brightness():
    x, y = np.mgrid[:32, :32] / 31
    picture = 0.25 + 0.5 * x * y
    noise = np.random.default_rng(0).choice([-0.1, 0.1], size=(32, 32))
    brighter, noisy = picture + 0.1, picture + noise
    assert psnr(brighter, picture, data_range=1) == pytest.approx(20.0)
    assert psnr(noisy, picture, data_range=1) == pytest.approx(20.0)
    assert ssim(brighter, picture, data_range=1) > 0.9 > 0.5 > ssim(noisy, picture, data_range=1)


SQUARE = np.zeros((8, 8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: psnr(SQUARE, SQUARE[1:], data_range=1), r"of one shape, got shapes \(8, 8\) and \(7, 8\)"),
        (lambda: psnr([], [], data_range=1), "of one shape"),
        (lambda: psnr(SQUARE, SQUARE, data_range=0), "expected data_range > 0, got 0"),
        (lambda: psnr(SQUARE * np.nan, SQUARE, data_range=1), "finite pixels, got 64 that are nan or inf"),
        (lambda: ssim(SQUARE, SQUARE + np.inf, data_range=1), "finite pixels, got 64 that are nan or inf"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, win_size=-3), "a window of -3"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, win_size=1), "a window of 1"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, channel_axis=2), r"with an axis 2, got shape \(8, 8\)"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, win_size=4), "window of 4"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, win_size=9), r"shape \(8, 8\) and a window of 9"),
        (lambda: ssim(SQUARE[0], SQUARE[0], data_range=1), r"shape \(8,\)"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, gaussian_weights=True), "a window of 11"),
        (lambda: ssim(SQUARE, SQUARE, data_range=1, gaussian_weights=True, sigma=0), "sigma > 0, got 0"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
