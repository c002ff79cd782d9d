"""Places on the picture: points that say their value under the mouse, and grips that can be dragged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from course_utils.explorers._controls import Slider

MOST = 400  # points that one picture tells the browser of: 10 kB or so


def _pixels(artist: Artist, size: tuple[int, int]) -> np.ndarray:
    """Return an artist's points in CSS pixels from the picture's top left corner, (n, 2)."""
    places: Any = artist
    x_y = (
        np.column_stack(places.get_data()) if hasattr(artist, "get_data") else np.array(places.get_offsets())
    )
    return to_page(artist, np.asarray(x_y, dtype=float), size)


def to_page(artist: Artist, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Map points (n, 2) of an artist's axes to CSS pixels."""
    figure: Any = artist.figure
    fractions = figure.transFigure.inverted().transform(_axes(artist).transData.transform(points))
    return fractions * size * (1, -1) + (0, size[1])


def _axes(artist: Artist) -> Axes:
    assert isinstance(artist.axes, Axes)
    return artist.axes


def hover_points(
    artists: Mapping[str, Artist], texts: Mapping[str, Sequence[str]], size: tuple[int, int]
) -> list[list[Any]]:
    """Return [x, y, text] of every visible point of the named artists, evenly thinned out to `MOST`.

    Parameters
    ----------
    artists : dict of Artist
        The moving artists by name, in their places.
    texts : dict of sequence of str
        Name of a line or a scatter, and what each of its points says, in order.
    size : tuple of int
        Width and height of the picture in CSS pixels.
    """
    found = []
    for name, said in texts.items():
        points = _pixels(artists[name], size)[: len(said)]
        low, high = np.sort(to_page(artists[name], _corners(artists[name]), size), axis=0)
        inside = ((low - 1 <= points) & (points <= high + 1)).all(axis=1)  # NaN is nowhere
        found += [[*points[i].round(1).tolist(), said[i]] for i in np.flatnonzero(inside).tolist()]
    return found[:: -(-len(found) // MOST)] if len(found) > MOST else found


def _corners(artist: Artist) -> np.ndarray:
    axes = _axes(artist)
    return np.column_stack([axes.get_xlim(), axes.get_ylim()])


def grips(
    artists: Mapping[str, Artist],
    handles: Mapping[str, Sequence[str]],
    size: tuple[int, int],
) -> dict[str, list[float]]:
    """Return where the named artists' first points lie: {name: [x, y]}; one out of sight is left out."""
    places = {}
    for name in handles:
        points = _pixels(artists[name], size)[:1]
        if len(points) and np.isfinite(points).all():
            places[name] = points[0].round(1).tolist()
    return places


def dragged_values(
    artist: Artist,
    place: tuple[float, float],
    names: Sequence[str],
    controls: Mapping[str, Any],
    idle: Collection[str],
    size: tuple[int, int],
) -> dict[str, Any]:
    """Return the values that a grip gives its controls when it is dragged to a place of the page.

    Parameters
    ----------
    artist : Artist
        Whose axes say what the place means.
    place : tuple of float
        In CSS pixels from the picture's top left corner.
    names : sequence of str
        The control of the x coordinate, and that of the y coordinate if there is one.
    controls : dict of Control
        All controls by name; values are held within their range, and are those that the slider can show.
    idle : collection of str
        Controls that have no effect at present; they stay.
    size : tuple of int
        Width and height of the picture in CSS pixels.
    """
    figure: Any = artist.figure
    fractions = np.array([place[0] / size[0], 1 - place[1] / size[1]])
    data = _axes(artist).transData.inverted().transform(figure.transFigure.transform(fractions))
    values = {}
    for name, value in zip(names, data, strict=False):
        slider = controls[name]
        assert isinstance(slider, Slider), f"{name} must be a slider to be dragged"
        if name not in idle and np.isfinite(value):
            values[name] = slider.read(min(max(float(value), slider.minimum), slider.maximum))
    return values
