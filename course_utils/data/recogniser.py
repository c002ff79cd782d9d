"""Is a sentence grammatical? The rules of `grammar.py`, read in the other direction. Chapters 09 and 10."""

from __future__ import annotations

from course_utils.data.lexicon import (
    ADJECTIVES,
    ADVERBS,
    END,
    INTRANSITIVE,
    NOUN_NUMBER,
    PREPOSITIONS,
    TRANSITIVE,
)

_TRANSITIVE_NUMBER = {form: number for pair in TRANSITIVE for number, form in enumerate(pair)}
_INTRANSITIVE_NUMBER = {form: number for pair in INTRANSITIVE for number, form in enumerate(pair)}


def is_grammatical(sentence: str) -> bool:
    """Tell whether the grammar makes this sentence, at any depth.

    Parameters
    ----------
    sentence : str
        Words separated by spaces, a full stop at the end.

    Examples
    --------
    >>> is_grammatical("the dogs near the cat sleep ."), is_grammatical("the dogs near the cat sleeps .")
    (True, False)
    """
    words = sentence.split()
    if not words or words.pop() != END:
        return False
    return len(words) in _Reading(words).clause_ends()


class _Reading:
    """What each rule can read from a place on: the set of places where it may end."""

    def __init__(self, words: list[str]):
        self.words = words

    def word(self, place: int) -> str:
        return self.words[place] if place < len(self.words) else ""

    def clause_ends(self) -> set[int]:
        return {end for middle, number in self.noun_phrase(0) for end in self.verb_phrase(middle, number)}

    def noun_phrase(self, start: int) -> set[tuple[int, int]]:
        """Return pairs of a place and the number of the noun phrase that ends there."""
        noun_at = start + 1 + (self.word(start + 1) in ADJECTIVES)
        number = NOUN_NUMBER.get(self.word(noun_at))
        if self.word(start) != "the" or number is None:
            return set()
        return {(end, number) for end in {noun_at + 1, *self.modifier(noun_at + 1, number)}}

    def modifier(self, start: int, number: int) -> set[int]:
        if self.word(start) in PREPOSITIONS:
            return {end for end, _ in self.noun_phrase(start + 1)}
        if self.word(start) != "that":
            return set()
        ends_with_object = {
            end + 1
            for end, other in self.noun_phrase(start + 1)
            if _TRANSITIVE_NUMBER.get(self.word(end)) == other
        }
        return ends_with_object | self.verb_phrase(start + 1, number)

    def verb_phrase(self, start: int, number: int) -> set[int]:
        verb = self.word(start)
        if _TRANSITIVE_NUMBER.get(verb) == number:
            return {end for end, _ in self.noun_phrase(start + 1)}
        if _INTRANSITIVE_NUMBER.get(verb) == number:
            return {start + 1, start + 1 + (self.word(start + 1) in ADVERBS)}
        return set()
