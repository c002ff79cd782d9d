"""Set the course up and run it, with nothing but Python: ``python bootstrap.py help`` lists the commands.

Standard library only. The file parses on Pythons as old as 2.7, so that they too can say in one sentence
what to do; that is why it has no f-strings and no annotations. The Makefile calls it; on Windows call it
directly with ``py bootstrap.py lab``.
"""

from __future__ import print_function

import os
import platform
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = os.path.dirname(os.path.realpath(__file__))
START = "00_start_here.ipynb"
ENOUGH_DISK = 3 * 10**9  # bytes; without CUDA an environment takes 2 GB, with it 5.5 GB


def version_problem(version, on_path=()):
    """Return one sentence if this Python cannot run the course, else None."""
    found = "This is Python {}.{}; the course runs on Python 3.11 to 3.14: ".format(*version[:2])
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    for name in on_path:
        return found + "you have {0}, so type `make lab PYTHON={0}` (or `{0} bootstrap.py lab`).".format(name)
    return found + "install one of these, for example from python.org, and start again with it."


def pythons_on_path(path):
    """Return the names of the suitable Pythons that are on a search path and start, the newest first."""
    names = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    return [
        name for name in names if any(starts(os.path.join(folder, name)) for folder in path.split(os.pathsep))
    ]


def starts(program):
    """Tell whether a Python is there and runs (the stand-ins of version managers may not)."""
    if not os.path.isfile(program):
        return False
    with open(os.devnull, "w") as nothing:
        return subprocess.call([program, "-c", ""], stdout=nothing, stderr=nothing) == 0


PROBLEM = version_problem(sys.version_info)
if PROBLEM and __name__ == "__main__":
    sys.exit(version_problem(sys.version_info, pythons_on_path(os.environ.get("PATH", ""))))

import errno  # noqa: E402  (older Pythons have been answered by now)
import hashlib  # noqa: E402
import json  # noqa: E402
import re  # noqa: E402
import shlex  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import tempfile  # noqa: E402


class Stop(Exception):
    """The one sentence that says what to do."""


# ---------------------------------------------------------------- the kernels' environment


def kernel_env(machine, cpu_flags=None):
    """Return the variables that make a kernel's digits repeatable.

    One thread fixes the order of sums (and is faster on a busy machine); one instruction set makes torch's
    results comparable between processors. The second exists on x86-64 only, and is left out where the
    processor is known to lack AVX2.
    """
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    env = dict.fromkeys(threads, "1")
    env["PYTHONHASHSEED"] = "0"
    if machine.lower() in ("x86_64", "amd64") and (cpu_flags is None or "avx2" in cpu_flags):
        env.update(ATEN_CPU_CAPABILITY="avx2", ONEDNN_MAX_CPU_ISA="AVX2")
    return env


def cpu_flags():
    """Return the processor's feature names on Linux, None where they cannot be read."""
    if not os.path.exists("/proc/cpuinfo"):
        return None
    with open("/proc/cpuinfo") as file:
        return set(file.read().split())


KERNEL_ENV = kernel_env(platform.machine(), cpu_flags())


def child_env(**extra):
    """Return the environment of everything started from here: nothing of the user's Python leaks in."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    env.update(KERNEL_ENV, PYTHONNOUSERSITE="1", PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", **extra)
    return env


# ---------------------------------------------------------------- the environment


def venv_python(root):
    """Return the path of the environment's Python, which need not exist yet."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(root, ".venv", *parts)


def fingerprint(root, level):
    """Return a hash of all that an installed environment depends on: pins, project file, Python, place."""
    names = ["pyproject.toml", "requirements.txt", "constraints.txt", ".venv/pyvenv.cfg"]
    digest = hashlib.sha256((root + os.path.realpath(venv_python(root))).encode("utf-8"))
    for name in names + ["requirements-dev.txt"] * (level == "dev"):
        with open(os.path.join(root, name), "rb") as file:
            digest.update(name.encode("ascii") + b"\0" + file.read() + b"\0")
    return digest.hexdigest()


def stamp_path(root, level):
    """Return the file that says that all is installed for learners ("run") or for tests too ("dev")."""
    return os.path.join(root, ".venv", "complete-" + level)


def is_complete(root, level):
    """Tell whether all was installed for exactly the present pins, Python and place."""
    if not (os.path.exists(stamp_path(root, level)) and os.path.exists(venv_python(root))):
        return False
    with open(stamp_path(root, level)) as file:
        return file.read() == fingerprint(root, level)


def stamp(root, level):
    """Record completion; written last, so that an interrupted installation is repaired by the next call."""
    with open(stamp_path(root, level), "w") as file:
        file.write(fingerprint(root, level))


