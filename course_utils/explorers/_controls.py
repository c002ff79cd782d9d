"""Controls: the values that a learner can move, declared once on the explorer's class.

``lr = LogSlider("learning rate", 1e-4, 10, default=0.03)`` in the class body gives every instance a slider of
that name, the attribute ``explorer.lr`` that reads and moves it, the keyword ``lr=`` of the constructor, and
the check of its values.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets  # type: ignore[import-untyped]
import numpy as np

if TYPE_CHECKING:
    from course_utils.explorers._live import Explorer

_LAYOUT = {"width": "350px"}
_STYLE = {"description_width": "110px"}


class Control:
    """One value of an explorer, with its label, its default and what it may be.

    Parameters
    ----------
    label : str
        What the learner reads beside the control, and what a screen reader calls it.
    default : object
        The value of a new explorer.
    """

    step: float = 0
    """How far an arrow key moves the control; 0 where the browser's own way is right."""

    def __init__(self, label: str, default: Any):
        self.label = label
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, explorer: Explorer | None, owner: type | None = None) -> Any:
        return self if explorer is None else explorer.values[self.name]

    def __set__(self, explorer: Explorer, value: Any) -> None:
        explorer.set(**{self.name: value})

    def check(self, value: Any) -> Any:
        """Return `value` in the control's own type, or raise a ValueError that says what is allowed."""
        raise NotImplementedError

    def widget(self, value: Any) -> ipywidgets.ValueWidget:
        """Make the control's widget, standing at `value`."""
        raise NotImplementedError

    @property
    def looks(self) -> dict[str, Any]:
        """What the widgets of all controls have alike."""
        return {"description": self.label, "layout": _LAYOUT, "style": _STYLE}

    def read(self, position: Any) -> Any:
        """Return the value that the widget shows when it stands at `position`."""
        return position

    def extremes(self) -> list[Any]:
        """Return the values every test should try: the ends of a range, or all choices."""
        raise NotImplementedError

    def interior(self, rng: np.random.Generator) -> Any:
        """Draw a value from the inside of the range."""
        raise NotImplementedError


class Slider(Control):
    """A number in a range.

    The handle moves without steps: a browser's slider with steps would push a value set from code to the
    nearest step, so that the page showed another value than the code had asked for. What the explorer takes
    from a moved handle is the number as shown beside it.

    Parameters
    ----------
    label : str
        What the learner reads.
    minimum, maximum : float
        The range, both ends included.
    default : float
        The value of a new explorer.
    step : float
        How far an arrow key goes; Page Up and Page Down go five times as far.
    digits : str
        Format of the number shown beside the handle.
    """

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        *,
        default: float,
        step: float = 0.05,
        digits: str = ".2f",
    ):
        super().__init__(label, default)
        self.minimum, self.maximum, self.step, self.digits = minimum, maximum, step, digits

    def check(self, value: Any) -> float:
        """Return `value` as a float inside the range."""
        allowed = f"{self.name} ({self.label}) must be a number from {self.minimum:g} to {self.maximum:g}"
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise ValueError(f"{allowed}, got {value!r}")
        if not self.minimum <= float(value) <= self.maximum:  # NaN fails too
            raise ValueError(f"{allowed}, got {float(value):g}")
        return float(value)

    def widget(self, value: float) -> ipywidgets.ValueWidget:
        """Make a slider."""
        return ipywidgets.FloatSlider(
            value=value,
            min=self.minimum,
            max=self.maximum,
            step=None,
            readout_format=self.digits,
            **self.looks,
        )

    def read(self, position: float) -> float:
        """Return the number as it is shown."""
        return min(max(float(f"{position:{self.digits}}"), self.minimum), self.maximum)

    def extremes(self) -> list[Any]:
        """Return minimum, default and maximum."""
        return [self.minimum, self.default, self.maximum]

    def interior(self, rng: np.random.Generator) -> float:
        """Draw uniformly from the range."""
        return float(rng.uniform(self.minimum, self.maximum))


class LogSlider(Slider):
    """A positive number in a range, on a logarithmic scale: `step` is in decades."""

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        *,
        default: float,
        step: float = 0.02,
        digits: str = ".3g",
    ):
        super().__init__(label, minimum, maximum, default=default, step=step, digits=digits)

    def widget(self, value: float) -> ipywidgets.ValueWidget:
        """Make a slider whose handle moves over the exponent."""
        return ipywidgets.FloatLogSlider(
            value=value,
            base=10,
            min=math.log10(self.minimum),
            max=math.log10(self.maximum),
            step=None,
            readout_format=self.digits,
            **self.looks,
        )

    def interior(self, rng: np.random.Generator) -> float:
        """Draw log-uniformly from the range."""
        return float(10 ** rng.uniform(math.log10(self.minimum), math.log10(self.maximum)))


class IntegerSlider(Slider):
    """A whole number in a range."""

    def __init__(self, label: str, minimum: int, maximum: int, *, default: int):
        super().__init__(label, minimum, maximum, default=default, step=0, digits="d")

    def check(self, value: Any) -> int:  # type: ignore[override]
        """Return `value` as an int inside the range."""
        number = super().check(value)
        if number != int(number):
            raise ValueError(f"{self.name} ({self.label}) must be a whole number, got {value!r}")
        return int(number)

    def widget(self, value: float) -> ipywidgets.ValueWidget:
        """Make a slider over whole numbers."""
        return ipywidgets.IntSlider(value=value, min=self.minimum, max=self.maximum, **self.looks)

    def read(self, position: float) -> int:  # type: ignore[override]
        """Return the nearest whole number: the slider has steps of one, a grip on the picture has none."""
        return round(position)

    def interior(self, rng: np.random.Generator) -> int:  # type: ignore[override]
        """Draw uniformly from the range."""
        return int(rng.integers(int(self.minimum), int(self.maximum) + 1))


class Playback(IntegerSlider):
    """How far a scene has gone in time: a whole number, with play, pause and single steps beside the slider.

    The buttons belong to the browser (``_play.js``), which sends the next step when the picture of the last
    one has arrived. From code it is a number like any other: ``explorer.step = 40``.
    """

    def widget(self, value: float) -> ipywidgets.ValueWidget:
        """Make a slider as wide as the picture, with room for the buttons."""
        slider = super().widget(value)
        slider.layout.width, slider.layout.max_width = "712px", "100%"
        return slider


class Choice(Control):
    """One of several names.

    Parameters
    ----------
    label : str
        What the learner reads.
    options : sequence of str
        The names to choose from.
    default : str
        The name a new explorer starts with.
    """

    def __init__(self, label: str, options: Sequence[str], *, default: str):
        super().__init__(label, default)
        self.options = tuple(options)

    def check(self, value: Any) -> str:
        """Return `value` if it is one of the options."""
        if value not in self.options:
            names = ", ".join(map(repr, self.options))
            raise ValueError(f"{self.name} ({self.label}) must be one of {names}, got {value!r}")
        return value

    def widget(self, value: str) -> ipywidgets.ValueWidget:
        """Make a drop-down menu."""
        return ipywidgets.Dropdown(options=self.options, value=value, **self.looks)

    def extremes(self) -> list[Any]:
        """Return all options."""
        return list(self.options)

    def interior(self, rng: np.random.Generator) -> str:
        """Draw one of the options."""
        return self.options[int(rng.integers(len(self.options)))]
