"""The values of an explorer's controls, as code reads and sets them."""

from __future__ import annotations

import contextlib
import json
import math
import threading
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import ipywidgets  # type: ignore[import-untyped]

from course_utils.explorers._controls import Control


class Adjustable:
    """What has controls as class attributes, a widget for each, and a picture to `refresh` after a change."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    widgets: dict[str, ipywidgets.ValueWidget]
    _set_to: dict[str, Any]  # the last value from code, by name
    _start: dict[str, Any]  # where `reset` goes back to
    _complete = False  # whether the constructor is through; from then on attributes are guarded

    def __init__(self) -> None:
        self._lock = threading.RLock()  # JupyterLab runs callbacks on a thread of their own while a cell runs
        self._held = False  # whether several controls are being moved for one picture

    def __setattr__(self, name: str, value: Any) -> None:
        # Controls and properties set themselves; a mistyped control must not become an idle attribute.
        known = (
            name.startswith("_") or name in vars(self) or hasattr(getattr(type(self), name, None), "__set__")
        )
        if self._complete and not known:
            controls = ", ".join(self.controls())
            raise AttributeError(
                f"{type(self).__name__} has no control {name!r}; its controls are {controls}",
                name=name,
                obj=self,
            )
        super().__setattr__(name, value)

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """Return all controls by name, in the order of their declaration."""
        found = {}
        for owner in reversed(cls.__mro__):
            found.update({name: part for name, part in vars(owner).items() if isinstance(part, Control)})
        return found

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the default of every control by name."""
        return {name: control.check(control.default) for name, control in cls.controls().items()}

    @property
    def values(self) -> dict[str, Any]:
        """The current value of every control by name: as set from code, or as shown since it was moved."""
        return {name: self._value(name, control) for name, control in self.controls().items()}

    def _value(self, name: str, control: Control) -> Any:
        position, exact = self.widgets[name].value, self._set_to[name]
        if position == exact or (isinstance(exact, float) and math.isclose(position, exact, abs_tol=1e-12)):
            return exact  # the browser sends positions back, a rounding error away
        return control.read(position)

    def set(self, **values: Any) -> None:
        """Move several controls at once: one new picture, or a TypeError or ValueError and nothing moved."""
        checked = self._checked(values)
        with self._one_picture():
            for name, value in checked.items():
                self._set_to[name] = self.widgets[name].value = value

    def preset(self, name: str) -> None:
        """Set the controls to the preset of that name, and those it leaves open to their defaults."""
        if name not in self.presets:
            known = ", ".join(map(repr, self.presets))
            raise ValueError(f"expected one of the presets {known}, got {name!r}")
        self.set(**{**self.defaults(), **self.presets[name]})

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        controls = cls.controls()
        for name in values:
            if name not in controls:
                known = ", ".join(controls)
                raise TypeError(f"{cls.__name__} has no control {name!r}; its controls are {known}")
        return {name: controls[name].check(value) for name, value in values.items()}

    def reset(self) -> None:
        """Go back to what the explorer showed first: as it was made, or as code had set it by then."""
        self.set(**self._start)

    @property
    def code(self) -> str:
        """The line of code that makes an explorer in the present state."""
        return code_for(type(self).__name__, self.values, self.defaults())

    @contextlib.contextmanager
    def _one_picture(self) -> Iterator[None]:
        with self._lock:
            self._held = True
            try:
                yield
            finally:
                self._held = False
            self.refresh()

    def refresh(self, change: object = None) -> None:
        """Show the present values."""
        raise NotImplementedError


def code_for(kind: str, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return the call that makes an explorer with these values: those that stand at their default left out.

    Examples
    --------
    >>> code_for("GradientDescent", {"surface": "bowl", "lr": 0.5}, {"surface": "ravine", "lr": 0.5})
    'GradientDescent(surface="bowl")'
    """
    given = [
        f"{name}={json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)}"
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    ]
    return f"{kind}({', '.join(given)})"
