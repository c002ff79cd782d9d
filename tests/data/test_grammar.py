"""The grammar: what it draws is grammatical by an independent chart, what it marks as wrong is not."""

from functools import cache

import numpy as np
import pytest

from course_utils.data import (
    WORDS,
    decode_sentences,
    encode_sentences,
    is_grammatical,
    minimal_pairs,
    sample_sentences,
    sample_split,
)
from course_utils.data.lexicon import ADJECTIVES, ADVERBS, INTRANSITIVE, NOUNS, PREPOSITIONS, TRANSITIVE

KINDS = {"the": "the", "that": "that", ".": "."}
KINDS |= dict.fromkeys(ADJECTIVES, "A") | dict.fromkeys(ADVERBS, "B") | dict.fromkeys(PREPOSITIONS, "P")
for pairs, kind in ((NOUNS, "N"), (TRANSITIVE, "V"), (INTRANSITIVE, "I")):
    KINDS |= {form: f"{kind}{number}" for pair in pairs for number, form in enumerate(pair)}

RULES = {"S": [("NP0", "VP0", "."), ("NP1", "VP1", ".")]}
for n in "01":
    RULES |= {
        f"NP{n}": [(*start, f"N{n}", *end) for start in (["the"], ["the", "A"]) for end in ([], [f"M{n}"])],
        f"M{n}": [
            ("P", "NP0"),
            ("P", "NP1"),
            ("that", f"VP{n}"),
            ("that", "NP0", "V0"),
            ("that", "NP1", "V1"),
        ],
        f"VP{n}": [(f"I{n}",), (f"I{n}", "B"), (f"V{n}", "NP0"), (f"V{n}", "NP1")],
    }


def chart_accepts(sentence):
    """Fill a chart of spans, for each rule of the grammar as written down above."""
    kinds = [KINDS.get(word) for word in sentence.split()]

    @cache
    def spans(symbol, start, end):
        if symbol not in RULES:
            return end == start + 1 and kinds[start] == symbol
        return any(covers(rule, start, end) for rule in RULES[symbol])

    @cache
    def covers(symbols, start, end):
        if not symbols:
            return start == end
        first, rest = symbols[0], symbols[1:]
        return any(
            spans(first, start, middle) and covers(rest, middle, end) for middle in range(start + 1, end + 1)
        )

    return spans("S", 0, len(kinds))


def test_every_word_has_one_kind_and_one_code():
    assert len(set(WORDS)) == len(WORDS)
    assert set(WORDS[1:]) == set(KINDS)
    assert len(KINDS) == 3 + len(ADJECTIVES + ADVERBS + PREPOSITIONS) + 2 * len(
        NOUNS + TRANSITIVE + INTRANSITIVE
    )


@pytest.mark.parametrize("max_depth", [0, 1, 2, 3])
def test_every_sample_is_grammatical(max_depth):
    for sentence in sample_sentences(300, rng=np.random.default_rng(max_depth), max_depth=max_depth):
        assert chart_accepts(sentence)
        assert is_grammatical(sentence)


def test_without_depth_there_are_no_modifiers_and_with_it_all_three():
    plain = sample_sentences(300, rng=np.random.default_rng(0), max_depth=0)
    assert not any(word in sentence.split() for sentence in plain for word in ("that", *PREPOSITIONS))
    kinds = [
        KINDS[word]
        for sentence in sample_sentences(300, rng=np.random.default_rng(0))
        for word in sentence.split()
    ]
    after_that = {following for word, following in zip(kinds, kinds[1:], strict=False) if word == "that"}
    assert after_that == {"the", "V0", "V1", "I0", "I1"}
    assert "P" in kinds


def test_every_word_is_used():
    words = {
        word for sentence in sample_sentences(2000, rng=np.random.default_rng(0)) for word in sentence.split()
    }
    assert words == set(WORDS[1:])


def test_both_recognisers_agree_on_sentences_with_a_mistake():
    rng = np.random.default_rng(1)
    verdicts = []
    for sentence in sample_sentences(1500, rng=rng, max_depth=2):
        words = sentence.split()
        place = rng.integers(len(words))
        change = [[], [WORDS[rng.integers(1, len(WORDS))]], [words[place]] * 2][rng.integers(3)]
        changed = " ".join([*words[:place], *change, *words[place + 1 :]])
        assert is_grammatical(changed) == chart_accepts(changed), changed
        verdicts.append(is_grammatical(changed))
    assert 0.02 < np.mean(verdicts) < 0.6


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("the dog sleeps .", True),
        ("the dogs sleeps .", False),
        ("the dog that the cats see sleeps .", True),
        ("the dog that the cats sees sleeps .", False),
        ("the dog that the cats see sleep .", False),
        ("the dogs that see the cat sleep .", True),
        ("the dogs near the cat that sees the dog sleep .", True),  # the clause belongs to the cat
        ("the dogs near the cat that see the dog sleep .", False),  # a clause follows its own noun
        ("the old dogs sleep well .", True),
        ("the dogs old sleep .", False),
        ("the dog sleeps", False),
        ("the dog sees .", False),
        ("the dog sleeps . .", False),
        ("the unicorn sleeps .", False),
        ("the dog that .", False),
        (".", False),
        ("", False),
    ],
)
def test_verdicts_by_hand(sentence, verdict):
    assert is_grammatical(sentence) == verdict


def test_a_deep_sentence_is_read_at_once():
    sentence = "the dog " + "near the cat that likes the girls " * 60 + "sleeps ."
    assert is_grammatical(sentence)
    assert not is_grammatical(sentence.replace("sleeps", "sleep"))
    nested = "the dog " + "that the cat " * 60 + "sees " * 60 + "sleeps ."
    assert is_grammatical(nested)
    assert not is_grammatical(nested.replace("sees ", "", 1))


