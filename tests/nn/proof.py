"""How a function or a layer of the engine is proven equal to torch's: drawn calls, compared in full.

A case names what is proven, the torch counterpart, and a Hypothesis strategy that draws whole calls. Every
call runs with arrays that are read-only and not contiguous, so that a write into an input is an error. After
the draws each argument with a default must have taken another value at least once. The cases themselves stand
in ``tests/nn/cases/``, one module for each part of the engine; `collect` finds them.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.nn.cases
from course_utils.nn import Tensor

SEEDS = st.integers(0, 2**32 - 1)
RELATIVE = {"float64": 1e-10, "float32": 1e-5}
"""Largest difference allowed, relative to the entry or, for small entries, to the array (`assert_close`)."""


@dataclass(frozen=True)
class Call:
    """One drawn call of a function: positional arguments (float64 arrays, integer arrays, the rest as is)."""

    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A function of the engine and its counterpart, called alike (arrays arrive there as torch tensors)."""

    operation: Callable[..., Any]
    oracle: Callable[..., Any]
    calls: st.SearchStrategy[Call]
    constant: frozenset[str] = frozenset()  # floating arguments that get no gradient, such as class weights
    n_examples: int = 60
    takes_nan: bool = True  # whether nan may come in, and must come out where it does in torch

    @property
    def name(self) -> str:
        return self.operation.__name__


@dataclass(frozen=True)
class LayerCall:
    """One drawn use of a layer: options of its constructor, inputs, options of its forward, and the mode."""

    options: dict[str, Any]
    inputs: tuple[Any, ...]
    forward: dict[str, Any] = field(default_factory=dict)
    training: bool = True

    def inputs_as(self, dtype: str) -> list[Any]:
        """Return the inputs with floats of the given width."""
        return [_as_dtype(x, dtype) for x in self.inputs]


@dataclass(frozen=True)
class LayerCase:
    """A layer and its counterpart, built from the same options (`oracle` may translate them).

    `rng` and `dtype` are added to our layer's options where its constructor has them.
    """

    layer: type
    oracle: Callable[..., torch.nn.Module]
    calls: st.SearchStrategy[LayerCall]
    n_examples: int = 40
    n_passes: int = 2  # forward passes before comparing, so that running statistics move more than once

    @property
    def name(self) -> str:
        return self.layer.__name__


class Seen:
    """Which arguments of a signature took a value other than their default."""

    def __init__(self, function: Callable[..., Any], ignored: Iterable[str] = ()):
        self.signature = inspect.signature(function)
        self.missing = {
            name: parameter.default
            for name, parameter in self.signature.parameters.items()
            if parameter.default is not inspect.Parameter.empty and name not in ignored
        }

    def note(self, *arguments: Any, **options: Any) -> None:
        """Strike out the arguments that this call gives another value than their default."""
        for name, value in self.signature.bind_partial(*arguments, **options).arguments.items():
            if name in self.missing and _differs(value, self.missing[name]):
                del self.missing[name]

    def check(self) -> None:
        """Fail if an argument kept its default in every call."""
        assert not self.missing, f"never drawn with another value than the default: {sorted(self.missing)}"


def _differs(value: Any, default: Any) -> bool:
    if isinstance(value, np.ndarray) or isinstance(default, np.ndarray):
        return not (isinstance(default, np.ndarray) and np.array_equal(value, default))
    return bool(value != default)


def collect(kind: type, attribute: str) -> dict[str, Any]:
    """Gather the lists called `attribute` from all modules of ``tests/nn/cases``, by the cases' names."""
    found: dict[str, Any] = {}
    for module in case_modules():
        for case in getattr(module, attribute, ()):
            assert isinstance(case, kind)
            assert case.name not in found, f"two cases for {case.name}"
            found[case.name] = case
    return found


def case_modules() -> list[Any]:
    """Return all modules of ``tests/nn/cases``."""
    names = sorted(info.name for info in pkgutil.iter_modules(tests.nn.cases.__path__))
    return [importlib.import_module(f"tests.nn.cases.{name}") for name in names]


# ---------------------------------------------------------------- comparing


