"""The warm process that answers are forked from: ``python -I`` with the libraries loaded and nothing else.

It never imports the exercises and never sees a seed. It serves one child at a time: the judge sends a
channel, the server forks, and when the judge says so it ends the child and reports what that cost.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from course_utils.grading.sandbox import lockdown
from course_utils.grading.sandbox.layers import Layers
from course_utils.grading.sandbox.wire import decode, encode

# Loaded before the walls go up: what answers may import, and what NumPy loads on first use.
_WARM = (
    *("__future__", "collections.abc", "copy", "dataclasses", "functools", "itertools", "math", "operator"),
    *("heapq", "typing", "warnings", "encodings.ascii", "encodings.latin_1", "encodings.utf_16"),
    *(
        "encodings.utf_8_sig",
        "encodings.utf_32",
        "encodings.cp1252",
        "encodings.unicode_escape",
        "unicodedata",
    ),
    *("numpy", "numpy.ma", "numpy.linalg", "numpy.fft", "numpy.polynomial", "numpy.exceptions"),
    *("numpy.typing", "numpy.char", "numpy.rec", "numpy.lib.recfunctions", "numpy.lib.stride_tricks"),
)


def main(descriptor: int) -> None:
    """Serve until the judge hangs up; the first message says how."""
    control = socket.socket(fileno=descriptor)
    settings = decode(control.recv(65536))
    layers = Layers(**settings["layers"])
    for name in (*_WARM, *settings["packages"], "course_utils.grading.sandbox.child"):
        importlib.import_module(name)
    if settings["reader"] is not None:
        reader = importlib.import_module("course_utils.grading.sandbox.reader")
        reader.warm(Path(settings["chapters"]), settings["reader"])
    if "torch" in settings["packages"]:
        _warm_torch()
    walls = lockdown.Lockdown(layers, settings["memory"], "torch" not in settings["packages"])
    if layers.uid and os.geteuid() == 0:
        lockdown.become(settings["user"])
    lockdown.adopt_orphans()
    lockdown.settle_memory()
    threads = len(os.listdir("/proc/self/task"))
    control.send(encode({"pid": os.getpid(), "uid": os.getuid(), "threads": threads}))
    _serve(control, walls)


def _serve(control: socket.socket, walls: lockdown.Lockdown) -> None:
    child = 0
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 4096, 4)
        if child:
            report = _end(child)
            child = 0
            if data:
                control.send(encode(report))
        if not data:
            return
        message = decode(data)
        if message[0] == "fork":
            child = os.fork()
            if not child:
                _become_child(walls, descriptors[0], *message[1:])
            for descriptor in descriptors:
                os.close(descriptor)


def _become_child(walls: lockdown.Lockdown, channel: int, cpu_seconds: int, limit: int) -> None:
    """Lock down and serve; never returns."""
    from course_utils.grading.sandbox.child import Child

    try:
        begun = time.perf_counter()
        try:
            walls.apply(channel, cpu_seconds)
            greeting = ["ready", time.perf_counter() - begun]
        except Exception as error:  # noqa: BLE001 - the judge is told why there is no sandbox
            greeting = ["failed", f"{type(error).__name__}: {error}"]
        child = Child(limit)
        child.send(greeting)
        if greeting[0] == "ready":
            child.serve()
    finally:
        os._exit(70)


def _end(child: int) -> dict[str, Any]:
    """Kill a child with all it may have started; return how it ended and what it cost."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):  # before it has made a group of its own
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    while True:  # orphans, if it could start any
        for orphan in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    return {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
    }


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


def _warm_torch() -> None:
    """Run one training step, so that torch loads now what it loads on first use."""
    import torch

    for part in ("nn.utils", "optim.lr_scheduler", "utils.data", "func", "distributions", "fft", "linalg"):
        importlib.import_module(f"torch.{part}")
    torch.set_num_threads(1)
    layer = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3)
    loss = torch.nn.functional.cross_entropy(layer(torch.randn(5, 4)), torch.tensor([0, 1, 2, 0, 1]))
    loss.backward()
    optimizer.step()
    torch.nn.functional.conv2d(torch.randn(1, 1, 8, 8), torch.randn(2, 1, 3, 3)).sum().item()
    torch.manual_seed(0)
    repr(loss)


if __name__ == "__main__":
    main(int(sys.argv[1]))
