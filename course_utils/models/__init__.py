"""Whole models, one idea a file."""

from course_utils.models.deep_mlp import deep_mlp
from course_utils.models.lenet import lenet5
from course_utils.models.mlp import mlp
from course_utils.models.perceptron import novikoff_bound, train_perceptron

__all__ = [
    "deep_mlp",
    "lenet5",
    "mlp",
    "novikoff_bound",
    "train_perceptron",
]
