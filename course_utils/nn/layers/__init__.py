"""Layers: the functions of the engine as modules, with torch's names and defaults."""

from course_utils.nn.layers.activations import ReLU, Sigmoid, Softmax, Tanh
from course_utils.nn.layers.containers import Flatten, Sequential
from course_utils.nn.layers.linear import Linear

__all__ = [
    "Flatten",
    "Linear",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
]
