"""The one widget: controls over a live picture, with a text that says what the picture shows.

A subclass of `Explorer` gives the mathematics and the artists; everything else is here: the controls become
widgets, a change of any of them leads to one new picture and one new text, and the whole is shown as a live
view where a kernel runs, as a PNG where none does, and as a sentence where there are no pictures.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers._canvas import Canvas, message_picture, png
from course_utils.explorers._cells import close_all, close_earlier
from course_utils.explorers._marks import dragged_values, grips, hover_points
from course_utils.explorers._values import Adjustable, code_for
from course_utils.explorers._view import arrange, control_widgets, live_picture
from course_utils.figures import small_png


class Explorer(Adjustable):
    """Base of all explorers.

    A subclass declares its controls as class attributes (see ``_controls.py``) and defines `compute`, `draw`,
    `move` and `describe`; `background` and `idle` where they are needed. Controls are read and moved from
    code, too: ``explorer.lr = 0.5``, ``explorer.set(lr=0.5, momentum=0.9)``, ``explorer.preset("diverges")``.

    Parameters
    ----------
    **values
        Start values of controls; the others stand at their defaults.

    Raises
    ------
    TypeError
        If there is no control of that name.
    AttributeError
        If, later on, another public attribute than a control is set (``explorer.learning_rate = 5``).
    ValueError
        If a value is out of its range.

    Notes
    -----
    A subclass that keeps something on the instance sets it before ``super().__init__()``, or gives it a name
    with a leading underscore.
    """

    title: ClassVar[str]
    size: ClassVar[tuple[int, int]] = (720, 400)  # CSS pixels
    handles: ClassVar[Mapping[str, Sequence[str]]] = {}
    """What can be dragged on the picture: a moving line's name, and the controls that follow its first point.

    ``handles = {"start": ("x0", "y0")}`` lets the mouse drag the mark ``"start"``; its axes say which values
    of the controls `x0` and `y0` a place means. With one control the mark moves along x only.
    """

    compute: ClassVar[Callable[..., Any]]
    """A pure function of the controls' values, by keyword; what it returns goes to the methods below."""

    def __init__(self, **values: Any):
        super().__init__()
        self._closed = False
        self._drawn: Hashable = None  # what the stored background shows; None after a failure
        self._pictured: dict[str, Any] | None = None  # the values that the picture shows, if it does
        self._start = {**self.defaults(), **self._checked(values)}
        self._set_to = dict(self._start)
        self._is_shown = False
        self.widgets = control_widgets(self, self._set_to)
        self.canvas = Canvas(*self.size)
        self.picture = live_picture(self)
        self.refresh()
        for widget in self.widgets.values():
            widget.observe(self.refresh, "value")
        self.picture.observe(self._rescale, "scale")
        self.picture.observe(self._drag, "dragged")
        self.picture.observe(lambda _: self.reset(), "resets")
        self.view = arrange(self)
        self._complete = True

    # What a subclass gives

    def draw(self, figure: Figure, result: Any) -> dict[str, Artist]:
        """Add the unmoving parts to an empty figure, and the moving artists, which are returned by name."""
        raise NotImplementedError

    def move(self, artists: dict[str, Any], result: Any) -> None:
        """Set the moving artists to what `compute` returned."""
        raise NotImplementedError

    def describe(self, result: Any) -> str:
        """Say in one or two sentences, with numbers of at most 4 digits, what the picture shows."""
        raise NotImplementedError

    def background(self, result: Any) -> Hashable:
        """Return what the unmoving parts depend on; they are redrawn only when it changes."""
        return "one"

    def idle(self, result: Any) -> Collection[str]:
        """Return the names of controls that have no effect at present; they are greyed out."""
        return ()

    def hover(self, result: Any) -> Mapping[str, Sequence[str]]:
        """Return what the points of moving lines or scatters say under the mouse, by the artist's name.

        One text for each point, in order: ``{"path": [f"step {i}: loss {loss:.4g}" for i, loss in ...]}``.
        """
        return {}

    # Picture

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        return self.picture.alt

    def refresh(self, change: object = None) -> None:
        """Compute and paint anew, from the values of all controls as they are now.

        `change` is ignored on purpose: an event that arrives late then paints the present, never the past.
        """
        with self._lock:
            values = self.values
            if self._held or self._closed or values == self._pictured:
                return
            self._pictured = None
            try:
                self.result = type(self).compute(**values)
                pixels = self._paint()
                alt = self.describe(self.result)
                hover = hover_points(self.artists, self.hover(self.result), self.size)
                places = grips(self.artists, self.handles, self.size)
            except Exception as error:  # shown where the learner looks, and raised for whoever called
                self._drawn = None
                alt = f"{self.title} failed: {type(error).__name__}: {error}"
                self._send(message_picture(*self.size, alt), alt, values)
                raise
            self._send(png(pixels), alt, values, hover, places)
            self._pictured = values
            idle = self.idle(self.result)
            for name, widget in self.widgets.items():
                widget.disabled = name in idle

    def _rescale(self, change: object = None) -> None:
        """Paint as many pixels as the screen shows: four times fewer on an ordinary one."""
        with self._lock:
            self.canvas.rescale(self.picture.scale)
            self._drawn = self._pictured = None
            self.refresh()

    def _paint(self) -> Any:
        background = self.background(self.result)
        if background != self._drawn:
            self.canvas.figure.clear()
            self.artists = self.draw(self.canvas.figure, self.result)
            self.canvas.keep_background(self.artists.values())
            self._drawn = background
        self.move(self.artists, self.result)
        return self.canvas.pixels()

    def _send(
        self,
        picture: bytes,
        alt: str,
        values: Mapping[str, Any],
        hover: Sequence[Any] = (),
        places: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        with self.picture.hold_sync():  # one message for all
            self.picture.alt, self.picture.png = alt, picture
            self.picture.code = code_for(type(self).__name__, values, self.defaults())
            self.picture.shown = {name: values[name] for name in self.picture.playback}
            self.picture.hover, self.picture.grips = list(hover), dict(places)

    def _drag(self, change: object = None) -> None:
        """Have the controls follow a grip that is dragged on the picture."""
        with self._lock:
            drag = self.picture.dragged
            if self._closed or self._drawn is None or drag.get("grip") not in self.handles:
                return
            name, place = drag["grip"], (drag["x"], drag["y"])
            names, idle = self.handles[name], self.idle(self.result)
            self.set(**dragged_values(self.artists[name], place, names, self.controls(), idle, self.size))

    # On the page

    def close(self) -> None:
        """Take the explorer off the page and let go of its widgets."""
        with self._lock:
            self._closed = True
            close_all(self.view)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        close_earlier(self)
        with self._lock:
            if not self._is_shown:
                self._start, self._is_shown = self.values, True
            failed = self._drawn is None
            still = self.picture.png if failed else small_png(self.canvas.pixels())
            view = {"version_major": 2, "version_minor": 0, "model_id": self.view.model_id}
            data = {
                "application/vnd.jupyter.widget-view+json": view,
                "image/png": base64.b64encode(still).decode("ascii"),
                "text/plain": self.alt,
            }
            width, height = self.size
            return data, {"image/png": {"width": width, "height": height, "alt": self.alt}}

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({values})"
