"""bootstrap.py: a sentence for each obstacle, no work that is already done. Nothing is installed here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(bootstrap.ROOT)
OLD_PYTHONS = sorted(Path.home().glob(".pyenv/versions/*/bin/python"))


class Calls:
    """Stands in for subprocess.call: records commands, makes the environment's files, answers with codes."""

    def __init__(self, root, failing=None):
        self.root, self.failing, self.commands = root, failing, []

    def __call__(self, command, cwd=None, env=None):
        self.commands.append(command)
        if "venv" in command:
            shutil.rmtree(command[-1], ignore_errors=True)  # --clear
            python = Path(bootstrap.venv_python(str(self.root)))
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
            made = f"version = 3.12.1\ncommand = /usr/bin/python3 -m venv --clear {self.root / '.venv'}\n"
            (self.root / ".venv" / "pyvenv.cfg").write_text(made)
        if self.failing and self.failing in command:
            return 1
        return 0

    def mentioning(self, word):
        return [command for command in self.commands if word in command]


@pytest.fixture
def project(tmp_path):
    """A project with pins only, in a folder with a space in its name."""
    root = tmp_path / "my course"
    (root / "notebooks").mkdir(parents=True)
    for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "constraints.txt"):
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture
def handed_over(monkeypatch):
    """The command that bootstrap.py would become."""
    started = []
    monkeypatch.setattr(bootstrap, "hand_over", lambda command, cwd, env: started.append((command, env)) or 0)
    return started


def one_sentence(text):
    return text.count("\n") <= 1 and text.strip().endswith(".") and len(text) < 400


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10), (3, 15), (4, 0)])
def test_a_python_out_of_range_gets_one_sentence_with_the_way_out(version):
    sentence = bootstrap.version_problem(version)
    assert "Python {}.{};".format(*version) in sentence
    assert one_sentence(sentence)
    assert "make lab PYTHON=python3.12" in bootstrap.version_problem(version, ["python3.12"])


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_supported_pythons_pass(minor):
    assert bootstrap.version_problem((3, minor, 0)) is None


@pytest.mark.parametrize("python", OLD_PYTHONS or [None], ids=lambda path: path and path.parts[-3])
def test_real_pythons_answer_by_their_version(python):
    if python is None:
        pytest.skip("no other Pythons on this machine")
    env = bootstrap.child_env()  # without the tests' seal, which old Pythons cannot read
    ask = [python, "-c", "import sys; print('%d %d' % sys.version_info[:2])"]
    version = tuple(map(int, subprocess.check_output(ask, text=True, env=env).split()))
    answer = subprocess.run(
        [python, ROOT / "bootstrap.py", "help"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=env,
    )
    if bootstrap.OLDEST <= version <= bootstrap.NEWEST:
        assert "make lab" in answer.stdout
    else:
        assert answer.returncode == 1
        assert "This is Python {}.{};".format(*version) in answer.stderr
        assert one_sentence(answer.stderr)


def test_only_pythons_that_start_are_recommended(tmp_path):
    for name, code in (("python3.13", 1), ("python3.12", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    assert bootstrap.pythons_on_path(f"/nowhere{os.pathsep}{tmp_path}") == ["python3.12"]


def test_missing_venv_module_names_the_package():
    with pytest.raises(bootstrap.Stop, match=r"apt install python3\.12-venv"):
        bootstrap.check_can_make_environments(lambda name: None if name == "ensurepip" else name, (3, 12))


def test_intel_mac_is_told_before_anything_is_installed(project, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: "x86_64")
    calls = Calls(project)
    assert bootstrap.main(["lab"], str(project), calls) == 1
    assert "Intel Macs" in capsys.readouterr().err
    assert calls.commands == []


def test_read_only_folder(project, monkeypatch, capsys):
    def refuse(dir):
        raise OSError(30, "Read-only file system", dir)

    monkeypatch.setattr(bootstrap.tempfile, "TemporaryFile", refuse)
    assert bootstrap.main(["setup"], str(project), Calls(project)) == 1
    message = capsys.readouterr().err
    assert "Read-only file system" in message
    assert one_sentence(message)


def test_full_disk_is_seen_beforehand(project, monkeypatch, capsys):
    usage = namedtuple("usage", "free")(10**9)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: usage)
    assert bootstrap.main(["setup"], str(project), Calls(project)) == 1
    assert "1.0 GB are free" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "disk ran full"),
        ("NewConnectionError: Failed to establish a new connection", "connect this computer"),
        ("error: metadata-generation-failed", "last lines above"),
    ],
)
def test_a_failing_pip_is_one_sentence_with_its_log(project, capsys, line, words):
    class FailingPip(Calls):
        def __call__(self, command, cwd=None, env=None):
            if "--log" in command:
                Path(command[command.index("--log") + 1]).write_text(f"...\n{line}\n")
                return 1
            return super().__call__(command, cwd, env)

    assert bootstrap.main(["setup"], str(project), FailingPip(project)) == 1
    message = capsys.readouterr().err
    assert words in message
    assert str(project / ".venv" / "pip.log") in message
    assert one_sentence(message)


