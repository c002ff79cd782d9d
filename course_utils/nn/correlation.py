"""The three matrix products of a convolution: its output and the gradients of image and weight. Chapter 08.

What lies below the windows is unfolded into columns, so that one matrix product does the work of all windows
(Chellapilla, Puri and Simard, 2006, "High performance convolutional neural networks for document
processing"). A batch is unfolded a few images at a time: unfolded at once, it would take as many times its
memory as a kernel has entries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from course_utils.nn.windows import Windows


def gather(windows: np.ndarray, weight: np.ndarray, groups: int) -> np.ndarray:
    """Weigh and sum what lies below each window (N, C, kH, kW, H, W): the forward pass (N, O, H, W)."""
    n_images, rows, columns = len(windows), *windows.shape[-2:]
    kernels = weight.reshape(groups, len(weight) // groups, -1)  # (G, O/G, K), K = C/G kH kW
    y = np.empty((n_images, *kernels.shape[:2], rows * columns), np.result_type(windows, weight))
    for piece in _pieces(windows.shape, windows.itemsize):
        np.matmul(kernels, _columns(windows[piece], groups), out=y[piece])  # (n, G, O/G, H W)
    return y.reshape(n_images, len(weight), rows, columns)


def spread(dy: np.ndarray, weight: np.ndarray, places: Windows, groups: int) -> np.ndarray:
    """Go back from windows to images (N, C, H, W), each window times the kernel: the adjoint of `gather`."""
    n_images, n_channels = len(dy), weight.shape[1] * groups
    kernels = weight.reshape(groups, len(weight) // groups, -1).swapaxes(1, 2)  # (G, K, O/G)
    dy_flat = dy.reshape(n_images, groups, len(weight) // groups, math.prod(places.count))  # (N, G, O/G, H W)
    dx = np.empty((n_images, n_channels, *places.size), np.result_type(dy, weight))
    unfolded = (n_images, n_channels, *places.kernel, *places.count)

    def folded(dwindows: np.ndarray) -> np.ndarray:  # (n, C, kH, kW, H_out, W_out)
        return places.add_up(lambda i, j: dwindows[:, :, i, j])

    for piece in _pieces(unfolded, dx.itemsize):
        dx[piece] = folded((kernels @ dy_flat[piece]).reshape(-1, *unfolded[1:]))
    return dx


def weight_gradient(windows: np.ndarray, dy: np.ndarray, shape: tuple, groups: int) -> np.ndarray:
    """Return dL/d(weight): how much of dy (N, O, H, W) goes with what, summed over places and images."""
    dy_flat = dy.reshape(len(dy), groups, shape[0] // groups, math.prod(dy.shape[2:]))  # (N, G, O/G, H W)
    n_entries = math.prod(shape[1:])  # K
    dkernels = np.zeros((groups, shape[0] // groups, n_entries), np.result_type(windows, dy))
    for piece in _pieces(windows.shape, windows.itemsize):
        columns = _columns(windows[piece], groups)  # (n, G, K, H W)
        dkernels += (dy_flat[piece] @ columns.swapaxes(2, 3)).sum(axis=0)
    return dkernels.reshape(shape)


def _columns(windows: np.ndarray, groups: int) -> np.ndarray:
    """Unfold: copy what lies below each window into a column, (n, G, C/G kH kW, H W)."""
    n_entries = math.prod(windows.shape[1:4]) // groups
    return windows.reshape(len(windows), groups, n_entries, -1)


def _pieces(unfolded_shape: tuple[int, ...], itemsize: int) -> Iterator[slice]:
    """Cut a batch into runs of images that unfold to about 2 MB each: they stay in the processor's cache."""
    step = max(1, 2**21 // max(math.prod(unfolded_shape[1:]) * itemsize, 1))
    return (slice(start, start + step) for start in range(0, unfolded_shape[0], step))
