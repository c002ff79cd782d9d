"""Pooling as modules, so that it stands in a `Sequential`. Chapter 08."""

from __future__ import annotations

from typing import Any

from course_utils.nn import pooling
from course_utils.nn.module import Module

Lengths = int | tuple[int, int]


class MaxPool2d(Module):
    """Largest value of each window; arguments as in `max_pool2d` (torch's `return_indices` is left out).

    Examples
    --------
    >>> import numpy as np
    >>> MaxPool2d(2)(np.array([[[1.0, 2.0, 5.0, 0.0], [4.0, 3.0, 6.0, 7.0]]]))
    array([[[4., 7.]]])
    """

    def __init__(
        self,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        padding: Lengths = 0,
        dilation: Lengths = 1,
        *,
        ceil_mode: bool = False,
    ):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.ceil_mode = dilation, ceil_mode

    def forward(self, x: Any) -> Any:
        """Map x (N, C, H, W) to (N, C, H_out, W_out)."""
        return pooling.max_pool2d(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        )

    def __repr__(self) -> str:
        return _described(self, "kernel_size", "stride", "padding", "dilation", "ceil_mode")


class AvgPool2d(Module):
    """Mean of each window; arguments as in `avg_pool2d`."""

    def __init__(
        self,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        padding: Lengths = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ):
        self.kernel_size, self.stride, self.padding, self.ceil_mode = kernel_size, stride, padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x: Any) -> Any:
        """Map x (N, C, H, W) to (N, C, H_out, W_out)."""
        return pooling.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def __repr__(self) -> str:
        return _described(self, "kernel_size", "stride", "padding", "ceil_mode")


class AdaptiveAvgPool2d(Module):
    """Means of as many windows as asked for; ``AdaptiveAvgPool2d(1)`` is the mean of each channel."""

    def __init__(self, output_size: int | tuple[int | None, int | None]):
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """Map x (N, C, H, W) to (N, C, *output_size)."""
        return pooling.adaptive_avg_pool2d(x, self.output_size)

    def __repr__(self) -> str:
        return _described(self, "output_size")


def _described(layer: Module, *names: str) -> str:
    return f"{type(layer).__name__}({', '.join(f'{name}={getattr(layer, name)}' for name in names)})"
