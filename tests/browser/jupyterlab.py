"""A real JupyterLab in a real Chromium: start it, open a notebook, run it, wait for it.

Every wait is for a condition, never for a time. The benchmark of the explorers drives the same functions.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bootstrap import SAVE_WITHOUT_VIEWS

PATIENCE = 120  # s; for a busy machine, and never reached otherwise
VIEWPORT = {"width": 1280, "height": 900}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
QUIET_SETTINGS = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, if there is one."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Start a Chromium without a window."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if as_root else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def running_lab(root: Path, private: Path) -> Iterator[str]:
    """Start JupyterLab on loopback for the notebooks below `root`; yields its address with the token.

    Parameters
    ----------
    root : Path
        Folder that JupyterLab shows.
    private : Path
        Folder for its configuration, settings, runtime files and log, so that nothing of the user's is read
        or touched.
    """
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--ServerApp.root_dir={root}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={token}"]
    command += [SAVE_WITHOUT_VIEWS]  # as `make lab` does
    command += ["--LabApp.expose_app_in_browser=True"]  # gives the tests window.jupyterapp
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    log = private / "jupyterlab.log"
    with log.open("w") as stream:
        lab = subprocess.Popen(
            command, env=private_environment(private), stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            wait_for_server(f"http://127.0.0.1:{port}/api/status?token={token}", lab, log)
            yield f"http://127.0.0.1:{port}/lab?token={token}"
        finally:
            stop(lab)


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def private_environment(private: Path) -> dict[str, str]:
    """Return an environment in which Jupyter and IPython keep to the folder `private`."""
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    folders = {f"JUPYTER_{name}": private / name.lower() for name in names}
    folders |= {"JUPYTERLAB_SETTINGS_DIR": private / "settings", "IPYTHONDIR": private / "ipython"}
    folders |= {"JUPYTERLAB_WORKSPACES_DIR": private / "workspaces"}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    for name, settings in QUIET_SETTINGS.items():
        file = private / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))
    return {**os.environ, **{name: str(folder) for name, folder in folders.items()}}


def wait_for_server(status: str, lab: subprocess.Popen, log: Path) -> None:
    """Return once the server answers; raise with its log if it ends or stays silent."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and lab.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(status, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start (exit code {lab.poll()}): {log.read_text()[-2000:]}")


def stop(lab: subprocess.Popen) -> None:
    """End JupyterLab, which ends its kernels; by force if it takes long."""
    lab.terminate()
    try:
        lab.wait(20)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(lab.pid, signal.SIGKILL)
        else:
            lab.kill()
        lab.wait()


def open_notebook(page: Page, url: str, name: str) -> None:
    """Open a notebook of the lab at `url` and wait until its kernel is ready.

    Parameters
    ----------
    page : Page
        A page of Chromium.
    url : str
        What `running_lab` gave.
    name : str
        Path of the notebook below the lab's root.
    """
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(url.replace("/lab?", f"/lab/tree/{name}?reset&"), wait_until="domcontentloaded")
    page.wait_for_function(
        """name => {
            const panel = window.jupyterapp?.shell.currentWidget;
            const kernel = panel?.sessionContext?.session?.kernel;
            return panel?.context?.path === name && panel.context.isReady
                && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
        }""",
        arg=name,
    )
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()


def run_all(page: Page) -> None:
    """Run all cells of the open notebook and wait until they are done."""
    page.evaluate("async () => { await jupyterapp.commands.execute('notebook:run-all-cells'); }")
    wait_idle(page)


def wait_idle(page: Page) -> None:
    """Wait until no cell is running or waiting and the kernel is idle."""
    page.wait_for_function(
        """() => {
            const panel = jupyterapp.shell.currentWidget;
            const waiting = panel.content.widgets.some(
                cell => cell.model.type === 'code' && cell.model.executionState
                    && cell.model.executionState !== 'idle');
            const prompts = [...panel.node.querySelectorAll('.jp-InputPrompt')];
            return panel.sessionContext.session.kernel.status === 'idle'
                && !waiting && !prompts.some(prompt => prompt.textContent.includes('*'));
        }"""
    )


def active_cell(page: Page) -> int:
    """Return the index of the notebook's selected cell."""
    return page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")


def n_cells(page: Page) -> int:
    """Return the number of cells of the open notebook."""
    return page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
