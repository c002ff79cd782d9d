"""The one widget: controls over a live picture, with a text that says what the picture shows.

A subclass of `Explorer` gives the mathematics and the artists; everything else is here: the controls become
widgets, a change of any of them leads to one new picture and one new text, and the whole is shown as a live
view where a kernel runs, as a PNG where none does, and as a sentence where there are no pictures.
"""

from __future__ import annotations

import base64
import contextlib
import math
import threading
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import ipywidgets  # type: ignore[import-untyped]
import traitlets
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from course_utils.explorers._canvas import SCALE, Canvas, message_picture, png
from course_utils.explorers._cells import close_all, close_earlier
from course_utils.explorers._controls import Control
from course_utils.figures import small_png

HERE = Path(__file__).parent


class LivePicture(anywidget.AnyWidget):
    """One ``<img>`` of fixed size; bytes and alternative text arrive together, so that they always agree."""

    _esm = (HERE / "_live.js").read_text(encoding="utf-8")
    _css = (HERE / "_live.css").read_text(encoding="utf-8")
    png = traitlets.Bytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    scale = traitlets.Float(SCALE, min=1, max=SCALE).tag(sync=True)  # the screen's pixels per CSS pixel
    steps = traitlets.Dict().tag(sync=True)  # label of a slider: how far an arrow key moves it


class Explorer:
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
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    _complete = False  # whether the constructor is through; from then on attributes are guarded

    compute: ClassVar[Callable[..., Any]]
    """A pure function of the controls' values, by keyword; what it returns goes to the methods below."""

    def __init__(self, **values: Any):
        self._lock = threading.RLock()  # JupyterLab runs callbacks on a thread of their own while a cell runs
        self._held = self._closed = False
        self._drawn: Hashable = None  # what the stored background shows; None after a failure
        self._pictured: dict[str, Any] | None = None  # the values that the picture shows, if it does
        self._set_to = {**self.defaults(), **self._checked(values)}  # the last value from code, by name
        controls = self.controls()
        self.widgets = {name: control.widget(self._set_to[name]) for name, control in controls.items()}
        for widget in self.widgets.values():
            widget.add_class("course-control")
        self.canvas = Canvas(*self.size)
        width, height = self.size
        steps = {control.label: control.step for control in controls.values() if control.step}
        self.picture = LivePicture(title=self.title, width=width, height=height, steps=steps)
        self.refresh()
        for widget in self.widgets.values():
            widget.observe(self.refresh, "value")
        self.picture.observe(self._rescale, "scale")
        self.view = self._arrange()
        self._complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        # Controls and properties set themselves; a mistyped control must not become an idle attribute.
        known = (
            name.startswith("_") or name in vars(self) or hasattr(getattr(type(self), name, None), "__set__")
        )
        if self._complete and not known:
            controls = ", ".join(self.controls())
            raise AttributeError(
                f"{type(self).__name__} has no control {name!r}; its controls are {controls}",
                name=name,
                obj=self,
            )
        super().__setattr__(name, value)

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

    # Values

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """Return all controls by name, in the order of their declaration."""
        found = {}
        for owner in reversed(cls.__mro__):
            found.update({name: part for name, part in vars(owner).items() if isinstance(part, Control)})
        return found

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the default of every control by name."""
        return {name: control.check(control.default) for name, control in cls.controls().items()}

    @property
    def values(self) -> dict[str, Any]:
        """The current value of every control by name: as set from code, or as shown since it was moved."""
        return {name: self._value(name, control) for name, control in self.controls().items()}

    def _value(self, name: str, control: Control) -> Any:
        position, exact = self.widgets[name].value, self._set_to[name]
        if position == exact or (isinstance(exact, float) and math.isclose(position, exact, abs_tol=1e-12)):
            return exact  # the browser sends positions back, a rounding error away
        return control.read(position)

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        return self.picture.alt

    def set(self, **values: Any) -> None:
        """Move several controls at once: one new picture, or a TypeError or ValueError and nothing moved."""
        checked = self._checked(values)
        with self._one_picture():
            for name, value in checked.items():
                self._set_to[name] = self.widgets[name].value = value

    def preset(self, name: str) -> None:
        """Set the controls to the preset of that name, and those it leaves open to their defaults."""
        if name not in self.presets:
            known = ", ".join(map(repr, self.presets))
            raise ValueError(f"expected one of the presets {known}, got {name!r}")
        self.set(**{**self.defaults(), **self.presets[name]})

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        controls = cls.controls()
        for name in values:
            if name not in controls:
                known = ", ".join(controls)
                raise TypeError(f"{cls.__name__} has no control {name!r}; its controls are {known}")
        return {name: controls[name].check(value) for name, value in values.items()}

    # Picture

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
            except Exception as error:  # shown where the learner looks, and raised for whoever called
                self._drawn = None
                alt = f"{self.title} failed: {type(error).__name__}: {error}"
                self._send(message_picture(*self.size, alt), alt)
                raise
            self._send(png(pixels), alt)
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

    def _send(self, picture: bytes, alt: str) -> None:
        with self.picture.hold_sync():  # one message for both
            self.picture.alt, self.picture.png = alt, picture

    @contextlib.contextmanager
    def _one_picture(self) -> Iterator[None]:
        with self._lock:
            self._held = True
            try:
                yield
            finally:
                self._held = False
            self.refresh()

    # On the page

    def _arrange(self) -> ipywidgets.VBox:
        controls = ipywidgets.HBox(list(self.widgets.values()))
        controls.add_class("course-controls")
        buttons = ipywidgets.HBox([self._button(name) for name in self.presets])
        buttons.add_class("course-presets")
        rows = [buttons, controls, self.picture] if self.presets else [controls, self.picture]
        view = ipywidgets.VBox(rows)
        view.add_class("course-explorer")
        return view

    def _button(self, name: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=name, layout={"width": "auto"})
        button.on_click(lambda _: self.preset(name))
        return button

    def close(self) -> None:
        """Take the explorer off the page and let go of its widgets."""
        with self._lock:
            self._closed = True
            close_all(self.view)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        close_earlier(self)
        with self._lock:
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
