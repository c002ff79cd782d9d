"""What every explorer promises, over every control: a new explorer is tested here by being defined."""

from __future__ import annotations

import base64
import gc
import io
import os
import re
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from course_utils import explorers
from course_utils.explorers import Explorer, all_explorers
from course_utils.explorers._canvas import SCALE, Canvas
from tests.explorers.oracles import ORACLES

Shared = Callable[[type[Explorer]], Explorer]
N_INTERIOR = 3 if os.environ.get("COURSE_FULL") == "1" else 1  # points a control; an explorer has many
EVERY = pytest.mark.parametrize("kind", all_explorers(), ids=lambda kind: kind.__name__)
CONTROLS = [(kind, name) for kind in all_explorers() for name in kind.controls()]
EVERY_CONTROL = pytest.mark.parametrize(
    ("kind", "name"), CONTROLS, ids=[f"{kind.__name__}-{name}" for kind, name in CONTROLS]
)


@pytest.fixture
def opened() -> Iterator[list[Explorer]]:
    """A list of explorers to close at the end."""
    explorers: list[Explorer] = []
    yield explorers
    for explorer in explorers:
        explorer.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    """A function that gives the one explorer of a kind that many tests share, on an ordinary screen.

    Each test sets all its controls: what an earlier test left does not matter.
    """
    explorers: dict[type[Explorer], Explorer] = {}

    def of(kind: type[Explorer]) -> Explorer:
        if kind not in explorers:
            explorers[kind] = kind()
            explorers[kind].picture.scale = 1
        return explorers[kind]

    yield of
    for explorer in explorers.values():
        explorer.close()


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def where_it_counts(explorer: Explorer, name: str) -> dict[str, Any]:
    """Return the defaults, or the first preset's values, at which a control is not greyed out."""
    for settings in ({}, *explorer.presets.values()):
        explorer.set(**{**explorer.defaults(), **settings})
        if name not in explorer.idle(explorer.result):
            return explorer.values
    raise AssertionError(f"{name} is idle by default and in every preset")