def check_machine(system, machine):
    """Stop on a computer for which PyTorch has no build."""
    if system == "Darwin" and machine == "x86_64":
        raise Stop(
            "PyTorch is no longer built for Intel Macs (or for an Intel Python under Rosetta): use an"
            " Apple-silicon Mac with an arm64 Python, or a Linux machine, virtual machine or container."
        )


def check_can_make_environments(find_spec, version):
    """Stop where Debian and Ubuntu have split the `venv` module off."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise Stop(
            "This Python cannot make environments: install its package first, on Debian and Ubuntu with"
            " `sudo apt install python{}.{}-venv`, and run the same command again.".format(*version[:2])
        )


def check_writable(root):
    """Stop in a folder where nothing can be written."""
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        raise Stop(
            "The folder {} cannot be written to ({}): copy the course to a folder of your own and run the"
            " same command there.".format(root, error.strerror)
        )


def check_disk(root):
    """Stop before an installation that fits in no case; whether CUDA comes is known to pip alone."""
    free = shutil.disk_usage(root).free
    if free < ENOUGH_DISK:
        raise Stop(
            "The disk is nearly full: {:.1f} GB are free, and the course asks for 3 GB (6 GB where PyTorch"
            " comes with CUDA), so make room or move the course to another disk and run the same command"
            " again.".format(free / 1e9)
        )


def explain_pip(log):
    """Turn the end of pip's log into one sentence."""
    with open(log, "rb") as file:
        text = file.read()[-200000:].decode("utf-8", "replace").lower()
    again = " and run the same command again (pip's log: {}).".format(log)
    if "no space left on device" in text or "errno 28" in text:
        return "The disk ran full during the installation: make room (2 GB; 5.5 GB with CUDA)" + again
    offline = ("newconnectionerror", "nameresolutionerror", "connection refused", "timed out", "unreachable")
    if any(sign in text for sign in offline):
        return "The packages could not be downloaded: connect this computer to the network" + again
    return "pip could not install the packages: read its last lines above, mend what they name" + again


def run_pip(root, arguments, call):
    """Run pip in the environment, with a log; stop with one sentence where it fails."""
    log = os.path.join(root, ".venv", "pip.log")
    with open(log, "w"):
        pass  # a fresh log: pip appends
    command = [venv_python(root), "-m", "pip", "install", "--log", log] + arguments
    if call(command, cwd=root, env=child_env()) != 0:
        raise Stop(explain_pip(log))


def was_moved(root):
    """Tell whether the environment was made in another folder, so that its programs point there."""
    with open(os.path.join(root, ".venv", "pyvenv.cfg")) as file:
        made = re.search(r"^command = .* -m venv (?:--clear )?(.+)$", file.read(), re.MULTILINE)
    return made is not None and os.path.realpath(made.group(1)) != os.path.realpath(
        os.path.join(root, ".venv")
    )


def has_supported_python(root):
    """Tell whether the environment was made with a Python that runs the course."""
    with open(os.path.join(root, ".venv", "pyvenv.cfg")) as file:
        made = re.search(r"^version(?:_info)? = (\d+)\.(\d+)", file.read(), re.MULTILINE)
    return made is None or version_problem([int(part) for part in made.groups()]) is None


def make_venv(root, call):
    """Make the environment, unless there is one whose Python still runs."""
    python = venv_python(root)
    if os.path.exists(python) and not was_moved(root) and has_supported_python(root):
        if call([python, "-c", "import pip"], env=child_env()) == 0:
            return
    if os.path.realpath(sys.prefix) == os.path.realpath(os.path.join(root, ".venv")):
        raise Stop("This environment is broken and cannot mend itself: run the command with another Python.")
    import importlib.util

    check_can_make_environments(importlib.util.find_spec, sys.version_info)
    check_disk(root)
    print("Making the environment .venv with Python {}.{} ...".format(*sys.version_info[:2]))
    command = [sys.executable, "-m", "venv", "--clear", os.path.join(root, ".venv")]
    if call(command, cwd=root, env=child_env()) != 0:
        raise Stop("The environment .venv could not be made: see the message above, mend it and try again.")


def pip_arguments():
    """Return what the environment variable PIP_ARGS hands to pip, split as a shell would."""
    try:
        return shlex.split(os.environ.get("PIP_ARGS", ""))
    except ValueError as error:
        raise Stop("PIP_ARGS cannot be read ({}): close its quotes and try again.".format(error))


def remove_stamps(root):
    """Forget that anything is installed, so that the next installation looks at all of it."""
    for name in ("run", "dev"):
        if os.path.exists(stamp_path(root, name)):
            os.remove(stamp_path(root, name))


