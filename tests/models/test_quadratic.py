"""Steps on quadratics: against the closed form and a loop written out."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.models.quadratic import plain_and_momentum, steps_to_arrive


@pytest.mark.parametrize("lr", [0.1, 0.5, 1.7])
def test_one_direction_by_its_factor(lr):
    one = np.ones((1, 1))
    expected = int(np.floor(np.log(1e-3) / np.log(abs(1 - lr)))) + 1
    assert steps_to_arrive(one, lr * one, 0 * one, 5 * one).tolist() == [expected]


def test_valleys_keep_apart_and_give_up_in_the_end():
    c, start = np.array([[1.0, 2.0], [1.0, 9.0]]), np.ones((2, 2))
    lr = np.full((2, 1), 0.5)  # 9 * 0.5 is beyond the limit 2
    assert steps_to_arrive(c, lr, np.zeros((2, 1)), start, most=50).tolist() == [10, 0]


def test_best_rate_and_pair_by_a_loop():
    c, start = np.array([[1.0, 30.0, 100.0]]), np.array([[1.0, -2.0, 0.5]])
    plain, with_momentum = plain_and_momentum(c, start)
    for found, lr, momentum in ((plain, 2 / 101, 0.0), (with_momentum, 4 / 121, (9 / 11) ** 2)):
        w, v, steps = start[0], np.zeros(3), 0
        while np.linalg.norm(w) >= 1e-3 * np.linalg.norm(start):
            v = momentum * v + c[0] * w
            w, steps = w - lr * v, steps + 1
        assert found.tolist() == [steps]
