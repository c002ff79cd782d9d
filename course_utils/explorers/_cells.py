"""Closing: what an explorer holds, and, when a cell is run again, the explorers that it showed before.

Without this every run of a cell would leave its widgets, their observers and their figure alive in kernel and
browser: ipywidgets keeps a widget until it is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from course_utils.explorers._live import Explorer

_shown: dict[str, tuple[str, list[Explorer]]] = {}  # cell -> (its run, what that run showed)


def close_earlier(explorer: Explorer) -> None:
    """Note that the running cell shows `explorer`, and close what earlier runs of the same cell showed."""
    cell, run = running_cell()
    if cell is None:
        return
    earlier_run, explorers = _shown.get(cell, (run, []))
    if earlier_run != run:
        for earlier in explorers:
            if earlier is not explorer:
                earlier.close()
        explorers = []
    _shown[cell] = run, [*explorers, explorer]


def running_cell() -> tuple[str | None, str]:
    """Return the front end's name of the running cell (None if it gives none) and the name of this run."""
    from IPython import get_ipython

    shell = get_ipython()
    message = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return message.get("metadata", {}).get("cellId"), message.get("header", {}).get("msg_id", "")


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget with all that it holds: ipywidgets itself leaves children, layouts and styles open."""
    for inner in (
        *getattr(widget, "children", ()),
        *(getattr(widget, name, None) for name in ("layout", "style")),
    ):
        if inner is not None:
            close_all(inner)
    widget.unobserve_all()
    widget.close()
