"""data/README.md as a whole: every set has its row and its section, every row names what exists."""

import re
import subprocess
import sys

import pytest

import course_utils.data
from tests.data import datasheet

OVERVIEW = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \|(.+)\|$", datasheet.TEXT, re.MULTILINE)


def test_every_set_has_a_row_and_a_section():
    sections = re.findall(r"^## (.+)$", datasheet.TEXT, re.MULTILINE)
    assert [name for name, *_ in OVERVIEW] == sections
    for name, link, cells in OVERVIEW:
        assert link == name.lower().replace(" ", "-")
        assert cells.count("|") == 4


def test_every_function_named_in_a_row_is_exported_and_every_loader_is_named():
    named = {function for *_, cells in OVERVIEW for function in re.findall(r"`(\w+)`", cells)}
    assert named <= set(course_utils.data.__all__)
    loaders = {name for name in course_utils.data.__all__ if name.startswith(("load_", "sample_sentences"))}
    assert loaders <= named


@pytest.mark.parametrize("name", [row[0] for row in OVERVIEW if "made here" not in row[2]])
def test_a_real_set_states_source_licence_shape_and_checksum(name):
    text = datasheet.section(name)
    for word in ("**Source:**", "**Licence:**", "**Shape and dtype:**"):
        assert word in text
    assert datasheet.named_checksums(name)


def test_loading_without_network_imports_no_downloader():
    code = (
        "import sys; from course_utils import data; data.load_documentation(); "
        "print(sorted({'sklearn', 'scipy', 'pooch', 'requests', 'PIL', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
