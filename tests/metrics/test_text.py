"""BLEU against sacrebleu, perplexity against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from course_utils.metrics import bleu, perplexity
from tests.nn.proof import SEEDS, Seen

SENTENCES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=9)


@st.composite
def calls(draw):
    n, n_references = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    hypotheses = [draw(SENTENCES) for _ in range(n)]
    references = [[draw(SENTENCES) for _ in range(n_references)] for _ in range(n)]
    options = {"max_n": draw(st.integers(1, 4)), "smoothing": draw(st.sampled_from([0.0, 0.1, 0.5]))}
    return hypotheses, references, options


def test_bleu_is_that_of_sacrebleu():
    seen = Seen(bleu, ignored=["brevity_penalty"])  # sacrebleu has no such option: see below

    @settings(max_examples=200)
    @given(call=calls())
    def compare(call):
        hypotheses, references, options = call
        seen.note(hypotheses, references, **options)
        theirs = BLEU(
            max_ngram_order=options["max_n"],
            smooth_method="floor" if options["smoothing"] else "none",
            smooth_value=options["smoothing"] or None,
            tokenize="none",
            force=True,
        )
        columns = [[" ".join(answer) for answer in column] for column in zip(*references, strict=True)]
        score = theirs.corpus_score([" ".join(words) for words in hypotheses], columns)
        assert bleu(hypotheses, references, **options) == pytest.approx(score.score / 100, rel=1e-9)
        unpunished = bleu(hypotheses, references, **options, brevity_penalty=False)
        assert unpunished * score.bp == pytest.approx(score.score / 100, rel=1e-9)

    compare()
    seen.check()


def test_without_the_penalty_a_short_answer_scores_full():
    hypothesis, reference = [["the", "cat"]], [[["the", "cat", "sat", "on", "the", "mat"]]]
    assert bleu(hypothesis, reference, max_n=2, brevity_penalty=False) == 1.0
    assert bleu(hypothesis, reference, max_n=2) == pytest.approx(np.exp(1 - 6 / 2))


def test_a_repeated_word_counts_as_often_as_in_a_reference():
    assert bleu([["the"] * 7], [[["the", "cat", "is", "on", "the", "mat"]]], max_n=1) == pytest.approx(2 / 7)


def test_a_string_is_a_list_of_characters():
    assert bleu(["abc"], [["abd", "xbc"]], max_n=2) == bleu(
        [list("abc")], [[list("abd"), list("xbc")]], max_n=2
    )
    assert bleu(["abc"], [["abc"]], max_n=3) == 1.0


def test_hypotheses_without_words_score_0():
    assert bleu([[]], [[["a"]]]) == 0.0


@settings(max_examples=30)
@given(n=st.integers(1, 20), k=st.integers(1, 9), seed=SEEDS)
def test_perplexity_is_e_to_the_cross_entropy(n, k, seed):
    rng = np.random.default_rng(seed)
    logits, labels = torch.tensor(rng.normal(size=(n, k))), torch.tensor(rng.integers(0, k, size=n))
    each = torch.nn.functional.cross_entropy(logits, labels, reduction="none").clamp(min=0)
    assert perplexity(each.numpy()) == pytest.approx(each.mean().exp().item(), rel=1e-12)


def test_perplexity_of_a_fair_choice_and_of_the_impossible():
    assert perplexity(np.full((2, 3), np.log(5.0))) == pytest.approx(5.0)
    assert perplexity([0.0, np.inf]) == perplexity([1e4]) == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bleu([], []), "at least one, got 0 hypotheses and 0"),
        (lambda: bleu([["a"]], []), "got 1 hypotheses and 0"),
        (lambda: bleu([["a"]], [[]]), "at least one reference for hypothesis 0, got none"),
        (lambda: bleu([["a"]], ["a b"]), "reference for hypothesis 0, got a string"),
        (lambda: bleu([["a", "b"]], [["a", "b"]]), "in the form of hypothesis 0, .* a single reference"),
        (lambda: bleu(["a b"], [[["a", "b"]]]), r"got 'a b' and \[\['a', 'b'\]\]"),
        (lambda: bleu([["a"]], [[["a"]]], max_n=0), "expected max_n >= 1"),
        (lambda: bleu([["a"]], [[["a"]]], smoothing=-1.0), "smoothing >= 0, got 4 and -1.0"),
        (lambda: perplexity([]), "got none"),
        (lambda: perplexity([1.0, -0.5]), "all >= 0, got a smallest of -0.5"),
        (lambda: perplexity([1.0, np.nan]), "got a smallest of nan"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