def settings_to_try(kind: type[Explorer], name: str, others: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the extremes of one control with the others as given, then seeded points of all."""
    rng = np.random.default_rng([ord(letter) for letter in kind.__name__ + name])
    controls = kind.controls()
    tried = [{**others, name: value} for value in controls[name].extremes()]
    for _ in range(N_INTERIOR):
        tried.append({other: control.interior(rng) for other, control in controls.items()})
    return tried


def test_every_explorer_is_exported_and_has_an_oracle() -> None:
    assert len(all_explorers()) >= 2
    for kind in all_explorers():
        assert getattr(explorers, kind.__name__) is kind
        assert kind in ORACLES, f"write an oracle for {kind.__name__} in tests/explorers/oracles.py"
        assert kind.__doc__
        assert "Questions it lets one answer" in kind.__doc__


@EVERY_CONTROL
def test_the_picture_shows_what_the_engine_computes(kind: type[Explorer], name: str, shared: Shared) -> None:
    explorer = shared(kind)
    pictures, texts = set(), set()
    others = where_it_counts(explorer, name)
    for settings in settings_to_try(kind, name, others):
        explorer.set(**settings)
        assert explorer.values == settings
        ORACLES[kind](explorer)
        assert_digits(explorer.alt)
        if {**settings, name: None} == {**others, name: None}:
            pictures.add(explorer.picture.png)
            texts.add(explorer.alt)
    assert len(pictures) >= 2, f"{name} moves nothing in the picture"
    assert len(texts) >= 2, f"{name} changes no word of the text"


def assert_digits(text: str) -> None:
    """The text must read well aloud: one line, no object's address, at most 4 significant digits."""
    assert text
    assert "\n" not in text
    assert " object at 0x" not in text
    for mantissa in re.findall(r"(\d+(?:\.\d+)?)(?:e[+-−]?\d+)?", text):
        digits = mantissa.replace(".", "").lstrip("0")
        assert len(digits) <= 4, f"{mantissa} in {text!r}"


@EVERY
def test_moving_a_widget_is_the_same_as_setting_the_attribute(
    kind: type[Explorer], opened: list[Explorer]
) -> None:
    explorer, other = kind(), kind()
    opened += [explorer, other]
    untouched = other.picture.png
    rng = np.random.default_rng(0)
    for name, control in kind.controls().items():
        position = control.interior(rng)
        explorer.widgets[name].value = position  # as the browser does
        assert explorer.values[name] == control.read(position)
        ORACLES[kind](explorer)
    assert other.picture.png == untouched, "two explorers share state"
    other.set(**explorer.values)
    assert other.picture.png == explorer.picture.png
    assert other.alt == explorer.alt


@EVERY
def test_values_that_no_control_has(kind: type[Explorer], opened: list[Explorer]) -> None:
    with pytest.raises(TypeError, match="its controls are " + ", ".join(kind.controls())):
        kind(no_such_control=1)
    explorer = kind()
    opened.append(explorer)
    before = explorer.values
    for name in kind.controls():
        for value in (float("nan"), 1e9, -1e9, "no such name", None, [1]):
            with pytest.raises(ValueError, match=rf"{name} \(.*\) must be .*, got"):
                setattr(explorer, name, value)
            with pytest.raises(ValueError, match=rf"{name} \(.*\) must be .*, got"):
                kind(**{name: value})
    with pytest.raises(ValueError, match="expected one of the presets"):
        explorer.preset("no such preset")
    assert explorer.values == before


@EVERY
def test_presets_are_different_pictures(kind: type[Explorer], shared: Shared) -> None:
    explorer = shared(kind)
    buttons = {button.description: button for button in explorer.view.children[0].children}
    assert buttons.keys() == kind.presets.keys()
    pictures = set()
    for name, button in buttons.items():
        button.click()
        assert explorer.values == {**kind.defaults(), **kind.presets[name]}
        ORACLES[kind](explorer)
        pictures.add(explorer.picture.png)
    assert len(pictures) == len(buttons)


@EVERY
def test_blitting_equals_drawing_everything(kind: type[Explorer], shared: Shared) -> None:
    explorer = shared(kind)
    for settings in ({}, *kind.presets.values()):
        explorer.set(**{**kind.defaults(), **settings})
        quick = explorer.canvas.pixels().astype(int)
        full = explorer.canvas.redrawn().astype(int)
        share = (np.abs(quick - full).max(axis=-1) > 8).mean()
        assert share < 1e-3, f"{share:.2%} of the pixels differ with {settings}"


@EVERY
def test_pictures_fit_their_frame(kind: type[Explorer], opened: list[Explorer]) -> None:
    explorer = kind()
    opened.append(explorer)
    width, height = kind.size
    for settings in ({}, *kind.presets.values()):
        explorer.set(**{**kind.defaults(), **settings})
        picture = decoded(explorer.picture.png)
        assert picture.shape == (SCALE * height, SCALE * width, 3)
        np.testing.assert_array_equal(picture, explorer.canvas.pixels())
        for part in explorer.artists.values():
            if hasattr(part, "get_text"):
                box = part.get_window_extent()
                assert box.x0 >= 0, part.get_text()
                assert box.x1 <= SCALE * width, part.get_text()


@EVERY
@pytest.mark.parametrize("scale", [1, 1.25])
def test_a_coarser_screen_gets_fewer_pixels_of_the_same_picture(
    kind: type[Explorer], scale: float, opened: list[Explorer]
) -> None:
    explorer = kind()
    opened.append(explorer)
    fine, alt = decoded(explorer.picture.png), explorer.alt
    explorer.picture.scale = scale
    coarse = decoded(explorer.picture.png)
    assert coarse.shape == (int(scale * kind.size[1]), int(scale * kind.size[0]), 3)
    assert explorer.alt == alt
    assert np.abs(explorer.canvas.redrawn().astype(int) - coarse).max() <= 8
    blurred = [Image.fromarray(picture).resize((36, 21), Image.Resampling.BOX) for picture in (fine, coarse)]
    assert np.abs(np.subtract(*blurred, dtype=float)).mean() < 1.3  # of 255: the edges of lines and letters
    explorer.picture.scale = SCALE
    np.testing.assert_array_equal(decoded(explorer.picture.png), fine)


@EVERY
def test_one_mimebundle_for_all_readers(kind: type[Explorer], opened: list[Explorer]) -> None:
    explorer = kind()
    opened.append(explorer)
    data, metadata = explorer._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert data["text/plain"] == explorer.alt == metadata["image/png"]["alt"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.view.model_id
    still = decoded(base64.b64decode(data["image/png"])).astype(int)
    assert still.shape == explorer.canvas.pixels().shape
    assert np.abs(still - explorer.canvas.pixels()).mean() < 4
    assert len(data["image/png"]) < 120_000, "too large to be stored in a notebook"
    assert "0x" not in repr(explorer)
    assert eval(repr(explorer), {kind.__name__: lambda **values: values}) == explorer.values


@EVERY
def test_the_code_of_a_state_makes_it_again(kind: type[Explorer], opened: list[Explorer]) -> None:
    rng = np.random.default_rng(2)
    for settings in ({}, {name: control.interior(rng) for name, control in kind.controls().items()}):
        explorer = kind(**settings)
        again = eval(explorer.code, {kind.__name__: kind})
        opened += [explorer, again]
        assert again.values == explorer.values
        assert again.picture.png == explorer.picture.png
        assert settings or explorer.code == f"{kind.__name__}()"


@EVERY
def test_what_speaks_and_what_can_be_dragged_lies_on_the_picture(
    kind: type[Explorer], shared: Shared
) -> None:
    explorer = shared(kind)
    width, height = kind.size
    for settings in ({}, *kind.presets.values()):
        explorer.set(**{**kind.defaults(), **settings})
        for x, y, text in explorer.picture.hover:
            assert 0 <= x <= width
            assert 0 <= y <= height
            assert_digits(text)
    for name, moved in kind.handles.items():
        assert name in explorer.artists
        assert explorer.picture.drags[name] == " and ".join(kind.controls()[one].label for one in moved)
        explorer.reset()
        x, y = explorer.picture.grips[name]
        for count, place in enumerate([(x + 20, y + 15), (x + 35, y - 5)]):
            explorer.picture.dragged = {"grip": name, "x": place[0], "y": place[1], "count": count}
            off = np.abs(np.subtract(explorer.picture.grips[name], place))
            assert off[: len(moved)].max() < 2, "x follows the mouse, and y if there is a control for it"


@EVERY
def test_the_background_is_drawn_only_when_it_changes(
    kind: type[Explorer], shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = shared(kind)
    drawn = []
    keep = Canvas.keep_background
    monkeypatch.setattr(
        Canvas, "keep_background", lambda self, moving: (drawn.append(explorer.values), keep(self, moving))
    )
    rng = np.random.default_rng(1)
    for _ in range(10):
        before = explorer.background(explorer.result)
        n_before = len(drawn)
        explorer.set(**{name: control.interior(rng) for name, control in kind.controls().items()})
        assert len(drawn) - n_before == (explorer.background(explorer.result) != before)


@EVERY
def test_two_threads_end_in_the_picture_of_the_last_values(
    kind: type[Explorer], shared: Shared, opened: list[Explorer]
) -> None:
    explorer, reference = shared(kind), kind()
    opened.append(reference)
    reference.picture.scale = 1
    failures: list[BaseException] = []

    def drag(seed: int) -> None:
        rng = np.random.default_rng(seed)
        try:
            for _ in range(8):
                name = str(rng.choice(list(kind.controls())))
                explorer.set(**{name: kind.controls()[name].interior(rng)})
        except BaseException as failure:  # handed to the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=drag, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    reference.set(**explorer.values)
    assert explorer.picture.png == reference.picture.png
    assert explorer.alt == reference.alt


def n_widgets() -> int:
    """Return how many widgets (and layouts, and styles) ipywidgets keeps alive."""
    return len(ipywidgets.Widget.get_manager_state()["state"])


@EVERY
def test_closing_lets_go_of_everything(kind: type[Explorer]) -> None:
    kind().close()
    gc.collect()
    n_before = n_widgets()
    remembered = []
    for _ in range(3):
        explorer = kind()
        remembered.append(weakref.ref(explorer))
        explorer.close()
        del explorer
    gc.collect()
    assert n_widgets() == n_before
    assert [reference() for reference in remembered] == [None] * 3


@EVERY
def test_global_settings_of_matplotlib_change_nothing(kind: type[Explorer], opened: list[Explorer]) -> None:
    import matplotlib.pyplot as plt

    explorer = kind()
    opened.append(explorer)
    with plt.style.context("dark_background"), plt.rc_context({"font.size": 22, "axes.grid": True}):
        other = kind()
        opened.append(other)
    assert other.picture.png == explorer.picture.png
