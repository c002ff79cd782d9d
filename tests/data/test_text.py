"""The documentation text: normalised, deduplicated before the split, and what a naive split would leak."""

import re
import sys

import numpy as np
import pytest

from course_utils.data import (
    CHARACTERS,
    decode_text,
    encode_text,
    load_documentation,
    next_character_windows,
    plain_text,
    share_seen,
)
from course_utils.data.text import documentation_paragraphs
from tests.data.datasheet import named_checksums, section, sha256

VERSION = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture(scope="module")
def text():
    return load_documentation(seed=0)


def test_normal_form():
    assert plain_text(" a\tb \n c ") == "a b c"
    assert plain_text("it’s “so” – a—b… ½ naïve straße 5°") == 'it\'s "so" - a-b... 1?2 naive strasse 5?'
    assert plain_text("") == ""


def test_the_vocabulary_is_printable_ascii_and_the_line_break():
    assert len(CHARACTERS) == len(set(CHARACTERS)) == 96
    assert [c for c in CHARACTERS if not c.isprintable()] == ["\n"]
    assert CHARACTERS.isascii()


def test_paragraphs_are_clean_lines():
    paragraphs = documentation_paragraphs()
    assert all(paragraph == " ".join(paragraph.split()) for paragraph in paragraphs)
    assert set("".join(paragraphs)) <= set(CHARACTERS) - {"\n"}
    assert all(re.search("[A-Za-z0-9]", paragraph) for paragraph in paragraphs)
    assert 'The "for" statement' in paragraphs  # a heading without its underline


def test_paragraphs_of_topics_by_hand(monkeypatch):
    topics = {
        "while": "The “while” loop\n****************\n\nIt  loops.\n   \n   while_stmt ::=\n      suite\n",
        "for": "\n\nIt loops.\n\n+---+---+\n| a | b |\n+---+---+\n\n=====\n",
    }
    monkeypatch.setattr("pydoc_data.topics.topics", topics)
    own = ['The "while" loop', "It loops.", "while_stmt ::= suite"]
    assert documentation_paragraphs() == ["It loops.", "| a | b |", *own]
    together = "".join(load_documentation(seed=0))
    assert sorted(together.splitlines()) == sorted(["| a | b |", *own])


def test_no_paragraph_stands_in_two_parts(text):
    parts = [part.removesuffix("\n").split("\n") for part in text]
    together = [paragraph for part in parts for paragraph in part]
    assert len(together) == len(set(together))
    assert set(together) == set(documentation_paragraphs())
    assert [len(part) for part in parts[1:]] == [len(together) // 10] * 2
    assert all(part.endswith("\n") for part in text)


def test_without_removing_duplicates_paragraphs_do():
    leaky = load_documentation(seed=0, deduplicate=False)
    train, test = (set(part.split("\n")) for part in (leaky.train, leaky.test))
    assert len(train & test) > 30
    assert sum(part.count("\n") for part in leaky) == len(documentation_paragraphs())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_a_naive_split_leaks(seed):
    """Bounds that hold for the text of every Python from 3.9 to 3.13, whose figures lie well inside."""
    leaky, clean = load_documentation(seed=seed, deduplicate=False), load_documentation(seed=seed)
    before, after = share_seen(leaky.train, leaky.test), share_seen(clean.train, clean.test)
    assert 0.15 < before < 0.6
    assert after < 0.08
    assert after < before / 3


def test_size(text):
    n_characters = sum(map(len, text))
    assert 300_000 < n_characters < 600_000
    assert len(text.train) / n_characters == pytest.approx(0.8, abs=0.05)


def test_the_seed_decides(text):
    assert load_documentation(seed=0) == text
    assert load_documentation(seed=1).test != text.test


def test_the_datasheet_tells_this_pythons_figures():
    rows = re.findall(
        r"^\| (3\.[\d.]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", section("Documentation text"), re.M
    )
    assert [row[0] for row in rows] == ["3.11.7", "3.12.1", "3.13.0"]
    figures = {version: list(map(int, numbers)) for version, *numbers in rows}
    for n_all, n_characters, n_different, n_characters_left in figures.values():
        assert n_all > n_different
        assert n_characters > n_characters_left
    paragraphs = documentation_paragraphs()
    different = list(dict.fromkeys(paragraphs))
    here = [len(paragraphs), sum(map(len, paragraphs)), len(different), sum(map(len, different))]
    assert figures.get(VERSION, here) == here  # the text differs between versions, also from 3.11.7 to 3.11.8


@pytest.mark.skipif(
    VERSION != "3.11.7", reason="the datasheet gives the checksum and the shares for Python 3.11.7"
)
def test_the_datasheet_names_the_checksum_and_the_shares():
    different = dict.fromkeys(documentation_paragraphs())
    assert named_checksums("Documentation text") == {sha256("\n".join(different).encode())}
    rows = re.findall(r"^\| [a-z ]+? ((?:\| 0\.\d{3} ){5})\|$", section("Documentation text"), re.M)
    for row, deduplicate in zip(rows, (False, True), strict=True):
        splits = [load_documentation(seed=seed, deduplicate=deduplicate) for seed in range(5)]
        shares = [f"{share_seen(split.train, split.test):.3f}" for split in splits]
        assert row.strip("| ").split(" | ") == shares


def test_codes_round_trip(text):
    codes = encode_text(text.validation)
    assert codes.dtype == np.int64
    assert codes.shape == (len(text.validation),)
    assert decode_text(codes) == text.validation
    assert encode_text(CHARACTERS).tolist() == list(range(96))
    assert encode_text("").shape == (0,)
    assert decode_text([]) == decode_text(np.zeros(0)) == ""


@pytest.mark.parametrize("n_codes", [0, 1, 7, 10, 11])
@pytest.mark.parametrize("length", [1, 3, 10])
def test_windows_predict_the_next_code(n_codes, length):
    codes = np.arange(n_codes)
    x, y = next_character_windows(codes, length)
    n_windows = max(0, n_codes - 1) // length
    assert x.shape == y.shape == (n_windows, length)
    np.testing.assert_array_equal(y, x + 1)
    np.testing.assert_array_equal(x.ravel(), np.arange(n_windows * length))
    if n_windows:
        assert np.shares_memory(x, codes)


def test_shares_by_hand():
    assert share_seen("abcdef\n", "abcdef\n", 3) == 1
    assert share_seen("abcdef\n", "bcd\nxyz\n", 3) == 0.5
    assert share_seen("abc\ndef\n", "cd\n", 2) == 0  # a stretch does not cross a line break
    assert share_seen("abc\n", "ab\n", 5) == 0  # nothing is long enough


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: encode_text("café\t"), "expected characters of CHARACTERS, got '\\\\té'"),
        (lambda: decode_text([0, 96]), r"expected codes in 0\.\.95, got 0\.\.96"),
        (lambda: decode_text([-1]), r"expected codes in 0\.\.95, got -1\.\.-1"),
        (
            lambda: decode_text(np.zeros((2, 2), int)),
            r"expected integer codes \(T,\), got int64 and shape \(2, 2\)",
        ),
        (lambda: decode_text([1.5]), r"expected integer codes \(T,\), got float64"),
        (lambda: share_seen("a", "a", 0), "expected a length of 1 or more, got 0"),
        (
            lambda: next_character_windows(np.zeros((2, 2)), 1),
            r"expected codes \(T,\).*, got shape \(2, 2\) and 1",
        ),
        (lambda: next_character_windows(np.zeros(5), 0), r"a length of 1 or more, got shape \(5,\) and 0"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
