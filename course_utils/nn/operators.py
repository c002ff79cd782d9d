"""The operators and methods of `Tensor`: which name stands for which primitive.

`Operators` is the part of `Tensor` that needs no thought about gradients. It looks its primitives up in a
table that ``arithmetic.py``, ``selection.py`` and ``shapes.py`` fill (`connect`), because they in turn are
made with `Tensor`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_PRIMITIVE: dict[str, Callable[..., Any]] = {}

_OPERATOR = {
    np.add: "add",
    np.subtract: "sub",
    np.multiply: "mul",
    np.divide: "div",
    np.power: "pow",
    np.matmul: "matmul",
}
"""What NumPy asks for where an array stands on the left of an operator and a `Tensor` on the right."""

_COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal)


def connect(*primitives: Callable[..., Any]) -> None:
    """Add to the table from names to primitives."""
    _PRIMITIVE.update({primitive.__name__: primitive for primitive in primitives})


class Operators:
    """``+ - * / ** @ []`` and the methods that a `Tensor` shares with torch's, each one a primitive.

    A scalar of NumPy, such as ``np.float64(0.1)``, counts as a Python number and leaves float32 as it is.
    ``< <= > >=`` give arrays of booleans, since no gradient passes a comparison; ``==`` asks whether two
    tensors are the same object, as dictionaries need it (torch compares the entries): write ``a.data ==
    b.data``.
    """

    data: np.ndarray
    grad: np.ndarray | None

    def __add__(self, other: Any) -> Any:
        return _PRIMITIVE["add"](self, python_number(other))

    def __radd__(self, other: Any) -> Any:
        return _PRIMITIVE["add"](other, self)

    def __sub__(self, other: Any) -> Any:
        return _PRIMITIVE["sub"](self, python_number(other))

    def __rsub__(self, other: Any) -> Any:
        return _PRIMITIVE["sub"](other, self)

    def __mul__(self, other: Any) -> Any:
        return _PRIMITIVE["mul"](self, python_number(other))

    def __rmul__(self, other: Any) -> Any:
        return _PRIMITIVE["mul"](other, self)

    def __truediv__(self, other: Any) -> Any:
        return _PRIMITIVE["div"](self, python_number(other))

    def __rtruediv__(self, other: Any) -> Any:
        return _PRIMITIVE["div"](other, self)

    def __pow__(self, exponent: Any) -> Any:
        return _PRIMITIVE["pow"](self, python_number(exponent))

    def __rpow__(self, base: Any) -> Any:
        return _PRIMITIVE["pow"](base, self)

    def __matmul__(self, other: Any) -> Any:
        return _PRIMITIVE["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _PRIMITIVE["matmul"](other, self)

    def __neg__(self) -> Any:
        return _PRIMITIVE["neg"](self)

    def __abs__(self) -> Any:
        return _PRIMITIVE["abs"](self)

    def __lt__(self, other: Any) -> Any:
        return self.data < _array_of(other)

    def __le__(self, other: Any) -> Any:
        return self.data <= _array_of(other)

    def __gt__(self, other: Any) -> Any:
        return self.data > _array_of(other)

    def __ge__(self, other: Any) -> Any:
        return self.data >= _array_of(other)

    def __getitem__(self, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        arrays = tuple(map(_array_of, parts))
        return _PRIMITIVE["getitem"](self, arrays if isinstance(index, tuple) else arrays[0])

    def exp(self) -> Any:
        """Exponential, elementwise."""
        return _PRIMITIVE["exp"](self)

    def log(self) -> Any:
        """Natural logarithm, elementwise."""
        return _PRIMITIVE["log"](self)

    def sqrt(self) -> Any:
        """Square root, elementwise."""
        return _PRIMITIVE["sqrt"](self)

    def abs(self) -> Any:
        """Absolute value, elementwise."""
        return _PRIMITIVE["abs"](self)

    def clamp(self, min: Any = None, max: Any = None) -> Any:
        """Nothing below `min` and nothing above `max`."""
        return _PRIMITIVE["clamp"](self, python_number(min), python_number(max))

    def amax(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Any:
        """Largest entry over the axes `dim`, all of them by default."""
        return _PRIMITIVE["amax"](self, dim, keepdim)

    def sum(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Any:
        """Sum over the axes `dim`, all of them by default."""
        return _PRIMITIVE["sum"](self, dim, keepdim)

    def mean(self, dim: int | tuple[int, ...] | None = None, keepdim: bool = False) -> Any:
        """Mean over the axes `dim`, all of them by default."""
        return _PRIMITIVE["mean"](self, dim, keepdim)

    def reshape(self, *shape: int | tuple[int, ...]) -> Any:
        """Return the same numbers in another shape: ``reshape(2, 3)`` or ``reshape((2, 3))``."""
        return _PRIMITIVE["reshape"](self, shape[0] if len(shape) == 1 else shape)

    def unsqueeze(self, dim: int) -> Any:
        """Add an axis of length 1, at place `dim` of the new shape."""
        return _PRIMITIVE["reshape"](self, np.expand_dims(self.data, dim).shape)

    def squeeze(self, dim: int) -> Any:
        """Drop the axis `dim` if its length is 1 (torch without `dim` drops all such axes)."""
        lengths = list(self.shape)
        if lengths[dim] == 1:
            del lengths[dim]
        return _PRIMITIVE["reshape"](self, tuple(lengths))

    def transpose(self, dim0: int, dim1: int) -> Any:
        """Swap two axes."""
        return _PRIMITIVE["transpose"](self, dim0, dim1)

    @property
    def T(self) -> Any:
        """The transposed matrix; of a vector or a scalar, itself."""
        if self.data.ndim > 2:
            raise ValueError(
                f"expected at most 2 axes for .T, got shape {self.shape}: use transpose(dim0, dim1)"
            )
        return _PRIMITIVE["transpose"](self, 0, 1) if self.data.ndim == 2 else self

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def dtype(self) -> np.dtype:
        """Type of the entries."""
        return self.data.dtype

    def item(self) -> float:
        """Return the one entry as a Python number."""
        return self.data.item()

    def __float__(self) -> float:
        return float(self.data.item())

    def __bool__(self) -> bool:
        if self.data.size != 1:
            raise ValueError(
                f"expected one entry for a truth value, got shape {self.shape}: "
                "compare the entries of tensor.data, then write .any() or .all()"
            )
        return bool(self.data.item())

    def __format__(self, spec: str) -> str:
        if self.data.size == 1 and spec:
            return format(self.data.item(), spec)
        return format(str(self), spec)

    def __len__(self) -> int:
        return len(self.data)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise TypeError("a Tensor is not an array, and would lose its tape as one: write tensor.data")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and not options and ufunc in _OPERATOR:  # `array * tensor`, say
            return _PRIMITIVE[_OPERATOR[ufunc]](*map(python_number, inputs))
        if method == "__call__" and not options and ufunc in _COMPARISONS:
            return ufunc(*map(_array_of, inputs))
        raise TypeError(_instead_of(ufunc.__name__))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.shape, np.ndim):  # these need no tape
            return function(self.data)
        raise TypeError(_instead_of(function.__name__))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({np.array2string(self.data, separator=', ', prefix='Tensor(')})"


def python_number(value: Any) -> Any:
    """Return a scalar of NumPy as the Python number that it holds: a float64 would widen a float32 array."""
    return value.item() if isinstance(value, np.generic) else value


def _array_of(value: Any) -> Any:
    return value.data if isinstance(value, Operators) else value


def _instead_of(name: str) -> str:
    """Say what to write instead of a function of NumPy."""
    own = f"tensor.{name}() or " if name in _PRIMITIVE and hasattr(Operators, name) else ""
    return f"np.{name} takes arrays, and a Tensor would lose its tape as one: write {own}tensor.data"
