"""What JupyterLab stores of a learner's notebook: nothing that only the kernel of that day could show.

A stored view of a widget reads "model not found" when the notebook is opened again, in place of the picture
or text that stands beside it. `make lab` has the server call `leave_out_views` whenever a notebook is saved;
the page itself keeps its live views.
"""

from __future__ import annotations

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def leave_out_views(model: dict[str, Any], **kwargs: Any) -> None:
    """Remove views of widgets from a notebook's outputs where something else can be shown.

    The signature is that of a ``pre_save_hook`` of ``jupyter_server``'s ``ContentsManager``.

    Parameters
    ----------
    model : dict
        What is saved: its "type", and of a notebook the "content" as nbformat 4 has it. Changed in place.
    **kwargs
        The path and the contents manager; not used.

    Examples
    --------
    >>> output = {"data": {"text/plain": "loss 0.25", WIDGET_VIEW: {"model_id": "7"}}}
    >>> leave_out_views({"type": "notebook", "content": {"cells": [{"outputs": [output]}]}})
    >>> output
    {'data': {'text/plain': 'loss 0.25'}}
    """
    if model["type"] != "notebook":
        return
    for cell in model["content"].get("cells", ()):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(WIDGET_VIEW, None)
