"""Starting a forkserver, having it fork and end children, and starting it again when it is lost."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_utils.grading.sandbox.layers import Layers
from course_utils.grading.sandbox.wire import MalformedError, decode, encode

_ROOT = Path(__file__).parents[3]  # holds course_utils
_CHAPTERS = _ROOT / "notebooks"  # of a checkout
_START_SECONDS, _END_SECONDS = 120.0, 20.0
_USERS = range(61_184, 65_500)  # no account of any system lives here
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives", "/nix/store")
_ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "LC_ALL": "C.UTF-8",
}


class SandboxError(RuntimeError):
    """The sandbox itself does not work on this machine; no answer is to blame."""


class LostError(SandboxError):
    """A server ended, on its own or by somebody's hand; the next call starts it again."""


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Parameters
    ----------
    status : int
        Exit code; negative: the signal that ended it.
    cpu : float
        Seconds of CPU time.
    peak : int
        Bytes of its largest resident memory, the server's pages included.
    """

    status: int = 0
    cpu: float = 0.0
    peak: int = 0


class Server:
    """A warm process to fork answers from; one child at a time.

    Parameters
    ----------
    packages : tuple of str
        Loaded beyond numpy, such as "torch".
    reader : str, optional
        Number of the chapter that its children read notebooks of, "" for any; None if they run answers.
    layers : Layers
        The walls.
    memory : int
        Bytes that a child may take.
    """

    def __init__(self, packages: tuple[str, ...], reader: str | None, layers: Layers, memory: int) -> None:
        self._settings = {
            "packages": list(packages),
            "reader": reader,
            "chapters": str(_CHAPTERS),
            "layers": asdict(layers),
            "memory": memory,
            "user": secrets.choice(_USERS),
        }
        self._layers = layers
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.facts: dict[str, Any] = {}

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process, if it does not run, and wait until it is warm."""
        if self.alive:
            return
        self.close()
        if sys.platform != "linux":
            raise SandboxError("answers that nobody trusts can be run on Linux only")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_START_SECONDS)
        bubblewrap = bubblewrap_command() if self._layers.bubblewrap else []
        begin = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
        begin += f"from course_utils.grading.sandbox.forkserver import main; main({theirs.fileno()})"
        self._process = subprocess.Popen(
            [*bubblewrap, sys.executable, "-I", "-c", begin],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
        )
        theirs.close()
        self._control = ours
        try:
            ours.send(encode(self._settings))
            self.facts = decode(ours.recv(65536))
        except (OSError, MalformedError) as error:
            self._process.kill()
            _, said = self._process.communicate()
            self.close()
            reason = said.decode(errors="replace").strip().rpartition("\n")[2] or str(error)
            raise SandboxError(f"the sandbox does not start: {reason}") from None
        self.facts["bubblewrap"] = bool(bubblewrap)

    def fork(self, cpu_seconds: int, limit: int) -> socket.socket:
        """Fork a child and return the judge's end of its channel; `limit` bytes a message."""
        self.start()
        ours, theirs = socket.socketpair()
        try:
            assert self._control is not None
            socket.send_fds(self._control, [encode(["fork", cpu_seconds, limit])], [theirs.fileno()])
        except OSError as error:
            ours.close()
            self.close()
            raise LostError(f"the sandbox's server is lost: {error}") from None
        finally:
            theirs.close()
        return ours

    def end(self) -> Ended:
        """End the child and say how it ended.

        Raises
        ------
        LostError
            If the server is gone, and the child with it.
        """
        if self._control is None:
            raise LostError("the sandbox's server is lost")
        try:
            self._control.settimeout(_END_SECONDS)
            self._control.send(encode(["end"]))
            return Ended(**decode(self._control.recv(65536)))
        except (OSError, MalformedError, TypeError) as error:
            self.close()
            raise LostError(f"the sandbox's server is lost: {error}") from None

    def close(self) -> None:
        """Stop the process; its child dies with it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(2.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None


def bubblewrap_command() -> list[str]:
    """Return the command that puts namespaces around the server; empty where that does not work."""
    program = shutil.which("bwrap")
    if program is None:
        return []
    command = [program, *_bubblewrap_options()]
    global _bubblewrap_works
    if _bubblewrap_works is None:
        trial = subprocess.run([*command, sys.executable, "-I", "-c", ""], capture_output=True, check=False)
        _bubblewrap_works = trial.returncode == 0
    return command if _bubblewrap_works else []


_bubblewrap_works: bool | None = None


def _bubblewrap_options() -> list[str]:
    """Show the server Python, the system's libraries, the grading code and the chapters, and nothing else."""
    paths = {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values()}
    paths |= {str(Path(sys.executable).parent), str(Path(sys.executable).resolve().parents[1])}
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    options += ["--unshare-user"] if os.geteuid() else []
    options += ["--new-session", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in sorted(path for path in paths if len(Path(path).parts) > 1):
        options += ["--ro-bind-try", path, path]
    package = _ROOT / "course_utils"
    for part in (package / "__init__.py", package / "grading"):
        options += ["--ro-bind", str(part), str(part)]
    options += ["--ro-bind-try", str(_CHAPTERS), str(_CHAPTERS)]
    if _is_below(package, paths):  # installed beside the libraries: cover the reference answers
        options += ["--tmpfs", str(package / "exercises")]
    return [*options, "--remount-ro", "/", "--chdir", "/"]


def _is_below(path: Path, folders: set[str]) -> bool:
    return any(Path(folder) in path.parents for folder in folders)
