"""The walls hold, each for itself; the self-test sees when one is missing."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from course_utils.grading.sandbox import servers
from course_utils.grading.sandbox.layers import Layers
from course_utils.grading.sandbox.sandbox import Sandbox
from course_utils.grading.sandbox.selftest import Isolation, attempt_all, isolation, require
from course_utils.grading.sandbox.servers import SandboxError

ROOT = Path(__file__).parents[3]
IS_ROOT = os.geteuid() == 0
HAS_BUBBLEWRAP = bool(servers.bubblewrap_command())

FILES = {"read_file", "write_file", "list_folder", "look_at_file"}
NETWORK = {"connect", "send_datagram", "connect_by_path", "connect_by_name"}
PROCESSES = {"signal_process", "signal_server", "read_memory", "start_process", "start_thread"}
MEMORY = {"take_memory", "share_memory"}
OTHER = {"call_system", "raise_limits", "open_descriptors", "environment"}
POWERS = {"become_root", "be_root"}  # only of a server that was started as root
ALL = FILES | NETWORK | PROCESSES | MEMORY | OTHER | (POWERS if IS_ROOT else set())

# What each wall stops on its own, where no other stands.
STOPS_ALONE = {
    "clean": {"open_descriptors", "environment"},
    "rlimits": MEMORY | {"raise_limits", "read_file", "write_file", "list_folder"} | NETWORK,
    "landlock": {"read_file", "write_file", "list_folder", "connect", "connect_by_name"}
    | {"signal_process", "signal_server", "read_memory"},
    "seccomp": (FILES | NETWORK | PROCESSES | {"share_memory", "call_system", "raise_limits", "become_root"}),
    "uid": {"become_root", "be_root", "signal_process", "read_memory"},
    "bubblewrap": {"read_file", "look_at_file", "write_file", "signal_process"} | NETWORK,
}
# What gets through when it alone is missing: nothing else would have stopped it.
HOLDS_ALONE = {
    "clean": {"open_descriptors", "environment"},
    "rlimits": {"take_memory"},
    "landlock": set(),
    "seccomp": {"call_system"},
    "uid": {"be_root"},
    "bubblewrap": set(),
}
needs_root = pytest.mark.skipif(not IS_ROOT, reason="becomes another user")


def reached(layers):
    with Sandbox(layers=layers) as sandbox:
        return set(attempt_all(sandbox))


def test_all_walls_hold(sandbox):
    found = isolation(sandbox)
    assert found.failures == ()
    assert found.level == ("full" if HAS_BUBBLEWRAP else "kernel")
    assert "seccomp" in found.layers
    require(found)


def test_without_walls_every_probe_succeeds():
    assert reached(Layers.none()) == ALL


@pytest.mark.parametrize("name", STOPS_ALONE)
def test_what_one_wall_stops_alone(name):
    if (name == "uid" and not IS_ROOT) or (name == "bubblewrap" and not HAS_BUBBLEWRAP):
        assert reached(Layers.only(name)) == ALL
    else:
        assert ALL - reached(Layers.only(name)) == STOPS_ALONE[name] & ALL


@pytest.mark.parametrize("name", HOLDS_ALONE)
def test_what_gets_through_without_one_wall(name):
    with Sandbox(layers=Layers().without(name)) as sandbox:
        found = isolation(sandbox)
    assert {failure.partition(":")[0] for failure in found.failures} == HOLDS_ALONE[name] & ALL
    assert (found.level == "none") == bool(found.failures)
    assert name not in found.layers


def test_every_probe_is_stopped_by_some_wall():
    assert set.union(*STOPS_ALONE.values()) >= ALL


def test_too_little_isolation_is_refused_with_what_to_do():
    with pytest.raises(SandboxError, match=r"take_memory: .*--trust"):
        require(Isolation("none", (), ("take_memory: 8 bytes",)))
    with pytest.raises(SandboxError, match="install the package `bubblewrap`"):
        require(Isolation("kernel"), "full")
    require(Isolation("full"), "kernel")


def test_other_systems_are_refused(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with Sandbox() as other:
        found = isolation(other)
        with pytest.raises(SandboxError, match="Linux only"):
            other.server().start()
    assert found == Isolation("none", failures=("this is darwin; the sandbox needs Linux",))
    with pytest.raises(SandboxError, match="WSL 2"):
        require(found)


def test_a_server_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setattr(servers, "_ENVIRONMENT", {})
    monkeypatch.setattr(servers, "_ROOT", Path("/nowhere"))
    with Sandbox(layers=Layers().without("bubblewrap")) as broken:
        monkeypatch.setattr(servers.sys, "executable", "/bin/false")
        found = isolation(broken)
    assert found.level == "none"
    assert "does not start" in found.failures[0]


def test_without_bubblewrap_the_kernel_holds(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with Sandbox() as alone:
        found = isolation(alone)
    assert (found.level, found.failures) == ("kernel", ())
    assert "bubblewrap" not in found.layers


AS_ANOTHER_USER = """
    import os, sys
    sys.path.insert(0, sys.argv[1])
    from course_utils.grading.sandbox import selftest, sandbox, servers
    from course_utils.grading.sandbox.layers import Layers
    from course_utils.grading.exercise import find, reference_source
    from course_utils.grading.resolver import resolve
    import seccompy, landlockpy, numpy.ma, numpy.random
    task, answer = find("ex01_4"), resolve([reference_source("ex01_4")], "softmax")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    for layers in (Layers(), Layers().without("bubblewrap"), Layers().without("seccomp", "bubblewrap")):
        with sandbox.Sandbox(layers=layers) as box:
            found = selftest.isolation(box)
            passed = not found.failures and box.grade(task, answer, 1).result.passed
            print(found.level, passed, *(failure.partition(":")[0] for failure in found.failures))
"""


def readable_by_all():
    """Command that shows Python to other users, too, where it lies in somebody's private folder."""
    private = {
        parent
        for prefix in (sys.prefix, sys.base_prefix, str(ROOT))
        for parent in Path(prefix).parents
        if not parent.stat().st_mode & 0o001
    }
    if not private:
        return []
    if not HAS_BUBBLEWRAP:
        pytest.skip("Python lies in a private folder here, and there is no bubblewrap to show it")
    command = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
    for folder in private:
        command += ["--tmpfs", str(folder)]
    for prefix in (sys.prefix, sys.base_prefix, str(ROOT)):
        for parent in [parent for parent in Path(prefix).parents if set(parent.parents) & private][::-1]:
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", prefix, prefix]
    return command


def test_another_user_has_the_same_walls():
    command = readable_by_all() if IS_ROOT else []
    command += [sys.executable, "-c", textwrap.dedent(AS_ANOTHER_USER), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert len(lines) == 3, done.stderr
    assert lines[0] in ("full True", "kernel True")
    assert lines[1] == "kernel True"
    assert lines[2] == "none False look_at_file call_system"
