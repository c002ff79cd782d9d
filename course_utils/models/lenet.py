"""LeNet-5: convolutions and pooling in turn, then affine layers. Chapter 08."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential


def lenet5(
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
    in_channels: int = 1,
    n_classes: int = 10,
) -> Sequential:
    """Build LeNet-5 for images of 28 x 28 pixels, as it is built today.

    The sizes are those of LeCun et al., 1998, "Gradient-based learning applied to document recognition",
    section II.B. Today's form has ReLU in place of the scaled tanh, plain maxima in place of subsampling with
    weights, full connections in the second convolution, and logits in place of radial basis functions.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the weights, first layer first.
    dtype : dtype
        float32 (default) or float64.
    in_channels : int
        Channels of an image.
    n_classes : int
        Logits to give.

    Examples
    --------
    >>> model = lenet5(rng=np.random.default_rng(0))
    >>> model(np.zeros((5, 1, 28, 28), np.float32)).shape
    (5, 10)
    >>> sum(parameter.data.size for parameter in model.parameters())
    61706
    """
    options: dict[str, Any] = {"rng": rng, "dtype": dtype}
    return Sequential(
        Conv2d(in_channels, 6, kernel_size=5, padding=2, **options),  # (N, 6, 28, 28)
        ReLU(),
        MaxPool2d(2),  # (N, 6, 14, 14)
        Conv2d(6, 16, kernel_size=5, **options),  # (N, 16, 10, 10)
        ReLU(),
        MaxPool2d(2),  # (N, 16, 5, 5)
        Flatten(),  # (N, 400)
        Linear(400, 120, **options),
        ReLU(),
        Linear(120, 84, **options),
        ReLU(),
        Linear(84, n_classes, **options),
    )
