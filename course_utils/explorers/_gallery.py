"""All explorers on one sheet: a thumbnail of each as it opens, for the README and for contributors."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from course_utils.explorers._canvas import INK, Canvas
from course_utils.explorers._live import Explorer

N_COLUMNS = 3
GAP, TITLE_HEIGHT = 24, 34  # CSS pixels
NAMES = "Explorers"  # the PNG's text chunk that lists what is on the sheet


def first_line(kind: type[Explorer]) -> str:
    """Return the first line of an explorer's documentation."""
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def write_sheet(path: Path, kinds: Sequence[type[Explorer]]) -> Path:
    """Draw every explorer's default state on one PNG, and write its texts to a file beside it.

    Parameters
    ----------
    path : Path
        The PNG. Its text chunk `NAMES` holds the explorers' names, one a line.
    kinds : sequence of Explorer classes
        What to draw, in this order, `N_COLUMNS` in a row.

    Returns
    -------
    Path
        The text file: `path` with the ending ``.txt``, a line with name and alternative text for each.
    """
    tiles, texts = zip(*(_tile(kind) for kind in kinds), strict=True)
    names = PngInfo()
    names.add_text(NAMES, "\n".join(kind.__name__ for kind in kinds))
    Image.fromarray(_grid(tiles)).quantize(256).save(path, "PNG", optimize=True, pnginfo=names)
    beside = path.with_suffix(".txt")
    lines = (f"{kind.__name__}: {text}\n" for kind, text in zip(kinds, texts, strict=True))
    beside.write_text("".join(lines), encoding="utf-8")
    return beside


def _tile(kind: type[Explorer]) -> tuple[np.ndarray, str]:
    """Return title and picture, (height, width, 3) uint8 at one pixel per CSS pixel, and the text."""
    explorer = kind()
    try:
        explorer.picture.scale = 1
        picture, text = explorer.canvas.pixels().copy(), explorer.alt
    finally:
        explorer.close()
    width = picture.shape[1]
    heading = Canvas(width, TITLE_HEIGHT)
    heading.rescale(1)
    heading.figure.text(0.012, 0.5, kind.title, va="center", fontsize=15, weight="bold", color=INK)
    heading.keep_background([])
    return np.concatenate([heading.pixels(), picture]), text


def _grid(tiles: Sequence[np.ndarray]) -> np.ndarray:
    """Lay tiles out row by row on white, aligned at the top."""
    width = max(tile.shape[1] for tile in tiles) + GAP
    rows = [tiles[start : start + N_COLUMNS] for start in range(0, len(tiles), N_COLUMNS)]
    heights = [max(tile.shape[0] for tile in row) + GAP for row in rows]
    n_columns = min(N_COLUMNS, len(tiles))
    sheet = np.full((sum(heights) + GAP, n_columns * width + GAP, 3), 255, np.uint8)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            left = GAP + column * width
            sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
        top += height
    return sheet
