"""Pooling: the largest or the mean value of every window of an image, channel by channel. Chapter 08."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.windows import Windows, image_or_batch, is_whole, lay, lengths


@primitive
@image_or_batch
def max_pool2d(
    x: np.ndarray,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    ceil_mode: bool = False,
):
    """Take the largest value of each window.

    All of the gradient goes to the entry that was the largest; of equal ones to the first, row by row. A
    window with a nan gives nan, and its gradient to that entry.

    Parameters
    ----------
    x : array (N, C, H, W) or (C, H, W)
    kernel_size : int or (int, int)
        Height and width of a window.
    stride : int or (int, int), optional
        From one window to the next; by default the windows lie side by side.
    padding : int or (int, int)
        Around the image, with -inf, which never wins; at most half of `kernel_size`.
    dilation : int or (int, int)
        Pixels from one entry of a window to the next.
    ceil_mode : bool
        Whether a last window that reaches beyond the padding counts too: see `output_length`.

    Returns
    -------
    array (N, C, H_out, W_out) or (C, H_out, W_out)

    Raises
    ------
    ValueError
        If shapes or options do not fit.

    Examples
    --------
    >>> max_pool2d(np.array([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 6.0, 7.0]]]), 2)
    array([[[4., 7.]]])
    """
    if x.dtype.kind not in "fiu":
        raise ValueError(f"expected numbers to compare, got {x.dtype}")
    places = _places(x, kernel_size, stride, padding, dilation, ceil_mode)
    windows = places.take(x, fill=-np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min)
    y = windows[:, :, 0, 0]
    for i, j in np.ndindex(*places.kernel):  # much faster than a maximum over the two short axes
        y = np.maximum(y, windows[:, :, i, j])

    def pullback(dy):
        is_free = np.ones(y.shape, bool)  # windows whose gradient has not been given away

        def part(i, j):
            entries = windows[:, :, i, j]
            is_first = ((entries == y) | (entries != entries)) & is_free  # only nan differs from itself
            np.logical_xor(is_free, is_first, out=is_free)
            return np.where(is_first, dy, 0)

        return places.add_up(part), *(None,) * 5

    return y, pullback


@primitive
@image_or_batch
def avg_pool2d(
    x: np.ndarray,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
):
    """Take the mean of each window.

    Parameters
    ----------
    x : array (N, C, H, W) or (C, H, W)
    kernel_size, stride, ceil_mode
        As in `max_pool2d`.
    padding : int or (int, int)
        Zeros around the image, at most half of `kernel_size`.
    count_include_pad : bool
        Whether zeros of the padding count in the mean. What `ceil_mode` adds beyond them never counts.
    divisor_override : int, optional
        What to divide the sum by instead; not 0.

    Returns
    -------
    array (N, C, H_out, W_out) or (C, H_out, W_out)

    Raises
    ------
    ValueError
        If shapes or options do not fit.

    Examples
    --------
    >>> avg_pool2d(np.array([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 6.0, 7.0]]]), 2)
    array([[[2.5, 4.5]]])
    """
    places = _places(x, kernel_size, stride, padding, 1, ceil_mode)
    share = _one_over_divisor(places, count_include_pad, divisor_override)  # (H_out, W_out)
    share = share.astype(x.dtype if x.dtype.kind == "f" else float)
    windows = places.take(x)
    total = np.zeros((*x.shape[:2], *places.count), share.dtype)
    for i, j in np.ndindex(*places.kernel):  # likewise
        total += windows[:, :, i, j]

    def pullback(dy):
        dwindow = dy * share
        return places.add_up(lambda i, j: dwindow), *(None,) * 6

    return total * share, pullback


@primitive
@image_or_batch
def adaptive_avg_pool2d(x: np.ndarray, output_size: int | tuple[int | None, int | None]):
    """Take means of as many windows as asked for.

    Of n pixels, window i of m spans [i n/m, (i+1) n/m), the start rounded down and the end up, so that
    windows overlap where m does not divide n.

    Parameters
    ----------
    x : array (N, C, H, W) or (C, H, W)
    output_size : int or a pair of int or None
        Height and width of the output; None keeps the input's.

    Returns
    -------
    array (N, C, H_out, W_out) or (C, H_out, W_out)

    Raises
    ------
    ValueError
        If shapes or sizes do not fit.

    Examples
    --------
    >>> adaptive_avg_pool2d(np.array([[[1.0, 2.0, 6.0]]]), (1, 2))  # 2 counts on both sides
    array([[[1.5, 4. ]]])
    """
    _check_image(x)
    rows, columns = _output_size(output_size, x.shape[2:])
    y = _means(_means(x, 2, rows), 3, columns)

    def pullback(dy):
        return _means_back(_means_back(dy, 3, x.shape[3]), 2, x.shape[2]), None

    return y, pullback


def _bins(length: int, n_bins: int) -> list[slice]:
    """Cut an axis into windows that cover it: [floor(i n/m), ceil((i+1) n/m))."""
    return [slice(i * length // n_bins, -(-(i + 1) * length // n_bins)) for i in range(n_bins)]


def _means(x: np.ndarray, axis: int, n_bins: int) -> np.ndarray:
    """Average along one axis, bin by bin; the mean over a rectangle is that over its rows' means."""
    x = np.moveaxis(x, axis, -1)
    return np.stack([x[..., b].mean(axis=-1) for b in _bins(x.shape[-1], n_bins)], axis=axis)


