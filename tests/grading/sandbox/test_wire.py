"""What crosses arrives as it was; what is malformed is said to be so, and costs no memory."""

import contextlib
import socket
import struct
import time
import tracemalloc

import hypothesis.extra.numpy as hnp
import msgpack
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from course_utils.grading.sandbox.channel import Channel, Closed, Late
from course_utils.grading.sandbox.wire import HEADER, Function, MalformedError, decode, encode
from course_utils.grading.values import Uncrossable, trouble

DTYPES = st.sampled_from(["?", "i1", "i2", "i4", "i8", "u1", "u4", "u8", "f2", "f4", "f8", ">f8", ">i4"])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**299), 10**299),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"])),
    ARRAYS,
    ARRAYS.map(np.asfortranarray),
    hnp.from_dtype(np.dtype("f4")),
    hnp.from_dtype(np.dtype("i8")),
)
KEYS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**59), 2**59), st.booleans()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=12,
)
SAMPLE = encode({"a": [1, (2.5, None)], "b": np.arange(6.0).reshape(2, 3), "c": [np.float32(1), 10**30, "x"]})


def assert_alike(one, other):
    assert type(one) is type(other)
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_alike(*pair)
    elif isinstance(one, dict):
        assert_alike(list(one), list(other))
        assert_alike(list(one.values()), list(other.values()))
    elif isinstance(one, np.ndarray):
        assert one.dtype.newbyteorder("=") == other.dtype
        assert other.flags.writeable
        assert other.dtype.isnative
        assert one.flags.f_contiguous == other.flags.f_contiguous
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other or (one != one and other != other)


@given(VALUES)
def test_values_come_back_as_they_were(value):
    assert_alike(value, decode(encode(value)))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1, 2}, "a set"),
        (object(), "an object"),
        (1j, "a complex"),
        (np.array(["a"]), "an array of type <U1"),
        (np.array([None]), "an array of type object"),
        (np.datetime64("2026-01-01"), "a datetime64"),
        (10**300, "a whole number of more than 300 digits"),
        (type("", (), {})(), "a thing"),
        (b"bytes", "a bytes"),
    ],
)
def test_what_cannot_cross_is_named(value, said):
    for whole in (value, [value], {"a": (1, value)}):
        assert trouble(whole) == said
        assert trouble(decode(encode(whole))) == said


def test_long_doubles_and_odd_texts_cross():
    assert decode(encode(np.longdouble(1.5))) == 1.5
    assert decode(encode(np.ones(2, np.longdouble))).dtype == np.float64
    assert decode(encode("a\ud800b")) == "a?b"
    assert decode(encode("a\0b")) == "a\0b"
    assert decode(encode(Function(7))).number == 7


def test_too_many_and_too_deep():
    deep = []
    for _ in range(60):
        deep = [deep]
    for value in (deep, [0] * 250_001):
        with pytest.raises(ValueError, match="can cross"):
            encode(value)
    assert decode(encode([0] * 250_000)) == [0] * 250_000


def row(*items):
    packer = msgpack.Packer(autoreset=False)
    for item in items:
        packer.pack(item)
    return packer.bytes()


