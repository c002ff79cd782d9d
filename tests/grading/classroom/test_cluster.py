"""Grading on a Dask cluster: the scores of one machine, whatever happens to a worker."""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from course_utils.grading.classroom import cluster
from course_utils.grading.classroom.cluster import ClusterError, check_address, on_cluster
from course_utils.grading.classroom.gradebook import Gradebook
from course_utils.grading.classroom.grading_one import Settings, forget_judge, grade_one
from course_utils.grading.classroom.intake import take_in
from course_utils.grading.classroom.run import grade_class, to_do
from course_utils.grading.classroom.scores import final_scores
from course_utils.grading.classroom.session import Options, grade_submissions
from course_utils.grading.sandbox.layers import Layers
from course_utils.grading.sandbox.servers import bubblewrap_command
from tests.grading.classroom import build_class as build

ROOT = Path(__file__).resolve().parents[3]
SEED = 20_26
TRUST = Settings(trust=True)
SEGFAULT = "import numpy as np\ndef neuron(x, weight, bias):\n    return np.ctypeslib.ctypes.string_at(0)"
PATIENCE = 90.0  # seconds, on a machine that is very busy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="answers are graded on Linux")


def wait_for(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextlib.contextmanager
def dask(folder, *command, course=ROOT, **environment):
    """Run a `dask` command in a session of its own, and leave nothing of it behind."""
    paths = [str(course), os.environ.get("PYTHONPATH", "")]
    log = folder / f"{command[0]}-{time.monotonic_ns()}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **environment},
        )
    try:
        yield process
    finally:
        members = [*family(process.pid), *([psutil.Process(process.pid)] if process.poll() is None else [])]
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        process.wait()


