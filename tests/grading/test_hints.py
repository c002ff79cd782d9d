"""Hints read off an exception's text, or off the form of what was returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course_utils.grading.hints import error_hint, form_hint

LISTS = [np.zeros((2, 3)), np.ones(4)]


@pytest.mark.parametrize(
    ("blunder", "said"),
    [
        (lambda: 0.9 ^ 2, "write `**`"),
        (lambda: 2 ^ 0.5, "write `**`"),
        (lambda: np.ones(3) ^ 2, "write `**`"),
        (lambda: np.array(LISTS), "one at a time"),
    ],
)
def test_an_exception_is_explained(blunder: Callable[[], Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        blunder()
    assert said in error_hint(str(caught.value), "")


def test_a_list_of_arrays_of_another_form_is_named() -> None:
    assert "is an array: collect" in form_hint(LISTS, np.zeros(2))
    assert "is one of 1: does your `return` stand inside the loop" in form_hint(LISTS, LISTS[:1])
    assert form_hint(LISTS, [*LISTS, np.zeros(1)]) == ""
    assert form_hint(LISTS, LISTS) == ""
