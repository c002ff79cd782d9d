"""Run a notebook in a fresh kernel of this interpreter, apart from its author's settings and progress."""

from __future__ import annotations

import importlib.util
import os
import re
from copy import deepcopy
from functools import cache
from pathlib import Path

import zmq
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets import default

from course_utils.authoring.kernel_client import PatientClient

REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOKS = REPOSITORY / "notebooks"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Settings of a person's shell that would change what a cell prints or draws.
PERSONAL = ("MPLBACKEND", "PYTHONSTARTUP", "PYTHONWARNINGS")


class CellFailure(RuntimeError):
    """A cell raised, ran out of time or took its kernel down; the message names it and says how."""


class _OnlyThisInterpreter(KernelSpecManager):
    """Answers every kernel name with the interpreter at hand, whatever is installed on the machine."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class ThisInterpreter(AsyncKernelManager):
    """A kernel manager for nbclient and papermill that ignores registered kernels."""

    @default("kernel_spec_manager")
    def _default_kernel_spec_manager(self) -> KernelSpecManager:
        return _OnlyThisInterpreter(parent=self)

    @default("client_factory")
    def _default_client_factory(self) -> type[PatientClient]:
        return PatientClient

    @default("transport_encryption")
    def _default_transport_encryption(self) -> str:
        return "auto" if zmq.has("curve") else "disabled"  # without it, each kernel warns


def kernel_environment(folder: Path) -> dict[str, str]:
    """Return the environment for a kernel whose progress and settings live in one private folder.

    Parameters
    ----------
    folder : Path
        An existing empty folder, usually a temporary one.

    Returns
    -------
    dict of str to str
        A whole environment: this process's, without personal settings, with `bootstrap.KERNEL_ENV`.
    """
    private = {
        "COURSE_PROGRESS": str(folder / "progress.sqlite"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MATPLOTLIBRC": str(_shipped_matplotlibrc()),
    }
    kept = {name: value for name, value in os.environ.items() if name not in PERSONAL}
    return kept | _settings_of_bootstrap() | private


def execute(
    notebook: NotebookNode, *, environment: dict[str, str], cwd: Path = NOTEBOOKS, timeout: int = 600
) -> NotebookNode:
    """Run every code cell of a notebook from top to bottom and fill in its outputs.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    environment : dict of str to str
        The kernel's whole environment, see `kernel_environment`.
    cwd : Path, optional
        The kernel's working directory.
    timeout : int, optional
        Seconds allowed for one cell.

    Returns
    -------
    NotebookNode
        The same notebook, executed.

    Raises
    ------
    CellFailure
        If a cell raises, exceeds the time or ends the kernel.
    """
    client = NotebookClient(
        notebook,
        kernel_manager_class=ThisInterpreter,
        kernel_name="python3",
        record_timing=False,
        timeout=timeout,
        resources={"metadata": {"path": str(cwd)}},
    )
    running = ["the kernel's start"]
    client.on_cell_execute = lambda cell, cell_index: running.append(_name(notebook, cell_index))
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        raise CellFailure(f"{running[-1]} raised\n{_plain(error.traceback)}") from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise CellFailure(f"{running[-1]} did not finish: {_plain(str(error))}") from error
    return notebook


def with_seed(notebook: NotebookNode, seed: int) -> NotebookNode:
    """Return a copy that sets ``SEED`` to another value right after its parameters cell.

    Raises
    ------
    ValueError
        If no cell is tagged ``parameters``.
    """
    copy = deepcopy(notebook)
    for index, cell in enumerate(copy.cells):
        if "parameters" in cell.metadata.get("tags", []):
            copy.cells.insert(index + 1, new_code_cell(f"SEED = {seed}"))
            return copy
    raise ValueError("expected a cell tagged `parameters` that sets SEED, found none: add one")


@cache
def _settings_of_bootstrap() -> dict[str, str]:
    """Read `KERNEL_ENV` from the repository's bootstrap.py, which is no part of the package."""
    path = REPOSITORY / "bootstrap.py"
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"expected {path}: run from a clone, installed by `pip install -e .`")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.KERNEL_ENV)


def _shipped_matplotlibrc() -> Path:
    """Return matplotlib's own settings file, so that an author's does not change the pictures."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("expected matplotlib in this environment: run `make setup`")
    return Path(spec.origin).parent / "mpl-data" / "matplotlibrc"


def _name(notebook: NotebookNode, index: int) -> str:
    """Say which cell this is, in the words of one who has the notebook open."""
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    first_line = notebook.cells[index].source.strip().partition("\n")[0]
    return f"code cell {number} (`{first_line}`)"


def _plain(text: str) -> str:
    return ANSI.sub("", text)
