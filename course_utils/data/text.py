"""Real English as characters: the documentation that every Python brings along. Chapters 09 and 10.

The same paragraphs stand in several topics. Drawn into training and test alike they would be recited, not
predicted, so duplicates go before the split, and the split is by paragraph.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))
"""96 characters: the end of a paragraph, then printable ASCII. A character's code is its place."""

_TYPOGRAPHIC = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "ß": "ss"})


class TextSplit(NamedTuple):
    """Text to learn from, to choose by and to be tested on: one paragraph a line.

    Attributes
    ----------
    train, validation, test : str
        Characters of `CHARACTERS`; `encode_text` turns them into numbers.
    """

    train: str
    validation: str
    test: str


def plain_text(text: str) -> str:
    r"""Put a text on one line of printable ASCII, with single spaces.

    Typographic quotes and dashes become plain ones; accents and the like are dropped (Unicode's compatibility
    decomposition, NFKD), and what then is not ASCII becomes a question mark.

    Examples
    --------
    >>> plain_text("  Gödel’s “proof” — \n 20 °C …")
    'Godel\'s "proof" - 20 ?C ...'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHIC))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(plain.encode("ascii", "replace").decode().split())


def documentation_paragraphs() -> list[str]:
    """Return the paragraphs of the documentation in order, one normalised line each, repetitions included.

    Topics come in alphabetical order. A paragraph ends at an empty line; lines without letter or digit, such
    as underlines and the borders of tables, are left out. Examples of code are kept, their line breaks too
    are spaces.
    """
    from pydoc_data.topics import topics  # here, since it is half a megabyte

    paragraphs = []
    for name in sorted(topics):
        for block in re.split(r"\n\s*\n", topics[name]):
            lines = [line for line in block.splitlines() if re.search(r"[^\W_]", line)]
            paragraphs.append(plain_text(" ".join(lines)))
    return [paragraph for paragraph in paragraphs if paragraph]


def load_documentation(*, seed: int = 0, deduplicate: bool = True) -> TextSplit:
    """Load the documentation's text, split by paragraph: 80 % training, 10 % validation, 10 % test.

    Parameters
    ----------
    seed : int
        Draws which paragraph goes where, and their order.
    deduplicate : bool
        Whether to keep only one of equal paragraphs, before the split (default). Without it about a third of
        the stretches of 50 characters in the test text stand in the training text too, with it about 3 %.

    Returns
    -------
    TextSplit
        About 330,000 characters together in Python 3.11. The text grows with Python's version; its
        vocabulary does not.

    Notes
    -----
    Source: the standard library's `pydoc_data.topics`, which holds chapters of *The Python Language
    Reference* and of *The Python Standard Library*; Python Software Foundation, PSF License Agreement. See
    data/README.md.

    Examples
    --------
    >>> text = load_documentation(seed=0)
    >>> len(text.train) > 7 * len(text.test) > 0
    True
    >>> decode_text(encode_text(text.test)) == text.test
    True
    """
    paragraphs = documentation_paragraphs()
    if deduplicate:
        paragraphs = list(dict.fromkeys(paragraphs))  # the first of each, in order
    order = np.random.default_rng(seed).permutation(len(paragraphs))
    n_held_out = len(paragraphs) // 10
    parts = order[2 * n_held_out :], order[n_held_out : 2 * n_held_out], order[:n_held_out]
    return TextSplit(*("".join(paragraphs[i] + "\n" for i in part) for part in parts))


def encode_text(text: str) -> np.ndarray:
    r"""Turn text into the places of its characters in `CHARACTERS`: int64 array (len(text),).

    Raises
    ------
    ValueError
        If a character is not in the vocabulary; `plain_text` brings any text into it.

    Examples
    --------
    >>> encode_text("ab \n")
    array([66, 67,  1,  0])
    """
    places = {character: place for place, character in enumerate(CHARACTERS)}
    strange = set(text) - places.keys()
    if strange:
        raise ValueError(f"expected characters of CHARACTERS, got {''.join(sorted(strange))!r}")
    return np.array([places[character] for character in text], dtype=np.int64)


def decode_text(codes: Sequence[int] | np.ndarray) -> str:
    """Turn codes back into text, the inverse of `encode_text`.

    Raises
    ------
    ValueError
        If a code is not the place of a character.

    Examples
    --------
    >>> decode_text([66, 67])
    'ab'
    """
    codes = np.asarray(codes) if len(codes) else np.zeros(0, dtype=np.int64)
    if codes.ndim != 1 or codes.dtype.kind not in "iu":
        raise ValueError(f"expected integer codes (T,), got {codes.dtype} and shape {codes.shape}")
    if codes.size and not 0 <= codes.min() <= codes.max() < len(CHARACTERS):
        raise ValueError(f"expected codes in 0..{len(CHARACTERS) - 1}, got {codes.min()}..{codes.max()}")
    return "".join(CHARACTERS[code] for code in codes)


def next_character_windows(codes: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut codes into stretches beside each other, and the same one step later: what to read, what to predict.

    Parameters
    ----------
    codes : integer array (T,)
    length : int
        Of a stretch, 1 or more. What is left over at the end is not used.

    Returns
    -------
    x, y : views of codes (N, length)
        ``y[i, t]`` follows ``x[i, t]``; N is (T - 1) // length. They show `codes`: do not write into them.
        For stretches that overlap use ``np.lib.stride_tricks.sliding_window_view``.

    Raises
    ------
    ValueError
        If `codes` is no sequence or the length less than 1.

    Examples
    --------
    >>> x, y = next_character_windows(np.arange(8), 3)
    >>> print(x.tolist(), y.tolist())
    [[0, 1, 2], [3, 4, 5]] [[1, 2, 3], [4, 5, 6]]
    """
    codes = np.asarray(codes)
    if codes.ndim != 1 or length < 1:
        raise ValueError(
            f"expected codes (T,) and a length of 1 or more, got shape {codes.shape} and {length}"
        )
    n_windows = max(0, len(codes) - 1) // length
    used = n_windows * length
    return codes[:used].reshape(-1, length), codes[1 : used + 1].reshape(-1, length)


def share_seen(train: str, test: str, length: int = 50) -> float:
    r"""Return the share of a text's stretches of so many characters that stand in the training text as well.

    Parameters
    ----------
    train, test : str
        Paragraphs ended by line breaks, as in `TextSplit`; stretches lie within a paragraph.
    length : int
        Of a stretch, 1 or more.

    Raises
    ------
    ValueError
        If the length is less than 1.

    Examples
    --------
    >>> share_seen("abcd\nxyz\n", "bcd\nyz\nzx\n", 2)  # bc, cd, yz are in it, zx is not
    0.75
    """
    if length < 1:
        raise ValueError(f"expected a length of 1 or more, got {length}")
    seen = set(_stretches(train, length))
    found = [stretch in seen for stretch in _stretches(test, length)]
    return sum(found) / len(found) if found else 0.0


def _stretches(text: str, length: int) -> Iterator[str]:
    for paragraph in text.split("\n"):
        for start in range(len(paragraph) - length + 1):
            yield paragraph[start : start + length]
