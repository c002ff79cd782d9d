"""The machines of a Dask cluster that grade: ``course grade --dask tcp://127.0.0.1:8786``.

The same pure `grade_one` as on one machine goes to the workers, with the bytes of the notebook; results come
back as they are done. Whoever reaches an open scheduler can run code on all of its workers, so that loopback
and TLS alone are accepted. Every worker tests its own walls before it runs an answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from course_utils.grading.classroom.archives import RefusedError
from course_utils.grading.classroom.checks import checks_hash
from course_utils.grading.classroom.cluster_worker import grade_here, ready
from course_utils.grading.classroom.grading_one import Settings, unjudged
from course_utils.grading.classroom.workers import Finished, Outcome, Work

if TYPE_CHECKING:  # the extra `cluster`
    from distributed import Client, Future

INSTALL = 'install it with `pip install -e ".[cluster]"` in the course\'s folder, on every machine'
_CONNECT_SECONDS = 10.0
_WORKERLESS_SECONDS = 30.0  # a nanny starts a new worker in less
_LOOK_SECONDS = 2.0  # between two looks at who works
_AHEAD = 2  # notebooks that travel or wait, for each thread of the cluster


class ClusterError(RuntimeError):
    """The cluster cannot grade; the message says what to do."""


def check_address(address: str) -> None:
    """Refuse an address of a scheduler that is neither of this machine nor protected by TLS.

    Raises
    ------
    ValueError
        With the reason.

    Examples
    --------
    >>> check_address("tcp://127.0.0.1:8786")
    >>> check_address("tcp://192.0.2.7:8786")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Expected tcp:// with a loopback address, or tls://, got tcp://192.0.2.7:8786: ...
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None or parts.scheme not in ("tcp", "tls") or "@" in parts.netloc:
        raise ValueError(
            "Expected a scheduler's address such as tcp://127.0.0.1:8786 or tls://host.example.org:8786, "
            f"got {address!r}."
        )
    if parts.scheme == "tcp" and not _is_loopback(host):
        raise ValueError(
            f"Expected tcp:// with a loopback address, or tls://, got {address}: an open scheduler runs the "
            "code of anyone who reaches it, and the secret seed would cross the network in plain text. "
            "Start scheduler and workers with TLS certificates, or with --host 127.0.0.1 behind an SSH "
            "tunnel."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def on_cluster(
    work: Sequence[Work],
    seed: int,
    settings: Settings,
    address: str,
    say: Callable[[str], object] = lambda text: None,
) -> Finished:
    """Grade on the workers of a cluster; `say` is told what is worth knowing about them.

    If a worker dies, Dask tries what it had on another one. What has been on dying workers too often for
    Dask is tried once more, alone, so that only the notebook that kills workers pays for it.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or a worker cannot isolate answers or has other checks.
    """
    checks = {id: checks_hash(id) for item in work for id in item.ids}
    with _connected(address) as client:
        _ask_all(client, settings, checks)
        say(_description(client.nthreads()))
        crew = _Crew(client, seed, settings, checks)
        deadly: list[Work] = []
        yield from crew.grade(work, deadly)
        for item in deadly:
            twice: list[Work] = []
            yield from crew.grade([item], twice)
            for lost in twice:
                hint = "The workers that graded this file died, again and again: try it with --try."
                yield lost.number, unjudged(lost.name, lost.ids, hint)


class _Crew:
    """The workers, and what each notebook is sent to them with."""

    def __init__(self, client: Client, seed: int, settings: Settings, checks: Mapping[str, str]) -> None:
        self._client, self._seed, self._settings, self._checks = client, seed, settings, checks
        self._threads, self._looked, self._last_seen = 0, 0.0, time.monotonic()

    def grade(self, work: Sequence[Work], deadly: list[Work]) -> Finished:
        """Yield results; what killed its workers is added to `deadly`."""
        from distributed import KilledWorker

        left = deque(work)
        running: dict[Future, Work] = {}
        while left or running:
            while left and len(running) < _AHEAD * max(1, self._look()):
                item = left.popleft()
                try:
                    running[self._send(item)] = item
                except (RefusedError, OSError) as error:
                    yield item.number, unjudged(item.name, item.ids, f"The file could not be read: {error}")
            for future in self._done(list(running)):
                item = running.pop(future)
                if isinstance(future.exception(), KilledWorker):
                    deadly.append(item)
                else:
                    yield item.number, _accepted(future.result())

    def _send(self, item: Work) -> Future:
        checks = {id: self._checks[id] for id in item.ids}
        given = (item.name, item.read(), item.ids, self._seed, self._settings, checks)
        return self._client.submit(grade_here, *given, pure=False)

    def _done(self, running: list[Future]) -> set[Future]:
        """Wait a while for results; ClusterError if there is nobody left to wait for."""
        from distributed import wait

        if not running:
            return set()
        try:
            return wait(running, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            self._look()
            return set()

    def _look(self) -> int:
        """Count the workers' threads, now and then."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._threads, self._looked = sum(self._client.nthreads().values()), now
        if self._threads:
            self._last_seen = now
        elif now - self._last_seen > _WORKERLESS_SECONDS:
            raise ClusterError(
                "The cluster has no worker left. What was graded is kept: start workers with `dask worker`, "
                "and run the same command again."
            )
        return self._threads


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler whose cluster is of this machine alone, or protected."""
    check_address(address)
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise ClusterError(f"Grading on a cluster needs Dask ({error}): {INSTALL}.") from None
    # The bytes of a notebook are small beside what the threshold is meant for, the mistake of sending data.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "100MB"}):
        try:
            client = Client(address, timeout=_CONNECT_SECONDS, name="course-grade")
        except (OSError, TypeError, ValueError) as error:  # TypeError: no certificates are configured
            need = "TLS certificates in Dask's configuration (distributed.comm.tls), and " * (
                urlsplit(address).scheme == "tls"
            )
            raise ClusterError(
                f"No scheduler can be reached at {address} ({error}). It needs {need}a running `dask "
                "scheduler`, and `dask worker`s."
            ) from None
        try:
            _check_members(client)
            yield client
        except (CancelledError, asyncio.CancelledError, OSError) as error:  # Dask's, of a lost connection
            raise ClusterError(
                f"The scheduler at {address} is lost ({type(error).__name__}). What was graded is kept: "
                "start it again, and run the same command again."
            ) from error
        finally:
            client.close()


def _check_members(client: Client) -> None:
    """Refuse a cluster without workers, and one that listens to the whole network."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError:
        raise ClusterError(
            "The cluster has no workers: start them with `dask worker --nworkers auto --nthreads 1`, and run "
            "the same command again."
        ) from None
    found = client.scheduler_info()
    for address in (found["address"], *found["workers"]):
        try:
            check_address(address)
        except ValueError as error:
            raise ClusterError(f"A member of the cluster listens to the network. {error}") from None


def _ask_all(client: Client, settings: Settings, checks: Mapping[str, str]) -> None:
    """Have every worker test its walls and compare its checks, before anything is sent to any."""
    answers = client.run(ready, settings, dict(checks), on_error="return")
    for address, answer in answers.items():
        if isinstance(answer, Exception):
            raise ClusterError(
                f"The worker at {address} cannot grade ({type(answer).__name__}: {answer}): {INSTALL}, in "
                "the same version."
            )
        if answer:
            raise ClusterError(answer)


def _description(threads: Mapping[str, int]) -> str:
    """Say who works, and what holds them back.

    >>> _description({"tcp://127.0.0.1:4000": 1, "tcp://127.0.0.1:4001": 1})
    'Grading on 2 workers.'
    """
    count = f"Grading on {len(threads)} worker{'s' * (len(threads) != 1)}."
    idle = sum(threads.values()) - len(threads)
    if not idle:
        return count
    return (
        f"{count} A worker grades one submission at a time, so that {idle} threads of theirs are idle: `dask "
        "worker --nworkers auto --nthreads 1` uses every core."
    )


def _accepted(answer: tuple[str, Outcome]) -> Outcome:
    """Take a worker's answer; ClusterError if it refused."""
    refusal, outcome = answer
    if refusal:
        raise ClusterError(f"{refusal} What was graded is kept, and the same command goes on from there.")
    return outcome
