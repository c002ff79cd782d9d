"""Trying the walls before relying on them: a child attempts what is forbidden, and the judge looks on."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.grading.resolver import Resolved
from course_utils.grading.sandbox.layers import Limits
from course_utils.grading.sandbox.remote import RemoteAnswer
from course_utils.grading.sandbox.sandbox import Sandbox
from course_utils.grading.sandbox.servers import SandboxError
from course_utils.grading.steps import Step
from course_utils.grading.trials import AnswerError

LEVELS = ("none", "kernel", "full")
_NEEDS = frozenset(("builtins", "_thread", "ctypes", "os", "socket"))
_LIMITS = Limits(call_seconds=20.0, seconds=60.0)

# Harmless with senseless arguments, wherever they are not refused.
SYSTEM_CALLS = (
    *("socket", "socketpair", "bind", "connect", "listen", "accept4", "sendto", "recvfrom", "sendmsg"),
    *(
        "openat",
        "openat2",
        "statx",
        "getdents64",
        "readlinkat",
        "unlinkat",
        "renameat2",
        "mkdirat",
        "symlinkat",
    ),
    *("linkat", "mknodat", "fchmodat", "fchownat", "truncate", "ftruncate", "name_to_handle_at", "chroot"),
    *("execve", "execveat", "clone3", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open"),
    *("pidfd_getfd", "pidfd_send_signal", "tgkill", "kcmp", "mount", "umount2", "pivot_root", "move_mount"),
    *("fsopen", "open_tree", "setns", "unshare", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup"),
    *("memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open", "keyctl", "add_key"),
    *("request_key", "inotify_init1", "fanotify_init", "eventfd2", "epoll_create1", "signalfd4", "pipe2"),
    *("timerfd_create", "init_module", "finit_module", "delete_module", "kexec_load", "swapon", "swapoff"),
    *("quotactl", "acct", "settimeofday", "sethostname", "seccomp", "landlock_restrict_self", "prctl"),
)


@dataclass(frozen=True)
class Isolation:
    """What stands between an answer and this machine.

    Parameters
    ----------
    level : str
        "full": the kernel's walls, another user, and namespaces around them; "kernel": the same without
        namespaces; "none": something that must be impossible was possible, or the sandbox does not run.
    layers : tuple of str
        The walls that stand.
    failures : tuple of str
        What was reached that must not be, or why the sandbox does not run.
    """

    level: str
    layers: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def isolation(sandbox: Sandbox) -> Isolation:
    """Attempt everything that is forbidden, and say how well answers are isolated here."""
    if sys.platform != "linux":
        return Isolation("none", failures=(f"this is {sys.platform}; the sandbox needs Linux",))
    try:
        reached = attempt_all(sandbox)
    except SandboxError as error:
        return Isolation("none", failures=(str(error),))
    facts = sandbox.facts
    standing = set(sandbox.layers.names) - ({"bubblewrap"} if not facts["bubblewrap"] else set())
    standing -= {"uid"} if facts["uid"] == 0 else set()
    failures = tuple(f"{name}: {what}" for name, what in reached.items())
    names = tuple(name for name in sandbox.layers.__dataclass_fields__ if name in standing)
    level = "none" if failures or facts["uid"] == 0 else "full" if facts["bubblewrap"] else "kernel"
    return Isolation(level, names, failures)


def require(found: Isolation, level: str = "kernel") -> None:
    """Refuse to go on below a level.

    Raises
    ------
    SandboxError
        With what was reached, and what to do.
    """
    if LEVELS.index(found.level) >= LEVELS.index(level):
        return
    if found.failures:
        why = "; ".join(found.failures)
    else:
        why = "bubblewrap is missing or may not make namespaces here: install the package `bubblewrap`"
    raise SandboxError(
        f'The sandbox is not tight enough for answers that nobody trusts (level "{found.level}", needed is '
        f'"{level}"): {why}. Use Linux 5.13 or newer, WSL 2 or the container file that ships; --trust runs '
        "files that you trust without it."
    )


def attempt_all(sandbox: Sandbox) -> dict[str, str]:
    """Attempt every probe in children of a sandbox; return those that reached something, and what."""
    source = Path(__file__).with_name("probes.py").read_text(encoding="utf-8")
    server = sandbox.server()
    answer = RemoteAnswer(server, Resolved("probe", source=source), _NEEDS, _LIMITS)
    reached = {}
    try:
        with _targets() as (arguments, evidence):
            arguments["take_memory"] = arguments["share_memory"] = 2 * sandbox.limits.memory
            for name, argument in arguments.items():
                said = _attempt(answer, name, argument)
                what = said or evidence(name)
                if what:
                    reached[name] = what
    finally:
        answer.close()
    return reached


def _attempt(answer: RemoteAnswer, name: str, argument: Any) -> str:
    """Return what a probe says that it reached; nothing if it was stopped, or its child ended."""
    try:
        value, _ = answer.attempt(Step((name, argument)))
    except AnswerError as error:
        if error.kind in ("NameError", "ImportError", "SyntaxError", "AssertionError", "TypeError"):
            raise SandboxError(f"the self-test does not run: {name}: {error.kind}: {error.message}") from None
        return ""
    return value if isinstance(value, str) else "something unheard of"


@contextlib.contextmanager
def _targets() -> Iterator[tuple[dict[str, Any], Any]]:
    """Set up what the probes are to reach; yields their arguments, and a look at what they did."""
    folder = Path(tempfile.mkdtemp(prefix="course-selftest-"))
    name = f"course-selftest-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o777)
        secret, written, path = folder / "secret", folder / "written", folder / "socket"
        secret.write_text("a secret")
        secret.chmod(0o644)
        kinds = (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)
        port, packets = (stack.enter_context(socket.socket(*kind)) for kind in kinds)
        by_path, by_name = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        for end, address in ((port, ("127.0.0.1", 0)), (by_path, str(path)), (by_name, f"\0{name}")):
            end.bind(address)
            end.listen()
        path.chmod(0o777)
        packets.bind(("127.0.0.1", 0))
        packets.setblocking(False)
        arguments: dict[str, Any] = {
            **dict.fromkeys(("read_file", "look_at_file"), str(secret)),
            **{"write_file": str(written), "list_folder": "/usr"},
            **{"connect": port.getsockname()[1], "send_datagram": packets.getsockname()[1]},
            **{"connect_by_path": str(path), "connect_by_name": name},
            **{"signal_process": os.getpid(), "call_system": _numbers()},
            **dict.fromkeys(("start_process", "start_thread", "signal_server", "read_memory", "become_root")),
            **dict.fromkeys(("be_root", "raise_limits", "open_descriptors", "environment")),
        }

        def evidence(probe: str) -> str:
            if probe == "write_file" and written.exists():
                return "a file was written"
            if probe == "send_datagram":
                with contextlib.suppress(BlockingIOError):
                    return packets.recv(100).decode(errors="replace")
            return ""

        yield arguments, evidence


def _numbers() -> dict[str, int]:
    """Numbers of the system calls to try, those that this processor has."""
    import seccompy

    numbers = {}
    for name in SYSTEM_CALLS:
        with contextlib.suppress(ValueError):
            numbers[name] = seccompy.syscall_nr(name)
    return numbers
