"""Fetch files once: known checksums, several mirrors, a cache, and plain words where there is no network.

pooch does the download; this module tries the mirrors in turn and says what to do when none of them answers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SECONDS_TO_CONNECT, SECONDS_OF_SILENCE = 10, 30
"""How long a mirror may take to answer at all, and to send the next piece, before the next one is tried."""


class Source(NamedTuple):
    """Where the files of a data set come from.

    Attributes
    ----------
    name : str
        What the data set is called in messages.
    folder : str
        Name of its folder in the cache.
    mirrors : tuple of str
        Addresses that end in a slash, to which the names of the files are appended; tried in this order.
    checksums : mapping of str to str
        The names of the files and the SHA-256 of each, in hexadecimal digits.
    """

    name: str
    folder: str
    mirrors: tuple[str, ...]
    checksums: Mapping[str, str]


class DownloadError(OSError):
    """Raised where no mirror gave a file; the message says what was tried and how to go on without."""


def data_folder() -> Path:
    """Return the folder that keeps downloads: $COURSE_DATA, or the system's usual place for caches."""
    chosen = os.environ.get("COURSE_DATA")
    if chosen:
        return Path(chosen).expanduser().resolve()
    import pooch  # here, since few chapters download anything

    return Path(pooch.os_cache("deep-learning-put-to-the-test"))


def fetch(source: Source, *, folder: Path | str | None = None, progress: bool = True) -> dict[str, Path]:
    """Return the files of a source, downloading those that are not there yet.

    Parameters
    ----------
    source : Source
    folder : path, optional
        Keeps the files; by default the source's own folder inside `data_folder`.
    progress : bool
        Whether to show a line of progress on standard error, which is blank at the end.

    Returns
    -------
    dict of str to Path
        Where each file lies. A file is used, however it came there, if its checksum is right.

    Raises
    ------
    DownloadError
        If a file is neither there nor to be had from any mirror.
    """
    folder = data_folder() / source.folder if folder is None else Path(folder).expanduser().resolve()
    mirrors = list(source.mirrors)
    return {name: _fetch_one(source, name, mirrors, folder, progress) for name in source.checksums}


def _fetch_one(source: Source, name: str, mirrors: list[str], folder: Path, progress: bool) -> Path:
    import pooch

    pooch.get_logger().setLevel("WARNING")  # what it would say is in the line of progress
    failures = {}
    for mirror in tuple(mirrors):
        line = _Line(name, progress)
        # "identity" keeps the server from packing what is packed already, and requests from unpacking it
        downloader = pooch.HTTPDownloader(
            progressbar=line,
            chunk_size=1 << 16,
            timeout=(SECONDS_TO_CONNECT, SECONDS_OF_SILENCE),
            headers={"Accept-Encoding": "identity"},
        )
        try:
            known_hash = f"sha256:{source.checksums[name]}"
            found = pooch.retrieve(mirror + name, known_hash, name, folder, downloader=downloader)
            return Path(found)
        except (OSError, ValueError) as problem:  # no connection, or a wrong checksum
            failures[mirror] = _in_short(problem)
            mirrors.remove(mirror)
            mirrors.append(mirror)  # the next file need not wait for it first
        finally:
            line.close()
    raise DownloadError(_advice(source, name, folder, failures))


def _in_short(problem: Exception) -> str:
    """Say in a few words why a download failed; the libraries' own messages take several lines."""
    from requests import exceptions

    response = getattr(problem, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason}"
    if isinstance(problem, ValueError) and not isinstance(problem, OSError):
        return "the file that came has the wrong checksum"
    if isinstance(problem, exceptions.Timeout):
        return "no answer in time"
    if isinstance(problem, exceptions.ConnectionError):
        return "connection refused" if "refused" in str(problem) else "no connection"
    if isinstance(problem, exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return f"{type(problem).__name__}: {problem}"


def _advice(source: Source, name: str, folder: Path, failures: Mapping[str, str]) -> str:
    """Say what was tried, where files brought by hand belong, and what works without them."""
    lines = [f"expected to download {name} of {source.name}, got it from none of the mirrors:"]
    for mirror, reason in failures.items():
        lines += [f"  {mirror}{name}", f"    {reason}"]
    lines.append("If you are offline, connect and run this again: what has arrived is kept.")
    if (folder / name).exists():
        lines.append(f"{name} lies in the folder below already, but its checksum is wrong.")
    lines += ["Or fetch the files on any machine that reaches a mirror and put them, still compressed, into"]
    lines += [f"  {folder}", *(f"    {file}  SHA-256 {sum_}" for file, sum_ in source.checksums.items())]
    lines.append("For another folder set the environment variable COURSE_DATA before Python starts.")
    return "\n".join(lines)


class _Line:
    """One line of progress on standard error, in the form in which pooch reports it."""

    def __init__(self, name: str, shown: bool):
        self.name, self.shown = name, shown
        self.total = self.done = 0
        self.width = 0

    def __bool__(self) -> bool:
        return self.shown  # pooch reports nothing to a false one

    def update(self, n_bytes: int) -> None:
        self.done += n_bytes
        share = min(100, 100 * self.done // self.total) if self.total else 0
        text = f"{self.name}: {share} % of {self.total / 1e6:.1f} MB"
        self._write(text + " " * max(0, self.width - len(text)))
        self.width = len(text)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        if self.width:
            self._write(" " * self.width + "\r")
            self.width = 0

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text)
        sys.stderr.flush()
