"""Convolution: the same few weights look at every place of an image. Chapter 08.

As everywhere in deep learning, and in torch, "convolution" means cross-correlation: no kernel is flipped.

The transposed convolution needs no code of its own. It is the pullback of the convolution, which spreads the
kernel instead of gathering with it, and its own pullback gathers again: see ``correlation.py`` for the three
matrix products that both are made of.
"""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.correlation import gather, spread, weight_gradient
from course_utils.nn.windows import Windows, image_or_batch, is_whole, lay, lengths


@primitive
@image_or_batch
def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] | str = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
):
    """Cross-correlate images with kernels: y[o, a, b] = sum over c, i, j of w[o, c, i, j] x[c, a+i, b+j].

    The output has H_out = floor((H + 2 padding - dilation (kH - 1) - 1) / stride) + 1 rows, columns likewise.
    LeCun et al., 1998, "Gradient-based learning applied to document recognition", section II.

    Parameters
    ----------
    x : array (N, C_in, H, W) or (C_in, H, W)
    weight : array (C_out, C_in / groups, kH, kW)
        One kernel for each output channel.
    bias : array (C_out,), optional
    stride : int or (int, int)
        Pixels from one window to the next, down and across.
    padding : int, (int, int), "valid" or "same"
        Zeros around the image; "valid" is none, "same" keeps its size (stride 1 only; the odd one of an
        uneven number comes after the image).
    dilation : int or (int, int)
        Pixels from one entry of the kernel to the next.
    groups : int
        Into how many groups the channels fall that do not see each other; C_in for a depthwise convolution.

    Returns
    -------
    array (N, C_out, H_out, W_out) or (C_out, H_out, W_out)

    Raises
    ------
    ValueError
        If shapes or options do not fit.

    Examples
    --------
    >>> step = np.array([[[0.0, 0.0, 1.0, 1.0]]])  # one channel of 1 x 4 pixels
    >>> conv2d(step, np.array([[[[-1.0, 1.0]]]]))  # right neighbour minus pixel: the edge
    array([[[0., 1., 0.]]])
    """
    _check_shapes(x, weight, bias, groups, weight_takes=1)
    places = _places(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    windows = places.take(x)
    y = gather(windows, weight, groups)

    def pullback(dy):
        dbias = None if bias is None else dy.sum(axis=(0, 2, 3))
        dweight = weight_gradient(windows, dy, weight.shape, groups)
        return lambda: spread(dy, weight, places, groups), dweight, dbias  # dx only if wanted

    return _plus(y, bias), pullback


@primitive
@image_or_batch
def conv_transpose2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    output_padding: int | tuple[int, int] = 0,
    groups: int = 1,
    dilation: int | tuple[int, int] = 1,
):
    """Spread the kernel, times each pixel, over the output: the pullback of `conv2d` as a layer of its own.

    The output has (H - 1) stride - 2 padding + dilation (kH - 1) + output_padding + 1 rows. Without bias it
    is the adjoint of `conv2d` with the same weight: <conv2d(x), y> = <x, conv_transpose2d(y)>.

    Parameters
    ----------
    x : array (N, C_in, H, W) or (C_in, H, W)
    weight : array (C_in, C_out / groups, kH, kW)
        As in a `conv2d` that goes the other way, from C_out to C_in channels.
    bias : array (C_out,), optional
    stride, dilation : int or (int, int)
        Pixels from one copy of the kernel to the next, and from one of its entries to the next.
    padding : int or (int, int)
        Rows and columns cut off on each side of the output.
    output_padding : int or (int, int)
        Rows below and columns to the right to add, fewer than stride or dilation: which of the sizes that
        `conv2d` takes to the size of x the output shall have.
    groups : int
        As in `conv2d`.

    Raises
    ------
    ValueError
        If shapes or options do not fit.

    Examples
    --------
    >>> x = np.array([[[1.0, 2.0]]])
    >>> conv_transpose2d(x, np.array([[[[1.0, 10.0]]]]))  # 1 (1, 10) and, a pixel further, 2 (1, 10)
    array([[[ 1., 12., 20.]]])
    """
    _check_shapes(x, weight, bias, groups, weight_takes=0)
    places = _places_of_the_way_back(x.shape[2:], weight, stride, padding, output_padding, dilation)
    y = spread(x, weight, places, groups)

    def pullback(dy):
        windows = places.take(dy)
        dbias = None if bias is None else dy.sum(axis=(0, 2, 3))
        return (
            lambda: gather(windows, weight, groups),
            weight_gradient(windows, x, weight.shape, groups),
            dbias,
        )

    return _plus(y, bias), pullback


