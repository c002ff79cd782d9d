"""Files of folders and zip archives, read into memory within limits; nothing is ever unpacked to disk.

A download of a learning platform is made of what students named and compressed: names are cleaned before they
are shown, and whatever looks like an attack comes back with the reason why it was not read.
"""

from __future__ import annotations

import functools
import io
import os
import re
import stat
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from course_utils.grading.sandbox.reader import MAX_BYTES

MAX_NOTEBOOK = MAX_BYTES  # chapters take under half a megabyte, outputs included
MAX_ARCHIVE = 4 * 2**30  # bytes that one archive may hold in all
MAX_INNER = 64 * 2**20  # bytes of a zip inside a zip, and of what it holds
MAX_ENTRIES = 20_000
MAX_RATIO = 200  # uncompressed to compressed; a notebook reaches 20
SMALL = 2**20  # bytes: below, no ratio is an attack
_SYSTEM_FILES = re.compile(r"__MACOSX|\.ipynb_checkpoints|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini", re.I)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class RefusedError(ValueError):
    """A file that is not read, and why."""


@dataclass(frozen=True)
class Found:
    """A file that was handed in.

    Parameters
    ----------
    path : tuple of str
        Clean names from the argument down to the file, archives included.
    place : Path
        The file on disk, an archive perhaps.
    inside : tuple of int
        Position of the file in the archive, and in the archive inside that one.
    modified : float
        Seconds since 1970.
    problem : str
        Why it is not read; empty if it can be.
    """

    path: tuple[str, ...]
    place: Path
    inside: tuple[int, ...] = ()
    modified: float = 0.0
    problem: str = ""

    @property
    def label(self) -> str:
        """The path as text."""
        return "/".join(self.path)

    def read(self, limit: int = MAX_NOTEBOOK) -> bytes:
        """Return the file's content; RefusedError or OSError if that is not possible."""
        if not self.inside:
            return _read_file(self.place, limit)
        return _read_entry(_opened(self.place, self.inside[:-1]), self.inside[-1], limit)


def clean(name: str) -> str:
    r"""Make a name safe to show and to store: one form of unicode, no control characters, no lone halves.

    >>> clean("a\x1b[31m\u202eb\udcff")
    'a?[31m?b?'
    """
    name = unicodedata.normalize("NFC", name)
    return "".join("?" if unicodedata.category(letter)[0] == "C" else letter for letter in name)


def files_of(argument: Path) -> Iterator[Found]:
    """Every file of an argument of the command line: a folder, an archive or a single file."""
    path = (clean(argument.resolve().name),)
    if not argument.is_dir():
        yield from _file(argument, path, os.stat(argument))  # a link the instructor named is followed
        return
    yield from _folder(argument, path)


def _folder(folder: Path, path: tuple[str, ...]) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Found(path, folder, problem=f"this folder cannot be read: {error.strerror}")
        return
    for entry in entries:
        own = (*path, clean(entry.name))
        if _SYSTEM_FILES.fullmatch(entry.name):
            continue
        if entry.is_symlink():
            yield Found(own, Path(entry.path), problem="a symbolic link, which is not followed")
        elif entry.is_dir():
            yield from _folder(Path(entry.path), own)
        else:
            yield from _file(Path(entry.path), own, entry.stat(follow_symlinks=False))


def _file(place: Path, path: tuple[str, ...], status: os.stat_result) -> Iterator[Found]:
    if not stat.S_ISREG(status.st_mode):
        yield Found(path, place, problem="not a regular file (a pipe, socket or device)")
    elif place.suffix.lower() == ".zip":
        yield from _archive(place, path)
    elif status.st_size > MAX_NOTEBOOK:
        yield Found(path, place, modified=status.st_mtime, problem=_too_large(status.st_size))
    else:
        yield Found(path, place, modified=status.st_mtime)


def _archive(place: Path, path: tuple[str, ...]) -> Iterator[Found]:
    try:
        archive = _opened(place)
        _check_whole(archive, place.stat().st_size, MAX_ARCHIVE)
    except _BROKEN as error:
        yield Found(path, place, problem=_unreadable(error))
        return
    yield from _entries(archive, path, place, ())


