"""Widgets that answer while a cell runs: explorers, and the panels of predictions and reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ipywidgets  # type: ignore[import-untyped]


def answer_beside_cells(widget: ipywidgets.Widget) -> None:
    """Have what the page says to a widget and all in it answered while a cell runs, on a thread beside it.

    JupyterLab asks for that, but ipykernel from 7.4 on sends a message to the thread from which the widget
    itself has last said something: to that of the cells, where it waits until they are done. That way is not
    taken where a comm has no `_reply_subshell_for`.

    Parameters
    ----------
    widget : ipywidgets.Widget
        The widget; those that it holds as `children` are treated alike.
    """
    if widget.comm is not None:
        widget.comm._reply_subshell_for = None
    for inner in getattr(widget, "children", ()):
        answer_beside_cells(inner)
