"""Losses."""

import numpy as np

from tests.nn.samples import RNG, normal

GRADCHECKS = {
    "cross_entropy": [
        ((normal(4, 3), np.array([0, 2, 1, 1])), {"reduction": reduction})
        for reduction in ("mean", "sum", "none")
    ],
    "binary_cross_entropy_with_logits": [
        ((normal(4), RNG.uniform(0.1, 0.9, size=4)), {}),
        ((normal(4), np.array([0, 1, 1, 0])), {"reduction": "none"}),
    ],
    "mse_loss": [((normal(4, 2), normal(4, 2)), {}), ((normal(3), normal(3)), {"reduction": "sum"})],
}
