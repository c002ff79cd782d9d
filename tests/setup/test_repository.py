"""README, licence, ignore rules and automation say what is true of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

import bootstrap
from course_utils.chapters import CHAPTERS

ROOT = Path(bootstrap.ROOT)
REGISTRIES = ("py" + "pi.org", "pythonhosted" + ".org", "test.py" + "pi", "download.py" + "torch.org")
REGISTRIES += ("conda" + ".anaconda.org", "registry.npm" + "js.org", "index" + ".crates.io")


def shipped_files():
    """Return the tracked files, and those about to be."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, text=True, check=False, cwd=ROOT).stdout.splitlines()
    if not names:
        pytest.skip("not a git repository")
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_registry_is_named():
    found = [
        str(path)
        for path in shipped_files()
        if any(host in path.read_bytes().decode("utf-8", "ignore") for host in REGISTRIES)
    ]
    assert found == []


def chapter_row(chapter):
    title = f"[{chapter.topic}](notebooks/{chapter.file})"
    return f"| {chapter.number} | {title} | {chapter.question} | {chapter.minutes} |"


def test_readme_lists_the_chapters_as_they_are():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if re.match(r"\| \d\d", line)]
    assert rows == [chapter_row(chapter) for chapter in CHAPTERS if chapter.file]
    (plan,) = re.findall(r"In preparation: (.+?)\n\n", readme, re.DOTALL)
    planned = [f"{chapter.number} {chapter.topic}" for chapter in CHAPTERS if not chapter.file]
    assert re.split(r"\s·\s", plan) == planned


def test_every_finished_chapter_is_shipped():
    names = {chapter.file for chapter in CHAPTERS if chapter.file}
    assert {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} == names


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_documents_link_to_files_that_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text)
    targets = [first or second for first, second in links]
    assert [link for link in targets if "://" not in link and not (ROOT / link).exists()] == []


@pytest.mark.parametrize("command", bootstrap.COMMANDS, ids=lambda command: command.__name__)
def test_contributing_explains_every_command(command):
    assert f"`make {command.__name__}" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_licence_names_both_parts():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in text
    assert "https://creativecommons.org/licenses/by/4.0/" in text


def test_hooks_are_local():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repo["repo"] for repo in config["repos"]} == {"local"}


def test_actions_are_pinned_to_a_major_version():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        steps = [
            step
            for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
            for step in job["steps"]
        ]
        assert all(re.fullmatch(r"[\w/-]+@v\d+", step["uses"]) for step in steps if "uses" in step)


def test_ci_is_runnable_skips_nothing_and_ends_with_the_tests():
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & 0o111
    text = path.read_text(encoding="utf-8")
    assert text.rstrip().endswith("make test")
    assert 'export CI="${CI:-true}"\n' in text  # a missing Chromium is a failure there