def assert_close(actual: Any, expected: Any, what: str, dtype: str, largest: float = 0.0) -> None:
    """Compare entry by entry; entries that cancel to little are compared on the scale of their array.

    An array that cancels to little as a whole, such as the gradient of keys whose values hardly differ, is
    compared on a part of the scale of the `largest` number in the computation.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    finite = np.abs(expected[np.isfinite(expected)])
    scale = finite.max() if finite.size else 1.0
    tolerance = RELATIVE[dtype]
    own_share, share = (1.0, 0.1) if dtype == "float32" else (0.01, 0.01)
    floor = tolerance * max(own_share * scale, share * largest)  # 0.1 * 1e-5: eight roundings of float32
    np.testing.assert_allclose(
        actual, expected, rtol=tolerance, atol=max(floor, 1e-15), err_msg=what, strict=False
    )
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, torch has {expected.shape}"


def awkward(array: np.ndarray) -> np.ndarray:
    """Return a copy that is read-only and, where it has axes, strided: every other entry of a larger one."""
    copy = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array.copy()
    copy.flags.writeable = False
    return copy


def leaves(output: Any) -> list[Any]:
    """Return the tensors of an output that may be nested tuples, such as (output, (h_n, c_n))."""
    if isinstance(output, tuple | list):
        return [leaf for part in output for leaf in leaves(part)]
    return [] if output is None else [output]


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _as_dtype(value: Any, dtype: str) -> Any:
    if isinstance(value, tuple):  # several arrays in one argument, such as (h_0, c_0)
        return tuple(_as_dtype(part, dtype) for part in value)
    return value.astype(dtype) if _is_float(value) else value


def _ours(value: Any, dtype: str, differentiable: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_ours(part, dtype, differentiable) for part in value)
    if not isinstance(value, np.ndarray):
        return value
    array = awkward(_as_dtype(value, dtype))
    return Tensor(array, requires_grad=True) if differentiable and _is_float(value) else array


def _theirs(value: Any, dtype: str, differentiable: bool) -> Any:
    if isinstance(value, tuple):
        return tuple(_theirs(part, dtype, differentiable) for part in value)
    if not isinstance(value, np.ndarray):
        return value
    return torch.tensor(_as_dtype(value, dtype), requires_grad=differentiable and _is_float(value))


def _backward(ours: list[Any], theirs: list[Any]) -> None:
    """Go back on both sides from every output, each with its own uneven upstream gradient."""
    total, other_total = None, None
    rng = np.random.default_rng([7, 1])  # no seed that a case would draw its arrays from
    for y, z in zip(ours, theirs, strict=True):
        upstream = rng.normal(size=z.shape).astype(y.dtype)
        part, other = (y * awkward(upstream)).sum(), (z * torch.tensor(upstream)).sum()
        total = part if total is None else total + part
        other_total = other if other_total is None else other_total + other
    assert total is not None
    total.backward()
    other_total.backward()  # type: ignore[union-attr]


def _compare_gradients(pairs: Iterable[tuple[str, Tensor, Any]], dtype: str) -> None:
    pairs = list(pairs)
    grads = [other.grad.numpy() for _, _, other in pairs if other.grad is not None]
    largest = max((float(np.abs(g[np.isfinite(g)]).max(initial=0)) for g in grads), default=0.0)
    for name, tensor, other in pairs:
        if other.grad is None:
            assert tensor.grad is None or not np.any(tensor.grad), f"a gradient of {name}, none in torch"
            continue
        assert tensor.grad is not None, f"no gradient of {name}"
        assert tensor.grad.dtype == dtype, f"gradient of {name}: {tensor.grad.dtype}"
        assert_close(tensor.grad, other.grad.numpy(), f"gradient of {name}", dtype, largest)


# ---------------------------------------------------------------- functions


def both_sides(case: Case, call: Call, dtype: str) -> tuple[Any, Any, dict[str, tuple[Any, Any]]]:
    """Make one call here and in torch; return both outputs and, by name, the floating inputs of both."""
    names = list(inspect.signature(case.operation).parameters)
    named = [*zip(names, call.arguments, strict=False), *call.options.items()]
    ours = {n: _ours(v, dtype, n not in case.constant) for n, v in named}
    theirs = {n: _theirs(v, dtype, n not in case.constant) for n, v in named}
    first = names[: len(call.arguments)]
    y = case.operation(*(ours[n] for n in first), **{n: ours[n] for n in call.options})
    z = case.oracle(*(theirs[n] for n in first), **{n: theirs[n] for n in call.options})
    return y, z, {n: (ours[n], theirs[n]) for n, _ in named if isinstance(ours[n], Tensor)}


def compare_call(case: Case, call: Call, dtype: str) -> None:
    """Compare value and gradients of one call."""
    output, other_output, inputs = both_sides(case, call, dtype)
    y, z = leaves(output), leaves(other_output)
    for value, other in zip(y, z, strict=True):
        assert value.dtype == dtype, f"{dtype} in, {value.dtype} out"
        assert_close(value.data, other.detach().numpy(), "value", dtype)
    _backward(y, z)
    _compare_gradients(((name, *pair) for name, pair in inputs.items()), dtype)


def prove(case: Case, dtype: str) -> None:
    """Compare drawn calls, and see that they use every argument."""
    seen = Seen(case.operation)

    @settings(max_examples=case.n_examples)
    @given(call=case.calls)
    def compare(call: Call) -> None:
        compare_call(case, call, dtype)
        seen.note(*call.arguments, **call.options)

    compare()
    seen.check()


# ---------------------------------------------------------------- layers


def compare_layer(case: LayerCase, use: LayerCall, dtype: str) -> None:
    """Compare outputs, gradients and state of one layer, with weights carried over in both directions."""
    layer, other = _build(case, use, dtype)
    _copy_state(layer, other)
    for _ in range(case.n_passes):
        ours = [_ours(x, dtype, True) for x in use.inputs]
        theirs = [_theirs(x, dtype, True) for x in use.inputs]
        layer.zero_grad()
        other.zero_grad()
        output = layer(*ours, **{n: _ours(v, dtype, False) for n, v in use.forward.items()})
        other_output = other(*theirs, **{n: _theirs(v, dtype, False) for n, v in use.forward.items()})
        y, z = leaves(output), leaves(other_output)
        for i, (value, reference) in enumerate(zip(y, z, strict=True)):
            assert value.dtype == dtype, f"{dtype} in, {value.dtype} out"
            assert_close(value.data, reference.detach().numpy(), f"output {i}", dtype)
        _backward(y, z)
    both = zip(leaves(ours), leaves(theirs), strict=True)
    inputs = ((f"input {i}", x, t) for i, (x, t) in enumerate(both))
    parameters = dict(other.named_parameters())
    inputs = [(n, x, t) for n, x, t in inputs if isinstance(x, Tensor)]
    _compare_gradients([*inputs, *((n, p, parameters[n]) for n, p in layer.named_parameters())], dtype)
    for name, array in layer.state_dict().items():
        assert_close(array, other.state_dict()[name].numpy(), f"state {name}", dtype)
    _compare_the_way_back(case, use, dtype, layer)


def _build(case: LayerCase, use: LayerCall, dtype: str) -> tuple[Any, torch.nn.Module]:
    parameters = inspect.signature(case.layer).parameters
    extra = {"rng": np.random.default_rng(0), "dtype": np.dtype(dtype)}
    layer = case.layer(**use.options, **{n: v for n, v in extra.items() if n in parameters})
    other = case.oracle(**use.options).to(getattr(torch, dtype))
    return layer.train(use.training), other.train(use.training)


def _copy_state(layer: Any, other: torch.nn.Module) -> None:
    """Load our state into torch's layer, by torch's own rules: names and shapes must fit."""
    state = layer.state_dict()
    assert list(state) == list(other.state_dict()), f"{list(state)}, torch has {list(other.state_dict())}"
    other.load_state_dict({name: torch.tensor(array) for name, array in state.items()})


def _compare_the_way_back(case: LayerCase, use: LayerCall, dtype: str, layer: Any) -> None:
    """Load a fresh state of torch's into our layer; in evaluation both must then agree."""
    other = _build(case, use, dtype)[1]
    rng = np.random.default_rng(1)
    fresh = {
        name: torch.tensor(rng.uniform(0.1, 1.0, size=tuple(t.shape))).to(t.dtype)
        for name, t in other.state_dict().items()
    }
    other.load_state_dict(fresh)
    layer.load_state_dict(other.state_dict())
    y = leaves(layer.eval()(*use.inputs_as(dtype), **use.forward))
    theirs = {n: _theirs(v, dtype, False) for n, v in use.forward.items()}
    z = leaves(other.eval()(*(_theirs(x, dtype, False) for x in use.inputs), **theirs))
    for i, (value, reference) in enumerate(zip(y, z, strict=True)):
        assert_close(getattr(value, "data", value), reference.detach().numpy(), f"way back {i}", dtype)


def prove_layer(case: LayerCase, dtype: str) -> None:
    """Compare drawn uses of a layer, and see that they use every argument of constructor and forward."""
    built, called = Seen(case.layer, ignored=("rng", "dtype")), Seen(case.layer.forward)
    modes = set()

    @settings(max_examples=case.n_examples)
    @given(use=case.calls)
    def compare(use: LayerCall) -> None:
        compare_layer(case, use, dtype)
        built.note(**use.options)
        called.note(None, *use.inputs, **use.forward)
        modes.add(use.training)

    compare()
    built.check()
    called.check()
    assert modes == {True, False}, "drawn in one mode only"