def _entries(
    archive: zipfile.ZipFile, path: tuple[str, ...], place: Path, inside: tuple[int, ...]
) -> Iterator[Found]:
    for index, entry in enumerate(archive.infolist()):
        name = _name(entry)
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if entry.is_dir() or not parts or any(_SYSTEM_FILES.fullmatch(part) for part in parts):
            continue
        own = (*path, *(clean(part) for part in parts))
        found = Found(own, place, (*inside, index), _modified(entry), _refusal(entry, name))
        if found.problem or not parts[-1].lower().endswith(".zip"):
            yield found
        elif inside:
            yield replace(found, problem="a zip in a zip in a zip: hand in the notebook itself")
        else:
            yield from _inner(found)


def _inner(found: Found) -> Iterator[Found]:
    """Look into a zip that a student handed in."""
    try:
        archive = _opened(found.place, found.inside)
        _check_whole(archive, len(found.read(MAX_INNER)), MAX_INNER)
        yield from _entries(archive, found.path, found.place, found.inside)
    except _BROKEN as error:
        yield replace(found, problem=_unreadable(error))


def _check_whole(archive: zipfile.ZipFile, size: int, limit: int) -> None:
    """Refuse an archive that promises far more than it can honestly hold."""
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise RefusedError(f"this archive lists {len(entries):,} files; at most {MAX_ENTRIES:,} are read")
    if total > limit or total > max(MAX_RATIO * size, SMALL):
        raise RefusedError(f"this archive of {size:,} bytes unpacks to {total:,}: that looks like a zip bomb")


def _refusal(entry: zipfile.ZipInfo, name: str) -> str:
    """Say why an entry of an archive is not read, or nothing."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in entry.orig_filename:
        return "its name leads out of the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a symbolic link, which is not followed"
    if entry.flag_bits & 0x1:
        return "encrypted: ask for a file without password"
    is_archive = name.lower().endswith(".zip")
    if entry.file_size > (MAX_INNER if is_archive else MAX_NOTEBOOK):
        return _too_large(entry.file_size)
    if entry.file_size > max(MAX_RATIO * entry.compress_size, SMALL):
        return f"{entry.compress_size:,} bytes unpack to {entry.file_size:,}: that looks like a zip bomb"
    return ""


def _name(entry: zipfile.ZipInfo) -> str:
    """Name of an entry; some tools write UTF-8 without saying so, and Windows writes backslashes."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename
    return name.replace("\\", "/")


def _modified(entry: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):  # month 0
        return 0.0


def _opened(place: Path, inside: tuple[int, ...] = ()) -> zipfile.ZipFile:
    """Open an archive, or the one inside it; a file that changed is opened anew."""
    status = place.stat()
    return _kept_open(place, inside, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=8)
def _kept_open(place: Path, inside: tuple[int, ...], changed: int, size: int) -> zipfile.ZipFile:
    """Keep the last few open: a class may come as a thousand archives."""
    if not inside:
        return zipfile.ZipFile(place)
    outer = _kept_open(place, inside[:-1], changed, size)
    return zipfile.ZipFile(io.BytesIO(_read_entry(outer, inside[-1], MAX_INNER)))


def _read_file(place: Path, limit: int) -> bytes:
    with place.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise RefusedError(_too_large(os.stat(place).st_size))
    return data


def _read_entry(archive: zipfile.ZipFile, index: int, limit: int) -> bytes:
    """Unpack one entry, and no more of it than the limit, whatever size it promises."""
    entry = archive.infolist()[index]
    try:
        with archive.open(entry) as file:
            data = file.read(limit + 1)
    except _BROKEN as error:
        raise RefusedError(_unreadable(error)) from error
    if len(data) > limit:
        raise RefusedError(_too_large(len(data)))
    return data


def _unreadable(error: Exception) -> str:
    if isinstance(error, RefusedError):
        return str(error)
    return f"this zip archive cannot be read: {clean(str(error)) or type(error).__name__}"


def _too_large(size: int) -> str:
    return f"too large ({size / 2**20:.0f} MB; at most {MAX_NOTEBOOK >> 20} MB are read)"
