"""What crosses between judge and answer: frames of limited length, each one flat row of msgpack items.

A container is an item that gives its kind and how many items follow; msgpack's own containers are refused. So
a reader needs memory in proportion to the frame, whatever the frame says. Arrays cross as bytes with dtype
and shape. Whatever is not exactly so is a `MalformedError`; nothing is ever unpickled.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any, Literal

import msgpack
import numpy as np

from course_utils.grading.values import Uncrossable, is_key, trouble

HEADER = struct.Struct(">I")  # length of a frame
_COUNT = struct.Struct(">I")
_MAX_ITEMS = 250_000  # of a frame: a list of more numbers is to be an array
_MAX_DEPTH = 40
_MAX_AXES = 16
_LIST, _TUPLE, _DICT, _ARRAY, _SCALAR, _INTEGER, _UNCROSSABLE, _FUNCTION = range(1, 9)
_CONTAINERS: dict[type, int] = {list: _LIST, tuple: _TUPLE, dict: _DICT}
_DTYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
}
_NAMES = {dtype.newbyteorder("="): name for name, dtype in _DTYPES.items()}


class MalformedError(Exception):
    """A message that no honest partner sends."""


class Function:
    """Stands for a function on the judge's side that the answer may call."""

    def __init__(self, number: int) -> None:
        self.number = number


def encode(value: Any) -> bytes:
    """Write a value as bytes; a part that cannot cross becomes its description.

    Raises
    ------
    ValueError
        If there are too many parts, or they lie too deep.

    Examples
    --------
    >>> decode(encode((1, [2.5, None], {"a": np.arange(3)})))
    (1, [2.5, None], {'a': array([0, 1, 2])})
    """
    packer = msgpack.Packer(autoreset=False, unicode_errors="replace")
    _write(packer, value, 0, _MAX_ITEMS)
    return packer.bytes()


def _write(packer: msgpack.Packer, value: Any, depth: int, budget: int) -> int:
    """Write a value and return what is left of the budget of items."""
    kind = type(value)
    if kind in _CONTAINERS and not (kind is dict and not all(map(is_key, value))):
        items = [part for pair in value.items() for part in pair] if kind is dict else value
        budget -= len(items)
        if depth >= _MAX_DEPTH or budget < 0:
            raise ValueError(f"only {_MAX_ITEMS} values, and {_MAX_DEPTH} lists in lists, can cross")
        packer.pack_ext_type(_CONTAINERS[kind], _COUNT.pack(len(items)))
        for item in items:
            budget = _write(packer, item, depth + 1, budget)
    elif kind is int and not -(2**63) <= value < 2**63 and trouble(value) is None:
        size = value.bit_length() // 8 + 1
        packer.pack_ext_type(_INTEGER, value.to_bytes(size, "big", signed=True))
    elif value is None or (kind in (bool, int, float, str) and trouble(value) is None):
        packer.pack(value)
    elif kind is np.ndarray and trouble(value) is None:
        packer.pack_ext_type(_ARRAY, _array_bytes(value))
    elif isinstance(value, np.generic) and trouble(value) is None:
        packer.pack_ext_type(_SCALAR, _array_bytes(np.asarray(value)))
    elif kind is Function:
        packer.pack_ext_type(_FUNCTION, _COUNT.pack(value.number))
    else:
        found = trouble(value) or "an unknown value"
        packer.pack_ext_type(_UNCROSSABLE, found[:200].encode("utf-8", "replace"))
    return budget


def _array_bytes(array: np.ndarray) -> bytes:
    """Return dtype, order, shape and entries of an array."""
    if array.dtype.newbyteorder("=") not in _NAMES:  # long double
        array = array.astype(np.float64)
    name = _NAMES[array.dtype.newbyteorder("=")]
    order: Literal["C", "F"] = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    head = struct.pack(f"<2scB{array.ndim}Q", name.encode(), order.encode(), array.ndim, *array.shape)
    return head + array.astype(_DTYPES[name], copy=False).tobytes(order)


