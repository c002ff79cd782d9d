"""Hygiene of a chapter's form: executed, normal, within its sizes, no errors, warnings or mute pictures."""

from __future__ import annotations

import re
from statistics import median

from course_utils.authoring import deviations
from tests.notebooks.notebook_page import Page, tags

ALLOWED_TAGS = {"parameters", "exercise", "nbval-ignore-output"}
MOST_LINES, MOST_MEDIAN_LINES = 25, 8
FEWEST_CELLS, MOST_CELLS = 25, 60
MOST_BYTES = 500_000


def is_listed(page: Page) -> list[str]:
    """The file stands in the table of chapters."""
    return [] if page.path.name == page.chapter.file else [f"{page.path.name} is in no entry of CHAPTERS"]


def is_normal(page: Page) -> list[str]:
    """The file is executed from top to bottom and stored in normal form."""
    return deviations(page.content)


def has_allowed_tags_only(page: Page) -> list[str]:
    """No cell is hidden, skipped or exempt from being run."""
    given = [tag for cell in page.notebook.cells for tag in tags(cell)]
    found = [f"tag {tag!r} is none of {sorted(ALLOWED_TAGS)}" for tag in given if tag not in ALLOWED_TAGS]
    comments = [word for cell in page.code for word in re.findall(r"NBVAL_\w+", cell.source)]
    return found + [f"comment {word} hides a cell from nbval" for word in comments]


def has_parameters(page: Page) -> list[str]:
    """One cell tagged `parameters` sets SEED and QUICK, each with a comment; a guide may do without."""
    cells = [cell for cell in page.code if "parameters" in tags(cell)]
    if not cells and page.is_guide:
        return []
    if len(cells) != 1:
        return [f"expected one cell tagged parameters, found {len(cells)}"]
    lines = cells[0].source.splitlines()
    expected = {"SEED = 0": r"SEED = 0 +#.+", "QUICK = True": r"QUICK = True +#.+"}
    return [
        f"expected `{text}  # why` in the parameters cell"
        for text, pattern in expected.items()
        if not any(re.fullmatch(pattern, line) for line in lines)
    ]


def has_set_up_cell(page: Page) -> list[str]:
    """The first code cell imports from the course and sets its style."""
    first = page.code[0].source if page.code else ""
    wanted = ("from course_utils import", "\nstyle()")
    return [f"the first code cell lacks {part.strip()!r}" for part in wanted if part not in first]


def has_no_tricks(page: Page) -> list[str]:
    """No trailing semicolon (nbval fails on it), no edited import path, no silenced warnings or output."""
    found = []
    for number, cell in enumerate(page.code, start=1):
        lines = [line.partition(" #")[0].rstrip() for line in cell.source.splitlines()]
        if any(line.endswith(";") for line in lines):
            found.append(f"code cell {number} has a line that ends in a semicolon")
        for trick in ("sys.path", "filterwarnings", "simplefilter", "%%capture"):
            if trick in cell.source:
                found.append(f"code cell {number} contains {trick}")
    return found


def is_of_size(page: Page) -> list[str]:
    """Neither too short nor too long: cells, lines of a cell, bytes of the file."""
    found = []
    n_cells = len(page.notebook.cells)
    lengths = [len(cell.source.splitlines()) for cell in page.code]
    fewest = 1 if page.is_guide else FEWEST_CELLS
    if not fewest <= n_cells <= MOST_CELLS:
        found.append(f"{n_cells} cells, expected {fewest} to {MOST_CELLS}")
    if lengths and median(lengths) > MOST_MEDIAN_LINES:
        found.append(f"the median code cell has {median(lengths)} lines, more than {MOST_MEDIAN_LINES}")
    for number, length in enumerate(lengths, start=1):
        if not 0 < length <= MOST_LINES:
            found.append(f"code cell {number} has {length} lines, expected 1 to {MOST_LINES}")
    if (size := len(page.content.encode())) > MOST_BYTES:
        found.append(f"the file has {size} bytes, expected at most {MOST_BYTES}")
    return found


def pictures_speak(page: Page) -> list[str]:
    """Every picture is stored with a sentence that says what it shows."""
    return [
        f"the picture of code cell {number} needs an alt text, has {_plain(output)!r}"
        for number, output in page.outputs()
        if "image/png" in output.get("data", {}) and not _is_sentence(_plain(output))
    ]


def is_quiet(page: Page) -> list[str]:
    """No stored error, no warning on stderr, no object's address."""
    found = []
    for number, output in page.outputs():
        if output.output_type == "error":
            found.append(f"code cell {number} stores an error: {output.ename}")
        elif output.output_type == "stream" and output.name == "stderr":
            found.append(f"code cell {number} wrote to stderr: {output.text[:60]!r}")
        printed = output.get("text", "") + "".join(str(value) for value in output.get("data", {}).values())
        if re.search(r" at 0x[0-9a-f]{6,}", printed):
            found.append(f"code cell {number} prints an address, which differs in every run")
    return found


def _plain(output) -> str:
    return output.data.get("text/plain", "")


def _is_sentence(alt: str) -> bool:
    return len(alt) >= 20 and len(alt.split()) >= 4 and not alt.startswith("<")


RULES = (
    is_listed,
    is_normal,
    has_allowed_tags_only,
    has_parameters,
    has_set_up_cell,
    has_no_tricks,
    is_of_size,
    pictures_speak,
    is_quiet,
)
