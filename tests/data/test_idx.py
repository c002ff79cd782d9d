"""The parser of IDX files: what it reads, and what it says about files that are none."""

import gzip

import numpy as np
import pytest

from course_utils.data.idx import parse_idx, read_idx
from tests.data.mirrors import idx


@pytest.mark.parametrize("shape", [(0,), (5,), (2, 3), (4, 28, 28), (0, 28, 28), (1, 2, 1, 3)])
def test_arrays_round_trip(shape, tmp_path):
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    (tmp_path / "plain").write_bytes(idx(array))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(idx(array)))
    for read in (parse_idx(idx(array)), read_idx(tmp_path / "plain"), read_idx(str(tmp_path / "packed.gz"))):
        assert read.dtype == np.uint8
        np.testing.assert_array_equal(read, array)
        assert read.shape == shape


GOOD = idx(np.zeros((3, 2), dtype=np.uint8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected an IDX file, got x that begins with nothing"),
        (b"\0\0\x08", "expected an IDX file, got x that begins with 00 00 08"),
        (b"<html>", "expected an IDX file, got x that begins with 3c 68 74 6d"),
        (b"\0\0\x08\0", "expected an IDX file, got x that begins with 00 00 08 00"),
        (b"\0\0\x0d" + GOOD[3:], r"expected unsigned bytes \(kind 0x08\), got x with kind 0x0d"),
        (GOOD[:9], "expected a header of 12 bytes, got x with 9 bytes in all"),
        (GOOD[:-1], r"expected 6 numbers for shape \(3, 2\), got x with 5"),
        (GOOD + b"\0", r"expected 6 numbers for shape \(3, 2\), got x with 7"),
        (b"\0\0\x08\x03" + b"\xff" * 12, rf"expected {(2**32 - 1) ** 3} numbers for shape .*, got x with 0"),
    ],
)
def test_messages(content, message):
    with pytest.raises(ValueError, match=message):
        parse_idx(content, "x")


PACKED = gzip.compress(GOOD, mtime=0)  # the time would enter the bytes


@pytest.mark.parametrize(
    "content",
    [PACKED[:-9], PACKED[:12], PACKED[:-8] + b"\0" * 8],
    ids=["end missing", "middle missing", "wrong checksum"],
)
def test_a_broken_compression_is_named(content, tmp_path):
    (tmp_path / "broken.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"expected a whole gzip file, got broken\.gz: "):
        read_idx(tmp_path / "broken.gz")
