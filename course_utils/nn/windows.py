"""Where the windows of a kernel stand in an image: what convolution and pooling share. Chapter 08."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.nn.autodiff import computed

Pair = tuple[int, int]


@dataclass(frozen=True)
class Windows:
    """The places where a kernel stops on images (H, W), row by row, and what lies below it there.

    The window in row a and column b starts at pixel (a stride - before, b stride - before); its entries are
    `dilation` pixels apart. What lies outside the image counts as padding.

    Parameters
    ----------
    size : (int, int)
        Height and width of the image.
    kernel : (int, int)
        Entries of a window, down and across.
    stride : (int, int)
        Pixels from one window to the next.
    dilation : (int, int)
        Pixels from one entry of a window to the next.
    before : (int, int)
        Rows of padding above the image and columns to its left.
    count : (int, int)
        Windows down and across: the size of the output.
    """

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair
    count: Pair

    @property
    def reach(self) -> Pair:
        """Rows and columns from the first pixel of the first window to the last one of the last."""
        rows, columns = (
            (n - 1) * s + d * (k - 1) + 1
            for n, s, d, k in zip(self.count, self.stride, self.dilation, self.kernel, strict=True)
        )
        return rows, columns

    def take(self, x: np.ndarray, fill: float = 0) -> np.ndarray:
        """Return what lies below every window, (N, C, kH, kW, rows, columns): a view, one copy if padded."""
        framed = self._framed(x, fill)
        span = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True)]
        everywhere = np.lib.stride_tricks.sliding_window_view(framed, span, axis=(2, 3))
        (sh, sw), (dh, dw) = self.stride, self.dilation
        return everywhere[:, :, ::sh, ::sw, ::dh, ::dw].transpose(0, 1, 4, 5, 2, 3)

    def add_up(self, part: Callable[[int, int], np.ndarray]) -> np.ndarray:
        """Return images (N, C, H, W) in which every pixel holds the sum of what the windows say about it.

        This is the adjoint of `take`. ``part(i, j)`` are the entries (N, C, rows, columns) that stand at
        place (i, j) of their windows; those on the padding are dropped.
        """
        (sh, sw), (dh, dw) = self.stride, self.dilation
        rows, columns = self.count
        frame = None
        for i, j in np.ndindex(*self.kernel):
            values = part(i, j)
            if frame is None:
                frame = np.zeros((*values.shape[:2], *self.reach), values.dtype)
            top, left = i * dh, j * dw
            bottom, right = top + (rows - 1) * sh + 1, left + (columns - 1) * sw + 1
            frame[:, :, top:bottom:sh, left:right:sw] += values
        assert frame is not None  # a kernel has at least one entry
        return self._unframed(frame)

    def _framed(self, x: np.ndarray, fill: float) -> np.ndarray:
        """Cut or pad x to exactly the part that the windows reach."""
        (top, left), (height, width), (rows, columns) = self.before, self.size, self.reach
        x = x[:, :, : max(rows - top, 0), : max(columns - left, 0)]
        bottom, right = max(rows - top - height, 0), max(columns - left - width, 0)
        if top == left == bottom == right == 0:
            return x
        framed = np.full((*x.shape[:2], rows, columns), fill, x.dtype)  # faster than np.pad
        framed[:, :, top : rows - bottom, left : columns - right] = x
        return framed

    def _unframed(self, frame: np.ndarray) -> np.ndarray:
        """Cut the padding off again; pixels that no window reaches get 0."""
        (top, left), (height, width) = self.before, self.size
        inside = frame[:, :, top : top + height, left : left + width]
        if inside.shape[2:] == self.size:
            return inside
        x = np.zeros((*frame.shape[:2], height, width), frame.dtype)
        x[:, :, : inside.shape[2], : inside.shape[3]] = inside
        return x


def output_length(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode=False) -> int:
    """Return how many windows fit: floor((length + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.

    With `ceil_mode` a last window that reaches beyond the padding counts too (ceil instead of floor), but
    only if it starts inside the image or the padding before it.

    Examples
    --------
    >>> output_length(28, kernel=5, stride=1, padding=2, dilation=1)
    28
    >>> output_length(5, kernel=2, stride=2, padding=0, dilation=1, ceil_mode=True)  # starts at 0, 2 and 4
    3
    """
    free = length + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return free // stride + 1
    count = -(-free // stride) + 1
    return count - 1 if (count - 1) * stride >= length + padding else count


def lay(size, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool = False) -> Windows:
    """Lay windows over an image (H, W) with equal padding on both sides.

    Raises
    ------
    ValueError
        If not even one window fits.
    """
    options = zip(size, kernel, stride, padding, dilation, strict=True)
    count = tuple(output_length(*option, ceil_mode) for option in options)
    if min(count) < 1:
        span = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        padded = tuple(length + 2 * p for length, p in zip(size, padding, strict=True))
        raise ValueError(f"expected a kernel no larger than the padded input {padded}, got one over {span}")
    return Windows(tuple(size), kernel, stride, dilation, padding, count)  # type: ignore[arg-type]


def lengths(value: Any, name: str, least: int, n_axes: int = 2) -> Any:
    """Return an option such as `stride` as one int for each axis, given as an int or as a tuple."""
    values = value if isinstance(value, tuple | list) else (value,) * n_axes
    if len(values) != n_axes or not all(is_whole(v) and v >= least for v in values):
        form = "a pair of ints" if n_axes == 2 else "a tuple of one"
        raise ValueError(f"expected {name} to be an int or {form}, at least {least}, got {value!r}")
    return tuple(int(v) for v in values)


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number, Python's or NumPy's, and not a truth value."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def image_or_batch(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Let an operation on batches (N, C, H, W) take a single image (C, H, W) too, as torch's do."""

    @functools.wraps(operation)
    def apply(x, *args, **options):
        x = np.asarray(x)
        if x.ndim not in (3, 4):
            raise ValueError(f"expected x (N, C, H, W) or (C, H, W), got shape {x.shape}")
        if x.ndim == 4:
            return operation(x, *args, **options)
        y, pullback = operation(x[None], *args, **options)

        def pullback_of_image(dy):
            dx, *others = pullback(dy[None])
            return lambda: computed(dx)[0], *others

        return y[0], pullback_of_image

    return apply