def decode(data: bytes) -> Any:
    """Read one value back.

    Raises
    ------
    MalformedError
        If the bytes are anything but one value.
    """
    try:
        unpacker = msgpack.Unpacker(
            max_buffer_size=len(data) + 1,
            max_array_len=0,
            max_map_len=0,
            strict_map_key=True,
            ext_hook=_Leaf,
        )
        unpacker.feed(data)
        items = iter(unpacker)
        value = _Reader(items, min(len(data), _MAX_ITEMS)).value(0)
        if unpacker.tell() != len(data):
            raise MalformedError("more than one value")
    except MalformedError:
        raise
    except (
        ValueError,
        TypeError,
        StopIteration,
        OverflowError,
        MemoryError,
        msgpack.UnpackException,
    ) as error:
        raise MalformedError(f"{type(error).__name__}: {error}"[:200]) from None
    return value


class _Leaf:
    """An item of one of the kinds that msgpack does not know."""

    __slots__ = ("code", "data")

    def __init__(self, code: int, data: bytes) -> None:
        self.code, self.data = code, data


class _Reader:
    """Builds a value from the row of items."""

    def __init__(self, items: Iterator[Any], budget: int) -> None:
        self._items, self._budget = items, budget

    def value(self, depth: int) -> Any:
        item = next(self._items)
        if item is None or type(item) in (bool, int, float, str):
            return item
        if type(item) is not _Leaf:
            raise MalformedError(f"a {type(item).__name__}")
        if item.code in (_LIST, _TUPLE, _DICT):
            return self._container(item, depth)
        if item.code not in _LEAVES:
            raise MalformedError(f"an item of kind {item.code}")
        return _LEAVES[item.code](item.data)

    def _container(self, item: _Leaf, depth: int) -> Any:
        (count,) = _unpacked(_COUNT, item.data)
        self._budget -= count
        if depth >= _MAX_DEPTH or self._budget < 0:
            raise MalformedError("too deep, or too many items")
        values = [self.value(depth + 1) for _ in range(count)]
        if item.code == _LIST:
            return values
        if item.code == _TUPLE:
            return tuple(values)
        if not all(map(is_key, values[::2])):
            raise MalformedError("a key that is none")
        return dict(zip(values[::2], values[1::2], strict=True))


def _unpacked(form: struct.Struct, data: bytes) -> tuple[Any, ...]:
    if len(data) != form.size:
        raise MalformedError("an item of the wrong length")
    return form.unpack(data)


def _array(data: bytes) -> np.ndarray:
    if len(data) < 4 or data[3] > _MAX_AXES or len(data) < 4 + 8 * data[3]:
        raise MalformedError("an array without a shape")
    name, order = data[:2].rstrip(b"\0").decode("ascii"), data[2:3]
    shape = struct.unpack_from(f"<{data[3]}Q", data, 4)
    dtype, start = _DTYPES.get(name), 4 + 8 * len(shape)
    if dtype is None or order not in (b"C", b"F") or max(shape, default=0) >= 2**31:
        raise MalformedError("an array of unknown kind")
    if math.prod(shape) * dtype.itemsize != len(data) - start:
        raise MalformedError("an array of the wrong size")
    flat = np.frombuffer(data, dtype, offset=start)
    if name == "?" and (flat.view(np.uint8) > 1).any():  # neither True nor False
        raise MalformedError("an array of the wrong entries")
    array = np.array(flat, dtype.newbyteorder("="))  # one's own, to be written into
    return array.reshape(shape, order="F" if order == b"F" else "C")


def _scalar(data: bytes) -> Any:
    array = _array(data)
    if array.ndim:
        raise MalformedError("a number with axes")
    return array[()]


def _integer(data: bytes) -> int:
    if len(data) > 150:
        raise MalformedError("a number of too many digits")
    value = int.from_bytes(data, "big", signed=True)
    if trouble(value):
        raise MalformedError("a number of too many digits")
    return value


_LEAVES: dict[int, Any] = {
    _ARRAY: _array,
    _SCALAR: _scalar,
    _INTEGER: _integer,
    _UNCROSSABLE: lambda data: Uncrossable(data[:400].decode("utf-8", "replace")),
    _FUNCTION: lambda data: Function(*_unpacked(_COUNT, data)),
}
