"""Penalties on weights."""

from tests.nn.samples import away_from_zero, normal

GRADCHECKS = {
    "_l1_penalty": [((away_from_zero(2, 3), away_from_zero(4)), {})],
    "_l2_penalty": [((normal(2, 3), normal(4)), {})],
}
