"""Convolutions with their weights. Chapter 08."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn import convolution
from course_utils.nn.module import Module, Parameter
from course_utils.nn.padding import circular_pad
from course_utils.nn.precision import check_width
from course_utils.nn.windows import is_whole, lengths
from course_utils.randomness import check_generator


class _Convolution(Module):
    """What the layers share: options, weights, padding. `n_axes` is 1 for sequences, 2 for images.

    Weight and bias start uniform in [-b, b] with b = 1/sqrt(fan_in), torch's default; fan_in is the number of
    entries of weight[0].
    """

    n_axes = 2

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, groups):
        for name, n in (("in_channels", in_channels), ("out_channels", out_channels), ("groups", groups)):
            if not is_whole(n) or n < 1:
                raise ValueError(f"expected {name} to be an int of at least 1, got {n!r}")
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"expected groups that divide {in_channels} input and {out_channels} output channels, "
                f"got {groups}"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = lengths(kernel_size, "kernel_size", 1, self.n_axes)
        self.stride = lengths(stride, "stride", 1, self.n_axes)
        self.dilation = lengths(dilation, "dilation", 1, self.n_axes)
        self.padding = padding if isinstance(padding, str) else lengths(padding, "padding", 0, self.n_axes)

    def _draw(self, shape: tuple[int, ...], bias: bool, rng: np.random.Generator, dtype: DTypeLike) -> None:
        """Draw the weight of the given shape, then the bias."""
        check_generator(rng)
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self.weight = Parameter(rng.uniform(-bound, bound, size=shape).astype(dtype))
        self.bias = (
            Parameter(rng.uniform(-bound, bound, size=self.out_channels).astype(dtype)) if bias else None
        )

    def __repr__(self) -> str:
        options = [f"{self.in_channels}", f"{self.out_channels}", f"kernel_size={self.kernel_size}"]
        defaults = {"stride": (1,), "padding": (0,), "output_padding": (0,), "dilation": (1,)}
        for name, default in defaults.items():
            if getattr(self, name, default * self.n_axes) != default * self.n_axes:
                options.append(f"{name}={getattr(self, name)!r}")
        options += [f"groups={self.groups}"] if self.groups != 1 else []
        options += ["bias=False"] if self.bias is None else []
        options += ["padding_mode='circular'"] if getattr(self, "padding_mode", "") == "circular" else []
        return f"{type(self).__name__}({', '.join(options)})"


class Conv2d(_Convolution):
    """Convolution of images: `conv2d` with its weight (out_channels, in_channels / groups, kH, kW).

    Weight and bias start uniform in [-b, b] with b = 1/sqrt(fan_in), torch's default, where fan_in =
    in_channels / groups kH kW.

    Parameters
    ----------
    in_channels, out_channels : int
        Numbers of channels, both multiples of `groups`.
    kernel_size : int or (int, int)
        Height and width of the kernels.
    stride, padding, dilation, groups
        As in `conv2d`.
    bias : bool
        Whether to add one number to each output channel.
    padding_mode : {"zeros", "circular"}
        "circular" continues an image by its own other side: then a rolled image gives the rolled output.
        torch's "reflect" and "replicate" are left out.
    rng : numpy.random.Generator
        Draws the start; torch uses a hidden global state instead.
    dtype : dtype
        float32 (default) or float64.

    Examples
    --------
    >>> layer = Conv2d(1, 6, kernel_size=5, padding=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((10, 1, 28, 28), np.float32)).shape
    (10, 6, 28, 28)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] | str = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups)
        if isinstance(padding, str) and padding not in ("valid", "same"):
            raise ValueError(f'expected padding to be ints, "valid" or "same", got {padding!r}')
        if padding == "same" and max(self.stride) > 1:
            raise ValueError(f'expected stride 1 with padding "same", got {self.stride}')
        if padding_mode not in ("zeros", "circular"):
            raise ValueError(f'expected padding_mode "zeros" or "circular", got {padding_mode!r}')
        self.padding_mode = padding_mode
        self._draw((out_channels, in_channels // groups, *self.kernel_size), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """Map x (N, C_in, H, W) to (N, C_out, H_out, W_out); Conv1d: (N, C_in, L) to (N, C_out, L_out)."""
        check_width("x", x, self.weight.dtype)
        padding = self.padding
        if self.padding_mode == "circular" and np.ndim(x) > self.n_axes:  # else `conv2d` tells what is wrong
            for axis, (before, after) in enumerate(self._both_sides(), start=-self.n_axes):
                x = circular_pad(x, axis, before, after)
            padding = 0
        convolve = convolution.conv2d if self.n_axes == 2 else convolution.conv1d
        return convolve(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _both_sides(self) -> list[tuple[int, int]]:
        """Return the padding before and after the image, axis by axis."""
        if not isinstance(self.padding, str):
            return [(p, p) for p in self.padding]
        spans = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
        return [(n // 2, n - n // 2) if self.padding == "same" else (0, 0) for n in spans]


class Conv1d(Conv2d):
    """Convolution of sequences: `conv1d` with its weight (out_channels, in_channels / groups, k).

    Parameters as in `Conv2d`, with one length in place of two.

    Examples
    --------
    >>> layer = Conv1d(1, 4, kernel_size=3, stride=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((10, 1, 9), np.float32)).shape
    (10, 4, 4)
    """

    n_axes = 1


class ConvTranspose2d(_Convolution):
    """Transposed convolution: `conv_transpose2d` with its weight.

    The weight has the shape (in_channels, out_channels / groups, kH, kW).

    Weight and bias start uniform in [-b, b] with b = 1/sqrt(out_channels / groups kH kW), torch's default.

    Parameters
    ----------
    in_channels, out_channels : int
        Numbers of channels, both multiples of `groups`.
    kernel_size : int or (int, int)
        Height and width of the kernels.
    stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`.
    bias : bool
        Whether to add one number to each output channel.
    rng : numpy.random.Generator
        Draws the start; torch uses a hidden global state instead.
    dtype : dtype
        float32 (default) or float64.

    Examples
    --------
    >>> layer = ConvTranspose2d(16, 8, kernel_size=2, stride=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((10, 16, 7, 7), np.float32)).shape
    (10, 8, 14, 14)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        output_padding: int | tuple[int, int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int, int] = 1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups)
        if isinstance(padding, str):
            raise ValueError(f"expected padding to be an int or a pair of ints, got {padding!r}")
        self.output_padding = lengths(output_padding, "output_padding", 0)
        self._draw((in_channels, out_channels // groups, *self.kernel_size), bias, rng, dtype)

    def forward(self, x: Any) -> Any:
        """Map x (N, C_in, H, W) to (N, C_out, H_out, W_out)."""
        check_width("x", x, self.weight.dtype)
        return convolution.conv_transpose2d(
            x,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
        )
