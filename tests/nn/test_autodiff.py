"""The tape: leaves, accumulation, shared tensors, order, errors."""

import inspect

import numpy as np
import pytest

from course_utils.nn import Tensor, gradcheck, primitive
from course_utils.nn import functional as F
from course_utils.nn.autodiff import topological_order


def leaf(values, dtype=np.float64):
    return Tensor(np.array(values, dtype=dtype), requires_grad=True)


def test_chain_by_hand():
    w, b = leaf(2.0), leaf(1.0)
    loss = (w * 3.0 + b - 5.0) ** 2  # (2*3 + 1 - 5)^2 = 4
    loss.backward()
    assert loss.item() == 4.0
    assert w.grad == 12.0  # 2 * 2 * 3
    assert b.grad == 4.0
    assert isinstance(w.grad, np.ndarray)


def test_a_shared_tensor_gets_the_sum_over_its_uses():
    w = leaf([3.0])
    (w * w * w).sum().backward()
    assert w.grad.tolist() == [27.0]


def test_the_same_tensor_twice_in_one_call():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    (x @ x).sum().backward()
    # d/dX of sum(X X) is 1 X^T + X^T 1: column sums and row sums
    expected = x.data.sum(axis=1)[None, :] + x.data.sum(axis=0)[:, None]
    np.testing.assert_allclose(x.grad, expected)


def test_a_diamond_visits_every_node_once():
    calls = []

    @primitive
    def counted(x):
        def pullback(dy):
            calls.append(1)
            return (2 * dy,)

        return 2 * x, pullback

    x = leaf(1.0)
    middle = counted(x)
    (middle * middle + middle).backward()
    assert len(calls) == 1
    assert x.grad == 10.0  # (2 * 2 + 1) * 2


def test_order_holds_every_node_once_and_inputs_first():
    x = leaf(1.0)
    y = x
    for _ in range(10):
        y = y * x + y  # 2^10 ways back
    order = topological_order(y)
    assert len(order) == len(set(order)) == 21
    place = {node: i for i, node in enumerate(order)}
    assert all(place[parent] < place[node] for node in order for parent in node.parents)


def test_gradients_accumulate_until_they_are_forgotten():
    w = leaf([1.0, 2.0])
    for _ in range(2):
        (w * 3.0).sum().backward()
    assert w.grad.tolist() == [6.0, 6.0]


def test_a_second_backward_through_the_same_tape_adds_again():
    w = leaf(2.0)
    loss = w * w
    loss.backward()
    loss.backward()
    assert w.grad == 8.0


def test_gradients_share_no_memory_and_are_writable():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (a + b).sum().backward()
    a.grad *= 10.0
    assert b.grad.tolist() == [1.0, 1.0]


def test_only_leaves_that_need_it_get_a_gradient():
    w, fixed = leaf(2.0), Tensor(3.0)
    product = w * fixed
    product.backward()
    assert fixed.grad is None
    assert product.grad is None
    assert (fixed * 2.0).parents == ()


def test_a_deep_tape_needs_no_recursion():
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y + 0.0
    y.backward()
    assert x.grad == 1.0


