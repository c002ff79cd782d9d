"""The perceptron: it converges within the bound if a line exists, and never otherwise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.models.perceptron import novikoff_bound, train_perceptron, with_bias

XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def separable(seed, n=40, n_in=3, margin=0.1):
    rng = np.random.default_rng(seed)
    x, normal = rng.normal(size=(4 * n, n_in)), rng.normal(size=n_in)
    normal /= np.linalg.norm(normal)
    x = x[np.abs(x @ normal) > margin][:n]
    return x, np.sign(x @ normal), normal


@settings(deadline=None, derandomize=True, max_examples=25, database=None)
@given(seed=st.integers(0, 2**32 - 1), shuffled=st.booleans())
def test_mistakes_never_exceed_the_bound(seed, shuffled):
    x, y, normal = separable(seed)
    run = train_perceptron(x, y, max_epochs=10_000, rng=np.random.default_rng(0) if shuffled else None)
    assert run.converged
    assert (y * (x @ run.weight) > 0).all()
    assert 1 <= run.n_updates <= novikoff_bound(x, y, normal)


def test_updates_by_hand():
    x, y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1, -1, -1])
    # (1, 0), then (1, -1); x3 lies on the line: (0, -2); next pass x1 does: (1, -2); then a clean pass
    run = train_perceptron(x, y)
    assert run.weight.tolist() == [1.0, -2.0]
    assert (run.n_updates, run.n_epochs, run.converged) == (4, 3, True)


def test_xor_never_settles():
    run = train_perceptron(with_bias(XOR), np.array([-1, 1, 1, -1]), max_epochs=500)
    assert not run.converged
    assert run.n_updates >= 500  # at least one mistake in every pass
    assert run.n_epochs == 500


def test_and_needs_the_bias():
    y = np.array([-1, -1, -1, 1])
    assert train_perceptron(with_bias(XOR), y).converged
    assert not train_perceptron(XOR, y).converged


def test_bound_does_not_depend_on_the_length_of_the_weight():
    x, y, normal = separable(1)
    assert novikoff_bound(x, y, 10 * normal) == pytest.approx(novikoff_bound(x, y, normal))


def test_messages():
    with pytest.raises(ValueError, match=r"expected labels -1 and \+1, got \[0 1\]"):
        train_perceptron(XOR, np.array([0, 1, 1, 0]))
    with pytest.raises(ValueError, match=r"expected x \(N, n_in\) with N >= 1, got shape \(4,\)"):
        train_perceptron(np.ones(4), np.ones(4))
    with pytest.raises(ValueError, match=r"expected y \(4,\) for x \(4, 2\), got shape \(3,\)"):
        train_perceptron(XOR, np.ones(3))
    with pytest.raises(ValueError, match="expected a weight that separates"):
        novikoff_bound(XOR, np.array([-1, 1, 1, -1]), np.ones(2))
    with pytest.raises(ValueError, match=r"expected weight \(2,\) for x \(4, 2\), got shape \(3,\)"):
        novikoff_bound(XOR, np.ones(4), np.ones(3))
    with pytest.raises(ValueError, match=r"expected x \(N, n_in\), got shape \(3,\)"):
        with_bias(np.ones(3))
