"""Moving text that is cheap to draw: words and digits are kept as small pictures and put side by side.

Matplotlib sets each letter anew whenever a text is drawn, which takes longer than all lines and points of a
picture. From one frame to the next most words stay, and numbers are made of the same ten digits.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from course_utils.explorers._canvas import INK, TEXT_SIZE

MARGIN = 2  # pixels around a piece, for letters that reach beyond their box
FINE = 1600.0  # dots per inch at which letters are measured: lines are as long on every screen
LEADING = 1.05  # from line to line, as a part of a line
PARTS = 4  # of a pixel, to which a piece is put across: words and digits then stand evenly
PIECES = re.compile(r" |\d|[^ \d]+")


class Lettering(Text):
    """Text without rotation, mathematics or box, drawn piece by piece from `stamp`; else a `Text`.

    `add_lettering` adds one to axes or a figure. "center" is halfway up all of its lines.
    """

    def draw(self, renderer: Any) -> None:
        """Put the pictures of all pieces where the text is."""
        if not self.get_visible() or not self.get_text():
            return
        font, colour = self.get_fontproperties(), to_rgba(self.get_color())
        lines = [
            [(piece, length(piece, font, renderer.dpi)) for piece in PIECES.findall(line)]
            for line in self.get_text().split("\n")
        ]
        ascent, descent = reach(font, renderer.dpi)
        leading = LEADING * (ascent + descent)
        height = leading * (len(lines) - 1) + ascent + descent
        x, y = self.get_transform().transform(self.get_position())  # pixels from the lower left corner
        up = {"top": 0.0, "center": 0.5, "bottom": 1.0, "baseline": 1 - descent / height}
        baseline = y + up[self.get_verticalalignment()] * height - ascent
        left = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
        below = MARGIN + math.ceil(descent)  # from the baseline down to the edge of a picture
        gc = renderer.new_gc()
        for line in lines:
            at = x - left * sum(advance for _, advance in line)
            for piece, advance in line:
                if piece != " ":
                    pixel, part = divmod(round(PARTS * at), PARTS)
                    picture = stamp(piece, font, colour, renderer.dpi, part)
                    renderer.draw_image(gc, pixel - MARGIN, round(baseline) - below, picture)
                at += advance
            baseline -= leading
        gc.restore()
        self.stale = False


def add_lettering(owner: Axes | Figure, x: float, y: float, text: str = "", **style: Any) -> Lettering:
    """Add a text that moves, to axes or to a figure: ``owner.text``, with `Lettering` for `Text`."""
    lettering = Lettering(x, y, text, parse_math=False, **style)
    owner.add_artist(lettering)
    return lettering


def add_headline(figure: Figure) -> Lettering:
    """Add the line at the top of a picture that names what happens."""
    style: dict[str, Any] = {"fontsize": TEXT_SIZE + 2, "weight": "bold", "color": INK, "va": "center"}
    return add_lettering(figure, 0.012, 0.962, **style)


@functools.lru_cache(maxsize=16)
def reach(font: FontProperties, dpi: float) -> tuple[float, float]:
    """Return how far letters reach above and below the line they stand on, in pixels."""
    _, height, descent = RendererAgg(8, 8, dpi).get_text_width_height_descent("lp", font, ismath=False)
    return height - descent, descent


@functools.lru_cache(maxsize=4096)
def length(piece: str, font: FontProperties, dpi: float) -> float:
    """Return how long some letters are in pixels, with the room beside each."""
    measure = RendererAgg(8, 8, FINE)
    both, neither = (
        measure.get_text_width_height_descent(text, font, ismath=False)[0] for text in (f"|{piece}|", "||")
    )
    return (both - neither) * dpi / FINE


@functools.lru_cache(maxsize=1024)
def stamp(piece: str, font: FontProperties, colour: Any, dpi: float, part: int) -> np.ndarray:
    """Return the picture of some letters, (height, width, 4) uint8 with `MARGIN`.

    They begin `part` / `PARTS` of a pixel to the right of the margin.
    """
    ascent, descent = reach(font, dpi)
    height = math.ceil(ascent) + math.ceil(descent) + 2 * MARGIN
    width = math.ceil(1.1 * length(piece, font, dpi)) + 1 + 2 * MARGIN
    renderer = RendererAgg(width, height, dpi)
    gc = renderer.new_gc()
    gc.set_foreground(colour, isRGBA=True)
    for i, letter in enumerate(piece):  # one by one, since whole words are drawn wider on coarse screens
        at = MARGIN + part / PARTS + length(piece[:i], font, dpi)
        renderer.draw_text(gc, at, MARGIN + math.ceil(ascent), letter, font, 0)
    return np.asarray(renderer.buffer_rgba())[::-1].copy()  # upside down, as draw_image takes it
