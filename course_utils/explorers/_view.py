"""What lies on the page: the picture, with all that the browser needs to know of it, and the controls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets  # type: ignore[import-untyped]
import traitlets

from course_utils.beside_cells import answer_beside_cells
from course_utils.explorers._canvas import SCALE
from course_utils.explorers._controls import Playback

if TYPE_CHECKING:
    from course_utils.explorers._live import Explorer

HERE = Path(__file__).parent
SCRIPTS = ("_play.js", "_tools.js", "_marks.js", "_live.js")  # one module: the browser gets them as one text


class LivePicture(anywidget.AnyWidget):
    """One ``<img>`` of fixed size; all that belongs to a picture arrives in one message."""

    _esm = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    _css = (HERE / "_live.css").read_text(encoding="utf-8")
    # Of the explorer
    title = traitlets.Unicode("").tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    steps = traitlets.Dict().tag(sync=True)  # label of a slider: how far an arrow key moves it
    playback = traitlets.Dict().tag(sync=True)  # name of a control that can play: its label
    drags = traitlets.Dict().tag(sync=True)  # name of what can be dragged: what that changes
    # Of the picture
    png = traitlets.Bytes(b"").tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)  # the line that makes this state
    shown = traitlets.Dict().tag(sync=True)  # the values, by name, of controls that can play
    hover: traitlets.List = traitlets.List().tag(sync=True)  # [x, y, text] of points, in CSS pixels
    grips = traitlets.Dict().tag(sync=True)  # what can be dragged (see _marks.py), by name
    # From the browser
    scale = traitlets.Float(SCALE, min=1, max=SCALE).tag(sync=True)  # the screen's pixels per CSS pixel
    resets = traitlets.Int().tag(sync=True)  # how often the reset button was pressed
    dragged = traitlets.Dict().tag(sync=True)  # where a grip was dragged to: {"grip", "x", "y", "count"}


def live_picture(explorer: Explorer) -> LivePicture:
    """Make the picture's widget, still empty."""
    controls = explorer.controls()
    width, height = explorer.size
    return LivePicture(
        title=explorer.title,
        width=width,
        height=height,
        steps={control.label: control.step for control in controls.values() if control.step},
        playback={name: part.label for name, part in controls.items() if isinstance(part, Playback)},
        drags={
            mark: " and ".join(controls[name].label for name in names)
            for mark, names in explorer.handles.items()
        },
    )


def control_widgets(explorer: Explorer, values: Mapping[str, Any]) -> dict[str, ipywidgets.ValueWidget]:
    """Make the widgets of all controls, standing at `values`."""
    widgets = {name: control.widget(values[name]) for name, control in explorer.controls().items()}
    for name, widget in widgets.items():
        widget.add_class("course-control")
        widget.add_class(f"course-control-{name}")  # by which the browser finds it
    return widgets


def arrange(explorer: Explorer) -> ipywidgets.VBox:
    """Put presets and controls above the picture; what plays is as wide as the picture, right above it."""
    ordered = sorted(explorer.widgets, key=lambda name: name in explorer.picture.playback)
    controls = ipywidgets.HBox([explorer.widgets[name] for name in ordered])
    controls.add_class("course-controls")
    buttons = ipywidgets.HBox([_button(explorer, name) for name in explorer.presets])
    buttons.add_class("course-presets")
    rows = [buttons, controls, explorer.picture] if explorer.presets else [controls, explorer.picture]
    view = ipywidgets.VBox(rows)
    view.add_class("course-explorer")
    answer_beside_cells(view)
    return view


def _button(explorer: Explorer, preset: str) -> ipywidgets.Button:
    button = ipywidgets.Button(description=preset, layout={"width": "auto"})
    button.on_click(lambda _: explorer.preset(preset))
    return button
