"""What holds an answer (layers), and how much it may use (limits); plain data, readable on any system."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Layers:
    """The walls around an answer. All stand, unless a test takes one away to see what it alone holds.

    Parameters
    ----------
    clean : bool
        No open file but the channel, no environment, no core dump, memory closed to other processes.
    rlimits : bool
        Memory, CPU seconds, and no file, process or open descriptor more.
    landlock : bool
        The kernel's Landlock: no file, no port, no signal and no abstract socket outside.
    seccomp : bool
        A list of the system calls that computing needs; any other fails.
    uid : bool
        Another user, if the server was started as root.
    bubblewrap : bool
        Namespaces without network, other processes, and most of the file system.
    """

    clean: bool = True
    rlimits: bool = True
    landlock: bool = True
    seccomp: bool = True
    uid: bool = True
    bubblewrap: bool = True

    @classmethod
    def none(cls) -> Layers:
        """No wall at all."""
        return cls(**dict.fromkeys(cls.__dataclass_fields__, False))

    @classmethod
    def only(cls, *names: str) -> Layers:
        """Nothing but these walls.

        >>> Layers.only("seccomp").names
        ('seccomp',)
        """
        return dataclasses.replace(cls.none(), **dict.fromkeys(names, True))

    def without(self, *names: str) -> Layers:
        """Take walls away."""
        return dataclasses.replace(self, **dict.fromkeys(names, False))

    @property
    def names(self) -> tuple[str, ...]:
        """The walls that stand."""
        return tuple(name for name in self.__dataclass_fields__ if getattr(self, name))


@dataclass(frozen=True)
class Limits:
    """How much an answer may use.

    Parameters
    ----------
    call_seconds : float
        Time for one call, or for the definitions, on the judge's clock.
    seconds : float
        Time for the whole exercise; also its CPU time, rounded up.
    memory : int
        Bytes beyond what the server itself uses. With torch twice as much.
    frame : int
        Bytes of one message from the answer.
    """

    call_seconds: float = 5.0
    seconds: float = 20.0
    memory: int = 512 * 2**20
    frame: int = 32 * 2**20
