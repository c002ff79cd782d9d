"""The base of the explorers: failures are shown and raised, cells that run again close what they showed."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from course_utils.explorers import _cells
from course_utils.explorers._canvas import png
from course_utils.explorers._controls import IntegerSlider, Slider
from course_utils.explorers._live import Explorer
from course_utils.figures import small_png


def compute(*, x: float, n: int) -> float:
    """Return 1 / x."""
    if x == 0:
        raise ZeroDivisionError("no reciprocal of 0")
    return n / x


class _Reciprocal(Explorer):
    """The smallest explorer there is."""

    title = "Reciprocal"
    size = (300, 200)
    x = Slider("x", -1, 1, default=0.5)
    n = IntegerSlider("numerator", 1, 5, default=1)
    presets = {"zero": {"x": 0}}
    compute = staticmethod(compute)

    def draw(self, figure: Any, result: float) -> dict[str, Any]:
        return {"value": figure.text(0.1, 0.5, "", fontsize=12)}

    def move(self, artists: dict[str, Any], result: float) -> None:
        artists["value"].set_text(f"{result:.4g}")

    def describe(self, result: float) -> str:
        return f"n / x is {result:.4g}."


@pytest.fixture
def reciprocal() -> Any:
    explorer = _Reciprocal()
    yield explorer
    explorer.close()


def test_a_failure_is_raised_and_shown_and_gone_when_it_is_over(reciprocal: _Reciprocal) -> None:
    good = reciprocal.picture.png
    with pytest.raises(ZeroDivisionError, match="no reciprocal of 0"):
        reciprocal.x = 0
    assert reciprocal.alt == "Reciprocal failed: ZeroDivisionError: no reciprocal of 0"
    assert reciprocal.picture.png != good
    with Image.open(io.BytesIO(reciprocal.picture.png)) as shown:
        assert np.asarray(shown.convert("L")).min() < 100, "the message is not in the picture"
    assert reciprocal._repr_mimebundle_()[0]["text/plain"] == reciprocal.alt
    reciprocal.x = 0.5
    assert reciprocal.alt == "n / x is 2."
    assert reciprocal.picture.png == good


def test_a_failure_in_a_callback_is_raised_too(reciprocal: _Reciprocal) -> None:
    with pytest.raises(ZeroDivisionError):
        reciprocal.widgets["x"].value = 0.0
    assert "failed" in reciprocal.alt
    with pytest.raises(ZeroDivisionError):
        _Reciprocal(x=0)


def test_several_controls_make_one_picture(reciprocal: _Reciprocal) -> None:
    sent = []
    reciprocal.picture.observe(lambda change: sent.append(change.new), "png")
    reciprocal.set(x=0.25, n=3)
    assert reciprocal.alt == "n / x is 12."
    assert len(sent) == 1
    reciprocal.set(x=0.25)  # nothing new, so nothing to send
    assert len(sent) == 1
    with pytest.raises(ValueError, match=r"n \(numerator\) must be a number from 1 to 5, got 6"):
        reciprocal.set(x=0.75, n=6)
    assert reciprocal.values == {"x": 0.25, "n": 3}


def test_a_value_from_code_is_kept_exactly_and_a_moved_handle_means_what_it_shows(
    reciprocal: _Reciprocal,
) -> None:
    reciprocal.x = 0.123456
    reciprocal.widgets["x"].value = 0.123456 + 1e-16  # as the browser sends it back
    assert reciprocal.x == 0.123456
    reciprocal.widgets["x"].value = 0.4567
    assert reciprocal.x == 0.46
    with pytest.raises(ValueError, match="must be a whole number, got 2.5"):
        reciprocal.n = 2.5
    with pytest.raises(ValueError, match="got True"):
        reciprocal.x = True


@pytest.mark.parametrize("name", ["numerator", "X", "preset", "presets", "title"])
def test_a_mistyped_control_is_refused(reciprocal: _Reciprocal, name: str) -> None:
    with pytest.raises(AttributeError, match=f"_Reciprocal has no control '{name}'; its controls are x, n"):
        setattr(reciprocal, name, 3)
    assert name not in vars(reciprocal)
    reciprocal.set(x=0.25)
    assert reciprocal.alt == "n / x is 4."


def test_a_subclass_keeps_attributes_of_its_own() -> None:
    class Counting(_Reciprocal):
        def __init__(self, **values: Any):
            self.n_moves = 0
            super().__init__(**values)
            self._note = "set late"

        def move(self, artists: dict[str, Any], result: float) -> None:
            self.n_moves += 1
            super().move(artists, result)

    explorer = Counting(x=0.25)
    explorer.n = 2
    assert (explorer.n_moves, explorer._note, explorer.alt) == (2, "set late", "n / x is 8.")
    with pytest.raises(AttributeError, match="no setter"):
        explorer.alt = "another text"  # type: ignore[misc]
    explorer.close()


def test_a_closed_explorer_is_silent() -> None:
    explorer = _Reciprocal()
    explorer.close()
    before = explorer.picture.png
    explorer.set(x=0.75)
    assert explorer.picture.png == before


def test_a_cell_that_runs_again_closes_what_it_showed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cells, "_shown", {})
    run = ("cell a", "run 1")
    monkeypatch.setattr(_cells, "running_cell", lambda: run)
    kept, shown, beside = _Reciprocal(), _Reciprocal(), _Reciprocal()
    for explorer in (kept, shown, beside):
        explorer._repr_mimebundle_()
    assert not shown._closed
    run = ("cell b", "run 2")  # another cell closes nothing
    _Reciprocal()._repr_mimebundle_()
    assert not shown._closed
    run = ("cell a", "run 3")
    kept._repr_mimebundle_()
    assert shown._closed
    assert beside._closed
    assert not kept._closed


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 3, 3), (40, 30, 4)])
def test_png_is_lossless(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as image:
        image.load()
        assert image.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(image), pixels[..., :3])


def test_small_png_keeps_few_colours_exactly() -> None:
    pixels = np.random.default_rng(0).integers(0, 2, size=(20, 30, 3), dtype=np.uint8) * 255
    with Image.open(io.BytesIO(small_png(pixels))) as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels)
