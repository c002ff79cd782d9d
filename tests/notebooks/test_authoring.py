"""The tool that executes and stores notebooks: one normal form, the same bytes twice, failures said aloud."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from nbformat.v4 import new_output
from typer.testing import CliRunner

from course_utils.authoring import __main__ as command
from course_utils.authoring import deviations, normalize, parse, serialize
from tests.notebooks.notebook_builder import code, stored, text, write, write_raw

CELLS = [
    text("# A small notebook"),
    code("SEED = 0", tags=("parameters",)),
    code("print('one')\nprint('two', flush=True)\nprint('three')"),
    code("import os, sys\nfrom pathlib import Path\n_ = Path('seen.txt').write_text(sys.executable)"),
    code("import matplotlib.pyplot as plt\n_ = plt.plot([0, 1])"),
    code("SEED + 41"),
]


@pytest.fixture
def executed(tmp_path):
    path = write_raw(tmp_path / "small.ipynb", deepcopy(CELLS))
    line = command.author(path)
    return path, line


def test_author_stores_an_executed_notebook_in_normal_form(executed):
    path, line = executed
    notebook = parse(path.read_text())
    assert deviations(path.read_text()) == []
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4, 5]
    assert notebook.cells[2].outputs == [new_output("stream", name="stdout", text="one\ntwo\nthree\n")]
    assert set(notebook.cells[4].outputs[0].data) == {"image/png", "text/plain"}
    assert notebook.cells[5].outputs[0].data["text/plain"] == "41"
    assert "6 cells" in line
    assert "small.ipynb" in line


def test_author_uses_this_interpreter_and_the_notebooks_folder(executed):
    import sys

    path, _ = executed
    assert (path.parent / "seen.txt").read_text() == sys.executable


def test_author_twice_gives_the_same_bytes(executed):
    path, _ = executed
    first = path.read_bytes()
    command.author(path)
    assert path.read_bytes() == first


def test_two_conversions_of_one_source_give_the_same_bytes(tmp_path):
    """Random ids of a converter leave no trace."""
    paths = [write_raw(tmp_path / f"{n}.ipynb", [code(c.source) for c in CELLS[1:3]]) for n in "ab"]
    for path in paths:
        command.author(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_author_leaves_the_file_alone_when_a_cell_raises(tmp_path):
    path = write_raw(tmp_path / "bad.ipynb", [text("hello"), code("1"), code("# odd\n1 / 0")])
    before = path.read_bytes()
    with pytest.raises(command.CellFailure, match=r"code cell 2 \(`# odd`\) raised[\s\S]*ZeroDivisionError"):
        command.author(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_author_reports_a_kernel_that_ends(tmp_path):
    path = write_raw(tmp_path / "gone.ipynb", [code("import os\nos._exit(1)")])
    with pytest.raises(command.CellFailure, match=r"code cell 1 \(`import os`\) did not finish"):
        command.author(path)


def test_another_seed_is_tried_without_being_stored(tmp_path):
    source = [code("SEED = 0", tags=("parameters",)), code("assert SEED == 0, f'seed {SEED}'")]
    path = write_raw(tmp_path / "seeded.ipynb", source)
    before = path.read_bytes()
    with pytest.raises(command.CellFailure, match="seed 7"):
        command.author(path, seed=7)
    assert "not stored" in command.author(path, seed=0)
    assert path.read_bytes() == before


def test_a_seed_needs_a_parameters_cell(tmp_path):
    path = write_raw(tmp_path / "plain.ipynb", [code("1")])
    with pytest.raises(ValueError, match="tagged `parameters`"):
        command.author(path, seed=1)


def test_the_kernel_has_one_thread_and_private_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "mine.sqlite")
    monkeypatch.setenv("MPLBACKEND", "agg")
    cells = [code("import os\nprint(os.environ['OMP_NUM_THREADS'], os.environ.get('MPLBACKEND'))"),
             code("print(os.environ['COURSE_PROGRESS'] == 'mine.sqlite')")]  # fmt: skip
    path = write_raw(tmp_path / "env.ipynb", cells)
    command.author(path)
    printed = [cell.outputs[0].text for cell in parse(path.read_text()).cells]
    assert printed[0].startswith("1 ")
    assert "agg" not in printed[0].split()
    assert printed[1] == "False\n"


def test_live_widgets_leave_their_picture_and_text_only():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    both = new_output("display_data", data=view | {"image/png": "aGk=", "text/plain": "a slider"})
    alone = new_output("display_data", data=dict(view))
    normal = normalize(stored([code("x", both, alone)]))
    assert [output.data for output in normal.cells[0].outputs] == [
        {"image/png": "aGk=", "text/plain": "a slider"}
    ]


def test_blank_text_of_a_finished_progress_display_stays():
    """`nbval` runs the cell again, sees the display's first state, and would miss a dropped output."""
    blank = new_output("display_data", data={"text/plain": ""})
    assert normalize(stored([code("x", blank)])).cells[0].outputs == [blank]


