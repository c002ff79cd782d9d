"""Text augmentation: four small edits of a list of words that mostly keep its meaning. Chapter 02.

Wei and Zou, 2019, "EDA: Easy data augmentation techniques for boosting performance on text classification
tasks", section 2. Whether the label survives is for you to judge: deleting "not" turns a review around.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from course_utils.data.synonyms import SYNONYMS
from course_utils.randomness import check_generator

Synonyms = Mapping[str, Sequence[str]]


def synonym_replacement(
    words: Sequence[str], n: int = 1, synonyms: Synonyms = SYNONYMS, *, rng: np.random.Generator
) -> list[str]:
    """Replace up to n words, drawn from those that have synonyms, each by one of them.

    Parameters
    ----------
    words : sequence of str
        A sentence in words; "Big" finds the synonyms of "big".
    n : int
        Number of words, from 0.
    synonyms : mapping from str to sequence of str
        By default a small table of English words.
    rng : numpy.random.Generator

    Returns
    -------
    list of str
        As long as `words`.

    Examples
    --------
    >>> synonym_replacement(["a", "big", "dog"], synonyms={"big": ["large"]}, rng=np.random.default_rng(0))
    ['a', 'large', 'dog']
    """
    edited, places = _with_synonyms(words, n, synonyms)
    for place in check_generator(rng).permutation(places)[:n]:
        edited[place] = _synonym(edited[place], synonyms, rng)
    return edited


def random_insertion(
    words: Sequence[str], n: int = 1, synonyms: Synonyms = SYNONYMS, *, rng: np.random.Generator
) -> list[str]:
    """Put a synonym of a random word of the sentence at a random place, n times.

    Nothing is put in if no word has synonyms. Parameters as in `synonym_replacement`.

    Examples
    --------
    >>> sorted(random_insertion(["big", "dog"], synonyms={"big": ["large"]}, rng=np.random.default_rng(0)))
    ['big', 'dog', 'large']
    """
    edited, places = _with_synonyms(words, n, synonyms)
    check_generator(rng)
    sources = [edited[place] for place in places]
    for _ in range(n if sources else 0):
        word = _synonym(sources[rng.integers(len(sources))], synonyms, rng)
        edited.insert(int(rng.integers(len(edited) + 1)), word)
    return edited


def random_swap(words: Sequence[str], n: int = 1, *, rng: np.random.Generator) -> list[str]:
    """Swap two words at different random places, n times.

    Examples
    --------
    >>> random_swap(["left", "right"], rng=np.random.default_rng(0))
    ['right', 'left']
    """
    edited = _words(words, n)
    check_generator(rng)
    for _ in range(n if len(edited) > 1 else 0):
        i, j = rng.choice(len(edited), size=2, replace=False)
        edited[i], edited[j] = edited[j], edited[i]
    return edited


def random_deletion(words: Sequence[str], p: float = 0.1, *, rng: np.random.Generator) -> list[str]:
    """Leave out each word with probability p; if none would remain, one is kept.

    Examples
    --------
    >>> random_deletion(["one", "stays"], p=1.0, rng=np.random.default_rng(0))
    ['one']
    """
    edited = _words(words)
    if not 0 <= p <= 1:
        raise ValueError(f"expected p in [0, 1], got {p}")
    check_generator(rng)
    kept = [word for word, draw in zip(edited, rng.random(len(edited)), strict=True) if draw >= p]
    return kept if kept or not edited else [edited[rng.integers(len(edited))]]


def _words(words: Sequence[str], n: int = 0) -> list[str]:
    """Return a copy of the list, if it is one."""
    if isinstance(words, str):
        raise ValueError(f"expected a list of words, got the string {words!r}: split it first")
    if n < 0:
        raise ValueError(f"expected n of at least 0, got {n}")
    return list(words)


def _with_synonyms(words: Sequence[str], n: int, synonyms: Synonyms) -> tuple[list[str], list[int]]:
    """Return a copy of the words, and the places of those that have synonyms."""
    copy = _words(words, n)
    return copy, [place for place, word in enumerate(copy) if synonyms.get(word.lower())]


def _synonym(word: str, synonyms: Synonyms, rng: np.random.Generator) -> str:
    """Draw a synonym, with a capital if the word has one."""
    choices = synonyms[word.lower()]
    synonym = choices[int(rng.integers(len(choices)))]
    return synonym.capitalize() if word[:1].isupper() else synonym