def ensure_environment(root, level, call):
    """Install what is missing; `level` is "run" (learners) or "dev" (tests too). Tell if any was."""
    check_writable(root)
    if is_complete(root, level):
        return False
    extra = pip_arguments()
    check_machine(platform.system(), platform.machine())
    make_venv(root, call)
    remove_stamps(root)
    print("Installing the course's packages; the first time takes some minutes ...")
    pins = "requirements-dev.txt" if level == "dev" else "requirements.txt"
    run_pip(root, ["-r", pins, "-c", "constraints.txt"] + extra, call)
    run_pip(root, ["--no-deps", "--no-build-isolation", "-e", "."], call)
    call([venv_python(root), "-c", "import matplotlib.font_manager"], cwd=root, env=child_env())  # its cache
    write_lab_settings(root)
    for name in ("run", "dev") if level == "dev" else ("run",):
        stamp(root, name)
    return True


def write_lab_settings(root):
    """Have this environment's JupyterLab not ask about news; whoever wants them can turn them on again."""
    folder = os.path.join(root, ".venv", "share", "jupyter", "lab", "settings")
    os.makedirs(folder, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    with open(os.path.join(folder, "overrides.json"), "w") as file:
        json.dump({"@jupyterlab/apputils-extension:notification": quiet}, file, indent=1)


def self_check(root, call):
    """Run the self-check, which prints a line a finding; tell whether all is fine."""
    return call([venv_python(root), "-m", "course_utils.selfcheck"], cwd=root, env=child_env()) == 0


def ensure_checked_environment(root, call):
    """Install what is missing and check it; what has changed since is installed once more."""
    installed_now = ensure_environment(root, "run", call)
    fine = self_check(root, call)
    if not fine and not installed_now:
        print("Trying to mend this by installing once more ...")
        remove_stamps(root)
        ensure_environment(root, "run", call)
        fine = self_check(root, call)
    if not fine:
        raise Stop(
            "The self-check found something to mend (above): mend it, or delete .venv, and run"
            " the same command again."
        )


# ---------------------------------------------------------------- commands


# What only a running kernel can show is not stored: in a notebook opened again it reads "model not found".
SAVE_WITHOUT_VIEWS = "--FileContentsManager.pre_save_hook=course_utils.saving.leave_out_views"


def lab_command(python, folder, arguments):
    """Return the command that starts JupyterLab: loopback, a random token, and no request to the outside."""
    command = [python, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", "--ServerApp.root_dir=" + folder]
    command += ["--LabApp.default_url=/lab/tree/" + START, "--LabApp.news_url=None"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.extension_manager=readonly", "--LanguageServerManager.autodetect=False"]
    command += [SAVE_WITHOUT_VIEWS]
    if os.name != "nt":  # terminals that keep the PATH given to them, which a login shell may not
        shell = os.environ.get("SHELL") or "/bin/sh"
        command += ["--ServerApp.terminado_settings=" + repr({"shell_command": [shell]})]
    if any(argument.split("=")[0] in ("--port", "--ServerApp.port") for argument in arguments):
        command += ["--ServerApp.port_retries=0"]  # the port asked for, or a message
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]  # in a container one often is
    return command + arguments


def hand_over(command, cwd, env):
    """Become another program, so that it alone answers Ctrl-C; Windows cannot, and waits for it."""
    sys.stdout.flush()
    if os.name != "nt":
        os.chdir(cwd)
        os.execve(command[0], command, env)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(command, cwd=cwd, env=env)


def lab(root, arguments, call):
    """Set up, copy the chapters and open JupyterLab at the first one."""
    ensure_checked_environment(root, call)
    if call([venv_python(root), "-m", "course_utils.workspace"], cwd=root, env=child_env()) != 0:
        raise Stop("The chapters could not be copied into work/: mend what is said above and try again.")
    work = os.path.join(root, "work")
    programs = os.path.dirname(venv_python(root))  # `course` among them, for JupyterLab's terminal
    path = programs + os.pathsep + os.environ.get("PATH", os.defpath)
    env = child_env(COURSE_PROGRESS=os.path.join(work, "progress.sqlite"), PATH=path)
    command = lab_command(venv_python(root), work, arguments)
    print("Starting JupyterLab; your copies of the chapters lie in work/. Stop it with Ctrl-C.")
    return hand_over(command, cwd=work, env=env)


def setup(root, arguments, call):
    """Make the environment and check it."""
    ensure_checked_environment(root, call)
    return 0


def run_tests(root, arguments, call, **env):
    """Run tests, notebooks and doctests in one pytest call, shut off from the network."""
    ensure_environment(root, "dev", call)
    strict = platform.system() == "Linux" and platform.machine() == "x86_64"
    command = [venv_python(root), os.path.join("tests", "seal.py"), venv_python(root), "-m", "pytest"]
    command += ["-n", "2", "--dist", "loadfile"]
    command += ["--nbval" if strict else "--nbval-lax", "--nbval-current-env"]
    return hand_over(command + arguments, cwd=root, env=child_env(**env))


def test(root, arguments, call):
    """Run all tests, notebooks and doctests without network."""
    return run_tests(root, arguments, call)


def full(root, arguments, call):
    """Run the tests and the long ones too: seeds 2 to 5, and each chapter with QUICK = False."""
    return run_tests(root, arguments, call, COURSE_FULL="1")


def run_each(root, commands, call):
    """Run commands of the environment's Python one after the other; return 1 if any failed."""
    ensure_environment(root, "dev", call)
    codes = [call([venv_python(root)] + command, cwd=root, env=child_env()) for command in commands]
    return 1 if any(codes) else 0


def lint(root, arguments, call):
    """Check style (ruff) and types (mypy) of code and notebooks."""
    checks = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
    return run_each(root, [["-m"] + check + arguments for check in checks], call)


def notebooks(root, arguments, call):
    """Re-execute and normalise chapters: `make notebooks CH=01`."""
    return run_each(root, [["-m", "course_utils.authoring"] + arguments], call)


def bench(root, arguments, call):
    """Measure what the course calls fast."""
    names = sorted(name for name in os.listdir(os.path.join(root, "benchmarks")) if name.endswith(".py"))
    return run_each(root, [[os.path.join("benchmarks", name)] + arguments for name in names], call)


def canonical(name):
    """Return a package's name in the one spelling used for comparison."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct_names(root):
    """Return the packages that the requirements files pin themselves."""
    names = set()  # type: set[str]
    for file_name in ("requirements.txt", "requirements-dev.txt"):
        with open(os.path.join(root, file_name)) as file:
            names.update(canonical(line.split("==")[0]) for line in file if "==" in line)
    return names


def constraints_from_freeze(text, direct):
    """Return the transitive pins in the output of ``pip freeze``, one a line and sorted.

    Left out are the direct pins, editable and local packages, and what only a CUDA build of torch brings.
    """
    pins = {}
    for line in text.splitlines():
        name, equals, version = line.strip().partition("==")
        cuda = canonical(name).startswith(("nvidia-", "cuda-")) or canonical(name) == "triton"
        if equals and not cuda and " " not in line.strip() and canonical(name) not in direct:
            pins[canonical(name)] = version.partition("+")[0]
    return "".join("{}=={}\n".format(name, pins[name]) for name in sorted(pins))


CONSTRAINTS_HEAD = """\
# Transitive dependencies, pinned by `make lock` on Linux with Python {}.{}. A pin counts only where its
# package is needed, so one file serves every system; what only Windows or macOS needs is left to pip.
"""


def lock(root, arguments, call):
    """Resolve requirements*.txt anew and write constraints.txt."""
    extra = pip_arguments()
    folder = tempfile.mkdtemp(prefix="course-lock-")  # stays where it fails: pip's log lies in it
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(os.path.join(root, name), folder)
    make_venv(folder, call)
    run_pip(folder, ["-r", "requirements-dev.txt"] + extra, call)
    freeze = subprocess.check_output([venv_python(folder), "-m", "pip", "freeze"], env=child_env())
    shutil.rmtree(folder)
    with open(os.path.join(root, "constraints.txt"), "w") as file:
        file.write(CONSTRAINTS_HEAD.format(*sys.version_info[:2]))
        file.write(constraints_from_freeze(freeze.decode("utf-8"), direct_names(root)))
    print("constraints.txt is written; run `make test` before you commit it.")
    return 0


COMMANDS = (lab, setup, test, full, lint, notebooks, bench, lock)


def help_text():
    """Return the list of commands, each with the first line of its docstring."""
    lines = [
        "  make {:<10} {}".format(command.__name__, (command.__doc__ or "").splitlines()[0])
        for command in COMMANDS
    ]
    lines.append("  make {:<10} {}".format("help", "Show this list."))
    more = 'Options: make lab ARGS=--no-browser PORT=9999 PIP_ARGS="..." ; make test ARGS="-k grading"'
    return "\n".join(
        ["Deep Learning, Put to the Test", ""] + lines + ["", more, "Without make: python bootstrap.py lab"]
    )


def main(argv, root=ROOT, call=subprocess.call):
    """Run one command; return the exit code."""
    command = {function.__name__: function for function in COMMANDS}.get(argv[0] if argv else "help")
    if command is None:
        print(help_text())
        return 0 if argv[:1] in ([], ["help"], ["--help"], ["-h"]) else 2
    sys.stdout.flush()
    try:
        return command(root, argv[1:], call)
    except Stop as stop:
        print(stop, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        advice = "make room there or move the course to a folder of your own."
        print(
            "Could not write to {} ({}): {}".format(error.filename or root, error.strerror, advice),
            file=sys.stderr,
        )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
