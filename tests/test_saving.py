"""A saved notebook holds pictures and texts, and no view that needs the kernel of that day."""

from __future__ import annotations

import asyncio
import copy
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from traitlets.config import Config

from bootstrap import SAVE_WITHOUT_VIEWS
from course_utils.saving import WIDGET_VIEW, leave_out_views

VIEW = {"version_major": 2, "version_minor": 0, "model_id": "0"}


def notebook(*data: dict[str, object]) -> nbformat.NotebookNode:
    outputs = [nbformat.v4.new_output("display_data", one) for one in data]
    outputs.append(nbformat.v4.new_output("stream", text="a line\n"))
    cells = [nbformat.v4.new_markdown_cell("idea"), nbformat.v4.new_code_cell("1", outputs=outputs)]
    return nbformat.v4.new_notebook(cells=cells)


def test_a_view_goes_where_something_else_can_be_shown() -> None:
    picture = {"image/png": "iVBORw0=", "text/plain": "loss 0.25"}
    content = notebook({**picture, WIDGET_VIEW: VIEW}, {"text/plain": "question", WIDGET_VIEW: VIEW}, picture)
    expected = notebook(picture, {"text/plain": "question"}, picture)
    for cell, like in zip(expected.cells, content.cells, strict=True):
        cell["id"] = like["id"]
    leave_out_views(model={"type": "notebook", "content": content}, path="a.ipynb", contents_manager=None)
    assert content == expected


def test_a_view_alone_and_other_files_stay_as_they_are() -> None:
    alone = {"type": "notebook", "content": notebook({WIDGET_VIEW: VIEW})}
    for model in (alone, {"type": "file", "content": "text"}, {"type": "directory"}):
        before = copy.deepcopy(model)
        leave_out_views(model=model, path="a", contents_manager=None)
        assert model == before


def test_the_server_of_make_lab_saves_so(tmp_path: Path) -> None:
    option, _, hook = SAVE_WITHOUT_VIEWS.removeprefix("--").partition("=")
    config = Config()
    config[option.split(".")[0]][option.split(".")[1]] = hook
    manager = AsyncLargeFileManager(root_dir=str(tmp_path), config=config)
    content = notebook({"text/plain": "question", WIDGET_VIEW: VIEW})
    model = {"type": "notebook", "content": content}
    with ThreadPoolExecutor(1) as thread:  # a loop may run in this one: the browser tests leave theirs open
        thread.submit(lambda: asyncio.run(manager.save(model, "a.ipynb"))).result()
    stored = json.loads((tmp_path / "a.ipynb").read_text())
    assert stored["cells"][1]["outputs"][0]["data"] == {"text/plain": ["question"]}