def test_lab_installs_checks_copies_and_starts(project, handed_over):
    calls = Calls(project)
    assert bootstrap.main(["lab", "--no-browser", "--port=9999"], str(project), calls) == 0
    installs = calls.mentioning("install")
    assert installs[0][-4:] == ["-r", "requirements.txt", "-c", "constraints.txt"]
    assert installs[1][-2:] == ["-e", "."]
    assert len(calls.mentioning("course_utils.selfcheck")) == 1
    assert len(calls.mentioning("course_utils.workspace")) == 1
    (command, env), *_ = handed_over
    assert "--ServerApp.ip=127.0.0.1" in command
    assert f"--ServerApp.root_dir={project / 'work'}" in command
    assert "--ServerApp.port_retries=0" in command
    assert "--FileContentsManager.pre_save_hook=course_utils.saving.leave_out_views" in command
    assert not any("token" in word.lower() for word in command)  # JupyterLab draws one at random
    assert env["COURSE_PROGRESS"] == str(project / "work" / "progress.sqlite")
    assert bootstrap.KERNEL_ENV.items() <= env.items()
    first, _, rest = env["PATH"].partition(os.pathsep)  # `course` is found in JupyterLab's terminal
    assert first == str(Path(bootstrap.venv_python(str(project))).parent)
    assert rest == os.environ["PATH"]


def test_without_a_port_the_next_free_one_is_taken(project):
    assert not any("port" in word for word in bootstrap.lab_command("python", "work", ["--no-browser"]))


def test_jupyterlab_asks_nothing_about_news(project):
    bootstrap.main(["setup"], str(project), Calls(project))
    settings = project / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert (
        json.loads(settings.read_text())["@jupyterlab/apputils-extension:notification"]["fetchNews"]
        == "false"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no root")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_in_a_container_may_start(monkeypatch, user, allowed):
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: user)
    assert ("--allow-root" in bootstrap.lab_command("python", "work", [])) is allowed


def test_second_call_installs_nothing(project, handed_over):
    bootstrap.main(["lab"], str(project), Calls(project))
    again = Calls(project)
    assert bootstrap.main(["lab"], str(project), again) == 0
    assert [command[-1] for command in again.commands] == ["course_utils.selfcheck", "course_utils.workspace"]
    assert len(handed_over) == 2


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.txt", "constraints.txt"])
def test_changed_pins_are_installed(project, name):
    bootstrap.main(["setup"], str(project), Calls(project))
    with (project / name).open("a") as file:
        file.write("# changed\n")
    again = Calls(project)
    bootstrap.main(["setup"], str(project), again)
    assert len(again.mentioning("install")) == 2
    assert again.mentioning("venv") == []


def test_development_pins_matter_to_tests_only(project, handed_over):
    bootstrap.main(["test"], str(project), Calls(project))
    (project / "requirements-dev.txt").write_text("-r requirements.txt\nruff==0.17.6\n")
    lab, test = Calls(project), Calls(project)
    bootstrap.main(["lab"], str(project), lab)
    bootstrap.main(["test"], str(project), test)
    assert lab.mentioning("install") == []
    assert len(test.mentioning("install")) == 2


def test_an_interrupted_installation_is_repaired(project, handed_over):
    class Killed(Calls):
        def __call__(self, command, cwd=None, env=None):
            if "install" in command:
                raise KeyboardInterrupt
            return super().__call__(command, cwd, env)

    assert bootstrap.main(["lab"], str(project), Killed(project)) == 130
    assert handed_over == []
    again = Calls(project)
    assert bootstrap.main(["lab"], str(project), again) == 0
    assert len(again.mentioning("install")) == 2


def test_an_installation_interrupted_while_renewing_is_repaired_too(project, handed_over):
    bootstrap.main(["setup"], str(project), Calls(project))
    pins = (project / "requirements.txt").read_text()
    (project / "requirements.txt").write_text(pins + "# renewed\n")
    assert bootstrap.main(["lab"], str(project), Calls(project, failing="install")) == 1
    (project / "requirements.txt").write_text(pins)  # the old pins, but what is installed now?
    again = Calls(project)
    bootstrap.main(["lab"], str(project), again)
    assert len(again.mentioning("install")) == 2


