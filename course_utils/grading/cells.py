"""From the text of notebook cells to Python statements; magics, broken cells and odd line ends included."""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.grading.changes import Changes
from course_utils.grading.names import bound_names, is_portable

# Cell magics whose body runs in the notebook's own namespace; other %%cells define nothing here.
_TRANSPARENT = {"time", "capture", "prun"}
_LINE_MAGIC = re.compile(r"^\s*(%|!|\?)|\?\s*$")
_TIMED = re.compile(r"^(\s*)%time\s+(?=[^\s-])")  # the statement after it runs in the notebook itself
_ASSIGNED_MAGIC = re.compile(r"^(\s*[^=!<>]+=\s*)[%!].*$")
_PARSE_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


class _Asked:
    """Takes every name for one that may be called, and remembers which were asked about."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return True


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a notebook.

    Parameters
    ----------
    node : ast.stmt
        Its syntax tree.
    text : str
        Its own source, as written, decorators included.
    """

    node: ast.stmt
    text: str

    @functools.cached_property
    def bound(self) -> frozenset[str]:
        """Names that it binds or deletes."""
        return frozenset(bound_names(self.node))

    @functools.cached_property
    def needs(self) -> frozenset[str] | None:
        """Names that may be called for it to travel; None if it travels in no case."""
        asked = _Asked()
        return frozenset(asked.names) if is_portable(self.node, asked) else None

    @functools.cached_property
    def changes(self) -> Changes:
        """What it changes without binding it."""
        return Changes(self.node)


@dataclass(frozen=True)
class Cell:
    """A cell as statements, or as the text and error of a cell that Python cannot read.

    A cell whose magic keeps what it defines to itself has its text and the name of the `magic` alone.
    """

    statements: tuple[Statement, ...] = ()
    text: str = ""
    error: str = ""
    magic: str = ""


def read_cells(sources: Sequence[str]) -> list[Cell]:
    r"""Parse cells in order; a cell that Python cannot read comes back with its error.

    Examples
    --------
    >>> cells = read_cells(["%matplotlib inline\nx = 1; y = 2", "def broken("])
    >>> [statement.text for statement in cells[0].statements]
    ['pass', 'x = 1', 'y = 2']
    >>> cells[1].error != ""
    True
    """
    return [_read_cell(source) for source in sources]


@functools.lru_cache(maxsize=4096)  # a notebook's other cells stay as they were, from check to check
def _read_cell(source: str) -> Cell:
    text = textwrap.dedent(re.sub(r"\r\n?|\f", "\n", source))
    head = re.match(r"\s*%%(\w+)[^\n]*\n?", text)
    if head is not None:
        text = text[head.end() :]
        if head[1] not in _TRANSPARENT:
            return Cell(text=text, magic=head[1])
    lines = text.split("\n")
    for _ in range(text.count("%") + len(lines) + 1):  # each round disarms one magic
        try:
            tree = compile("\n".join(lines), "<cell>", "exec", _PARSE_FLAGS, dont_inherit=True)
        except SyntaxError as error:
            if not _disarm(lines, error.lineno):
                return Cell(text=text, error=_describe(error, lines))
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes, absurd nesting
            return Cell(text=text, error=f"Python cannot read this cell: {error}")
        else:
            return Cell(tuple(Statement(node, _text_of(node, lines)) for node in tree.body), text)
    return Cell(text=text, error="Python cannot read this cell")


def _disarm(lines: list[str], lineno: int | None) -> bool:
    """Replace the magic on a line by harmless Python; False if there is none."""
    if lineno is None or not 1 <= lineno <= len(lines):
        return False
    line = lines[lineno - 1]
    assigned = _ASSIGNED_MAGIC.match(line)
    if _TIMED.match(line):
        lines[lineno - 1] = _TIMED.sub(r"\1", line)
    elif assigned is not None:
        lines[lineno - 1] = f"{assigned[1]}get_ipython()"
    elif _LINE_MAGIC.search(line):
        lines[lineno - 1] = f"{line[: len(line) - len(line.lstrip())]}pass"
    else:
        return False
    return True


def _describe(error: SyntaxError, lines: list[str]) -> str:
    if error.lineno is None or not 1 <= error.lineno <= len(lines):
        return error.msg
    return f"{error.msg} in line {error.lineno}: `{lines[error.lineno - 1].strip()}`"


def _text_of(node: ast.stmt, lines: list[str]) -> str:
    """Source of a statement; columns of the syntax tree count bytes, lines count from 1."""
    decorators = getattr(node, "decorator_list", [])
    first = decorators[0].lineno if decorators else node.lineno
    last = node.end_lineno or node.lineno
    chosen = [line.encode() for line in lines[first - 1 : last]]
    chosen[-1] = chosen[-1][: node.end_col_offset]
    chosen[0] = chosen[0][node.col_offset :]
    return b"\n".join(chosen).decode()


def broken_attempt(cells: Sequence[Cell], name: str) -> str:
    """Error of an unreadable cell that would define `name`, if no later cell defines it."""
    return _last_obstacle(cells, name, [cell.error for cell in cells])


def hiding_magic(cells: Sequence[Cell], name: str) -> str:
    r"""Magic of a cell that would define `name`, were it not for it, if no later cell defines the name.

    >>> hiding_magic(read_cells(["%%timeit\ndef f(x):\n    return x"]), "f")
    'timeit'
    """
    return _last_obstacle(cells, name, [cell.magic for cell in cells])


def _last_obstacle(cells: Sequence[Cell], name: str, obstacles: Sequence[str]) -> str:
    """Return what keeps a cell from defining `name`, if no later cell defines it."""
    pattern = _definition_of(name)
    for place in reversed(range(len(cells))):
        if obstacles[place] and pattern.search(cells[place].text):
            later = [statement for cell in cells[place + 1 :] for statement in cell.statements]
            return "" if any(name in statement.bound for statement in later) else obstacles[place]
    return ""


def _definition_of(name: str) -> re.Pattern[str]:
    own = re.escape(name)
    return re.compile(rf"^(?:async\s+)?(?:def|class)\s+{own}\b|^{own}\s*=(?!=)", re.M)
