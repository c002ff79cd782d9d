"""How figures look and how they are shown: one style, colour-blind safe, always with alt text."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color universal design": distinguishable with every common colour vision.
COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "black": "#000000",
    "yellow": "#F0E442",
}

# One line style for each of the first seven colours: a line is told apart without its colour, too.
_LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)))


def style() -> None:
    """Set matplotlib's defaults for the course: size, font, grid, colours and line styles.

    Successive lines differ in colour and in line style; yellow is kept out of the cycle, since it
    is hard to see on white.

    Examples
    --------
    >>> import matplotlib
    >>> style()
    >>> matplotlib.rcParams["image.cmap"]
    'cividis'
    """
    import matplotlib
    from cycler import cycler

    cycle = cycler(color=list(COLOURS.values())[:7]) + cycler(linestyle=_LINE_STYLES)
    matplotlib.rcParams.update(
        {
            "figure.figsize": (7.0, 3.6),
            "figure.dpi": 100,
            "savefig.dpi": 110,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture everywhere
            "font.size": 11,
            "axes.prop_cycle": cycle,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": "#555555",
            "axes.labelcolor": "#222222",
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.8,
            "xtick.color": "#444444",
            "ytick.color": "#444444",
            "lines.linewidth": 2.0,
            "lines.markersize": 6.0,
            "legend.frameon": False,
            "image.cmap": "cividis",
        }
    )


def show(fig: Figure, alt: str) -> None:
    """Display a figure as a PNG with its alternative text, then close it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Any figure, made by pyplot or not.
    alt : str
        What the picture says, for those who do not see it: one or two sentences with numbers.

    Raises
    ------
    ValueError
        If `alt` is empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            "expected alternative text (one or two sentences that say what the figure shows), got none: "
            'write show(fig, "The loss falls from 2.3 to 0.1 in ten epochs.")'
        )
    from IPython.display import display
    from matplotlib import pyplot as plt

    drawn = io.BytesIO()
    fig.savefig(drawn, format="png")
    plt.close(fig)
    with Image.open(drawn) as image:
        pixels = np.asarray(image.convert("RGB"))
    display({"image/png": small_png(pixels), "text/plain": " ".join(alt.split())}, raw=True)


def small_png(pixels: np.ndarray) -> bytes:
    """Encode uint8 pixels (height, width, 3) in 256 colours: a third of the size, for notebooks to store."""
    small = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).quantize(256).save(small, "PNG", optimize=True)
    return small.getvalue()
