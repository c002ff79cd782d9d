"""Attacks by the file itself: broken, huge and deceptive notebooks."""

import gzip
import json
from dataclasses import dataclass

from course_utils.grading.exercise import reference_source
from tests.grading.hostile.attack import code_cell, notebook

RIGHT = reference_source("ex00_1")
WRONG = "def neuron(x, weight, bias):\n    return 0.0"
PASSED = "<b>ex00_1: passed (2 of 2 points)</b>"


@dataclass(frozen=True)
class File:
    """A hostile file: what it is, its bytes, and what it gets for ex00_1.

    Parameters
    ----------
    name : str
        What is wrong with it.
    data : bytes
        Its content.
    problem : str
        In the reason why it cannot be read; empty if it can.
    points, status : int, str
        What the answer in it gets.
    """

    name: str
    data: bytes
    problem: str = ""
    points: int = 0
    status: str = "missing"


def with_cells(*cells: object, **fields: object) -> bytes:
    return json.dumps({"cells": [*cells], "metadata": {}, "nbformat": 4, **fields}).encode()


def stale(source: str) -> dict:
    """A cell with a stored output that says it has passed."""
    output = {
        "output_type": "display_data",
        "data": {"text/html": PASSED, "text/plain": PASSED},
        "metadata": {},
    }
    return {**code_cell(source), "outputs": [output], "execution_count": 7}


HOSTILE_METADATA = {
    "kernelspec": {
        "name": "$(touch MARKER)",
        "language": "../../etc",
        "display_name": "<script>alert(1)</script>",
    },
    "nbgrader": {"grade": True, "points": 100, "score": 100, "grade_id": "ex00_1", "locked": True},
    "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": "../" * 999}}},
    "__proto__": {"points": 2},
}
NOT_JSON, NO_NOTEBOOK = "not JSON", "no notebook"

FILES = (
    File("empty", b"", NOT_JSON),
    File("half a notebook", notebook(RIGHT)[:-30], NOT_JSON),
    File("no text", bytes(range(256)) * 40, "not text in UTF-8"),
    File("compressed", gzip.compress(notebook(RIGHT)), "not text in UTF-8"),
    File(
        "another encoding",
        notebook("# caf\u00e9").decode().replace("\\u00e9", "\u00e9").encode("latin-1"),
        "not text in UTF-8",
    ),
    File("UTF-16", notebook(RIGHT).decode().encode("utf-16"), "not text in UTF-8"),
    File("a mark at its beginning", b"\xef\xbb\xbf" + notebook(RIGHT), points=2, status="passed"),
    File("fifty megabytes", notebook(RIGHT).ljust(50 * 2**20), "too large"),
    File("nineteen megabytes of brackets", b"[" * (19 * 2**20), "nested too deep"),
    File("four megabytes of one cell", notebook(RIGHT, "#" * (4 * 2**20)), points=2, status="passed"),
    File(
        "eight megabytes of output",
        with_cells({**code_cell(RIGHT), "outputs": ["x" * (8 * 2**20)]}),
        points=2,
        status="passed",
    ),
    File("a number of a million digits", b'{"cells": ' + b"9" * 10**6 + b"}", NOT_JSON),
    File("a list", b"[1, 2, 3]", NO_NOTEBOOK),
    File("cells that are none", with_cells(1, None, "x"), NO_NOTEBOOK),
    File("cells that hold numbers", with_cells(code_cell(7)), "something else than text"),
    File("cells that hold lists in lists", with_cells(code_cell([["x"]])), "something else than text"),
    File("a hundred thousand cells", with_cells(*[{}] * 100_000), "100000 cells"),
    File("an old format", json.dumps({"worksheets": [], "cells": []}).encode(), "too old"),
    File("the same key twice", b'{"cells": [], "cells": ' + notebook(RIGHT)[10:], points=2, status="passed"),
    File("half a surrogate", notebook("S = '\\ud800'").replace(b"\\\\ud800", b"\\ud800"), points=0),
    File("a null byte", notebook(RIGHT + "\n\0"), status="unreadable"),
    File("ten thousand magics in a cell", notebook("\n".join(["%x"] * 20_000)), "too long to read"),
    File("brackets that Python cannot read", notebook(RIGHT, "(" * 10**5), points=2, status="passed"),
    File("a sum of a hundred thousand", notebook(RIGHT, "1" + "+1" * 10**5), points=2, status="passed"),
    File("minus a hundred thousand times", notebook(RIGHT, "-" * 10**5 + "1"), points=2, status="passed"),
    File(
        "an answer that is too long",
        notebook(RIGHT + "    # " + "x" * 10**6 + "\n    return 1"),
        status="unreadable",
    ),
    File(
        "a name of a hundred thousand letters",
        notebook(f"def neuron(x, weight, bias):\n    return {'n' * 10**5}"),
        status="failed",
    ),
    File(
        "an import of a name of a hundred thousand letters",
        notebook(f"import {'n' * 10**5}\ndef neuron(x, weight, bias):\n    return {'n' * 10**5}"),
        status="forbidden",
    ),
    File("two definitions, the last right", notebook(WRONG, RIGHT), points=2, status="passed"),
    File("two definitions, the last wrong", notebook(RIGHT, WRONG), status="failed"),
    File("the same cell a thousand times", notebook(*[RIGHT] * 1000), points=2, status="passed"),
    File("no cell", with_cells()),
    File("a function renamed", notebook(RIGHT.replace("neuron", "neurone"))),
    File("a function renamed by look-alikes", notebook(RIGHT.replace("neuron", "n\u0435uron"))),
    File(
        "a function with a name in wide letters, as Python reads it",
        notebook(RIGHT.replace("neuron", "\uff4eeuron")),
        points=2,
        status="passed",
    ),
    File("an invisible letter in the name", notebook(RIGHT.replace("neuron", "neu\u200bron"))),
    File("text that runs backwards", notebook(WRONG + "  # \u202e\u2066 passed \u2069"), status="failed"),
    File("an answer in another kind of cell", with_cells({**code_cell(RIGHT), "cell_type": "raw"})),
    File("an answer in a string", notebook(f"'''\n{RIGHT}\n'''")),
    File("stale outputs", with_cells(stale(WRONG)), status="failed"),
    File("stale outputs and no answer", with_cells(stale("check('ex00_1')"))),
    File(
        "hostile metadata",
        with_cells({**code_cell(WRONG), "metadata": HOSTILE_METADATA}, metadata=HOSTILE_METADATA),
        status="failed",
    ),
    File(
        "the reference by import",
        notebook("from course_utils.exercises.ch00_start import neuron"),
        status="forbidden",
    ),
    File(
        "the reference by another name",
        notebook(
            "from course_utils.exercises import ch00_start\n\ndef neuron(x, weight, bias):\n"
            "    return ch00_start.neuron(x, weight, bias)"
        ),
        status="forbidden",
    ),
    File("the solution called", notebook("neuron = solution('ex00_1')"), status="unreadable"),
    File(
        "shell commands",
        notebook(f"!touch MARKER\n%run MARKER\n{WRONG}", "%%bash\ntouch MARKER"),
        status="failed",
    ),
    File(
        "a program that runs where cells are read",
        notebook(f"open('MARKER', 'w')\n[open('MARKER', 'w')]\n{WRONG}"),
        status="failed",
    ),
)
