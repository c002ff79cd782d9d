"""Nested dicts and lists with arrays in one ``.npz`` file, which a kill while writing leaves as it was."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

_TREE = "tree.json"


def save(path: str | Path, tree: Any) -> None:
    """Write `tree` to a file, without pickle: its arrays by their place in the tree, the rest as JSON.

    The file is written beside its final place and then moved there in one go.

    Raises
    ------
    TypeError
        If something is neither a dict, list, tuple, array, number, text nor None.
    """
    path = Path(path)
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(_encoded(tree, "", arrays))
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays, **{_TREE: np.array(text)})  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def load(path: str | Path) -> Any:
    """Read what `save` wrote.

    Raises
    ------
    ValueError
        If the file is not one of those.
    """
    with np.load(path, allow_pickle=False) as file:
        if not hasattr(file, "files") or _TREE not in file.files:
            raise ValueError(f"expected a checkpoint, got another file: {path}")
        return _decoded(json.loads(str(file[_TREE])), file)


def _encoded(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    """Return the value for JSON; its arrays go to `arrays`. Keys that are numbers stay numbers."""
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError(f"expected an array of numbers at {place!r}, got dtype {value.dtype}")
        while place in arrays:
            place += "'"
        arrays[place] = value
        return {"array": place}
    if isinstance(value, dict):
        return {"dict": [[k, _encoded(v, f"{place}/{k}".lstrip("/"), arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        parts = [_encoded(part, f"{place}/{i}", arrays) for i, part in enumerate(value)]
        return {"tuple": parts} if isinstance(value, tuple) else parts
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"expected dicts, lists, arrays, numbers and text, got {type(value).__name__} at {place!r}"
    )


def _decoded(value: Any, file: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(part, file) for part in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return file[value["array"]]
    if "tuple" in value:
        return tuple(_decoded(part, file) for part in value["tuple"])
    return {key: _decoded(part, file) for key, part in value["dict"]}
