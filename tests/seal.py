"""Run a command in a network of its own, where only loopback exists: ``python tests/seal.py pytest ...``.

Linux only, and only where the system allows it; elsewhere the command runs as it is, and the audit hook of
tests/network_seal.py remains. One line says which.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
BUBBLEWRAP = ["bwrap", "--dev-bind", "/", "/", "--unshare-net"]


def enter_namespace() -> None:
    """Move this process into a network namespace with loopback up; raises OSError where that is forbidden."""
    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWNET | CLONE_NEWUSER
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if user != 0:  # stay the same user inside
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    raise_loopback()


def raise_loopback() -> None:
    """Bring the interface ``lo`` up."""
    import fcntl  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        request = struct.pack("16sh22x", b"lo", 0)  # struct ifreq: name, flags
        (flags,) = struct.unpack_from("h", fcntl.ioctl(channel, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(channel, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))


def works(command: list[str]) -> bool:
    """Tell whether a trial run succeeds."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main(command: list[str]) -> None:
    """Seal off the network as well as this system can, say so, and become the command."""
    if command == ["--probe"]:
        return enter_namespace()
    if works([sys.executable, __file__, "--probe"]):
        enter_namespace()
        print("network: sealed by a network namespace and by an audit hook in every kernel", flush=True)
    elif shutil.which("bwrap") and works([*BUBBLEWRAP, "true"]):
        command = [*BUBBLEWRAP, *command]
        print("network: sealed by bubblewrap and by an audit hook in every kernel", flush=True)
    else:
        print(
            "network: sealed by an audit hook in every kernel only; this system allows no namespaces",
            flush=True,
        )
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
