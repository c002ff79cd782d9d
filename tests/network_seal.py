"""Refuse, inside one Python process, every connection that leaves this machine.

Every Python that the tests start runs this file first (see the root's conftest.py), so it imports nothing but
the standard library. It stops honest code on any system; tests/seal.py adds a wall of the operating system's.
"""

from __future__ import annotations

import ipaddress
import socket
import sys

CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname"}
LOCAL_NAMES = {"", "localhost", "localhost.localdomain", socket.gethostname()}


class SealedNetworkError(PermissionError):
    """Raised where code under test reaches for the network."""


def as_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a numeric host stands for, None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_local(host: object, *, resolving: bool) -> bool:
    """Tell whether a host is this machine; a number needs no resolving and so passes there.

    >>> is_local("127.0.0.1", resolving=False), is_local("192.0.2.1", resolving=False)
    (True, False)
    >>> is_local("example.org", resolving=True), is_local(None, resolving=True)
    (False, True)
    """
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    address = as_ip(name)
    if address is None:
        return name.lower() in LOCAL_NAMES
    return resolving or address.is_loopback or address.is_unspecified


def guard(event: str, arguments: tuple) -> None:
    """Raise if an audit event of the interpreter is a step to the outside."""
    if event in RESOLVING and not is_local(arguments[0], resolving=True):
        raise SealedNetworkError(f"the tests run without network: refused to look up {arguments[0]!r}")
    if event in CONNECTING and isinstance(arguments[1], tuple):
        host = arguments[1][0]  # (host, port, ...); Unix sockets have a path instead of a tuple
        if not is_local(host, resolving=False):
            raise SealedNetworkError(f"the tests run without network: refused to connect to {arguments[1]!r}")


def install() -> None:
    """Guard this process from now on; an audit hook cannot be taken out again."""
    sys.addaudithook(guard)


if __name__ == "sitecustomize":
    install()
