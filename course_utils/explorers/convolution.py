"""Explorer: one kernel over a picture, with stride, padding and dilation. Chapter 08."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers import convolution_picture
from course_utils.explorers._controls import Choice, IntegerSlider, Playback
from course_utils.explorers._live import Explorer
from course_utils.explorers.convolution_pass import (
    KERNELS,
    LARGEST,
    MOST_PADDING,
    N_POSITIONS,
    PICTURES,
    SIZED,
    Pass,
    compute,
)
from course_utils.explorers.convolution_words import describe


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

    def background(self, found: Pass) -> tuple[int, float | None]:
        """Redraw for another number of pixels, or for other colours of the output."""
        return convolution_picture.background(found)

    def idle(self, found: Pass) -> tuple[str, ...]:
        """Grey out the size of a kernel that has but one, and the position where there is no output."""
        sized = found.settings["kernel"] in SIZED
        return ("kernel_size",) * (not sized) + ("position",) * (found.at is None)

    def draw(self, figure: Figure, found: Pass) -> dict[str, Artist]:
        """Draw axes and kernel."""
        return convolution_picture.draw(figure, found)

    def move(self, artists: dict[str, Any], found: Pass) -> None:
        """Set pictures, marks and numbers."""
        convolution_picture.move(artists, found)

    def describe(self, found: Pass) -> str:
        """Name picture, kernel and options, the output's size and the pixel looked at."""
        return describe(found)
