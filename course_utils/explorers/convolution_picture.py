"""The picture of `Convolution`: what goes in, what comes out, and the sum of one window."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes
from course_utils.explorers._lettering import add_lettering
from course_utils.explorers._numbers import number
from course_utils.explorers.convolution_pass import LARGEST, MOST_PADDING, Pass
from course_utils.explorers.convolution_words import headline
from course_utils.figures import COLOURS

LIMITS = {"edges across": 2, "edges down": 2, "Laplacian": 1}  # of the colours: these sum to 0
LEFT = (36 / 720, 145 / 440, 238 / 720, 238 / 440)  # 34 cells of 7 CSS pixels, or 14 of 17
RIGHT = (392 / 720, *LEFT[1:])
WINDOW, KERNEL, TABLES = 0.175, 0.525, 0.14  # x of each table's middle, and y of both
SIGNED = LinearSegmentedColormap.from_list("signed", [COLOURS["blue"], "white", COLOURS["vermillion"]])


def draw(figure: Figure, found: Pass) -> dict[str, Artist]:
    """Draw the axes; return both pictures, the marks and all numbers."""
    limit = LIMITS.get(found.settings["kernel"])
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
    artists["headline"] = add_lettering(figure, 0.02, 0.962, **bold)
    artists["sum"] = add_lettering(figure, 0.745, 0.14, **bold)
    return artists | draw_tables(figure)


def background(found: Pass) -> tuple[int, float | None]:
    """Return what the unmoving parts depend on: the number of pixels, and the scale of the colours."""
    return found.n_rows, LIMITS.get(found.settings["kernel"])


def picture_axes(figure: Figure, box: tuple[float, float, float, float], found: Pass, title: str) -> Axes:
    """Add axes with a cell for each pixel of the largest padded picture."""
    axes = add_axes(figure, box, x="", y="", title=title)
    axes.set(xticks=[], yticks=[], facecolor="#e4e4e4")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def draw_tables(figure: Figure) -> dict[str, Artist]:
    """Return the texts for the numbers in the window and in the kernel, by row and column."""
    words: dict[str, Any] = {"fontsize": TEXT_SIZE - 1, "color": INK, "ha": "center", "va": "center"}
    sign: dict[str, Any] = {**words, "fontsize": TEXT_SIZE + 4}
    figure.text(WINDOW, 0.295, "window", **words)
    figure.text(KERNEL, 0.295, "kernel", **words)
    figure.text((WINDOW + KERNEL) / 2, TABLES, "×", **sign)
    figure.text(0.715, TABLES, "=", **sign)
    artists: dict[str, Artist] = {}
    for i in range(LARGEST):
        for j in range(LARGEST):
            for name in ("cell", "weight"):
                artists[f"{name} {i} {j}"] = add_lettering(figure, 0, 0, **words)
    return artists


def move_tables(artists: dict[str, Any], found: Pass) -> None:
    """Write the numbers under the kernel, and its weights."""
    K, (rows, columns) = len(found.kernel), found.taps()
    blur, fits = found.settings["kernel"] == "blur", found.at is not None
    for i in range(LARGEST):
        for j in range(LARGEST):
            cell, weight = artists[f"cell {i} {j}"], artists[f"weight {i} {j}"]
            if i >= K or j >= K:
                cell.set_text("")
                weight.set_text("")
                continue
            x, y = 0.062 * (j - (K - 1) / 2), TABLES - 0.05 * (i - (K - 1) / 2)
            cell.set(x=WINDOW + x, y=y, text=f"{found.padded[rows[i], columns[j]]:.2f}" if fits else "")
            weight.set(x=KERNEL + x, y=y, text=f"1/{K * K}" if blur else number(found.kernel[i, j]))


def move(artists: dict[str, Any], found: Pass) -> None:
    """Set both pictures, the window, the output pixel and the numbers."""
    settings, n = found.settings, len(found.output)
    padding = settings["padding"]
    artists["input"].set_data(found.padded)
    artists["input"].set_extent((-padding, found.n_rows + padding, found.n_rows + padding, -padding))
    fits = found.at is not None
    for name in ("output", "window", "pixel", "taps"):
        artists[name].set_visible(fits)
    move_tables(artists, found)
    artists["sum"].set_text(f"sum {number(float(found.output[found.at]))}" if fits else "no output")
    artists["headline"].set_text(headline(found))
    if found.at is None:
        return
    rows, columns = found.taps()
    corner = (found.n_rows - n) / 2  # the output is as large as its pixels, in the middle
    artists["output"].set_data(found.output)
    artists["output"].set_extent((corner, corner + n, corner + n, corner))
    span = settings["dilation"] * (len(found.kernel) - 1) + 1
    artists["window"].set_bounds(columns[0] - padding, rows[0] - padding, span, span)
    artists["pixel"].set_bounds(corner + found.at[1], corner + found.at[0], 1, 1)
    across, down = np.meshgrid(columns - padding + 0.5, rows - padding + 0.5)
    artists["taps"].set_data(across.ravel(), down.ravel())
