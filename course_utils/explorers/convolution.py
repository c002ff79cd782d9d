"""Explorer: one kernel over a picture, with stride, padding and dilation. Chapter 08."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import course_utils.nn.functional as F
from course_utils.data.digits import load_digits
from course_utils.data.photographs import load_photograph, shrink, to_gray
from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes
from course_utils.explorers._controls import Choice, IntegerSlider, Playback
from course_utils.explorers._live import Explorer
from course_utils.explorers._numbers import number
from course_utils.figures import COLOURS

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
LIMITS = {"edges across": 2, "edges down": 2, "Laplacian": 1}  # of the colours: these sum to 0
LEFT = (36 / 720, 145 / 440, 238 / 720, 238 / 440)  # 34 cells of 7 CSS pixels, or 14 of 17
RIGHT = (392 / 720, *LEFT[1:])
SIGNED = LinearSegmentedColormap.from_list("signed", [COLOURS["blue"], "white", COLOURS["vermillion"]])


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


def draw(figure: Figure, found: Pass) -> dict[str, Artist]:
    """Draw the axes and the kernel's weights; return both pictures, the marks and the window's numbers."""
    name = found.settings["kernel"]
    limit = LIMITS.get(name)
    words = "output" if limit is None else f"output, −{limit} blue, {limit} red"
    left = picture_axes(figure, LEFT, found, "picture in its padding")
    right = picture_axes(figure, RIGHT, found, words)
    colours: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 1}
    image: dict[str, Any] = {"interpolation": "nearest", "zorder": 3, "aspect": "auto"}
    signed: dict[str, Any] = {} if limit is None else {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    frame: dict[str, Any] = {"fill": False, "linewidth": 2, "zorder": 5}
    n = found.n_rows
    artists: dict[str, Any] = {
        "input": left.imshow(found.padded, **image, **colours),
        "output": right.imshow(np.zeros((1, 1)), **image, **{**colours, **signed}),
        "frame": left.add_patch(Rectangle((0, 0), n, n, color=COLOURS["sky"], **frame)),
        "window": left.add_patch(Rectangle((0, 0), 1, 1, color=COLOURS["orange"], **frame)),
        "pixel": right.add_patch(Rectangle((0, 0), 1, 1, color=COLOURS["orange"], **frame)),
        "taps": left.plot([], [], "s", color=COLOURS["orange"], markersize=3.5 if n == 8 else 1.4, zorder=6)[
            0
        ],
    }
    for axes in (left, right):  # imshow has moved them
        axes.set(xlim=(-MOST_PADDING, n + MOST_PADDING), ylim=(n + MOST_PADDING, -MOST_PADDING))
    bold: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "color": INK, "weight": "bold", "va": "center"}
    artists["headline"] = figure.text(0.02, 0.962, "", **bold)
    artists["sum"] = figure.text(0.745, 0.14, "", **bold)
    return artists | draw_tables(figure, found.kernel, found.settings["kernel"])


def picture_axes(figure: Figure, box: tuple[float, float, float, float], found: Pass, title: str) -> Axes:
    """Add axes with a cell for each pixel of the largest padded picture."""
    axes = add_axes(figure, box, x="", y="", title=title)
    axes.set(xticks=[], yticks=[], facecolor="#e4e4e4")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def draw_tables(figure: Figure, kernel: np.ndarray, name: str) -> dict[str, Artist]:
    """Write the kernel's weights; return the texts for the numbers in the window, by row and column."""
    K = len(kernel)
    size: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "color": INK, "ha": "center", "va": "center"}
    sign: dict[str, Any] = {**size, "fontsize": TEXT_SIZE + 4}
    figure.text(0.175, 0.295, "window", **size)
    figure.text(0.525, 0.295, "kernel", **size)
    figure.text(0.35, 0.14, "×", **sign)
    figure.text(0.715, 0.14, "=", **sign)
    artists: dict[str, Artist] = {}
    for i in range(K):
        for j in range(K):
            x, y = 0.062 * (j - (K - 1) / 2), 0.14 - 0.05 * (i - (K - 1) / 2)
            written = f"1/{K * K}" if name == "blur" else number(kernel[i, j])
            figure.text(0.525 + x, y, written, **size)
            artists[f"cell {i} {j}"] = figure.text(0.175 + x, y, "", **size)
    return artists


def move(artists: dict[str, Any], found: Pass) -> None:
    """Set both pictures, the window, the output pixel and the numbers."""
    settings, n = found.settings, len(found.output)
    padding = settings["padding"]
    artists["input"].set_data(found.padded)
    artists["input"].set_extent((-padding, found.n_rows + padding, found.n_rows + padding, -padding))
    fits = found.at is not None
    for name in ("output", "window", "pixel", "taps"):
        artists[name].set_visible(fits)
    rows, columns = found.taps()
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            artists[f"cell {i} {j}"].set_text(f"{found.padded[row, column]:.2f}" if fits else "")
    artists["sum"].set_text(f"sum {number(float(found.output[found.at]))}" if fits else "no output")
    artists["headline"].set_text(headline(found))
    if found.at is None:
        return
    corner = (found.n_rows - n) / 2  # the output is as large as its pixels, in the middle
    artists["output"].set_data(found.output)
    artists["output"].set_extent((corner, corner + n, corner + n, corner))
    span = settings["dilation"] * (len(found.kernel) - 1) + 1
    artists["window"].set_bounds(columns[0] - padding, rows[0] - padding, span, span)
    artists["pixel"].set_bounds(corner + found.at[1], corner + found.at[0], 1, 1)
    across, down = np.meshgrid(columns - padding + 0.5, rows - padding + 0.5)
    artists["taps"].set_data(across.ravel(), down.ravel())


