"""The digits: the very numbers of the datasheet, the sheets they were written on, the two splits."""

import re
from difflib import SequenceMatcher

import numpy as np
import pytest
import sklearn.datasets

from course_utils.data import load_digits
from course_utils.data.digits import FIRST_NEW_WRITER, SHEET_STARTS
from tests.data.datasheet import named_checksums, section, sha256


@pytest.fixture(scope="module")
def labels():
    return sklearn.datasets.load_digits().target


def test_the_datasheet_names_the_checksums_of_the_data():
    digits = sklearn.datasets.load_digits()
    pixels, labels = digits.data.astype(np.uint8), digits.target.astype(np.uint8)
    assert (pixels == digits.data).all()
    assert named_checksums("Digits") == {sha256(pixels.tobytes()), sha256(labels.tobytes())}


def test_the_datasheet_counts_what_is_there(labels):
    rows = re.findall(r"^\| (\w[\w ]*) \|((?: \d+ \|){11})$", section("Digits"), re.MULTILINE)
    table = {name: [int(n) for n in numbers.strip(" |").split("|")] for name, numbers in rows}
    digits = load_digits("writers")
    for name, y in (("all", labels), ("known writers", digits.y_train), ("new writers", digits.y_test)):
        assert table[name] == [*np.bincount(y), len(y)]


def sheets(labels):
    return ["".join(map(str, part)) for part in np.split(labels, SHEET_STARTS[1:])]


def n_left_out(dictated, text):
    """Count the digits that a faithful copy left out; None if it holds anything that was not dictated."""
    changes = SequenceMatcher(None, dictated, text, autojunk=False).get_opcodes()
    kinds = {kind for kind, *_ in changes}
    return len(dictated) - len(text) if kinds <= {"equal", "delete"} else None


def test_every_sheet_copies_the_same_130_digits_with_a_few_left_out(labels):
    texts = sheets(labels)
    dictated = max(set(texts), key=texts.count)
    assert len(dictated) == 130
    assert dictated.startswith("0123456789" * 3 + "095565")
    assert texts.count(dictated) == 8
    assert texts[2] == dictated[:-1] + "3"  # where the others have an 8
    texts[2] = dictated
    counts = [n_left_out(dictated, text) for text in texts]
    assert None not in counts
    assert max(counts) == 8
    assert sum(counts) == 14 * 130 - 1797 == 23


@pytest.mark.parametrize("shift", [-9, -1, 1, 9])
def test_no_other_start_fits(labels, shift):
    dictated = sheets(labels)[0]
    for start, end in zip(SHEET_STARTS[1:], [*SHEET_STARTS[2:], len(labels)], strict=True):
        before = SHEET_STARTS[SHEET_STARTS.index(start) - 1]
        beside = labels[before : start + shift], labels[start + shift : end]
        assert None in [n_left_out(dictated, "".join(map(str, part))) for part in beside]


def test_split_by_writer_holds_out_the_last_three_whole_sheets(labels):
    digits = load_digits("writers")
    assert FIRST_NEW_WRITER == SHEET_STARTS[-3] == 1415
    assert (len(digits.x_train), len(digits.x_test)) == (1415, 382)
    np.testing.assert_array_equal(np.concatenate([digits.y_train, digits.y_test]), labels)
    again = load_digits("writers", seed=5)
    np.testing.assert_array_equal(digits.x_test, again.x_test)


def test_random_split_deals_every_scan_once():
    digits = load_digits("random", seed=3)
    assert (len(digits.x_train), len(digits.x_test)) == (1437, 360)
    both = np.concatenate([digits.x_train, digits.x_test])
    everything = sklearn.datasets.load_digits().data / 16
    assert sorted(map(bytes, both.astype(np.float64))) == sorted(map(bytes, everything))


def test_the_seed_decides_the_random_split():
    first, same, other = (load_digits("random", seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x_test, same.x_test)
    assert not np.array_equal(first.y_test, other.y_test)


def test_pictures_and_digits_stay_together():
    everything = sklearn.datasets.load_digits()
    label_of = {bytes(x): y for x, y in zip(everything.data / 16, everything.target, strict=True)}
    for split in ("random", "writers"):
        digits = load_digits(split, dtype=np.float64)
        for x, y in ((digits.x_train, digits.y_train), (digits.x_test, digits.y_test)):
            assert [label_of[bytes(row)] for row in x] == y.tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_range_and_dtype(dtype):
    digits = load_digits(dtype=dtype)
    for x, y in ((digits.x_train, digits.y_train), (digits.x_test, digits.y_test)):
        assert x.dtype == dtype
        assert y.dtype == np.int64
        assert x.shape[1:] == (64,)
        assert (x.min(), x.max()) == (0.0, 1.0)
        assert set(y) == set(range(10))


def test_another_split_is_refused():
    with pytest.raises(ValueError, match='expected split "random" or "writers", got \'last\''):
        load_digits("last")


@pytest.mark.parametrize("dtype", [int, np.uint8, bool, complex])
def test_a_dtype_that_cannot_hold_shades_is_refused(dtype):
    with pytest.raises(ValueError, match=f"expected a floating dtype.*, got {np.dtype(dtype)}"):
        load_digits(dtype=dtype)
