"""IDX, the plain format of MNIST's files: a short header, then the bytes. Chapter 08."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

UNSIGNED_BYTE = 0x08
"""The format's code of the one kind of number read here; there are five others, which MNIST does not use."""


def parse_idx(content: bytes, name: str = "the file") -> np.ndarray:
    """Turn the bytes of an uncompressed IDX file into an array.

    The header is two zero bytes, the kind of number (8: unsigned bytes), the number of dimensions, and each
    dimension's length as four bytes, the most significant first. The numbers follow, the last index fastest.

    Parameters
    ----------
    content : bytes
    name : str
        What the file is called in error messages.

    Returns
    -------
    uint8 array
        Read-only: it shows the bytes, it does not copy them.

    Raises
    ------
    ValueError
        If the header is not IDX, announces other numbers than unsigned bytes, or another amount of them.

    Examples
    --------
    >>> parse_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9]))
    array([[7, 8, 9]], dtype=uint8)
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[3] == 0:
        raise ValueError(
            f"expected an IDX file, got {name} that begins with {content[:4].hex(' ') or 'nothing'}"
        )
    kind, n_dimensions = content[2], content[3]
    if kind != UNSIGNED_BYTE:
        raise ValueError(f"expected unsigned bytes (kind 0x08), got {name} with kind 0x{kind:02x}")
    start = 4 + 4 * n_dimensions
    if len(content) < start:
        raise ValueError(f"expected a header of {start} bytes, got {name} with {len(content)} bytes in all")
    shape = tuple(int(length) for length in np.frombuffer(content, ">u4", n_dimensions, offset=4))
    n_numbers = int(np.prod(shape, dtype=object))  # Python's integers: a broken header cannot overflow them
    if len(content) - start != n_numbers:
        raise ValueError(
            f"expected {n_numbers} numbers for shape {shape}, got {name} with {len(content) - start}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_idx(path: Path | str) -> np.ndarray:
    """Read an IDX file, compressed with gzip or not, into a uint8 array.

    Raises
    ------
    ValueError
        If the compression is broken or the content is not IDX; the message names the file.
    """
    path = Path(path)
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":  # gzip's own first bytes
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as problem:
            raise ValueError(f"expected a whole gzip file, got {path.name}: {problem}") from problem
    return parse_idx(content, path.name)
