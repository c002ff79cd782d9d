"""How good written text is: BLEU against references, perplexity under a model. Chapters 02 and 09."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

Words = Sequence[Hashable]
"""A sentence as a list of words (or of anything that can be compared); a string counts as its characters."""


def bleu(
    hypotheses: Sequence[Words],
    references: Sequence[Sequence[Words]],
    *,
    max_n: int = 4,
    smoothing: float = 0.0,
    brevity_penalty: bool = True,
) -> float:
    """Return corpus BLEU in [0, 1]: the geometric mean of n-gram precisions, times a penalty for brevity.

    An n-gram of a hypothesis counts as right at most as often as it occurs in one of its references. Counts
    are summed over the corpus before dividing. The penalty is exp(1 - r/c) where the corpus is shorter (c
    words) than its references (r, for each sentence the length nearest to its own, the shorter of two):
    Papineni et al., 2002, "BLEU", section 2.3 (doi:10.3115/1073083.1073135).

    Parameters
    ----------
    hypotheses : list of N sentences
        What is judged; each is a list of words.
    references : list of N lists of sentences
        For each hypothesis at least one right answer.
    max_n : int
        Longest n-gram, at least 1.
    smoothing : float
        Put in place of a count of 0 right n-grams ("floor"; 0.1 is usual); with 0.0, BLEU is then 0.
        Where not one word is right it is 0 in any case.
    brevity_penalty : bool
        Without it, a short hypothesis of sure words scores high.

    Raises
    ------
    ValueError
        If there is nothing to judge, a hypothesis has no reference, or an option does not fit.

    Examples
    --------
    >>> bleu(["the cat sat".split()], [["the cat sat down".split()]], max_n=2).__round__(4)  # e^(1 - 4/3)
    0.7165
    """
    _check_corpus(hypotheses, references, max_n, smoothing)
    right, total = np.zeros(max_n), np.zeros(max_n)
    n_words = n_reference_words = 0
    for hypothesis, answers in zip(hypotheses, references, strict=True):
        n_words += len(hypothesis)
        n_reference_words += min((abs(len(a) - len(hypothesis)), len(a)) for a in answers)[1]
        for n in range(1, max_n + 1):
            counts = _ngrams(hypothesis, n)
            most = Counter[tuple[Hashable, ...]]()
            for answer in answers:
                most |= _ngrams(answer, n)  # the union keeps the larger count
            right[n - 1] += (counts & most).total()  # and the intersection the smaller
            total[n - 1] += counts.total()
    if not right.any():
        return 0.0
    right = np.where(right == 0, smoothing, right)
    if (right == 0).any() or (total == 0).any():
        return 0.0
    penalty = min(1.0, np.exp(1 - n_reference_words / n_words)) if brevity_penalty else 1.0
    return float(penalty * np.exp(np.mean(np.log(right / total))))


def perplexity(negative_log_likelihoods: ArrayLike) -> float:
    """Return e to the mean negative log likelihood: as unsure as a fair choice among so many words.

    Parameters
    ----------
    negative_log_likelihoods : array, any shape
        -ln p of each right word, in nats, 0 or more (``cross_entropy(..., reduction="none")``).

    Returns
    -------
    float
        At least 1; inf where a right word was held impossible.

    Raises
    ------
    ValueError
        If there are no entries, or one is negative or nan.

    Examples
    --------
    >>> perplexity([np.log(2.0), np.log(8.0)]).__round__(6)  # the geometric mean of 2 and 8
    4.0
    """
    losses = np.asarray(negative_log_likelihoods, dtype=np.float64)
    if losses.size == 0 or not (losses >= 0).all():
        got = "none" if losses.size == 0 else f"a smallest of {losses.min()}"
        raise ValueError(f"expected at least one negative log likelihood, all >= 0, got {got}")
    with np.errstate(over="ignore"):  # a mean beyond 709 nats is inf
        return float(np.exp(losses.mean()))


def _ngrams(words: Words, n: int) -> Counter[tuple[Hashable, ...]]:
    """Count the runs of n words."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _check_corpus(
    hypotheses: Sequence[Words], references: Sequence[Sequence[Words]], max_n: int, smoothing: float
) -> None:
    if len(hypotheses) == 0 or len(hypotheses) != len(references):
        raise ValueError(
            "expected as many lists of references as hypotheses, at least one, "
            f"got {len(hypotheses)} hypotheses and {len(references)}"
        )
    for i, answers in enumerate(references):
        if isinstance(answers, str) or len(answers) == 0:
            got = "a string" if isinstance(answers, str) else "none"
            raise ValueError(f"expected a list of at least one reference for hypothesis {i}, got {got}")
        if any(isinstance(answer, str) != isinstance(hypotheses[i], str) for answer in answers):
            raise ValueError(
                f"expected references in the form of hypothesis {i}, all lists of words or all strings, "
                f"got {hypotheses[i]!r} and {list(answers)!r}: a single reference stands in a list, too"
            )
    if max_n < 1 or not smoothing >= 0:
        raise ValueError(f"expected max_n >= 1 and smoothing >= 0, got {max_n} and {smoothing}")
