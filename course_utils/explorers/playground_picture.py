"""The picture of `Playground`: the plane in bands of probability with its points, and the losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import contourpy
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import course_utils.nn.functional as F
from course_utils.explorers._canvas import INK, TEXT_SIZE, add_axes, add_legend, log_scale
from course_utils.explorers._lettering import add_headline
from course_utils.explorers.playground_runs import AXIS, N_STEPS, N_TRAIN, VIEW
from course_utils.figures import COLOURS

if TYPE_CHECKING:
    from course_utils.explorers.playground import Moment

LOWEST, HIGHEST = 1e-3, 1e2  # ends of the loss axis
N_BANDS = 12  # of probability, so that the map has edges to follow with the eye
CLASSES = {0: ("o", COLOURS["blue"]), 1: ("^", COLOURS["orange"])}


def _palette() -> np.ndarray:
    """Return (N_BANDS, 3) uint8: blue for class 0 over white to orange for class 1."""
    strength = 0.75 * (2 * (np.arange(N_BANDS) + 0.5) / N_BANDS - 1)[:, None]  # -0.7 to 0.7
    full = np.where(strength < 0, to_rgb(COLOURS["blue"]), to_rgb(COLOURS["orange"]))
    return np.rint(255 * (1 - np.abs(strength) * (1 - full))).astype(np.uint8)


def _between(n_shown: int) -> np.ndarray:
    """Return the matrix (n_shown, 40) that interpolates grid values linearly, at the middles of pixels."""
    at = (np.arange(n_shown) + 0.5) / n_shown * (len(AXIS) - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(len(AXIS)))).astype(np.float32)


PALETTE, BETWEEN = _palette(), _between(288)


def probability_map(logits: np.ndarray) -> np.ndarray:
    """Paint the probability of class 1 in bands: (40, 40) logits to (288, 288, 3) uint8, from below."""
    p = BETWEEN @ F.sigmoid(logits) @ BETWEEN.T
    return PALETTE[np.minimum((N_BANDS * p).astype(np.intp), N_BANDS - 1)]


def border(logits: np.ndarray) -> np.ndarray:
    """Return the line where the logit is zero, (n, 2), its pieces separated by NaN."""
    pieces = contourpy.contour_generator(AXIS, AXIS, logits).lines(0.0)
    gap = np.full((1, 2), np.nan)
    return np.concatenate([gap, *[part for piece in pieces for part in (np.asarray(piece), gap)]])


class PixelMap(Artist):
    """A picture that fills its axes, drawn pixel by pixel: ten times as fast as `imshow`, which resamples."""

    def __init__(self) -> None:
        super().__init__()
        self.set_zorder(1)
        self._rgb = np.zeros((1, 1, 3), np.uint8)

    def set_data(self, rgb: np.ndarray) -> None:
        """Take over (height, width, 3) uint8, the lowest row first."""
        self._rgb = rgb

    def get_data(self) -> np.ndarray:
        """Return what is drawn."""
        return self._rgb

    def draw(self, renderer: Any) -> None:
        """Draw the nearest entry at every pixel."""
        assert self.axes is not None
        left, low, right, high = np.rint(self.axes.bbox.extents).astype(int)
        rows, columns = (
            ((np.arange(n_pixels) + 0.5) * n // n_pixels).astype(np.intp)
            for n_pixels, n in zip((high - low, right - left), self._rgb.shape, strict=False)
        )
        rgba = np.full((*self._rgb.shape[:2], 4), 255, np.uint8)
        rgba[..., :3] = self._rgb
        across = rgba.view(np.uint32)[:, columns]  # one number a pixel; then whole rows
        renderer.draw_image(renderer.new_gc(), left, low, across[rows].view(np.uint8))


def draw(figure: Figure) -> dict[str, Artist]:
    """Draw both empty axes; return what moves."""
    plane = add_axes(figure, (0.085, 0.12, 0.402, 0.689), x="input x1", y="input x2", title="")
    plane.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), xticks=range(-2, 3), yticks=range(-2, 3))
    plane.spines[:].set_visible(False)  # the moving areas would cover half of their width
    artists = _draw_plane(plane)
    title = "loss (cross-entropy), logarithmic"
    right = add_axes(figure, (0.605, 0.12, 0.375, 0.6), x="step", y="", title=title)
    log_scale(right)
    right.axhline(np.log(2), color=INK, linewidth=1, linestyle=":")
    right.text(N_STEPS, 0.76, "guessing, ln 2", ha="right", va="bottom", fontsize=TEXT_SIZE - 2, color=INK)
    right.set(xlim=(-0.02 * N_STEPS, 1.02 * N_STEPS), ylim=(LOWEST, HIGHEST))
    train: dict[str, Any] = {"color": COLOURS["green"], "linewidth": 2.2, "zorder": 4}
    held_out: dict[str, Any] = {
        "color": COLOURS["vermillion"],
        "linewidth": 2.2,
        "linestyle": "--",
        "zorder": 3,
    }
    artists["loss"] = right.plot([], [], **train)[0]
    artists["held out"] = right.plot([], [], **held_out)[0]
    for name, line in (("now", "loss"), ("held out now", "held out")):
        mark: dict[str, Any] = {"linestyle": "", "marker": "os"[line == "held out"], "markersize": 7}
        mark |= {"color": artists[line].get_color(), "markeredgecolor": INK, "clip_on": False, "zorder": 5}
        artists[name] = right.plot([], [], **mark)[0]
    artists["headline"] = add_headline(figure)
    names = {"train 0": "class 0", "train 1": "class 1", "held out 0": "held out", "held out 1": "held out"}
    add_legend(figure, artists, names, (0.07, 0.872), ncols=2)
    names = {"loss": "training", "held out": "held out", "border": "probability 1/2"}
    add_legend(figure, artists, names, (0.52, 0.872), ncols=2)
    return artists


def _draw_plane(axes: Axes) -> dict[str, Any]:
    artists: dict[str, Any] = {"map": axes.add_artist(PixelMap())}
    artists["border"] = axes.plot([], [], color=INK, linewidth=2, zorder=3)[0]
    for label, (marker, colour) in CLASSES.items():
        points: dict[str, Any] = {"linestyle": "", "marker": marker, "markeredgecolor": INK, "zorder": 5}
        held_out = {**points, "color": "white", "markersize": 4.5, "markeredgewidth": 1, "zorder": 4}
        held_out["markeredgecolor"] = ("#00476f", "#8a5a00")[label]
        artists[f"held out {label}"] = axes.plot([], [], **held_out)[0]
        points |= {"color": colour, "markersize": 6.5, "markeredgewidth": 0.7}
        artists[f"train {label}"] = axes.plot([], [], **points)[0]
    return artists


def move(artists: dict[str, Any], moment: Moment) -> None:
    """Set map, border, points, curves and headline."""
    artists["map"].set_data(probability_map(moment.logits))
    artists["border"].set_data(*border(moment.logits).T)
    for name, part in (("train", slice(0, N_TRAIN)), ("held out", slice(N_TRAIN, None))):
        x, y = moment.x[part], moment.y[part]
        for label in CLASSES:
            artists[f"{name} {label}"].set_data(*x[y == label].T)
    steps = np.arange(len(moment.losses))
    artists["loss"].set_data(steps, moment.losses)
    artists["held out"].set_data(*moment.held_out.T)
    artists["now"].set_data(steps[-1:], np.clip(moment.losses[-1:], LOWEST, HIGHEST))
    artists["held out now"].set_data(moment.held_out[-1:, 0], moment.held_out[-1:, 1].clip(LOWEST, HIGHEST))
