"""One kernel over a picture: all the sums, and the window that is looked at. Chapter 08."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
from course_utils.data.photographs import load_photograph, shrink, to_gray

FIXED = {  # kernels of 3 by 3, as they are laid on the picture (nothing is flipped)
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "edges across": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # Sobel's: right minus left
    "edges down": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],  # below minus above
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}
KERNELS = ("identity", "blur", *FIXED)
SIZED = KERNELS[:2]  # those that exist in other sizes
PICTURES = ("flower", "temple", "digit")
LARGEST, MOST_PADDING, N_POSITIONS = 5, 3, 200


@dataclass(frozen=True)
class Pass:
    """A convolution of one picture: what `compute` found.

    Parameters
    ----------
    settings : dict
        The controls' values.
    padded : ndarray (H + 2 padding, H + 2 padding)
        The picture in [0, 1], with zeros around it.
    kernel : ndarray (K, K)
    output : ndarray (H_out, H_out)
        All windows' sums; empty along both axes if the kernel does not fit.
    at : (int, int) or None
        Row and column of the output pixel that is looked at.
    """

    settings: dict[str, Any]
    padded: np.ndarray
    kernel: np.ndarray
    output: np.ndarray
    at: tuple[int, int] | None

    @property
    def n_rows(self) -> int:
        """Rows (and columns) of the picture, without padding."""
        return len(self.padded) - 2 * self.settings["padding"]

    def taps(self) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and columns of the padded picture under the kernel: (K,) each."""
        row, column = self.at or (0, 0)
        steps = self.settings["dilation"] * np.arange(len(self.kernel))
        return row * self.settings["stride"] + steps, column * self.settings["stride"] + steps


def compute(
    *, image: str, kernel: str, kernel_size: int, stride: int, padding: int, dilation: int, position: int
) -> Pass:
    """Convolve the picture, and find the window at `position` of `N_POSITIONS` through the output."""
    settings: dict[str, Any] = {"image": image, "kernel": kernel, "kernel_size": kernel_size}
    settings |= {"stride": stride, "padding": padding, "dilation": dilation, "position": position}
    pixels, weight = load_picture(image), kernel_of(kernel, kernel_size)
    padded = np.pad(pixels, padding)
    if dilation * (len(weight) - 1) + 1 > len(padded):
        return Pass(settings, padded, weight, np.empty((0, 0)), None)
    output = F.conv2d(pixels[None], weight[None, None], stride=stride, padding=padding, dilation=dilation)[
        0
    ]  # (H_out, H_out)
    return Pass(settings, padded, weight, output, place(position, len(output)))


def place(position: int, n_rows: int) -> tuple[int, int]:
    """Return row and column of an output pixel: the positions share the output evenly, row by row.

    Examples
    --------
    >>> place(0, 4), place(100, 4), place(199, 4)
    ((0, 0), (2, 0), (3, 3))
    """
    return divmod(position * n_rows * n_rows // N_POSITIONS, n_rows)


def kernel_of(name: str, size: int) -> np.ndarray:
    """Return the weights of a kernel; `size` matters to the identity and the blur only.

    Examples
    --------
    >>> kernel_of("identity", 2)
    array([[0., 0.],
           [0., 1.]])
    """
    if name == "blur":
        return np.full((size, size), 1 / size**2)
    if name == "identity":
        weight = np.zeros((size, size))
        weight[size // 2, size // 2] = 1
        return weight
    return np.array(FIXED[name], dtype=float)


@functools.lru_cache(maxsize=4)
def load_picture(name: str) -> np.ndarray:
    """Return a grey square in [0, 1], float64: a digit of 8 by 8, or a piece of a photograph of 28 by 28."""
    if name == "digit":
        return load_digits("writers", dtype=np.float64).x_train[0].reshape(8, 8)  # ink is 1
    photograph, top, left = {"flower": ("flower", 4, 12), "temple": ("china", 2, 5)}[name]
    small = shrink(to_gray(load_photograph(photograph), dtype=np.float64), 12)  # (35, 53)
    return small[top : top + 28, left : left + 28]
