"""How close one picture is to another: by the pixel (PSNR) and by local structure (SSIM). Chapter 02."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike


def psnr(image: ArrayLike, reference: ArrayLike, *, data_range: float) -> float:
    """Return the peak signal-to-noise ratio, 10 log10(data_range^2 / mean squared error), in decibels.

    Parameters
    ----------
    image, reference : arrays of one shape
        Pixels; any number of axes.
    data_range : float
        Distance between the lowest and the highest value possible: 1 for pixels in [0, 1], 255 for bytes.

    Returns
    -------
    float
        inf for equal pictures.

    Raises
    ------
    ValueError
        If shapes differ, there are no pixels, one is nan or inf, or the range is not positive.

    Examples
    --------
    >>> psnr([0.0, 0.1], [0.0, 0.0], data_range=1.0).__round__(2)  # 10 log10(1 / 0.005)
    23.01
    """
    x, y = _check_images(image, reference, data_range)
    error = float(np.mean((x - y) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(data_range**2 / error))


def ssim(
    image: ArrayLike,
    reference: ArrayLike,
    *,
    data_range: float,
    win_size: int = 7,
    gaussian_weights: bool = False,
    sigma: float = 1.5,
    use_sample_covariance: bool = True,
    channel_axis: int | None = None,
) -> float:
    """Return the mean structural similarity: 1 for equal pictures, about 0 for unrelated ones.

    In every window, with means m, variances v and covariance c of the two pictures, SSIM is
    (2 m_x m_y + C1)(2 c + C2) / ((m_x^2 + m_y^2 + C1)(v_x + v_y + C2)), where
    C1 = (0.01 data_range)^2 and C2 = (0.03 data_range)^2: Wang et al., 2004, "Image quality assessment",
    equation 13 (doi:10.1109/TIP.2003.819861). Windows that reach over the border do not count.

    Parameters
    ----------
    image, reference : arrays (H, W), or with channels
        Pixels.
    data_range : float
        Distance between the lowest and the highest value possible.
    win_size : int
        Side of the window in pixels, odd, at least 3 and at most H and W.
    gaussian_weights : bool
        Weigh the pixels of a window by a Gaussian of width `sigma`, cut at 3.5 sigma, instead of equally; its
        size then replaces `win_size`. Wang et al. take that, with sigma 1.5 and biased covariances.
    sigma : float
        In pixels, above 0.
    use_sample_covariance : bool
        Divide variances by n - 1 instead of n, n being the number of pixels in a window.
    channel_axis : int, optional
        Which axis holds channels; SSIM is then the mean over them.

    Raises
    ------
    ValueError
        If shapes differ or an option does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.arange(64.0).reshape(8, 8) / 63
    >>> ssim(picture, picture, data_range=1.0)
    1.0
    """
    x, y = _check_images(image, reference, data_range)
    if channel_axis is not None:
        if not -x.ndim <= channel_axis < x.ndim:
            raise ValueError(f"expected pictures with an axis {channel_axis}, got shape {x.shape}")
        pairs = zip(np.moveaxis(x, channel_axis, 0), np.moveaxis(y, channel_axis, 0), strict=True)
        options = (win_size, gaussian_weights, sigma, use_sample_covariance)
        return float(np.mean([_ssim_of_one_channel(a, b, data_range, *options) for a, b in pairs]))
    return _ssim_of_one_channel(x, y, data_range, win_size, gaussian_weights, sigma, use_sample_covariance)


def _ssim_of_one_channel(x, y, data_range, win_size, gaussian_weights, sigma, use_sample_covariance) -> float:
    size = len(_gaussian(sigma)) if gaussian_weights else win_size
    if x.ndim != 2 or size % 2 == 0 or not 3 <= size <= min(x.shape):
        raise ValueError(
            f"expected pictures (H, W) and an odd window from 3 to min(H, W), got shape {x.shape} and a "
            f"window of {size}: give channel_axis for colours, or a smaller window"
        )
    weights = _gaussian(sigma) if gaussian_weights else np.full(size, 1 / size)
    n_pixels = size**2
    correction = n_pixels / (n_pixels - 1) if use_sample_covariance else 1.0

    def average(pixels):  # (H, W) to (H - size + 1, W - size + 1)
        of_columns = sliding_window_view(pixels, size, axis=0) @ weights
        return sliding_window_view(of_columns, size, axis=1) @ weights

    mean_x, mean_y = average(x), average(y)
    variance_x = correction * (average(x * x) - mean_x**2)
    variance_y = correction * (average(y * y) - mean_y**2)
    covariance = correction * (average(x * y) - mean_x * mean_y)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return float(np.mean(luminance * (2 * covariance + c2) / (variance_x + variance_y + c2)))


def _gaussian(sigma: float) -> np.ndarray:
    """Return weights exp(-k^2 / 2 sigma^2) that sum to 1, for |k| up to 3.5 sigma."""
    if not sigma > 0:
        raise ValueError(f"expected sigma > 0, got {sigma}")
    radius = int(3.5 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return weights / weights.sum()


def _check_images(image: ArrayLike, reference: ArrayLike, data_range: float) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(image, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if x.shape != y.shape or x.size == 0:
        raise ValueError(f"expected two pictures of one shape, got shapes {x.shape} and {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        n_strange = int((~np.isfinite(x)).sum() + (~np.isfinite(y)).sum())
        raise ValueError(f"expected finite pixels, got {n_strange} that are nan or inf")
    if not data_range > 0:
        raise ValueError(f"expected data_range > 0, got {data_range}")
    return x, y
