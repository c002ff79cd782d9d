"""The engine: values and pullbacks in NumPy, with torch's names and conventions."""

from course_utils.nn import arithmetic, functional
from course_utils.nn.autodiff import Tensor, primitive
from course_utils.nn.gradcheck import gradcheck, numerical_gradient
from course_utils.nn.layers import Flatten, Linear, ReLU, Sequential, Sigmoid, Softmax, Tanh
from course_utils.nn.module import Module, Parameter
from course_utils.nn.shapes import cat, stack
from course_utils.nn.training import History, fit, minibatches

__all__ = [
    "Flatten",
    "History",
    "Linear",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Tensor",
    "arithmetic",
    "cat",
    "fit",
    "functional",
    "gradcheck",
    "minibatches",
    "numerical_gradient",
    "primitive",
    "stack",
]
