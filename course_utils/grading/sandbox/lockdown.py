"""Builds the walls around the process that runs an answer (Linux). See `Layers` for what each one holds.

What can be prepared is prepared once, in the server: the list of system calls as a program, and the Landlock
rules. The child only puts them on.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import os
import sys
from typing import TYPE_CHECKING

from course_utils.grading.sandbox.layers import Layers

with contextlib.suppress(ImportError):  # Windows has none of these, and no sandbox
    import fcntl
    import resource

if TYPE_CHECKING:  # Linux only
    import landlockpy
    import seccompy

CHANNEL = 3  # where a child finds the judge; 0, 1 and 2 lead nowhere
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_MAP_PRIVATE, _MAP_TYPES = 0x02, 0x0F
_MAP_GROWS_DOWN, _MAP_HUGE = 0x100, 0x40000
_RESERVED = 2**35  # bytes of addresses that torch may reserve; tables of more would take memory themselves

# What computing needs once all is loaded: its own memory, the channel, time, randomness, waiting, the end.
_ALLOWED = (
    *("read", "write", "close", "lseek", "fstat", "poll", "ppoll"),
    *("brk", "munmap", "mremap", "mprotect", "madvise"),
    *("futex", "futex_waitv", "sched_yield", "sched_getaffinity", "getcpu", "membarrier", "rseq"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times"),
    *("getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "sysinfo"),
    *("getrandom", "restart_syscall", "exit", "exit_group"),
)
_X86_ONLY = ("poll", "time")


class Lockdown:
    """The walls, prepared in the server before it forks.

    Parameters
    ----------
    layers : Layers
        Which of them to put on.
    memory : int
        Bytes that a child may take beyond what the server holds.
    bound_addresses : bool
        Whether addresses are bounded as tightly as memory. torch reserves more of them than it uses.
    """

    def __init__(self, layers: Layers, memory: int, bound_addresses: bool) -> None:
        self._layers = layers
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._null = os.open(os.devnull, os.O_RDWR)
        while self._null <= CHANNEL:  # the low numbers are given away below
            self._null = os.open(os.devnull, os.O_RDWR)
        self._filter = _system_calls() if layers.seccomp else None
        self._ruleset = _nothing_allowed() if layers.landlock else None
        addresses, data = _memory_in_use()
        self._memory = data + memory
        self._addresses = addresses + memory + (0 if bound_addresses else _RESERVED)

    def apply(self, channel: int, cpu_seconds: int) -> None:
        """Lock this process down for good; afterwards `CHANNEL` is all that it can reach."""
        self._libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
        os.setpgid(0, 0)
        channel = fcntl.fcntl(channel, fcntl.F_DUPFD, CHANNEL + 1)
        for target in (0, 1, 2):
            os.dup2(self._null, target)
        os.dup2(channel, CHANNEL)
        self._check(self._libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        if self._layers.clean:
            self._clean()
        if self._ruleset is not None:
            self._ruleset.restrict(no_new_privs=False)
            self._ruleset.close()
        if self._layers.rlimits:
            self._limit(cpu_seconds)
        if self._filter is not None:
            self._filter.load()

    def _clean(self) -> None:
        """Close what is open, forget the environment, close the memory to other processes."""
        keep = CHANNEL if self._ruleset is None else self._ruleset.fileno()
        os.closerange(CHANNEL + 1, keep)
        os.closerange(keep + 1, 2**30)
        os.environ.clear()
        self._check(self._libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))

    def _limit(self, cpu_seconds: int) -> None:
        limits = {
            resource.RLIMIT_DATA: self._memory,
            resource.RLIMIT_AS: self._addresses,
            resource.RLIMIT_CPU: cpu_seconds,
            resource.RLIMIT_NOFILE: CHANNEL + 1,
            **dict.fromkeys((resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE), 0),
            **dict.fromkeys((resource.RLIMIT_MEMLOCK, resource.RLIMIT_MSGQUEUE), 0),
        }
        for which, limit in limits.items():
            hard = resource.getrlimit(which)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(which, (limit, limit))

    def _check(self, result: int) -> None:
        if result != 0:
            raise OSError(ctypes.get_errno(), "the process could not be locked down")


def become(user: int) -> None:
    """Become another user for good, with no group of the old one's."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def adopt_orphans() -> None:
    """Become the parent of what children leave behind, so that it can be ended."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def settle_memory() -> None:
    """Keep what is loaded out of later collections, so that children share its pages."""
    gc.collect()
    gc.freeze()


def _memory_in_use() -> tuple[int, int]:
    """Bytes of address space and of data of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        size, _, _, _, _, data, _ = map(int, file.read().split())
    page = os.sysconf("SC_PAGE_SIZE")
    return size * page, data * page


def _system_calls() -> seccompy.Filter:
    """Allow the system calls listed; any other fails with "Operation not permitted"."""
    import seccompy

    if not seccompy.supported():
        raise OSError("this kernel has no seccomp filters")
    rules = seccompy.Filter(default=seccompy.Action.ERRNO | errno.EPERM)
    for name in _ALLOWED:
        if name not in _X86_ONLY or seccompy.arch() == "x86_64":
            rules.allow(name)
    # RLIMIT_DATA counts neither shared memory nor stacks. Limits may be read, not set.
    kinds = _MAP_TYPES | _MAP_GROWS_DOWN | _MAP_HUGE
    rules.allow("mmap", args=[(3, seccompy.CmpOp.MASKED_EQ, _MAP_PRIVATE, kinds)])
    rules.allow("prlimit64", args={2: 0})
    assert rules.program  # built here, once, and not in every child
    return rules


def _nothing_allowed() -> landlockpy.Ruleset:
    """Deny every file and port, and signals and abstract sockets to the outside."""
    import landlockpy

    if not landlockpy.supported():
        raise OSError("this kernel has no Landlock")
    return landlockpy.Ruleset(scoped=landlockpy.Scope.ABSTRACT_UNIX_SOCKET | landlockpy.Scope.SIGNAL)


def missing() -> dict[str, str]:
    """Which walls of the kernel's this machine cannot build, and why."""
    if sys.platform != "linux":
        return dict.fromkeys(("rlimits", "landlock", "seccomp", "uid", "bubblewrap"), "needs Linux")
    reasons = {}
    for name, build in (("seccomp", _system_calls), ("landlock", _nothing_allowed)):
        try:
            build()
        except (OSError, ImportError) as error:
            reasons[name] = str(error)
    return reasons
