"""Moving text put together from pieces: it stands where a text stands, evenly, and alike on every screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers._canvas import Canvas
from course_utils.explorers._lettering import add_lettering

WORDS = "gradients at the first layer: 0.01234"
WIDTH, HEIGHT = 400, 60


def ink(scale: float, text: str, *, plain: bool = False, **style: Any) -> np.ndarray:
    """Return how dark each pixel is, from 0 to 1, with the text in the middle: (height, width)."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.rescale(scale)
    style = {"fontsize": 10.5, "ha": "center", "va": "center", "color": "black", **style}
    add = canvas.figure.text if plain else (lambda *at, **rest: add_lettering(canvas.figure, *at, **rest))
    canvas.keep_background([add(0.5, 0.5, text, **style)])
    return 1 - canvas.pixels().mean(axis=-1) / 255


def extent(dark: np.ndarray, axis: int) -> tuple[int, int]:
    """Return the first and the last row (axis 1) or column (axis 0) with ink."""
    marked = np.flatnonzero((dark > 0.2).any(axis=axis))
    return int(marked[0]), int(marked[-1])


def gaps(dark: np.ndarray) -> list[float]:
    """Return the widths of the white gaps between letters in pixels, from left to right."""
    marked = np.flatnonzero(dark.sum(axis=0) > 0.15)
    return [float(step - 1) for step in np.diff(marked) if step > 1]


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_words_are_apart_by_the_same_space_on_every_screen(scale: float, weight: str) -> None:
    words = "nnn nnnnnn nnnn nn nnnnn nnn"
    widest = sorted(gaps(ink(scale, words, weight=weight)))[-5:]  # the five spaces
    assert max(widest) - min(widest) <= 1, "words stand unevenly"
    fine = sorted(gaps(ink(8.0, words, weight=weight)))[-5:]
    np.testing.assert_allclose(np.array(widest) / scale, np.mean(fine) / 8, atol=2 / scale)


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_a_line_is_as_long_on_every_screen(scale: float) -> None:
    left, right = extent(ink(scale, WORDS), 0)
    fine_left, fine_right = extent(ink(8.0, WORDS), 0)
    assert abs((right - left + 1) / scale - (fine_right - fine_left + 1) / 8) < 2 / scale


@pytest.mark.parametrize("ha", ["left", "center", "right"])
@pytest.mark.parametrize("va", ["top", "center", "bottom", "baseline"])
@pytest.mark.parametrize("text", ["0.25 loss", "two lines\nof 12 words"])
def test_it_stands_where_a_text_stands(ha: str, va: str, text: str) -> None:
    lettering, plain = (
        ink(4.0, text, plain=plain, ha=ha, va=va, linespacing=1.05) for plain in (False, True)
    )
    for axis in (0, 1):
        off = np.subtract(extent(lettering, axis), extent(plain, axis))
        assert np.abs(off).max() <= 14, "more than 3.5 CSS pixels"


def test_letters_look_like_those_of_a_text() -> None:
    lettering, plain = (ink(8.0, "loss", plain=plain, ha="left") for plain in (False, True))
    assert lettering.sum() == pytest.approx(plain.sum(), rel=0.02)
    assert ink(2.0, "loss", color="red").sum() < 0.8 * ink(2.0, "loss").sum()


def test_what_is_empty_or_hidden_leaves_no_ink() -> None:
    assert ink(1.0, "").max() == 0
    assert ink(1.0, " ").max() == 0
    assert ink(1.0, WORDS, visible=False).max() == 0
