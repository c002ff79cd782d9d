"""What data/README.md says, section by section."""

import hashlib
import re
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")


def section(title):
    """Return the text under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


def named_checksums(title):
    return set(re.findall(r"\b[0-9a-f]{64}\b", section(title)))


def sha256(content):
    return hashlib.sha256(content).hexdigest()
