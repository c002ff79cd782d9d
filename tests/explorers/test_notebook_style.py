"""The pictures of explorers are their own: `style`, which dashes lines in a notebook, leaves them alone."""

from __future__ import annotations

import matplotlib
import pytest

from course_utils.explorers import Explorer, all_explorers
from course_utils.figures import style


def first_picture(kind: type[Explorer]) -> bytes:
    explorer = kind()
    try:
        return explorer._repr_mimebundle_()[0]["image/png"]
    finally:
        explorer.close()


@pytest.mark.parametrize("kind", all_explorers(), ids=lambda kind: kind.__name__)
def test_the_style_of_the_notebook_changes_nothing(kind: type[Explorer]) -> None:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        plain = first_picture(kind)
        style()
        assert len(matplotlib.rcParams["axes.prop_cycle"].by_key()["linestyle"]) > 1
        styled = first_picture(kind)
    assert styled == plain
