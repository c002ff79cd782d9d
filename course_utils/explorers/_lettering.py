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

MARGIN = 2  # pixels around a piece, for letters that reach beyond their box
FINE = 1600.0  # dots per inch at which letters are measured: lines are as long on every screen
LEADING = 1.05  # from line to line, as a part of a line
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
            [stamp(piece, font, colour, renderer.dpi) for piece in PIECES.findall(line)]
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
            for picture, advance in line:
                renderer.draw_image(gc, round(at) - MARGIN, round(baseline) - below, picture)
                at += advance
            baseline -= leading
        gc.restore()
        self.stale = False


def add_lettering(owner: Axes | Figure, x: float, y: float, text: str = "", **style: Any) -> Lettering:
    """Add a text that moves, to axes or to a figure: ``owner.text``, with `Lettering` for `Text`."""
    lettering = Lettering(x, y, text, parse_math=False, **style)
    owner.add_artist(lettering)
    return lettering


@functools.lru_cache(maxsize=16)
def reach(font: FontProperties, dpi: float) -> tuple[float, float]:
    """Return how far letters reach above and below the line they stand on, in pixels."""
    _, height, descent = RendererAgg(8, 8, dpi).get_text_width_height_descent("lp", font, ismath=False)
    return height - descent, descent


@functools.lru_cache(maxsize=512)
def stamp(piece: str, font: FontProperties, colour: Any, dpi: float) -> tuple[np.ndarray, float]:
    """Return the picture of some letters, (height, width, 4) uint8 with `MARGIN`, and their length."""
    ascent, descent = reach(font, dpi)
    measure = RendererAgg(8, 8, FINE)
    both, neither = (
        measure.get_text_width_height_descent(text, font, ismath=False)[0] for text in (f"|{piece}|", "||")
    )
    advance = (both - neither) * dpi / FINE  # with the room beside the letters
    height = math.ceil(ascent) + math.ceil(descent) + 2 * MARGIN
    renderer = RendererAgg(math.ceil(1.1 * advance) + 2 * MARGIN, height, dpi)
    gc = renderer.new_gc()
    gc.set_foreground(colour, isRGBA=True)
    renderer.draw_text(gc, MARGIN, MARGIN + math.ceil(ascent), piece, font, 0)
    return np.asarray(renderer.buffer_rgba())[::-1].copy(), advance  # upside down, as draw_image takes it