@pytest.mark.parametrize("max_depth", [0, 1, 2, 3])
def test_minimal_pairs_are_right_and_wrong(max_depth):
    for pair in minimal_pairs(200, rng=np.random.default_rng(max_depth), max_depth=max_depth):
        right, wrong = pair.right.split(), pair.wrong.split()
        assert [i for i, (a, b) in enumerate(zip(right, wrong, strict=True)) if a != b] == [pair.verb_at]
        assert KINDS[right[pair.verb_at]][0] == KINDS[wrong[pair.verb_at]][0] in ("V", "I")
        assert is_grammatical(pair.right)
        assert chart_accepts(pair.right)
        assert not is_grammatical(pair.wrong)
        assert not chart_accepts(pair.wrong)


def test_distances_and_attractors_are_counted():
    nouns = dict(NOUNS) | {plural: singular for singular, plural in NOUNS}
    seen = set()
    for pair in minimal_pairs(300, rng=np.random.default_rng(0), max_depth=3):
        words = pair.right.split()
        head_at = 1 if words[1] in nouns else 2
        between = [word for word in words[head_at + 1 : pair.verb_at] if word in nouns]
        other = [word for word in between if word.endswith("s") != words[head_at].endswith("s")]
        assert pair.distance == pair.verb_at - head_at - 1
        assert (pair.n_between, pair.n_attractors) == (len(between), len(other))
        seen.add(pair.n_attractors)
    assert {0, 1, 2, 3} <= seen


@pytest.mark.parametrize("n_attractors", [0, 1, 2, 3])
def test_attractors_can_be_asked_for(n_attractors):
    pairs = minimal_pairs(40, rng=np.random.default_rng(0), max_depth=3, n_attractors=n_attractors)
    assert [pair.n_attractors for pair in pairs] == [n_attractors] * 40


def test_the_number_of_the_subject_is_a_fair_coin():
    pairs = minimal_pairs(4000, rng=np.random.default_rng(0))
    plural = [KINDS[pair.right.split()[pair.verb_at]].endswith("1") for pair in pairs]
    assert np.mean(plural) == pytest.approx(0.5, abs=0.03)


def test_a_split_shares_no_sentence():
    train, test = sample_split(1500, 500, rng=np.random.default_rng(0), max_depth=0)
    assert (len(train), len(test)) == (1500, 500)
    assert len({*train, *test}) == 2000
    assert all(" ".join(sentence.split()) == sentence for sentence in train + test)
    plain = sample_sentences(2000, rng=np.random.default_rng(0), max_depth=0)
    assert len(set(plain)) < 1900  # many repeat


def test_both_parts_of_a_split_have_sentences_of_the_same_length():
    train, test = sample_split(4000, 4000, rng=np.random.default_rng(0), max_depth=1)
    lengths = [np.mean([len(sentence.split()) for sentence in part]) for part in (train, test)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.015)


def test_the_generator_decides():
    for draw in (sample_sentences, minimal_pairs, lambda n, rng: sample_split(n, n, rng=rng)):
        first, same, other = (draw(20, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
        assert first == same
        assert first != other


def test_codes_round_trip():
    sentences = sample_sentences(50, rng=np.random.default_rng(0))
    codes, lengths = encode_sentences(sentences)
    assert codes.dtype == lengths.dtype == np.int64
    assert decode_sentences(codes) == sentences
    assert (
        lengths.tolist()
        == [len(sentence.split()) for sentence in sentences]
        == (codes > 0).sum(axis=1).tolist()
    )
    assert codes.shape == (50, lengths.max())
    assert encode_sentences([])[0].shape == (0, 0)
    assert decode_sentences(np.zeros((0, 4), dtype=np.int64)) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: sample_sentences(-1, rng=rng), "got -1 and 2"),
        (lambda rng: sample_sentences(1, rng=rng, max_depth=-1), "got 1 and -1"),
        (lambda rng: minimal_pairs(-1, rng=rng), "got -1 and 2"),
        (lambda rng: sample_split(5, -1, rng=rng), "got -1 and 2"),
        (
            lambda rng: minimal_pairs(2, rng=rng, max_depth=0, n_attractors=1),
            "expected 2 pairs with 1 attractors at max_depth 0, found 0 in 2000 draws",
        ),
        (lambda rng: encode_sentences(["the unicorn"]), "expected words of WORDS, got unicorn"),
        (lambda rng: encode_sentences(["the <pad>"]), "expected words of WORDS, got <pad>"),
        (
            lambda rng: encode_sentences("the dog"),
            "expected a sequence of sentences, got one string, 'the dog'",
        ),
        (
            lambda rng: decode_sentences([1, 2]),
            r"expected integer codes \(N, T\), got int64 and shape \(2,\)",
        ),
        (lambda rng: decode_sentences(np.zeros((1, 2))), "expected integer codes.*, got float64"),
        (lambda rng: decode_sentences([[0, 67]]), "expected codes from 0 to 66, got 0 to 67"),
        (lambda rng: decode_sentences([[-1, 6]]), "expected codes from 0 to 66, got -1 to 6"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


def test_too_few_different_sentences(monkeypatch):
    monkeypatch.setattr(
        "course_utils.data.grammar._sentence", lambda rng, depth: (["the", "dog", "sleeps", "."], 2)
    )
    with pytest.raises(
        ValueError, match="expected 3 different sentences at max_depth 2, found 1 in 300 draws"
    ):
        sample_split(2, 1, rng=np.random.default_rng(0))