def test_ids_are_kept_once_given_and_unique():
    notebook = stored([code("same"), code("same"), code("other")])
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == 3
    notebook.cells[2].source = "changed later"
    assert [cell.id for cell in normalize(notebook).cells] == ids
    notebook.cells[1].id = ids[0]
    assert len({cell.id for cell in normalize(notebook).cells}) == 3


def spoil_metadata(notebook):
    notebook.metadata.language_info["version"] = "3.11.9"


def spoil_widgets(notebook):
    notebook.metadata["widgets"] = {"state": {}}


def spoil_timing(notebook):
    notebook.cells[0].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}


def spoil_source(notebook):
    notebook.cells[0].source += "\n"


def spoil_id(notebook):
    notebook.cells[0].id = "8f3c2b1a"


def spoil_view(notebook):
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "a"}
    notebook.cells[0].outputs.append(new_output("display_data", data=data))


def spoil_with_empty_output(notebook):
    notebook.cells[0].outputs.append(new_output("display_data", data={}))


def spoil_stream(notebook):
    notebook.cells[0].outputs += [new_output("stream", name="stdout", text=letter) for letter in "ab"]


def spoil_result_count(notebook):
    notebook.cells[0].outputs.append(
        new_output("execute_result", data={"text/plain": "1"}, execution_count=5)
    )


def spoil_count(notebook):
    notebook.cells[1].execution_count = 5


def forget_execution(notebook):
    notebook.cells[1].execution_count = None


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (spoil_metadata, "metadata is not the course's"),
        (spoil_widgets, "metadata is not the course's"),
        (spoil_timing, "besides its tags"),
        (spoil_source, "empty line"),
        (spoil_id, "id is missing"),
        (spoil_view, "live widget"),
        (spoil_with_empty_output, "output is empty"),
        (spoil_stream, "several pieces"),
        (spoil_result_count, "another count"),
        (spoil_count, "code cell 2 carries the count 5, expected 2: 'b'"),
        (forget_execution, "code cell 2 was never executed, expected 2: 'b'"),
    ],
)
def test_deviations_name_what_is_wrong(spoil, sentence):
    notebook = stored([code("a"), code("b")])
    assert deviations(serialize(notebook)) == []
    spoil(notebook)
    found = deviations(serialize(notebook))
    assert len(found) == 1
    assert sentence in found[0]


def test_deviations_see_the_layout():
    content = serialize(stored([code("a")]))
    assert deviations(content + "\n") == [
        "the file is laid out differently (key order, indentation or final newline)"
    ]
    assert deviations(json.dumps(json.loads(content)))[0].startswith("the file is laid out differently")


@pytest.mark.parametrize("content", ["not json", "[]", '{"nbformat": 3}'])
def test_parse_refuses_what_is_no_notebook(content):
    with pytest.raises(ValueError, match="expected"):
        parse(content)


def test_chapter_numbers_match_their_parts():
    assert [chapter.number for chapter in command.chosen_chapters(["01"])] == ["01a", "01b"]
    assert [chapter.number for chapter in command.chosen_chapters(["01b", "00"])] == ["00", "01b"]
    assert {"00", "01a", "01b"} <= {chapter.number for chapter in command.chosen_chapters([])}
    with pytest.raises(ValueError, match="got '99'"):
        command.chosen_chapters(["99"])


def test_the_command_checks_and_says_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "NOTEBOOKS", tmp_path)
    name = command.chosen_chapters(["00"])[0].file
    run = CliRunner().invoke
    missing = run(command.app, ["00", "--check"])
    assert missing.exit_code == 1
    assert "missing" in missing.output
    write(tmp_path / name, stored([code("a")]))
    good = run(command.app, ["00", "--check"])
    assert (good.exit_code, good.output) == (0, f"{name}: in normal form\n")
    write_raw(tmp_path / name, [code("a")])
    bad = run(command.app, ["00", "--check"])
    assert bad.exit_code == 1
    assert "never executed" in bad.output
    assert run(command.app, ["99"]).exit_code == 2


def test_the_command_executes_and_fails_loudly(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "NOTEBOOKS", tmp_path)
    path = tmp_path / command.chosen_chapters(["00"])[0].file
    write_raw(path, [code("print('hello')")])
    run = CliRunner().invoke
    assert run(command.app, ["00"]).exit_code == 0
    assert deviations(path.read_text()) == []
    write_raw(path, [code("raise ValueError('on purpose')")])
    failed = run(command.app, ["00"])
    assert failed.exit_code == 1
    assert "left as it was" in failed.output