def test_upstream_weights_the_entries():
    x = leaf([1.0, 2.0])
    (x * x).backward(upstream=np.array([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 40.0]


def test_a_vector_without_upstream_is_refused():
    with pytest.raises(ValueError, match=r"expected a scalar, got shape \(2,\)"):
        (leaf([1.0, 2.0]) * 2.0).backward()


def test_upstream_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"expected upstream of shape \(2,\), got shape \(3,\)"):
        leaf([1.0, 2.0]).backward(np.ones(3))


def test_backward_without_anything_to_learn_is_refused():
    with pytest.raises(ValueError, match="requires_grad=True"):
        Tensor(1.0).backward()


def test_integers_cannot_require_a_gradient():
    with pytest.raises(ValueError, match="expected a floating dtype"):
        Tensor([1, 2], requires_grad=True)


def test_one_definition_serves_three_ways():
    x = np.array([-1.0, 2.0])
    value, pullback = F.relu.vjp(x)
    assert F.relu(x).tolist() == value.tolist() == F.relu(Tensor(x)).data.tolist() == [0.0, 2.0]
    assert pullback(np.ones(2))[0].tolist() == [0.0, 1.0]


def test_tensors_given_by_name_are_on_the_tape():
    w, x = leaf([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    F.linear(x, weight=w, bias=None).sum().backward()
    assert w.grad.tolist() == [[3.0, 4.0]]
    logits = leaf([[0.0, 0.0]])
    F.cross_entropy(labels=np.array([1]), logits=logits, reduction="sum").backward()
    assert logits.grad.tolist() == [[0.5, -0.5]]


def test_a_tensor_by_name_may_skip_an_option():
    @primitive
    def affine(x, scale=2.0, shift=0.0):
        return np.add(x * scale, shift), lambda dy: (dy * scale, dy * x, dy)

    shift = leaf(1.0)
    affine(3.0, shift=shift).backward()
    assert shift.grad == 1.0


def test_a_pullback_may_say_that_no_gradient_flows():
    @primitive
    def detached(x):
        return x, lambda dy: (None,)

    x = leaf(3.0)
    (detached(x) * x).backward()
    assert x.grad == 3.0
    y = leaf(3.0)
    detached(y * y).backward()
    assert y.grad is None


# ---------------------------------------------------------------- gradients left as functions


@pytest.fixture
def lazy():
    """Return a product whose gradients are dear, and a list of those that were computed."""
    computed = []

    @primitive
    def product(x, y):
        def gradient(name, value):
            computed.append(name)
            return value

        return x * y, lambda dy: (lambda: gradient("dx", dy * y), lambda: gradient("dy", dy * x))

    return product, computed


def test_a_lazy_gradient_is_computed_only_where_it_is_wanted(lazy):
    product, computed = lazy
    w = leaf([2.0, 3.0])
    product(np.array([5.0, 7.0]), w).sum().backward()
    product(Tensor(np.array([5.0, 7.0])), w).sum().backward()
    assert computed == ["dy", "dy"]
    assert w.grad.tolist() == [10.0, 14.0]
    product(w, w).sum().backward()
    assert computed == ["dy", "dy", "dx", "dy"]
    assert w.grad.tolist() == [14.0, 20.0]


def test_without_backward_no_lazy_gradient_is_computed(lazy):
    product, computed = lazy
    assert product(2.0, 3.0) == 6.0
    assert product(leaf(2.0), leaf(3.0)).item() == 6.0
    product.vjp(2.0, 3.0)
    assert computed == []


def test_the_pullback_of_vjp_gives_arrays(lazy):
    product, computed = lazy
    value, pullback = product.vjp(np.array([2.0]), np.array([3.0]))
    dx, dy = pullback(np.array([10.0]))
    assert (value.tolist(), dx.tolist(), dy.tolist()) == ([6.0], [30.0], [20.0])
    assert computed == ["dx", "dy"]


def test_gradcheck_computes_lazy_gradients_and_finds_them_wrong(lazy):
    product, _ = lazy
    assert gradcheck(product, np.array([2.0, -1.0]), np.array([3.0, 0.5]))

    @primitive
    def wrong(x):
        return x * x, lambda dy: (lambda: -2 * x * dy,)

    with pytest.raises(AssertionError, match="wrong: the gradient of x disagrees in 1 of 1"):
        gradcheck(wrong, np.array([2.0]))


def test_a_lazy_gradient_may_turn_out_to_be_none():
    @primitive
    def constant(x):
        return x, lambda dy: (lambda: None,)

    x = leaf(3.0)
    (constant(x) * x).backward()
    assert x.grad == 3.0


def test_going_back_twice_computes_lazy_gradients_twice(lazy):
    product, computed = lazy
    a, b = leaf([2.0]), leaf([3.0])
    loss = product(product(a, b), b).sum()  # a b^2
    loss.backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([9.0], [12.0])
    first = a.grad
    loss.backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([18.0], [24.0])
    assert first.tolist() == [9.0]
    assert len(computed) == 8


def test_mixed_precision_gives_each_leaf_its_own_dtype():
    w, x = leaf([1.0], np.float32), leaf([2.0], np.float64)
    (w * x).sum().backward()
    assert w.grad.dtype == np.float32
    assert x.grad.dtype == np.float64


def test_source_is_short_enough_to_be_read():
    lines = (
        inspect.getsource(Tensor) + inspect.getsource(inspect.getmodule(Tensor).topological_order)
    ).split("\n")
    assert len(lines) < 75


def test_the_definition_stays_visible_through_the_decorator():
    assert "def pullback" in inspect.getsource(F.linear)
    assert F.linear.__name__ == "linear"
    assert F.linear.__doc__.startswith("Affine map")
