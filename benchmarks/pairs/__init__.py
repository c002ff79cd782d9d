"""What ``benchmarks/engine.py`` compares: the same training step here and in torch, one module for each part.

Every module has a list ``PAIRS``. Both steps of a pair start from weights of the same shape and see the same
data; what is prepared once (models, optimizers, arrays) is not timed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

Step = Callable[[], object]


@dataclass(frozen=True)
class Pair:
    """A step of the engine and the same of torch; `budget` is the largest ratio of times allowed."""

    name: str
    budget: float
    engine: Callable[[], Step]
    torch: Callable[[], Step]


def all_pairs() -> list[Pair]:
    """Gather the pairs of all modules here."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return [pair for name in names for pair in importlib.import_module(f"{__name__}.{name}").PAIRS]
