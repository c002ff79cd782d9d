"""What an attack is: a notebook, what it earns, and what stops it."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass

# The real `import`, whatever the answer's own allows: any builtin function leads to it.
LOAD = """
def load(name):
    real = print.__self__.__import__
    real(name)
    return real("sys").modules[name]
"""
REACHED = "REACHED"  # in the message of an attack that got through


@dataclass(frozen=True)
class Attack:
    """One hostile notebook.

    Parameters
    ----------
    name : str
        What it tries.
    source : str
        Its code. SECRET, MARKER, PORT, PACKETS, SOCKET, ABSTRACT and JUDGE stand for the targets.
    points : int
        Points that its honest part earns.
    status : str
        What the class's table says; several, separated by "|", where it depends on the machine.
    exercise : str
        What it pretends to answer.
    said : str
        In the result's text.
    held : tuple of str
        What stops it: each of these walls alone does so. "rlimits+uid": the two together.
    also : tuple of str
        Walls that have to be away, too, for it to get through.
    through : int
        Points that it gets if nothing holds it. Where that is no more than `points`, it shows in another way.
    """

    name: str
    source: str
    points: int = 1
    status: str = "failed"
    exercise: str = "ex00_1"
    said: str = ""
    held: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    through: int = 0

    @property
    def walls(self) -> tuple[str, ...]:
        """Walls to take away, so that nothing holds it."""
        return (*(held.partition("+")[0] for held in self.held), *self.also)


def neuron(
    body: str, head: str = "", when: str = "len(x) == 10", rest: str = "return x @ weight + bias"
) -> str:
    """Source of an answer to ex00_1 that is honest but for the case where `when` holds, the second of two."""
    lines = [head, "def neuron(x, weight, bias):", f"    if {when}:", textwrap.indent(body.strip(), " " * 8)]
    return "\n".join([LOAD, *lines, f"    {rest}\n"])


def tries(body: str) -> str:
    """Source of an honest answer that, in the second case, tries what sets `reached`, and says so."""
    return neuron(f'os = load("os")\n{body.strip()}\nraise RuntimeError("{REACHED} " + str(reached))')


def notebook(*sources: str) -> bytes:
    """Bytes of a notebook with these code cells."""
    cells = [code_cell(source) for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def code_cell(source: str) -> dict:
    """A code cell as a notebook file holds it."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
