"""The words of the grammar, in the singular and the plural, and their codes. Chapters 09 and 10."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_NOUN_STEMS = ("author", "boy", "cat", "dog", "farmer", "girl", "king", "pilot", "queen", "teacher")
_TRANSITIVE_STEMS = ("admire", "follow", "greet", "help", "like", "see", "trust", "visit")
_INTRANSITIVE_STEMS = ("dance", "laugh", "run", "sing", "sleep", "smile")

NOUNS = tuple((stem, stem + "s") for stem in _NOUN_STEMS)
TRANSITIVE = tuple((stem + "s", stem) for stem in _TRANSITIVE_STEMS)
INTRANSITIVE = tuple((stem + "s", stem) for stem in _INTRANSITIVE_STEMS)
"""Pairs (singular, plural): with a noun the plural has the s, with a verb in the present the singular."""

ADJECTIVES = ("clever", "happy", "old", "quiet", "tall", "young")
ADVERBS = ("again", "loudly", "now", "often", "well")
PREPOSITIONS = ("behind", "beside", "near", "with")

PADDING, END = "<pad>", "."
WORDS = (
    *(PADDING, END, "the", "that"),
    *(form for pairs in (NOUNS, TRANSITIVE, INTRANSITIVE) for pair in pairs for form in pair),
    *(*ADJECTIVES, *ADVERBS, *PREPOSITIONS),
)
"""All words, no two alike. A word's code is its place; 0 fills up what is shorter than its neighbours."""

NOUN_NUMBER = {form: number for pair in NOUNS for number, form in enumerate(pair)}
"""0 for each noun in the singular, 1 for each in the plural."""

OTHER_NUMBER = {form: pair[1 - i] for pair in (*TRANSITIVE, *INTRANSITIVE) for i, form in enumerate(pair)}
"""For each form of a verb the other one."""


def encode_sentences(sentences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Turn sentences into codes, filled up with 0 to the length of the longest.

    Parameters
    ----------
    sentences : sequence of str
        Words of `WORDS`, separated by spaces.

    Returns
    -------
    codes : int64 array (N, T)
    lengths : int64 array (N,)
        Words in each sentence, the full stop included.

    Raises
    ------
    ValueError
        If a word is unknown, or the sentences came as one string.

    Examples
    --------
    >>> codes, lengths = encode_sentences(["that dog .", "that"])
    >>> print(codes.tolist(), lengths)
    [[3, 10, 1], [3, 0, 0]] [3 1]
    """
    if isinstance(sentences, str):
        raise ValueError(f"expected a sequence of sentences, got one string, {sentences[:40]!r}")
    places = {word: place for place, word in enumerate(WORDS) if place}  # without the padding
    split = [sentence.split() for sentence in sentences]
    unknown = {word for words in split for word in words} - places.keys()
    if unknown:
        raise ValueError(f"expected words of WORDS, got {', '.join(sorted(unknown))}")
    lengths = np.array([len(words) for words in split], dtype=np.int64)
    codes = np.zeros((len(split), lengths.max(initial=0)), dtype=np.int64)
    for row, words in zip(codes, split, strict=True):
        row[: len(words)] = [places[word] for word in words]
    return codes, lengths


def decode_sentences(codes: np.ndarray) -> list[str]:
    """Turn codes (N, T) back into sentences, the padding left out.

    Raises
    ------
    ValueError
        If the codes have another form or are not places in `WORDS`.

    Examples
    --------
    >>> decode_sentences(np.array([[3, 10, 1], [3, 0, 0]]))
    ['that dog .', 'that']
    """
    codes = np.asarray(codes)
    if codes.ndim != 2 or codes.dtype.kind not in "iu":
        raise ValueError(f"expected integer codes (N, T), got {codes.dtype} and shape {codes.shape}")
    if codes.size and not 0 <= codes.min() <= codes.max() < len(WORDS):
        raise ValueError(f"expected codes from 0 to {len(WORDS) - 1}, got {codes.min()} to {codes.max()}")
    return [" ".join(WORDS[code] for code in row if code) for row in codes]
