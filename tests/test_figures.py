"""One style, and figures that are shown with alternative text."""

import matplotlib
import pytest

matplotlib.use("agg")

from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from course_utils.figures import COLOURS, show, style


@pytest.fixture(autouse=True)
def keep_the_style():
    with matplotlib.rc_context():
        yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def test_lines_differ_in_colour_and_in_style():
    style()
    _, ax = plt.subplots()
    lines = [ax.plot([0, 1], [k, k])[0] for k in range(7)]
    assert len({to_hex(line.get_color()) for line in lines}) == 7
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == 7
    assert {to_hex(line.get_color()).upper() for line in lines} <= set(COLOURS.values())


def test_style_is_the_same_however_often_it_is_set():
    style()
    once = dict(matplotlib.rcParams)
    style()
    assert dict(matplotlib.rcParams) == once


def draw():
    fig, ax = plt.subplots()
    ax.plot([0, 1], [1, 0])
    return fig


def test_show_displays_picture_and_text_and_closes(shown):
    fig = draw()
    show(fig, "  A line falls\n from 1 to 0. ")
    assert shown[0]["text/plain"] == "A line falls from 1 to 0."
    assert shown[0]["image/png"].startswith(b"\x89PNG")
    assert set(shown[0]) == {"text/plain", "image/png"}
    assert not plt.fignum_exists(fig.number)


def test_the_same_figure_gives_the_same_bytes(shown):
    style()
    for _ in range(2):
        show(draw(), "A line falls.")
    assert shown[0]["image/png"] == shown[1]["image/png"]
    assert b"matplotlib" not in shown[0]["image/png"].lower()


def test_a_figure_without_pyplot(shown):
    fig = Figure()
    fig.subplots().plot([0, 1])
    show(fig, "A line rises.")
    assert len(shown) == 1


@pytest.mark.parametrize("alt", ["", "   ", None, 3])
def test_alternative_text_is_needed(shown, alt):
    with pytest.raises(ValueError, match="expected alternative text"):
        show(draw(), alt)
    assert shown == []