@primitive
def conv1d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | tuple[int] = 1,
    padding: int | tuple[int] | str = 0,
    dilation: int | tuple[int] = 1,
    groups: int = 1,
):
    """Cross-correlate sequences with kernels: `conv2d` on images of height 1.

    Parameters
    ----------
    x : array (N, C_in, L) or (C_in, L)
    weight : array (C_out, C_in / groups, k)
    bias : array (C_out,), optional
    stride, padding, dilation, groups
        As in `conv2d`, along the one axis.

    Returns
    -------
    array (N, C_out, L_out) or (C_out, L_out)

    Raises
    ------
    ValueError
        If shapes or options do not fit.

    Examples
    --------
    >>> conv1d(np.array([[1.0, 4.0, 9.0, 16.0]]), np.array([[[-1.0, 1.0]]]))  # differences of squares
    array([[3., 5., 7.]])
    """
    x, weight = np.asarray(x), np.asarray(weight)
    if x.ndim not in (2, 3):
        raise ValueError(f"expected x (N, C, L) or (C, L), got shape {x.shape}")
    if weight.ndim != 3:
        raise ValueError(f"expected weight (C_out, C_in / groups, k), got shape {weight.shape}")
    y, pullback = conv2d.__wrapped__(  # the definition itself: value and pullback
        x[..., None, :],
        weight[..., None, :],
        bias,
        stride=(1, *lengths(stride, "stride", 1, n_axes=1)),
        padding=padding if isinstance(padding, str) else (0, *lengths(padding, "padding", 0, n_axes=1)),
        dilation=(1, *lengths(dilation, "dilation", 1, n_axes=1)),
        groups=groups,
    )

    def pullback_of_row(dy):
        dx, dweight, dbias = pullback(dy[..., None, :])
        return lambda: dx()[..., 0, :], dweight[..., 0, :], dbias

    return y[..., 0, :], pullback_of_row


def _plus(y: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    return y if bias is None else y + np.asarray(bias)[:, None, None]


def _places(size, kernel, stride, padding, dilation) -> Windows:
    """Return where the windows of a convolution stand."""
    stride, dilation = lengths(stride, "stride", 1), lengths(dilation, "dilation", 1)
    if isinstance(padding, str) and padding not in ("valid", "same"):
        raise ValueError(f'expected padding to be an int, a pair, "valid" or "same", got {padding!r}')
    if padding == "same":
        if stride != (1, 1):
            raise ValueError(f'expected stride 1 with padding "same", got {stride}')
        before = tuple(d * (k - 1) // 2 for d, k in zip(dilation, kernel, strict=True))
        return Windows(tuple(size), tuple(kernel), stride, dilation, before, tuple(size))
    return lay(size, kernel, stride, lengths(0 if padding == "valid" else padding, "padding", 0), dilation)


def _places_of_the_way_back(size, weight, stride, padding, output_padding, dilation) -> Windows:
    """Return the windows of the convolution that takes the output's size to `size`."""
    stride, dilation = lengths(stride, "stride", 1), lengths(dilation, "dilation", 1)
    padding, extra = lengths(padding, "padding", 0), lengths(output_padding, "output_padding", 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"expected output_padding below stride {stride} or dilation {dilation}, got {output_padding}"
        )
    kernel = tuple(weight.shape[2:])
    options = zip(size, kernel, stride, padding, extra, dilation, strict=True)
    output = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, e, d in options)
    if min(output) < 1:
        raise ValueError(
            f"expected at least one pixel to be left, got output {output} after cutting {padding}"
        )
    return Windows(output, kernel, stride, dilation, padding, tuple(size))  # type: ignore[arg-type]


def _check_shapes(x, weight, bias, groups, weight_takes: int) -> None:
    """Check what must fit; `weight_takes` is the axis of the weight that meets the channels of x."""
    if not is_whole(groups) or groups < 1:
        raise ValueError(f"expected groups to be an int of at least 1, got {groups!r}")
    names = ("C_out", "C_in / groups") if weight_takes == 1 else ("C_in", "C_out / groups")
    if np.ndim(weight) != 4 or 0 in weight.shape:
        raise ValueError(f"expected weight ({', '.join(names)}, kH, kW), got shape {np.shape(weight)}")
    if len(weight) % groups:
        raise ValueError(f"expected groups that divide the {len(weight)} kernels, got {groups}")
    n_in, n_out = weight.shape[1] * groups, len(weight)
    if weight_takes == 0:
        n_in, n_out = n_out, n_in
    if x.shape[1] != n_in:
        one_image = n_in == 1 and len(x) == 1 and x.shape[2] > 1
        advice = "; images (N, H, W) get their one channel by x[:, None]" if one_image else ""
        raise ValueError(
            f"expected x with {n_in} channels for weight {weight.shape} and groups {groups}, "
            f"got {x.shape[1]} channels: x was taken as (N, C, H, W) = {x.shape}{advice}"
        )
    if min(x.shape[2:]) < 1:
        raise ValueError(f"expected images of at least one pixel, got shape {x.shape}")
    if bias is not None and np.shape(bias) != (n_out,):
        raise ValueError(f"expected bias ({n_out},) for weight {weight.shape}, got shape {np.shape(bias)}")
