"""CPU time and memory of a command and of all that it starts, short-lived processes included."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

_TICK = 0.05  # seconds
_MEMORY_EVERY = 10  # ticks; to add the memory up takes some milliseconds


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds on the clock and of CPU, and bytes held at most by all its processes."""

    seconds: float
    cpu: float
    peak: int


def measured(command: list[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command to its end.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    started = time.perf_counter()
    with open(folder / "output", "w+") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        tree = _Tree(process.pid)
        looking = threading.Thread(target=tree.look)
        looking.start()
        code = process.wait()
        seconds = time.perf_counter() - started
        looking.join()
        if code:
            output.seek(0)
            raise subprocess.CalledProcessError(code, command, output.read())
    return Cost(seconds, tree.cpu, tree.peak)


class _Tree:
    """The processes below one, looked at again and again."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._own: dict[tuple[int, float], float] = {}  # CPU seconds of each process, last seen
        self._reaped: dict[tuple[int, float], float] = {}  # of children that it has outlived
        self.peak = 0

    def look(self) -> None:
        """Look until the command has ended."""
        ticks = 0
        while self._root.is_running() and self._root.status() != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.Error):
                members = [self._root, *self._root.children(recursive=True)]
                for member in members:
                    self._note(member)
                if ticks % _MEMORY_EVERY == 0:
                    self.peak = max(self.peak, sum(map(_memory, members)))
            ticks += 1
            time.sleep(_TICK)

    def _note(self, member: psutil.Process) -> None:
        with contextlib.suppress(psutil.Error):
            times, key = member.cpu_times(), (member.pid, member.create_time())
            if _is_answer(member):  # counted by the server that outlives it
                return
            self._own[key] = times.user + times.system
            if _is_server(member):
                self._reaped[key] = times.children_user + times.children_system

    @property
    def cpu(self) -> float:
        """Seconds of CPU time of all of them."""
        return sum(self._own.values()) + sum(self._reaped.values())


def _is_server(process: psutil.Process) -> bool:
    """Whether a process is one that answers are forked from: its children live for milliseconds."""
    return process.name() != "bwrap" and any("sandbox.forkserver" in word for word in process.cmdline())


def _is_answer(process: psutil.Process) -> bool:
    parent = process.parent()
    return parent is not None and _is_server(parent)


def _memory(process: psutil.Process) -> int:
    """Bytes, shared pages divided among those that share them where the system tells that."""
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:
        return process.memory_info().rss
    except psutil.Error:
        return 0
