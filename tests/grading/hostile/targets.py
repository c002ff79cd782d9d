"""What attacks are aimed at, and a look from outside at what they reached."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Targets:
    """Files, sockets and processes outside the sandbox; everybody may use them."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder, name = folder, f"course-hostile-{secrets.token_hex(8)}"
        folder.chmod(0o777)
        self.marker, self.victim = folder / "marker", folder / "victim"
        (folder / "secret").write_text("REACHED a secret")
        self.victim.write_text("a file")
        path = str(folder / "socket")
        make = lambda *kind: stack.enter_context(socket.socket(*kind))  # noqa: E731
        self._ports = [make(), make(socket.AF_UNIX), make(socket.AF_UNIX)]
        self._packets = make(socket.AF_INET, socket.SOCK_DGRAM)
        for end, address in zip(self._ports, (("127.0.0.1", 0), path, f"\0{name}"), strict=True):
            end.bind(address)
            end.listen()
        Path(path).chmod(0o777)
        self._packets.bind(("127.0.0.1", 0))
        for end in (*self._ports, self._packets):
            end.setblocking(False)
        self._tokens = {
            "SECRET": str(folder / "secret"),
            "FOLDER": str(folder),
            "MARKER": str(self.marker),
            "VICTIM": str(self.victim),
            "PORT": str(self._ports[0].getsockname()[1]),
            "PACKETS": str(self._packets.getsockname()[1]),
            "SOCKET": path,
            "ABSTRACT": name,
            "JUDGE": str(os.getpid()),
        }

    def aim(self, source: str) -> str:
        """Put the targets into the source of an attack."""
        import seccompy

        source = re.sub(r"\bNR_(\w+)", lambda found: str(seccompy.syscall_nr(found[1])), source)
        return re.sub(r"\b(" + "|".join(self._tokens) + r")\b", lambda found: self._tokens[found[0]], source)

    def reached(self) -> list[str]:
        """Say what was reached since the last look, and put it back."""
        found = []
        if os.path.lexists(self.marker):
            found.append("a file was made")
            shutil.rmtree(self.marker) if self.marker.is_dir() else self.marker.unlink()
        if not self.victim.exists():
            found.append("a file was deleted")
            self.victim.write_text("a file")
        for end in self._ports:
            with contextlib.suppress(BlockingIOError):
                end.accept()[0].close()
                found.append("a connection came")
        with contextlib.suppress(BlockingIOError):
            self._packets.recv(100)
            found.append("a packet came")
        return found


@contextlib.contextmanager
def targets() -> Iterator[Targets]:
    """Set targets up in a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="course-hostile-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Targets(folder, stack)


def descendants() -> set[int]:
    """Processes below this one, zombies included."""
    found, todo = set[int](), [os.getpid()]
    while todo:
        for task in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                numbers = {int(number) for number in task.read_text().split()}
                found |= numbers
                todo += numbers
    return found
