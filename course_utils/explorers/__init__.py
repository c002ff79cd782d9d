"""Explorers: sliders over a live picture. A cell that ends in ``GradientDescent()`` shows one."""

from __future__ import annotations

import importlib
import pkgutil

from course_utils.explorers._live import Explorer
from course_utils.explorers.activations import Activations
from course_utils.explorers.bias_variance import BiasVariance
from course_utils.explorers.computational_graph import ComputationalGraph
from course_utils.explorers.constraint_shapes import ConstraintShapes
from course_utils.explorers.convolution import Convolution
from course_utils.explorers.dying_relu import DyingReLU
from course_utils.explorers.gradient_descent import GradientDescent
from course_utils.explorers.gradient_flow import GradientFlow
from course_utils.explorers.momentum_plane import MomentumPlane
from course_utils.explorers.optimizer_race import OptimizerRace
from course_utils.explorers.perceptron import Perceptron
from course_utils.explorers.playground import Playground
from course_utils.explorers.polynomial_fit import PolynomialFit
from course_utils.explorers.regularized_network import RegularizedNetwork
from course_utils.explorers.schedules import Schedules
from course_utils.explorers.softmax_temperature import SoftmaxTemperature
from course_utils.explorers.stopping_point import StoppingPoint

__all__ = [
    "Activations",
    "BiasVariance",
    "ComputationalGraph",
    "ConstraintShapes",
    "Convolution",
    "DyingReLU",
    "Explorer",
    "GradientDescent",
    "GradientFlow",
    "MomentumPlane",
    "OptimizerRace",
    "Perceptron",
    "Playground",
    "PolynomialFit",
    "RegularizedNetwork",
    "Schedules",
    "SoftmaxTemperature",
    "StoppingPoint",
    "all_explorers",
]


def all_explorers() -> list[type[Explorer]]:
    """Return every explorer that a module of this package defines, by name.

    Tests and benchmarks run over this list, so that a new explorer is tested and timed by being defined.
    """
    for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
    found, pending = [], [Explorer]
    while pending:
        for subclass in pending.pop().__subclasses__():
            pending.append(subclass)
            if subclass.__module__.startswith(f"{__name__}.") and not subclass.__name__.startswith("_"):
                found.append(subclass)
    return sorted(found, key=lambda explorer: explorer.__name__)
