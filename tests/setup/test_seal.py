"""The seal holds inside kernels: no name is looked up, no outside address reached, loopback works."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import bootstrap
from course_utils.authoring.execution import execute, kernel_environment
from tests import network_seal

SEAL = Path(bootstrap.ROOT) / "tests" / "seal.py"

PROBE = """
import socket
def attempt(step):
    try:
        step()
    except Exception as error:
        return type(error).__name__
    return "reached"
server = socket.create_server(("127.0.0.1", 0))
print(attempt(lambda: socket.create_connection(server.getsockname(), timeout=2)))
print(attempt(lambda: socket.create_connection(("192.0.2.1", 80), timeout=2)))
print(attempt(lambda: socket.getaddrinfo("example.org", 80)))
print(attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))))
print(sorted({"guard", "install", "is_local", "ipaddress", "network_seal"} & set(globals())))
"""


def printed_by_kernel(source):
    """Run one cell in a fresh kernel and return the lines it printed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook.cells[0].outputs[0].text.split("\n")


def test_kernels_reach_loopback_and_nothing_else():
    loopback, address, name, datagram, leaked, _ = printed_by_kernel(PROBE)
    assert loopback == "reached"
    assert address == name == datagram == "SealedNetworkError"
    assert leaked == "[]"


def test_kernels_that_execute_chapters_are_sealed_too(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PROBE)])
    execute(notebook, environment=kernel_environment(tmp_path), cwd=tmp_path)
    assert notebook.cells[0].outputs[0].text.split("\n")[1:4] == ["SealedNetworkError"] * 3


def test_the_proof_is_the_seals_doing(monkeypatch):
    """In a kernel that does not run the seal at its start, the very same probe does not meet it."""
    monkeypatch.delenv("PYTHONPATH")
    loopback, *outside, _, _ = printed_by_kernel(PROBE)
    assert loopback == "reached"
    assert "SealedNetworkError" not in outside


def test_this_process_is_sealed():
    with pytest.raises(PermissionError, match=r"without network.*192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=2)
    with pytest.raises(PermissionError, match=r"without network.*example\.org"):
        socket.gethostbyname("example.org")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1.2.3", "::1", b"localhost", "LOCALHOST", "0.0.0.0", None]
)
def test_this_machine_is_local(host):
    assert network_seal.is_local(host, resolving=False)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "example.org", "localhost.example.org"]
)
def test_others_are_not(host):
    assert not network_seal.is_local(host, resolving=False)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_unix_sockets_pass(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path has room for about 100 characters only
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("socket")
        server.listen()
        client.connect("socket")
        client.sendall(b"through")
        with server.accept()[0] as connection:
            assert connection.recv(7) == b"through"


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_the_command_runs_in_a_sealed_network_with_loopback():
    probe = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(s.getsockname(), timeout=2); "
        "c = socket.socket(); c.settimeout(2); print(c.connect_ex(('192.0.2.1', 80)))"
    )
    run = [sys.executable, str(SEAL), sys.executable, "-c", probe]
    said, code = subprocess.check_output(run, text=True, env=bootstrap.child_env()).splitlines()
    if "only" in said:
        pytest.skip("this system allows no namespaces; the audit hook remains")
    assert said.startswith("network: sealed by")
    assert os.strerror(int(code)) == "Network is unreachable"


def test_a_system_without_namespaces_says_so():
    code = "import seal; seal.works = lambda command: False; seal.main(['true'])"
    said = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=SEAL.parent)
    assert "by an audit hook in every kernel only" in said


def test_nothing_of_the_developer_reaches_the_kernels():
    home = Path(os.environ["IPYTHONDIR"])
    assert "course-tests-" in str(home)
    assert "MPLBACKEND" not in os.environ
    assert bootstrap.KERNEL_ENV.items() <= os.environ.items()
    assert os.environ["COURSE_PROGRESS"].endswith("tests-setup-test_seal-py.sqlite")