def formula(found: Pass) -> str:
    """Return the output's size, worked out: floor division, since a window that sticks out is left out."""
    settings, K = found.settings, len(found.kernel)
    padding, dilation, stride = (settings[name] for name in ("padding", "dilation", "stride"))
    return f"({found.n_rows} + 2*{padding} - {dilation}*({K}-1) - 1)//{stride} + 1 = {len(found.output)}"


def headline(found: Pass) -> str:
    """Say how large the output is, and why."""
    if found.at is None:
        span = found.settings["dilation"] * (len(found.kernel) - 1) + 1
        return f"no output: the kernel spans {span}, the padded picture {len(found.padded)}"
    return f"output: {formula(found)} rows"


class Convolution(Explorer):
    """A kernel that walks over a picture: the numbers under it, their weighted sum, and all the sums.

    As everywhere in deep learning the kernel is laid on as it is written, not flipped. Playing `position`
    walks through the output row by row.

    Questions it lets one answer:

    - Which padding keeps the size at stride 1, for kernels of 3 and of 5? With dilation 2?
    - What do two blurs of stride 2 leave of 28 rows, and what does the floor in the formula leave out?
    - Which edges does each of the two edge kernels find, and which way do the signs point?
    - How much of the picture does one output pixel see at dilation 3, and through how many weights?
    - What does padding with zeros do to the border of a blurred photograph?

    Parameters
    ----------
    image : str
        "flower" or "temple", 28 by 28, or "digit", 8 by 8.
    kernel : str
        Its name; all but "identity" and "blur" are 3 by 3.
    kernel_size : int
        Rows and columns of the identity and the blur, 1 to 5.
    stride, dilation : int
        1 to 4, and 1 to 3.
    padding : int
        Rows and columns of zeros on each side, 0 to 3.
    position : int
        How far through the output the window is, 0 to 199.

    Examples
    --------
    >>> explorer = Convolution(kernel_size=3, stride=2, padding=1, dilation=2)
    >>> explorer.result.output.shape
    (13, 13)
    >>> explorer.close()
    """

    title = "Convolution"
    size = (720, 440)

    image = Choice("picture", PICTURES, default="flower")
    kernel = Choice("kernel", KERNELS, default="blur")
    kernel_size = IntegerSlider("kernel size", 1, LARGEST, default=3)
    stride = IntegerSlider("stride", 1, 4, default=1)
    padding = IntegerSlider("padding", 0, MOST_PADDING, default=1)
    dilation = IntegerSlider("dilation", 1, 3, default=1)
    position = Playback("position", 0, N_POSITIONS - 1, default=92)

    presets = {
        "same size": {"kernel": "blur", "kernel_size": 5, "padding": 2},
        "half the size": {"stride": 2},
        "edges across": {"kernel": "edges across", "image": "temple", "position": 55},
        "edges down": {"kernel": "edges down", "image": "temple", "position": 55},
        "sees far by dilation": {"kernel": "Laplacian", "dilation": 3, "padding": 3},
        "numbers of a digit": {"image": "digit", "kernel": "edges across", "padding": 0, "position": 40},
    }

    compute = staticmethod(compute)

    def background(self, found: Pass) -> tuple[int, str, int]:
        """Redraw for another kernel, whose weights are written, or another number of pixels."""
        return found.n_rows, found.settings["kernel"], len(found.kernel)

    def idle(self, found: Pass) -> tuple[str, ...]:
        """Grey out the size of a kernel that has but one, and the position where there is no output."""
        sized = found.settings["kernel"] in SIZED
        return ("kernel_size",) * (not sized) + ("position",) * (found.at is None)

    def draw(self, figure: Figure, found: Pass) -> dict[str, Artist]:
        """Draw axes and kernel."""
        return draw(figure, found)

    def move(self, artists: dict[str, Any], found: Pass) -> None:
        """Set pictures, marks and numbers."""
        move(artists, found)

    def describe(self, found: Pass) -> str:
        """Name picture, kernel and options, the output's size and the pixel looked at."""
        settings, n, K = found.settings, found.n_rows, len(found.kernel)
        options = ", ".join(f"{name} {settings[name]}" for name in ("stride", "padding", "dilation"))
        text = f"Convolution of the {settings['image']}, {n} x {n}, with {settings['kernel']}, {K} x {K}, "
        text += f"{options}. {headline(found).capitalize()}."
        if found.at is None:
            return text
        row, column = found.at
        return f"{text} Pixel in row {row}, column {column}: {number(float(found.output[found.at]))}."