def test_a_failing_self_check_stops_before_jupyterlab(project, handed_over, capsys):
    assert bootstrap.main(["lab"], str(project), Calls(project, failing="course_utils.selfcheck")) == 1
    assert handed_over == []
    assert one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize("mended", [True, False])
def test_a_package_changed_by_the_learner_is_installed_once_more(project, handed_over, mended):
    class Changed(Calls):
        def __call__(self, command, cwd=None, env=None):
            super().__call__(command, cwd, env)
            good = mended and self.mentioning("install")
            return int(command[-1] == "course_utils.selfcheck" and not good)

    bootstrap.main(["setup"], str(project), Calls(project))
    calls = Changed(project)
    assert bootstrap.main(["lab"], str(project), calls) == (0 if mended else 1)
    assert len(calls.mentioning("install")) == 2
    assert len(calls.mentioning("course_utils.selfcheck")) == 2
    assert bool(handed_over) is mended


@pytest.mark.parametrize(("version", "rebuilt"), [("3.10.4", True), ("3.15.0", True), ("3.14.0", False)])
def test_an_environment_of_an_unsupported_python_is_made_anew(project, version, rebuilt):
    bootstrap.main(["setup"], str(project), Calls(project))
    settings = project / ".venv" / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("3.12.1", version))
    calls = Calls(project)
    assert bootstrap.main(["setup"], str(project), calls) == 0
    assert len(calls.mentioning("venv")) == rebuilt


def test_a_moved_folder_gets_a_new_environment(project):
    bootstrap.main(["setup"], str(project), Calls(project))
    assert not bootstrap.was_moved(str(project))
    moved = project.rename(project.with_name("elsewhere"))
    calls = Calls(moved)
    assert bootstrap.main(["setup"], str(moved), calls) == 0
    assert len(calls.mentioning("venv")) == 1
    assert len(calls.mentioning("install")) == 2


def test_pip_arguments_are_passed_on(project, monkeypatch):
    monkeypatch.setenv("PIP_ARGS", "--find-links 'my wheels'")
    calls = Calls(project)
    bootstrap.main(["setup"], str(project), calls)
    assert calls.mentioning("install")[0][-2:] == ["--find-links", "my wheels"]


@pytest.mark.parametrize("command", ["setup", "lock"])
def test_an_unclosed_quote_in_pip_arguments_is_told_before_anything_is_made(
    project, monkeypatch, capsys, command
):
    monkeypatch.setenv("PIP_ARGS", "--find-links 'my wheels")
    calls = Calls(project)
    assert bootstrap.main([command], str(project), calls) == 1
    message = capsys.readouterr().err
    assert "PIP_ARGS" in message
    assert one_sentence(message)
    assert calls.commands == []


def test_tests_run_sealed_and_full_says_so(project, handed_over):
    bootstrap.main(["full", "-k", "grading"], str(project), Calls(project))
    command, env = handed_over[0]
    assert command[1].endswith("seal.py")
    assert command[-2:] == ["-k", "grading"]
    assert env["COURSE_FULL"] == "1"


def test_nothing_of_the_users_python_leaks_in(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    assert "PYTHONPATH" not in bootstrap.child_env()


def test_kernel_environment_by_processor():
    assert bootstrap.kernel_env("x86_64", {"avx2"})["ATEN_CPU_CAPABILITY"] == "avx2"
    assert "ATEN_CPU_CAPABILITY" not in bootstrap.kernel_env("x86_64", {"sse2"})
    assert "ONEDNN_MAX_CPU_ISA" not in bootstrap.kernel_env("arm64")
    assert bootstrap.kernel_env("arm64")["OMP_NUM_THREADS"] == "1"


def test_unknown_command_lists_the_commands(capsys):
    assert bootstrap.main(["labb"]) == 2
    assert "make lab " in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_make_help_lists_every_command():
    listed = subprocess.check_output(["make", f"PYTHON={sys.executable}"], text=True, cwd=ROOT)
    for command in bootstrap.COMMANDS:
        assert f"make {command.__name__} " in listed
        dry = ["make", "-n", command.__name__, "ARGS=-x", "PORT=1", "CH=01"]
        assert f"bootstrap.py {command.__name__} " in subprocess.check_output(dry, text=True, cwd=ROOT)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no login shells")
def test_terminals_are_no_login_shells(monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/zsh")
    command = bootstrap.lab_command("python", "work", [])
    assert "--ServerApp.terminado_settings={'shell_command': ['/bin/zsh']}" in command
