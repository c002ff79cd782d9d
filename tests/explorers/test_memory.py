"""Hours of dragging cost no memory: what an explorer keeps does not grow with the number of changes."""

from __future__ import annotations

import pytest

from benchmarks.explorers import MEMORY_BUDGET, memory_growth
from course_utils.explorers import Explorer, all_explorers


@pytest.mark.full
@pytest.mark.parametrize("kind", all_explorers(), ids=lambda kind: kind.__name__)
def test_two_thousand_changes_do_not_grow_the_kernel(kind: type[Explorer]) -> None:
    grown = memory_growth(kind)
    assert grown < MEMORY_BUDGET, f"{grown:.1f} MB"
