"""Activations."""

from tests.nn.samples import away_from_zero, normal

GRADCHECKS = {
    "relu": [((away_from_zero(3, 4),), {})],
    "sigmoid": [((normal(3, 4),), {})],
    "tanh": [((normal(3, 4),), {})],
    "softmax": [((normal(3, 4),), {}), ((normal(3, 4, 2),), {"dim": 1})],
    "log_softmax": [((normal(3, 4),), {}), ((normal(3, 4),), {"dim": 0})],
}
