"""A picture that is redrawn many times a second: a fixed background, and a few artists that move over it.

The figure never meets pyplot, whose state the callbacks of a slider must not touch: JupyterLab runs them on a
thread of their own while cells run. For the same reason nothing here reads or writes matplotlib's global
settings in a callback.
"""

from __future__ import annotations

import struct
import textwrap
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

INK = "#222222"
MUTED = "#595959"
SCALE = 2.0  # picture pixels per CSS pixel, at most: sharp on high-density screens
TEXT_SIZE = 10.5  # points at 100 dots per inch, so 14.6 CSS pixels


class Canvas:
    """An off-screen figure whose moving artists are drawn over a stored background.

    Parameters
    ----------
    width, height : int
        Size on the page, in CSS pixels. The picture has `SCALE` times as many each way, until `rescale`.
    """

    def __init__(self, width: int, height: int):
        inches = width / 100, height / 100
        self.figure = Figure(figsize=inches, dpi=100 * SCALE, facecolor="white")
        self.figure.set_layout_engine("none")
        self._canvas = FigureCanvasAgg(self.figure)
        self._moving: list[Artist] = []

    def rescale(self, scale: float) -> None:
        """Have `scale` picture pixels per CSS pixel; the background must be drawn anew."""
        self.figure.set_dpi(100 * scale)

    def keep_background(self, moving: Iterable[Artist]) -> None:
        """Draw everything but the `moving` artists, and store that."""
        self._moving = sorted(moving, key=lambda artist: artist.get_zorder())
        for artist in self._moving:
            artist.set_animated(True)
        self._canvas.draw()
        self._background = self._canvas.copy_from_bbox(self.figure.bbox)

    def pixels(self) -> np.ndarray:
        """Return the background with the moving artists drawn over it: (height, width, 3) uint8, a view."""
        self._canvas.restore_region(self._background)
        for artist in self._moving:
            self.figure.draw_artist(artist)
        return np.asarray(self._canvas.buffer_rgba())[..., :3]

    def redrawn(self) -> np.ndarray:
        """Return the same picture drawn from nothing: slow, and what `pixels` must equal."""
        for artist in self._moving:
            artist.set_animated(False)
        self._canvas.draw()
        pixels = np.asarray(self._canvas.buffer_rgba())[..., :3].copy()
        for artist in self._moving:
            artist.set_animated(True)
        return pixels


def png(pixels: np.ndarray) -> bytes:
    """Encode (height, width, 3) uint8 as PNG.

    Every row is stored as its difference from the row above (PNG filter 2, W3C PNG specification, section
    9.2), which is one subtraction in NumPy and mostly zeros for a diagram: twice as fast as Pillow, which
    tries five filters a row, at the same size.
    """
    height, width, _ = pixels.shape
    packed = np.empty((height, width, 3), np.uint8)
    for channel in range(3):  # four times as fast as one copy of all three
        packed[..., channel] = pixels[..., channel]
    flat = packed.reshape(height, 3 * width)
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = 2  # each row starts with the number of its filter
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])  # modulo 256, as the standard has it
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, RGB
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.data, level=1)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def message_picture(width: int, height: int, message: str) -> bytes:
    """Return a PNG that shows `message` in place of a picture."""
    canvas = Canvas(width, height)
    lines = textwrap.wrap(message, 80) or [""]
    canvas.figure.text(0.05, 0.9, "\n".join(lines), va="top", fontsize=TEXT_SIZE, color=INK, parse_math=False)
    canvas.keep_background([])
    return png(canvas.pixels())


def add_axes(figure: Figure, box: tuple[float, float, float, float], *, x: str, y: str, title: str) -> Axes:
    """Add axes in the course's style: every size and colour is given, none taken from global settings.

    Parameters
    ----------
    figure : Figure
        Where to.
    box : tuple of float
        Left, bottom, width and height, as fractions of the figure.
    x, y, title : str
        The labels.
    """
    axes = figure.add_axes(box, facecolor="white")
    axes.set_prop_cycle(color=[INK], linestyle=["-"])  # `style` would dash every second line
    axes.set_xlabel(x, fontsize=TEXT_SIZE, color=INK)
    axes.set_ylabel(y, fontsize=TEXT_SIZE, color=INK)
    axes.set_title(title, fontsize=TEXT_SIZE, color=INK, loc="left")
    axes.tick_params(labelsize=TEXT_SIZE - 1, colors=INK)
    axes.set_axisbelow(True)
    axes.grid(False)
    for side, spine in axes.spines.items():
        spine.set_color(MUTED)
        spine.set_visible(side in ("left", "bottom"))
    return axes


def add_legend(
    owner: Figure | Axes,
    artists: Mapping[str, Artist],
    names: Mapping[str, str],
    place: tuple[float, float],
    **style: Any,
) -> None:
    """Add a frameless legend whose left end is at `place`, a fraction of the figure or axes.

    `names` has the name of an artist in `artists`, and what the legend says of it.
    """
    looks: dict[str, Any] = {"loc": "center left", "frameon": False, "fontsize": TEXT_SIZE - 1}
    looks |= {"labelcolor": INK, "handletextpad": 0.4, "columnspacing": 1.2, "labelspacing": 0.3}
    handles = [artists[name] for name in names]
    owner.legend(handles, list(names.values()), bbox_to_anchor=place, **(looks | style))


def log_scale(axes: Axes) -> None:
    """Give the y axis a logarithmic scale with plain labels; the usual ones are parsed as mathtext."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(base=100))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("e-0", "e-")))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
