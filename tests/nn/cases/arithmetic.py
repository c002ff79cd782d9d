"""The arithmetic behind the operators of `Tensor`, choices, and the changes of shape."""

import numpy as np

from tests.nn.samples import away_from_zero, normal, positive

GRADCHECKS = {
    "add": [((normal(2, 3), normal(3)), {}), ((normal(2, 1), 2.0), {})],
    "sub": [((normal(2, 3), normal(2, 1)), {})],
    "mul": [((normal(2, 3), normal(1, 3)), {}), ((normal(2), normal()), {})],
    "div": [((normal(2, 3), away_from_zero(3)), {})],
    "pow": [((positive(2, 3), normal(3)), {}), ((normal(4), 3), {}), ((normal(4), 0), {})],
    "matmul": [
        ((normal(2, 3), normal(3, 4)), {}),
        ((normal(3), normal(3)), {}),
        ((normal(3), normal(2, 3, 4)), {}),
        ((normal(5, 1, 2, 3), normal(4, 3, 2)), {}),
        ((normal(2, 4, 3), normal(3)), {}),
    ],
    "neg": [((normal(3),), {})],
    "exp": [((normal(2, 3),), {})],
    "log": [((positive(2, 3),), {})],
    "sqrt": [((positive(2, 3),), {})],
    "abs": [((away_from_zero(2, 3),), {})],
    "sum": [((normal(2, 3),), {}), ((normal(2, 3),), {"dim": 1}), ((normal(2, 3, 2),), {"dim": (0, -1)})],
    "mean": [((normal(2, 3),), {}), ((normal(2, 3),), {"dim": 0, "keepdim": True}), ((normal(),), {})],
    "amax": [
        ((normal(2, 3),), {}),
        ((normal(2, 3, 2),), {"dim": (0, -1), "keepdim": True}),
        ((normal(2, 3), 1), {}),
    ],
    "clamp": [
        ((normal(3, 4),), {"min": -0.5, "max": 0.7}),
        ((normal(5),), {"max": 0.1}),
        ((normal(5),), {"min": 0.1}),
    ],
    "where": [
        ((np.array([True, False, True]), normal(2, 3), normal(1, 3)), {}),
        ((np.array([[True], [False]]), normal(3), normal()), {}),
    ],
    "reshape": [((normal(2, 6), (3, 4)), {}), ((normal(2, 6), -1), {})],
    "transpose": [((normal(2, 3, 4), 0, 2), {})],
    "getitem": [((normal(4, 3), np.array([0, 0, 2])), {}), ((normal(4, 3), (slice(None), 1)), {})],
    "_cat": [((1, normal(2, 1), normal(2, 3)), {}), ((0, normal(2), normal(3), normal(1)), {})],
    "_stack": [((-1, normal(2, 3), normal(2, 3)), {})],
}
