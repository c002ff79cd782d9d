"""The base of the explorers: failures are shown and raised, cells that run again close what they showed."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from course_utils.explorers import _cells
from course_utils.explorers._canvas import png
from course_utils.explorers._controls import IntegerSlider, LogSlider, Playback, Slider
from course_utils.explorers._live import Explorer
from course_utils.explorers._marks import dragged_values, hover_points
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


class _Spot(Explorer):
    """A spot that can be dragged over a logarithmic axis, and a row of points that speak."""

    title = "Spot"
    size = (400, 200)
    x = LogSlider("x", 0.1, 100, default=1)
    y = Slider("y", -1, 1, default=0)
    step = Playback("step", 0, 9, default=2)
    handles = {"spot": ("x", "y")}

    @staticmethod
    def compute(*, x: float, y: float, step: int) -> dict[str, Any]:
        return {"x": x, "y": y, "step": step}

    def draw(self, figure: Any, result: dict[str, Any]) -> dict[str, Any]:
        axes = figure.add_axes((0.25, 0.2, 0.5, 0.5))
        axes.set(xscale="log", xlim=(0.1, 1000), ylim=(-2, 2))
        return {"spot": axes.plot([], [], "o")[0], "row": axes.scatter([], [])}

    def move(self, artists: dict[str, Any], result: dict[str, Any]) -> None:
        artists["spot"].set_data([result["x"]], [result["y"]])
        artists["row"].set_offsets([[1, 1], [10, 3], [np.nan, 0], [1000, -2]])

    def idle(self, result: dict[str, Any]) -> tuple[str, ...]:
        return ("y",) if result["step"] == 9 else ()

    def hover(self, result: dict[str, Any]) -> dict[str, list[str]]:
        if result["step"] == 8:
            raise ValueError("nothing to say")
        return {"row": ["first", "above the axes", "nowhere", "corner"], "spot": ["spot"]}

    def describe(self, result: dict[str, Any]) -> str:
        return f"x {result['x']:.3g}, y {result['y']:.2f}, step {result['step']}."


@pytest.fixture
def spot() -> Any:
    explorer = _Spot()
    yield explorer
    explorer.close()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_visible_points_speak_where_they_are_drawn(spot: _Spot, scale: float) -> None:
    spot.picture.scale = scale
    # The axes span 100 to 300 across, four decades, and 60 to 160 from the top, four units.
    assert spot.picture.hover == [[150, 85, "first"], [300, 160, "corner"], [150, 110, "spot"]]
    assert spot.picture.grips == {"spot": [150, 110]}


def test_many_points_are_thinned_out_evenly(spot: _Spot) -> None:
    line = spot.artists["spot"]
    line.set_data(np.linspace(1, 100, 1500), np.zeros(1500))
    points = hover_points(spot.artists, {"spot": [str(i) for i in range(1500)]}, spot.size)
    assert [point[2] for point in points] == [str(i) for i in range(0, 1500, 4)]


@pytest.mark.parametrize(
    ("place", "x", "y"),
    [
        ((150, 110), 1, 0),
        ((200, 85), 10, 1),
        ((175, 122.5), 3.16, -0.5),
        ((0, 0), 0.1, 1),  # held within the sliders' ranges
        ((4000, 400), 100, -1),
    ],
)
def test_a_dragged_grip_sets_its_controls_in_one_picture(
    spot: _Spot, place: tuple[float, float], x: float, y: float
) -> None:
    spot.set(x=50, y=0.77)
    sent: list[Any] = []
    spot.picture.observe(sent.append, "png")
    spot.picture.dragged = {"grip": "spot", "x": place[0], "y": place[1], "count": 1}
    assert spot.values == {"x": x, "y": y, "step": 2}
    assert (spot.widgets["x"].value, spot.widgets["y"].value) == (x, y)
    assert len(sent) == 1


def test_a_drag_that_means_nothing_moves_nothing(spot: _Spot) -> None:
    spot.picture.dragged = {"grip": "row", "x": 200, "y": 85, "count": 1}
    assert spot.values == spot.defaults()
    spot.step = 9  # y has no effect now
    spot.picture.dragged = {"grip": "spot", "x": 200, "y": 85, "count": 2}
    assert spot.values == {"x": 10, "y": 0, "step": 9}
    spot.close()
    spot.picture.dragged = {"grip": "spot", "x": 150, "y": 85, "count": 3}
    assert spot.x == 10


def test_a_failing_hover_is_shown_like_any_failure(spot: _Spot) -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        spot.step = 8
    assert spot.alt == "Spot failed: ValueError: nothing to say"
    assert (spot.picture.hover, spot.picture.grips) == ([], {})
    spot.step = 7
    assert spot.alt == "x 1, y 0.00, step 7."


def test_playback_is_a_whole_number_that_tells_the_browser_what_is_shown(spot: _Spot) -> None:
    assert spot.picture.playback == {"step": "step"}
    assert spot.picture.shown == {"step": 2}
    spot.step = 5
    assert (spot.step, spot.widgets["step"].value, spot.picture.shown) == (5, 5, {"step": 5})
    spot.widgets["step"].value = 6  # as the browser does
    assert spot.picture.shown == {"step": 6}
    with pytest.raises(ValueError, match="must be a whole number"):
        spot.step = 2.5
    controls = spot.view.children[0].children
    assert controls[-1] is spot.widgets["step"], "what plays stands right above the picture"
    assert (controls[-1].layout.width, controls[-1].layout.max_width) == ("712px", "100%")


def test_a_grip_on_whole_numbers_goes_to_the_nearest_and_never_beyond_the_ends(spot: _Spot) -> None:
    def dragged(y: float) -> int:
        place = 150.0, 60 + 25 * (2 - y)  # CSS pixels, of a y of the axes
        names, idle = ("x", "step"), ("x",)
        found = dragged_values(spot.artists["spot"], place, names, spot.controls(), idle, spot.size)
        assert found.keys() == {"step"}
        assert isinstance(found["step"], int)
        return found["step"]

    assert [dragged(y) for y in (1.4, 1.6, 0.2, -0.4, -3.0, 8.7, 9.2, 50.0)] == [1, 2, 0, 0, 0, 9, 9, 9]


def test_reset_goes_back_to_what_the_cell_showed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cells, "_shown", {})
    explorer = _Spot(x=3, step=4)
    for _ in range(2):
        explorer.set(x=50, y=0.5, step=7)
        explorer.picture.resets += 1  # the button
        assert explorer.values == {"x": 3, "y": 0, "step": 4}
    explorer.set(y=-0.5)
    explorer._repr_mimebundle_()
    explorer.set(x=70, y=0.9)
    explorer.reset()
    assert explorer.values == {"x": 3, "y": -0.5, "step": 4}, "set before it was shown"
    explorer.set(x=80)
    explorer._repr_mimebundle_()  # once more, in another cell
    explorer.set(x=90)
    explorer.reset()
    assert explorer.values == {"x": 3, "y": -0.5, "step": 4}
    explorer.close()


def test_a_preset_leaves_the_rest_at_the_defaults_wherever_the_cell_began() -> None:
    class Two(_Spot):
        presets = {"right": {"x": 100}}

    explorer = Two(y=0.5, step=6)
    explorer.preset("right")
    assert explorer.values == {"x": 100, "y": 0, "step": 2}
    explorer.close()


def test_reset_and_the_code_of_a_state(spot: _Spot, reciprocal: _Reciprocal) -> None:
    assert spot.code == spot.picture.code == "_Spot()"
    spot.set(x=3, step=4)
    assert spot.code == spot.picture.code == "_Spot(x=3.0, step=4)"
    spot.picture.resets += 1  # the button
    assert spot.values == spot.defaults()
    assert spot.picture.code == "_Spot()"
    reciprocal.n = 4
    reciprocal.reset()
    assert reciprocal.values == {"x": 0.5, "n": 1}