def family(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


@contextlib.contextmanager
def scheduler(folder, *options, **environment):
    """Run a scheduler on a free port; yields its process and its address."""
    file = folder / f"scheduler-{time.monotonic_ns()}.json"
    place = [
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--no-show",
        "--scheduler-file",
        str(file),
    ]
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", **environment}
    with dask(folder, "scheduler", *place, *options, **once) as process:
        wait_for(lambda: file.exists() and file.read_text().endswith("}") or process.poll() is not None)
        yield process, json.loads(file.read_text())["address"]


def worker(folder, address, name, *options, **settings):
    """Run a worker of one thread."""
    usual = ["--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--name", name]
    return dask(folder, "worker", address, *usual, *options, **settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def address(folder):
    with scheduler(folder) as (_, address):
        yield address


def crowd(address):
    """Names of a cluster's workers."""
    from distributed import Client

    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        return {str(one["name"]) for one in client.scheduler_info()["workers"].values()}


@pytest.fixture
def two(folder, address):
    with (
        worker(folder, address, "one", "--no-nanny") as one,
        worker(folder, address, "two", "--no-nanny") as two,
    ):
        wait_for(lambda: crowd(address) == {"one", "two"})
        yield one, two
    wait_for(lambda: not crowd(address))


def book_of(place, submissions, executor, settings):
    """Grade a class; returns all that its gradebook holds, but for times."""
    with Gradebook(place) as book:
        work = to_do(book, book.add(take_in([submissions])), settings)
        grade_class(book, work, SEED, settings, executor)
        return [{key: row[key] for key in row.keys() if key != "at"} for row in book.rows("results")]  # noqa: SIM118


def one_by_one(work, seed, settings):
    """Grade in this process."""
    for item in work:
        yield item.number, grade_one(item.name, item.read(), item.ids, seed, settings)


def points(place):
    with Gradebook(place, create=False) as book:
        return {(one.student, one.exercise): (one.points, one.status) for one in final_scores(book)}


def expected(students):
    return {(one.id, id): (one.points[id], one.statuses[id]) for one in students for id in one.points}


def test_a_class_gets_the_same_gradebook_though_a_worker_is_killed(tmp_path, address, two):
    students = build.class_of(30)
    submissions = build.as_folder(tmp_path / "in", students)
    killed, said = [], []

    def executor(work, seed, settings):
        for count, finished in enumerate(on_cluster(work, seed, settings, address, said.append), 1):
            if count == 6:
                killed.extend([psutil.Process(two[0].pid), *family(two[0].pid)])
                two[0].send_signal(signal.SIGKILL)
                two[0].wait()
            yield finished

    there = book_of(tmp_path / "there.sqlite", submissions, executor, Settings())
    assert said == ["Grading on 2 workers."]
    assert len(killed) >= 2  # the worker, and its sandbox's servers
    wait_for(lambda: not any(process.is_running() for process in killed))
    here = book_of(tmp_path / "here.sqlite", submissions, one_by_one, Settings())
    forget_judge()
    assert there == here
    assert len(there) == 30 * 2
    assert points(tmp_path / "there.sqlite") == expected(students)


def test_the_command_grades_on_a_cluster(tmp_path, address, two, monkeypatch):
    monkeypatch.chdir(tmp_path)
    students = build.class_of(4)
    build.as_folder(tmp_path / "in", students)
    options = Options(Path("grades.sqlite"), dask=address, trust=True)
    with (tmp_path / "said").open("w") as said:
        grade_submissions([Path("in")], options, Console(file=said, width=120))
    assert points(tmp_path / "grades.sqlite") == expected(students)
    assert "Grading on 2 workers." in (tmp_path / "said").read_text()
    weak = Settings(layers=Layers().without("seccomp"))
    with pytest.raises(ClusterError, match=r"(?s)The worker (one|two) refuses to grade.*not tight enough"):
        book_of(
            tmp_path / "none.sqlite", tmp_path / "in", functools.partial(on_cluster, address=address), weak
        )
    assert points(tmp_path / "none.sqlite") == {}


def other_course(place):
    """Copy the course, and change how it judges."""
    shutil.copytree(
        ROOT / "course_utils", place / "course_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (place / "course_utils" / "grading" / "judging.py").open("a") as file:
        file.write("\n# another version\n")
    return place


def without_bubblewrap(place):
    """A search path with nothing of it but Python."""
    place.mkdir()
    return str(place)


@pytest.mark.parametrize("difference", ["another version", "weaker walls"])
def test_a_worker_that_joins_late_must_be_as_good(tmp_path, folder, address, two, difference):
    settings, late = Settings(), {}
    if difference == "another version":
        late = {"course": other_course(tmp_path / "other")}
    elif bubblewrap_command():
        settings, late = Settings(level="full"), {"PATH": without_bubblewrap(tmp_path / "bin")}
    else:
        pytest.skip("bubblewrap does not work here, so that all workers are equally weak")
    students = build.class_of(40)
    build.as_folder(tmp_path / "in", students)
    with contextlib.ExitStack() as stack:

        def executor(work, seed, settings):
            for count, finished in enumerate(on_cluster(work, seed, settings, address), 1):
                if count == 3:
                    stack.enter_context(worker(folder, address, "latecomer", "--no-nanny", **late))
                    wait_for(lambda: "latecomer" in crowd(address))
                    for good in two:
                        good.kill()
                yield finished

        with pytest.raises(ClusterError, match="The worker latecomer (has another version|refuses to grade)"):
            book_of(tmp_path / "grades.sqlite", tmp_path / "in", executor, settings)
    found = points(tmp_path / "grades.sqlite")
    assert len(found) >= 3 * 2
    assert found.items() <= expected(students).items()


def test_a_submission_that_kills_its_workers_is_given_up(tmp_path, folder, address):
    students = build.class_of(6)
    build.as_folder(tmp_path / "in", students)
    bad = build.notebook("00", {"ex00_1": SEGFAULT, "q00_1": build.right("q00_1")})
    (tmp_path / "in" / "s0003" / build.file_name("00")).write_bytes(bad)
    executor = functools.partial(on_cluster, address=address)
    with worker(folder, address, "phoenix"), worker(folder, address, "egg"):  # their nannies start them again
        wait_for(lambda: crowd(address) == {"phoenix", "egg"})
        book_of(tmp_path / "grades.sqlite", tmp_path / "in", executor, TRUST)
    found = points(tmp_path / "grades.sqlite")
    assert {found.pop(("s0003", id)) for id in ("ex00_1", "q00_1")} == {(0, "crashed")}
    assert found == expected([one for one in students if one.id != "s0003"])
    with Gradebook(tmp_path / "grades.sqlite") as book:
        work = to_do(book, book.add(take_in([tmp_path / "in"])), TRUST)
        assert [item.name for item in work] == [
            f"in/s0003/{build.file_name('00')}"
        ]  # and the next run tries again
    wait_for(lambda: not crowd(address))


def test_a_scheduler_that_is_lost_stops_the_run_and_keeps_the_grades(tmp_path, folder):
    students = build.class_of(30)
    build.as_folder(tmp_path / "in", students)
    with scheduler(folder) as (process, address), worker(folder, address, "one", "--no-nanny"):
        wait_for(lambda: crowd(address) == {"one"})

        def executor(work, seed, settings):
            for count, finished in enumerate(on_cluster(work, seed, settings, address), 1):
                if count == 4:
                    process.kill()
                yield finished

        with pytest.raises(ClusterError, match=r"is lost \(.*\)\. What was graded is kept"):
            book_of(tmp_path / "grades.sqlite", tmp_path / "in", executor, TRUST)
    found = points(tmp_path / "grades.sqlite")
    assert len(found) >= 4 * 2
    assert found.items() <= expected(students).items()


def certificate(place):
    """Make a certificate that vouches for itself; returns Dask's settings with it."""
    key, file = str(place / "key.pem"), str(place / "certificate.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=course",
    ]
    subprocess.run([*command, "-keyout", key, "-out", file], check=True, capture_output=True)
    both = {"key": key, "cert": file}
    return {
        "ca-file": file,
        **{f"{role}.{name}": both[name] for role in ("client", "scheduler", "worker") for name in both},
    }


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_cluster_with_tls(tmp_path, folder):
    import dask as library

    found = certificate(tmp_path)
    variables = {
        f"DASK_DISTRIBUTED__COMM__TLS__{name.upper().replace('.', '__').replace('-', '_')}": found[name]
        for name in found
    }
    students = build.class_of(2)
    build.as_folder(tmp_path / "in", students)
    with (
        library.config.set({f"distributed.comm.tls.{name}": found[name] for name in found}),
        scheduler(folder, "--protocol", "tls", **variables) as (_, address),
        worker(folder, address, "one", "--no-nanny", "--protocol", "tls", **variables),
    ):
        assert address.startswith("tls://")
        wait_for(lambda: crowd(address) == {"one"})
        book_of(
            tmp_path / "grades.sqlite", tmp_path / "in", functools.partial(on_cluster, address=address), TRUST
        )
    assert points(tmp_path / "grades.sqlite") == expected(students)


def begin(address):
    """Begin to grade, with nothing to grade."""
    return list(on_cluster([], SEED, TRUST, address))


def test_a_cluster_that_is_not_there(address, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(ClusterError, match="has no workers: start them with `dask worker"):
        begin(address)
    with pytest.raises(ClusterError, match="No scheduler can be reached at tcp://127.0.0.1:1 "):
        begin("tcp://127.0.0.1:1")
    with pytest.raises(ClusterError, match=r"needs TLS certificates in Dask's configuration"):
        begin("tls://127.0.0.1:1")


def test_all_workers_gone(monkeypatch):
    class Deserted:
        def nthreads(self):
            return {}

    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(cluster, "_WORKERLESS_SECONDS", 0.05)
    crew = cluster._Crew(Deserted(), SEED, TRUST, {})
    assert crew._look() == 0  # perhaps one is being started again
    time.sleep(0.1)
    with pytest.raises(ClusterError, match="no worker left"):
        crew._look()


@pytest.mark.parametrize("open_one", ["scheduler", "worker"])
def test_a_member_that_listens_to_the_network_is_refused(open_one):
    class Found:
        def wait_for_workers(self, count, timeout):
            pass

        def scheduler_info(self):
            of = {name: "192.0.2.7" if name == open_one else "127.0.0.1" for name in ("scheduler", "worker")}
            return {"address": f"tcp://{of['scheduler']}:1", "workers": {f"tcp://{of['worker']}:2": {}}}

    with pytest.raises(ClusterError, match=r"listens to the network\. .* got tcp://192\.0\.2\.7"):
        cluster._check_members(Found())


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:8786", "tcp://127.9.9.9:1", "tcp://[::1]:1", "tcp://localhost:1", "tls://a.b:1"],
)
def test_addresses_that_are_safe(address):
    check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("tcp://192.0.2.7:8786", "tcp://0.0.0.0:8786", "tcp://[::]:1", "tcp://example.org:1"),
        *("tcp://127.0.0.1.example.org:1", "tcp://localhost.example.org:1", "tcp://2130706433:1"),
    ],
)
def test_addresses_of_open_schedulers_are_refused_with_the_reason(address, tmp_path):
    with pytest.raises(ValueError, match="an open scheduler runs the code of anyone who reaches it"):
        begin(address)
    with pytest.raises(ValueError, match="an open scheduler"):
        grade_submissions([tmp_path], Options(tmp_path / "grades.sqlite", dask=address), Console())


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "127.0.0.1:8786",
            "tcp://127.0.0.1",
            "tcp://:8786",
            "tcp://127.0.0.1:99999",
            "ws://127.0.0.1:1",
        ),
        *("tcp://127.0.0.1@example.org:1", "tls://", "tcp://[::1:1"),
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="Expected a scheduler's address such as"):
        check_address(address)


def test_without_dask_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        ClusterError, match=r'needs Dask .*: install it with `pip install -e "\.\[cluster\]"`'
    ):
        begin("tcp://127.0.0.1:8786")


def test_jobs_are_of_one_machine():
    with pytest.raises(ValueError, match="Expected --jobs or --dask, got both"):
        Options(Path("a"), jobs=2, dask="tcp://127.0.0.1:8786").check()
