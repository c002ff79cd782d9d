"""Whole models, one idea a file."""

from course_utils.models.deep_mlp import deep_mlp
from course_utils.models.layer_profile import LayerProfile, growth_per_layer, layer_profile
from course_utils.models.lenet import lenet5
from course_utils.models.mlp import mlp
from course_utils.models.perceptron import novikoff_bound, train_perceptron

__all__ = [
    "LayerProfile",
    "deep_mlp",
    "growth_per_layer",
    "layer_profile",
    "lenet5",
    "mlp",
    "novikoff_bound",
    "train_perceptron",
]
