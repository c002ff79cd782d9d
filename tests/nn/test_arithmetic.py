"""Operators of Tensor against torch in float64, over shapes that broadcast."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from course_utils.nn import Parameter, Tensor, shapes
from course_utils.nn import arithmetic as A

drawn = settings(deadline=None, derandomize=True, max_examples=40, database=None)
seeds = st.integers(0, 2**32 - 1)


def compare(ours, theirs, *arrays):
    """Values and gradients of `ours` and `theirs`, each summed with uneven weights, to 1e-10."""
    tensors = [Tensor(a, requires_grad=True) for a in arrays]
    others = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = ours(*tensors), theirs(*others)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-12)
    upstream = np.random.default_rng(0).normal(size=y.shape)
    y.backward(upstream)
    z.backward(torch.tensor(upstream))
    for tensor, other in zip(tensors, others, strict=True):
        assert tensor.grad.shape == tensor.shape
        np.testing.assert_allclose(tensor.grad, other.grad.numpy(), rtol=1e-10, atol=1e-12)


BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
}


@pytest.mark.parametrize("name", BINARY)
@drawn
@given(
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=1, max_side=3).map(
        lambda s: s.input_shapes
    ),
    seed=seeds,
)
def test_binary_operators_with_broadcasting(name, shapes, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.5, 2.0, size=shapes[0]), rng.uniform(0.5, 2.0, size=shapes[1])
    b = b * rng.choice([-1.0, 1.0], size=shapes[1])
    compare(BINARY[name], BINARY[name], a, b)


@drawn
@given(
    stack=mutually_broadcastable_shapes(num_shapes=2, max_dims=2, min_side=1, max_side=3).map(
        lambda s: s.input_shapes
    ),
    n=st.integers(1, 3),
    k=st.integers(1, 3),
    m=st.integers(1, 3),
    vectors=st.tuples(st.booleans(), st.booleans()),
    seed=seeds,
)
def test_matmul_of_stacks_and_vectors(stack, n, k, m, vectors, seed):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(k,) if vectors[0] else (*stack[0], n, k))
    b = rng.normal(size=(k,) if vectors[1] else (*stack[1], k, m))
    compare(lambda x, y: x @ y, lambda x, y: x @ y, a, b)


UNARY = {
    "neg": lambda x: -x,
    "exp": lambda x: x.exp(),
    "log": lambda x: (x.abs() + 0.1).log(),
    "sqrt": lambda x: (x.abs() + 0.1).sqrt(),
    "abs": abs,
    "largest": lambda x: x.amax(),
    "largest of rows, kept": lambda x: x.amax(dim=-1, keepdim=True),
    "largest over two": lambda x: x.amax(dim=(0, 2)),
    "clamp": lambda x: x.clamp(-0.5, 0.8),
    "clamp below": lambda x: x.clamp(min=0.1),
    "clamp above": lambda x: x.clamp(max=0.1),
    "unsqueeze": lambda x: x.unsqueeze(-1) * x.unsqueeze(2),
    "squeeze": lambda x: x.unsqueeze(1).squeeze(1).squeeze(-1),
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "constant": lambda x: x**0,
    "root": lambda x: x.abs() ** 0.5,
    "inverse": lambda x: 1 / x,
    "base": lambda x: 2.0**x,
    "mirror": lambda x: 1 - x,
    "sum": lambda x: x.sum(),
    "sum of rows": lambda x: x.sum(dim=1),
    "sum of columns, kept": lambda x: x.sum(dim=0, keepdim=True),
    "sum over two": lambda x: x.sum(dim=(0, -1)),
    "mean": lambda x: x.mean(),
    "mean of rows": lambda x: x.mean(dim=-1),
    "mean of rows, kept": lambda x: x.mean(dim=-1, keepdim=True),
    "mean over two": lambda x: x.mean(dim=(1, 2)),
    "reshape": lambda x: x.reshape(-1, 3),
    "reshape to a tuple": lambda x: x.reshape((3, 8)),
    "transpose": lambda x: x.transpose(0, 2),
    "T": lambda x: x[0].T,
    "row": lambda x: x[1],
    "slice": lambda x: x[:, 1:3, -1],
    "ellipsis": lambda x: x[..., None, 0],
    "repeated rows": lambda x: x[[0, 1, 0, 0]],
    "pairs": lambda x: x[[0, 1, 1], [2, 2, 2]],
    "normalised": lambda x: (
        (x - x.mean(dim=-1, keepdim=True)) / ((x * x).mean(dim=-1, keepdim=True) + 1e-3) ** 0.5
    ),
}


@pytest.mark.parametrize("name", UNARY)
def test_unary_operators_and_methods(name):
    compare(UNARY[name], UNARY[name], np.random.default_rng(1).normal(size=(2, 4, 3)))


def test_a_mask_as_index():
    x = np.array([1.0, -2.0, 3.0])
    compare(lambda t: t[x > 0], lambda t: t[torch.tensor(x > 0)], x)


def test_power_at_zero_has_the_gradients_of_torch():
    compare(lambda x: x**2, lambda x: x**2, np.array([0.0, -1.0]))
    compare(lambda x: x**0, lambda x: x**0, np.array([0.0, -1.0]))
    compare(lambda x, e: x**e, lambda x, e: x**e, np.array([0.0, 0.0, 2.0]), np.array([2.0, 0.0, 0.0]))


def test_an_array_on_the_left_leaves_the_work_to_the_tensor():
    array, tensor = np.array([[1.0, 2.0], [3.0, 4.0]]), Tensor(np.full((2, 2), 3.0), requires_grad=True)
    threes = tensor.data
    for result, expected in (
        (array + tensor, array + threes),
        (array - tensor, array - threes),
        (array * tensor, array * threes),
        (array / tensor, array / threes),
        (array @ tensor, array @ threes),
        (array**tensor, array**threes),
    ):
        assert isinstance(result, Tensor)
        np.testing.assert_array_equal(result.data, expected)
    for number in (np.float64(2.0), 2, 2.0):
        assert isinstance(number * tensor, Tensor)
    (array @ tensor).sum().backward()
    assert tensor.grad.tolist() == [[4.0, 4.0], [6.0, 6.0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_python_numbers_keep_the_dtype(dtype):
    x = Tensor(np.array([1.0, 2.0], dtype=dtype), requires_grad=True)
    y = (2 * x + 1 - 0.5) / 3 + (1 - x) ** 2 + 2.0**x + x**0.5 + (-x).exp() + x.log() + x.mean() + x.sum()
    assert y.dtype == dtype
    y[0].backward()
    assert x.grad.dtype == dtype


def test_numpy_functions_are_refused_rather_than_losing_the_tape():
    x = Tensor(np.ones(2), requires_grad=True)
    with pytest.raises(TypeError, match=r"np\.exp takes arrays.*write tensor\.exp\(\) or tensor\.data"):
        np.exp(x)
    with pytest.raises(TypeError, match=r"np\.maximum takes arrays.*: write tensor\.data"):
        np.maximum(x, 0)
    with pytest.raises(TypeError, match=r"np\.equal takes arrays"):
        _ = np.ones(2) == x
    with pytest.raises(TypeError, match=r"np\.add takes arrays"):
        np.add.reduce(x)
    with pytest.raises(TypeError, match=r"np\.multiply takes arrays"):
        np.multiply(np.ones(2), x, out=np.zeros(2))
    with pytest.raises(TypeError, match=r"write tensor\.data"):
        np.asarray(x)
    with pytest.raises(TypeError, match=r"np\.sum takes arrays.*write tensor\.sum\(\) or tensor\.data"):
        np.sum(x)
    with pytest.raises(TypeError, match=r"np\.concatenate takes arrays.*write tensor\.data"):
        np.concatenate([np.ones(2), x])
    assert (np.shape(x), np.ndim(x)) == ((2,), 1)  # these lose nothing


@pytest.mark.parametrize(
    "index",
    [
        Tensor([0, 0, 1]),
        Tensor(1),
        Tensor([True, False, True]),
        (Tensor([0, 2, 2]), Tensor([1, 0, 0])),
        (slice(None), Tensor([1, 1])),
    ],
    ids=["list", "scalar", "mask", "pair", "column"],
)
def test_a_tensor_as_index_is_the_array_in_it(index):
    plain = tuple(getattr(i, "data", i) for i in index) if isinstance(index, tuple) else index.data
    values = np.arange(6.0).reshape(3, 2)
    x, y = (Tensor(values, requires_grad=True) for _ in range(2))
    np.testing.assert_array_equal(x[index].data, values[plain])
    (x[index] ** 2).sum().backward()
    (y[plain] ** 2).sum().backward()
    np.testing.assert_array_equal(x.grad, y.grad)
    with pytest.raises(IndexError, match="integer"):
        x[Tensor([0.0, 1.0])]


def test_the_primitive_takes_a_tensor_as_index_too():
    x = Tensor(np.ones((3, 2)), requires_grad=True)
    shapes.getitem(x, Tensor([0, 0, 1])).sum().backward()
    assert x.grad.tolist() == [[2.0, 2.0], [1.0, 1.0], [0.0, 0.0]]


def test_the_truth_of_a_tensor_is_that_of_its_one_entry():
    assert [bool(Tensor(v)) for v in (0.0, [0.0], [[2.0]], False, True)] == [False, False, True, False, True]
    for shape in ((2,), (1, 3), (0,)):
        with pytest.raises(ValueError, match="expected one entry for a truth value, got shape"):
            bool(Tensor(np.ones(shape)))


def test_comparisons_give_arrays_on_either_side():
    x = Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)
    for found, expected in (
        (x > 2, [False, False, True]),
        (x >= 2, [False, True, True]),
        (x < x[1], [True, False, False]),
        (x <= 2.0, [True, True, False]),
        (np.array([0.0, 2.0, 4.0]) < x, [True, False, False]),
        (np.array([0.0, 2.0, 4.0]) >= x, [False, True, True]),
        (np.float64(2.0) > x, [True, False, False]),
    ):
        assert isinstance(found, np.ndarray)
        assert found.tolist() == expected
    assert max(x[0], x[2], x[1]).item() == 3.0


def test_one_entry_is_formatted_as_a_number():
    assert f"{Tensor(0.12345):.3f} {Tensor([2.0]):6.2f}" == "0.123   2.00"
    assert f"{Tensor([1.0, 2.0])}" == "Tensor([1., 2.])"
    with pytest.raises(ValueError, match="[Ii]nvalid format specifier|Unknown format code"):
        f"{Tensor([1.0, 2.0]):.3f}"


def test_detach_keeps_the_numbers_and_forgets_the_way():
    x = Parameter(np.array([1.0, 2.0]))
    y = (x * 3).detach()
    assert type(x.detach()) is Tensor
    assert not y.requires_grad
    assert np.shares_memory(x.detach().data, x.data)
    (x * y).sum().backward()
    assert x.grad.tolist() == [3.0, 6.0]  # y counts as a constant


def test_conveniences():
    x = Tensor(np.arange(6.0).reshape(2, 3))
    assert (x.shape, x.ndim, x.dtype, len(x)) == ((2, 3), 2, np.float64, 2)
    assert [row.data.tolist() for row in x] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert float(x[1, 2]) == x[1, 2].item() == 5.0
    assert repr(Tensor([1.0, 2.5])) == "Tensor([1. , 2.5])"
    assert Tensor(1.0).T.shape == ()


def test_messages():
    with pytest.raises(ValueError, match=r"equal inner lengths for @, got shapes \(2, 3\) and \(2, 3\)"):
        Tensor(np.ones((2, 3))) @ np.ones((2, 3))
    with pytest.raises(ValueError, match="at least one axis each"):
        Tensor(1.0) @ np.ones(1)
    with pytest.raises(ValueError, match=r"at most 2 axes for \.T, got shape \(1, 1, 1\)"):
        _ = Tensor(np.ones((1, 1, 1))).T
    with pytest.raises(ValueError, match="broadcast"):
        Tensor(np.ones(2)) + np.ones(3)


def test_unbroadcast_sums_over_what_was_stretched():
    assert A.unbroadcast(np.ones((2, 3, 4)), (3, 1)).tolist() == [[8.0]] * 3
    assert A.unbroadcast(np.ones((2, 3)), ()) == 6.0
