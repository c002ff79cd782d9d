"""The affine map beyond drawn calls: what its messages say."""

import numpy as np
import pytest

from course_utils.nn import functional as F

MESSAGES = [
    (np.ones((2, 3)), np.ones((4, 2)), None, r"expected x \(\.\.\., 2\).*got shape \(2, 3\)"),
    (np.ones(3), np.ones(3), None, r"expected weight \(n_out, n_in\), got shape \(3,\)"),
    (np.ones(3), np.ones((1, 3)), np.ones(2), r"expected bias \(1,\).*got shape \(2,\)"),
    (np.array(1.0), np.ones((1, 3)), None, r"expected x \(\.\.\., 3\).*got shape \(\)"),
]


@pytest.mark.parametrize(("x", "weight", "bias", "message"), MESSAGES)
def test_messages_say_what_was_expected_and_what_came(x, weight, bias, message):
    with pytest.raises(ValueError, match=message):
        F.linear(x, weight, bias)