def array(head, entries=b"", shape=(), order=b"C"):
    shape = struct.pack(f"<{len(shape)}Q", *shape)
    return row(msgpack.ExtType(4, head.ljust(2, b"\0") + order + bytes([len(shape) // 8]) + shape + entries))


def count(number):
    return struct.pack(">I", number)


MALFORMED = {
    "nothing": b"",
    "two values": row(1, 2),
    "half a value": encode("text")[:-1],
    "a list of msgpack": msgpack.packb([1]),
    "an empty list of msgpack": msgpack.packb([]),
    "a map of msgpack": msgpack.packb({"a": 1}),
    "an empty map of msgpack": msgpack.packb({}),
    "lists of msgpack, each huge": (b"\xdd" + count(100_000)) * 200 + b"\xc0" * 100_000,
    "maps of msgpack, each huge": (b"\xdf" + count(50_000)) * 200 + b"\xc0" * 100_000,
    "bytes": msgpack.packb(b"abc"),
    "a time": msgpack.packb(msgpack.Timestamp(1, 2)),
    "a reserved byte": b"\xc1",
    "text that is no UTF-8": b"\xa2\xff\xfe",
    "an unknown kind": row(msgpack.ExtType(77, b"abc")),
    "a huge list": row(msgpack.ExtType(1, count(2**32 - 1))),
    "a list longer than the frame": row(msgpack.ExtType(1, count(1000)), 1),
    "a list in a list, each huge": row(*[msgpack.ExtType(1, count(2**20))] * 30),
    "a list without a count": row(msgpack.ExtType(1, b"")),
    "too deep": row(*[msgpack.ExtType(1, count(1))] * 5000, None),
    "a dict of three": row(msgpack.ExtType(3, count(3)), "a", 1, "b"),
    "a list as key": row(msgpack.ExtType(3, count(2)), msgpack.ExtType(1, count(0)), 1),
    "an array as key": row(msgpack.ExtType(3, count(2))) + array(b"f8", b"\0" * 8) + row(1),
    "an array without a head": row(msgpack.ExtType(4, b"f8")),
    "an array of objects": array(b"O", b"\0" * 8),
    "an array of text": array(b"U", b"\0" * 4),
    "an array too short": array(b"f8", b"\0" * 7),
    "an array too long": array(b"f8", b"\0" * 9),
    "an array of another order": array(b"f8", b"\0" * 8, order=b"K"),
    "a huge array": array(b"f8", b"", (2**62, 2**62)),
    "a huge empty array": array(b"f8", b"", (2**62, 0)),
    "large empty axes": array(b"f8", b"", (0, *[2**30] * 8)),
    "too many axes": array(b"f8", b"\0" * 8, (1,) * 40),
    "neither True nor False": array(b"?", b"\2"),
    "a number with axes": row(msgpack.ExtType(5, b"f8C\1" + struct.pack("<Q", 1) + b"\0" * 8)),
    "a number of a thousand bytes": row(msgpack.ExtType(6, b"\1" * 1000)),
    "a number beyond floats": row(msgpack.ExtType(6, b"\x7f" + b"\0" * 130)),
    "a function without a number": row(msgpack.ExtType(8, b"")),
    "a pickle": b"cos\nsystem\n(S'true'\ntR.",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_messages(data):
    tracemalloc.start()
    try:
        with pytest.raises(MalformedError):
            decode(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@given(st.binary(max_size=400))
@example(b"\xdd\xff\xff\xff\xff" * 40)
@example(b"\xdf\xff\xff\xff\xff" * 40)
@example(b"\xc9\xff\xff\xff\xff\x04")
def test_any_bytes_are_a_value_or_malformed(data):
    with contextlib.suppress(MalformedError):
        decode(data)


FLIPS = st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 7))


@given(st.lists(FLIPS, min_size=1, max_size=6), st.data())
def test_flipped_bits_and_cut_messages(flips, data):
    changed = bytearray(SAMPLE)
    for position, bit in flips:
        changed[position] ^= 1 << bit
    cut = data.draw(st.integers(0, len(changed)))
    for message in (bytes(changed), bytes(changed[:cut])):
        try:
            value = decode(message)
        except MalformedError:
            continue
        trouble(value)


def test_memory_follows_the_frame():
    frames = {
        "numbers": row(msgpack.ExtType(1, count(200_000)), *[0.5] * 200_000),
        "texts": row(msgpack.ExtType(1, count(200_000)), *["ab"] * 200_000),
        "arrays": row(msgpack.ExtType(1, count(50_000))) + array(b"f8", b"", (0,)) * 50_000,
        "one array": encode(np.zeros(10**6)),
        "too many": row(msgpack.ExtType(1, count(250_000)), *["ab"] * 250_000, 1),
    }
    for name, frame in frames.items():
        tracemalloc.start()
        try:
            decode(frame)
        except MalformedError:
            assert name == "too many"
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 40 * len(frame) + 10**6, name


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    channel = Channel(ours, limit=10_000)
    yield channel, theirs
    channel.close()
    theirs.close()


def soon(seconds=0.2):
    return time.monotonic() + seconds


def test_a_channel_keeps_deadlines(ends):
    channel, theirs = ends
    begun = time.monotonic()
    with pytest.raises(Late):
        channel.receive(soon())
    theirs.sendall(HEADER.pack(8) + b"half")
    with pytest.raises(Late):
        channel.receive(soon())
    with pytest.raises(Late):  # nobody reads
        channel.send(np.zeros(10**6), soon())
    assert 0.5 < time.monotonic() - begun < 5


def test_a_channel_refuses_long_messages_and_notices_the_end(ends):
    channel, theirs = ends
    theirs.sendall(HEADER.pack(10_001))
    with pytest.raises(MalformedError, match="10001 bytes"):
        channel.receive(soon())
    theirs.sendall(HEADER.pack(2**32 - 1))
    with pytest.raises(MalformedError):
        channel.receive(soon())
    theirs.close()
    with pytest.raises(Closed):
        channel.receive(soon())
    with pytest.raises(Closed):
        channel.send(1, soon())


def test_a_description_that_cannot_cross_stays_short():
    name = "A" * 10_000
    found = decode(encode(type(name, (), {})()))
    assert isinstance(found, Uncrossable)
    assert len(found.description) < 100
