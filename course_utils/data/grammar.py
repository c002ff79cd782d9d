"""Sentences whose verb agrees with a subject some words back, and ungrammatical doubles. Chapters 09 and 10.

A noun phrase may carry a prepositional phrase or a relative clause, whose nouns stand between the subject
and its verb. Those of the other number are attractors: who goes by the last noun will choose the wrong verb.
The idea is that of Linzen, Dupoux and Goldberg, 2016, *Assessing the Ability of LSTMs to Learn
Syntax-Sensitive Dependencies* (arXiv:1611.01368). The rules, with n and m for singular or plural and what
may be missing in brackets::

    sentence        noun-phrase(n) verb-phrase(n) "."
    noun-phrase(n)  "the" [adjective] noun(n) [modifier(n)]
    modifier(n)     preposition noun-phrase(m)
                    "that" verb-phrase(n)
                    "that" noun-phrase(m) transitive(m)
    verb-phrase(n)  intransitive(n) [adverb]
                    transitive(n) noun-phrase(m)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.data.lexicon import (
    ADJECTIVES,
    ADVERBS,
    END,
    INTRANSITIVE,
    NOUN_NUMBER,
    NOUNS,
    OTHER_NUMBER,
    PREPOSITIONS,
    TRANSITIVE,
)
from course_utils.randomness import check_generator

MODIFIED, DESCRIBED = 0.6, 0.25
"""Chance of a modifier where one is allowed, and of an adjective (with a noun) or adverb."""


class MinimalPair(NamedTuple):
    """A sentence, and its double with the main verb in the wrong number.

    Attributes
    ----------
    right, wrong : str
        They differ in one word, the main verb.
    verb_at : int
        Its place among the words, from 0: what stands before is the same in both.
    distance : int
        Words between the head noun of the subject and the main verb.
    n_between : int
        Nouns between the two.
    n_attractors : int
        Those of them whose number is not the subject's.
    """

    right: str
    wrong: str
    verb_at: int
    distance: int
    n_between: int
    n_attractors: int


def sample_sentences(n: int, *, rng: np.random.Generator, max_depth: int = 2) -> list[str]:
    """Draw n sentences independently; some may be equal.

    Parameters
    ----------
    n : int
        0 or more.
    rng : numpy.random.Generator
    max_depth : int
        How deep modifiers may stand inside each other, 0 (none) or more.

    Returns
    -------
    list of str
        Words of `WORDS` separated by spaces, a full stop at the end.

    Raises
    ------
    ValueError
        If a number is negative.

    Examples
    --------
    >>> sample_sentences(2, rng=np.random.default_rng(0), max_depth=0)
    ['the kings admire the king .', 'the teachers sleep .']
    """
    _check_numbers(n, max_depth)
    check_generator(rng)
    return [" ".join(_sentence(rng, max_depth)[0]) for _ in range(n)]


def sample_split(
    n_train: int, n_test: int, *, rng: np.random.Generator, max_depth: int = 2
) -> tuple[list[str], list[str]]:
    """Draw sentences to learn from and to test on, no two of them equal.

    Short sentences, which repeat most, are rarer here than in `sample_sentences`; the two parts do not
    differ.

    Parameters
    ----------
    n_train, n_test : int
        0 or more.
    rng : numpy.random.Generator
    max_depth : int
        As in `sample_sentences`.

    Returns
    -------
    train, test : list of str

    Raises
    ------
    ValueError
        If a number is negative, or 100 times as many draws do not give so many different sentences.
    """
    _check_numbers(min(n_train, n_test), max_depth)
    check_generator(rng)
    n, different = n_train + n_test, dict[str, None]()  # keeps the order of the draws
    for _ in range(100 * n):
        if len(different) == n:
            break
        different[" ".join(_sentence(rng, max_depth)[0])] = None
    if len(different) < n:
        raise ValueError(
            f"expected {n} different sentences at max_depth {max_depth}, "
            f"found {len(different)} in {100 * n} draws"
        )
    sentences = list(different)
    shuffled = [sentences[i] for i in rng.permutation(n)]  # frequent sentences come early
    return shuffled[:n_train], shuffled[n_train:]


def minimal_pairs(
    n: int, *, rng: np.random.Generator, max_depth: int = 2, n_attractors: int | None = None
) -> list[MinimalPair]:
    """Draw sentences, each with its double whose main verb has the wrong number.

    Parameters
    ----------
    n : int
        0 or more.
    rng : numpy.random.Generator
    max_depth : int
        As in `sample_sentences`.
    n_attractors : int, optional
        Keeps only the pairs with so many attractors; by default all are kept.

    Returns
    -------
    list of MinimalPair

    Raises
    ------
    ValueError
        If a number is negative, or fewer than one draw in 1,000 has so many attractors.

    Examples
    --------
    >>> pair = minimal_pairs(1, rng=np.random.default_rng(0), max_depth=1, n_attractors=1)[0]
    >>> print(pair.right, "/", pair.wrong)
    the kings behind the queen smile . / the kings behind the queen smiles .
    """
    _check_numbers(n, max_depth)
    check_generator(rng)
    pairs: list[MinimalPair] = []
    for _ in range(1000 * n):
        if len(pairs) == n:
            break
        pair = _pair(*_sentence(rng, max_depth))
        if n_attractors in (None, pair.n_attractors):
            pairs.append(pair)
    if len(pairs) < n:
        raise ValueError(
            f"expected {n} pairs with {n_attractors} attractors at max_depth {max_depth}, "
            f"found {len(pairs)} in {1000 * n} draws"
        )
    return pairs


def _pair(words: list[str], verb_at: int) -> MinimalPair:
    head_at = next(i for i, word in enumerate(words) if word in NOUN_NUMBER)  # the subject comes first
    between = [word for word in words[head_at + 1 : verb_at] if word in NOUN_NUMBER]
    attractors = [noun for noun in between if NOUN_NUMBER[noun] != NOUN_NUMBER[words[head_at]]]
    wrong = [*words[:verb_at], OTHER_NUMBER[words[verb_at]], *words[verb_at + 1 :]]
    distance = verb_at - head_at - 1
    return MinimalPair(" ".join(words), " ".join(wrong), verb_at, distance, len(between), len(attractors))


def _sentence(rng: np.random.Generator, depth: int) -> tuple[list[str], int]:
    """Draw the words of a sentence and the place of its main verb."""
    number = _number(rng)
    subject = _noun_phrase(rng, number, depth)
    return [*subject, *_verb_phrase(rng, number, depth), END], len(subject)


def _noun_phrase(rng: np.random.Generator, number: int, depth: int) -> list[str]:
    words = ["the"]
    if rng.random() < DESCRIBED:
        words.append(ADJECTIVES[rng.integers(len(ADJECTIVES))])
    words.append(NOUNS[rng.integers(len(NOUNS))][number])
    if depth > 0 and rng.random() < MODIFIED:
        words += _modifier(rng, number, depth - 1)
    return words


def _modifier(rng: np.random.Generator, number: int, depth: int) -> list[str]:
    kind, other = rng.integers(3), _number(rng)
    if kind == 0:
        return [PREPOSITIONS[rng.integers(len(PREPOSITIONS))], *_noun_phrase(rng, other, depth)]
    if kind == 1:
        return ["that", *_verb_phrase(rng, number, depth)]
    return ["that", *_noun_phrase(rng, other, depth), TRANSITIVE[rng.integers(len(TRANSITIVE))][other]]


def _verb_phrase(rng: np.random.Generator, number: int, depth: int) -> list[str]:
    if rng.random() < 0.5:
        verb = TRANSITIVE[rng.integers(len(TRANSITIVE))][number]
        return [verb, *_noun_phrase(rng, _number(rng), depth)]
    words = [INTRANSITIVE[rng.integers(len(INTRANSITIVE))][number]]
    if rng.random() < DESCRIBED:
        words.append(ADVERBS[rng.integers(len(ADVERBS))])
    return words


def _number(rng: np.random.Generator) -> int:
    """Draw 0, the singular, or 1, the plural."""
    return int(rng.integers(2))


def _check_numbers(n: int, max_depth: int) -> None:
    if n < 0 or max_depth < 0:
        raise ValueError(f"expected numbers and max_depth of 0 or more, got {n} and {max_depth}")