def _means_back(dy: np.ndarray, axis: int, length: int) -> np.ndarray:
    """Share the gradient of each bin among its entries: the adjoint of `_means`."""
    dy = np.moveaxis(dy, axis, -1)
    dx = np.zeros((*dy.shape[:-1], length), dy.dtype)
    for i, b in enumerate(_bins(length, dy.shape[-1])):
        dx[..., b] += dy[..., i : i + 1] / (b.stop - b.start)
    return np.moveaxis(dx, -1, axis)


def _one_over_divisor(places: Windows, count_include_pad: bool, divisor_override: int | None) -> np.ndarray:
    """Return for each window one over the number of entries that count, (H_out, W_out)."""
    if divisor_override is not None:
        if not is_whole(divisor_override) or divisor_override == 0:
            raise ValueError(f"expected divisor_override to be an int other than 0, got {divisor_override!r}")
        return np.full(places.count, 1 / divisor_override)
    counts = []
    for axis in (0, 1):
        size, padding = places.size[axis], places.before[axis]
        first, last = (-padding, size + padding) if count_include_pad else (0, size)
        start = np.arange(places.count[axis]) * places.stride[axis] - padding
        counts.append(np.minimum(start + places.kernel[axis], last) - np.maximum(start, first))
    return 1 / np.outer(*counts)


def _places(x, kernel_size, stride, padding, dilation, ceil_mode: bool) -> Windows:
    """Return where the windows of a pooling stand."""
    _check_image(x)
    kernel = lengths(kernel_size, "kernel_size", 1)
    stride = kernel if stride is None else lengths(stride, "stride", 1)
    padding, dilation = lengths(padding, "padding", 0), lengths(dilation, "dilation", 1)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"expected padding of at most half the kernel_size {kernel}, got {padding}")
    return lay(x.shape[2:], kernel, stride, padding, dilation, ceil_mode)


def _check_image(x: np.ndarray) -> None:
    if min(x.shape[1:]) < 1:
        raise ValueError(f"expected at least one channel and one pixel, got shape {x.shape}")


def _output_size(output_size, size) -> list[int]:
    """Return the output's height and width, the input's where None stands."""
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    if (
        len(wanted) != 2
        or output_size is None
        or not all(n is None or (is_whole(n) and n >= 1) for n in wanted)
    ):
        raise ValueError(
            f"expected output_size to be an int of at least 1 or a pair of int or None, got {output_size!r}"
        )
    return [have if n is None else int(n) for n, have in zip(wanted, size, strict=True)]
