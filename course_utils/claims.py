"""The course's one table of claims, and `claim`, which puts one of them to the test."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.grading.cards import Shown, card, inline_code

VERDICTS = ("holds", "fails", "depends", "undecided")


class ClaimError(AssertionError):
    """The evidence computed in a cell does not bear out the verdict on a claim."""


@dataclass(frozen=True)
class Claim:
    """A piece of received wisdom and the course's verdict on it.

    Parameters
    ----------
    id : str
        "C" and a number; the notebooks refer to it.
    chapter : str
        The chapter that tests it, as in `course_utils.chapters.CHAPTERS`.
    statement : str
        The claim, in one sentence.
    verdict : str
        "holds", "fails" (it is wrong), "depends" (true under a condition) or "undecided".
    """

    id: str
    chapter: str
    statement: str
    verdict: str


_ROWS = (
    ("C01", "01a", "A perceptron can separate any two classes.", "fails"),
    (
        "C02",
        "01a",
        "A stack of a hundred linear layers computes nothing that one linear layer cannot.",
        "holds",
    ),
    ("C03", "01a", "Backpropagation is the chain rule, applied layer by layer.", "holds"),
    (
        "C04",
        "01b",
        "With a non-linearity, a wide enough multi-layer perceptron comes as close as one likes to any "
        "continuous function on a bounded region.",
        "holds",
    ),
    ("C05", "01a", "Behind a softmax, the gradient of the cross-entropy at the logits is p - y.", "holds"),
    ("C06", "01a", "Softmax is a loss function, and it does not work for two classes.", "fails"),
    ("C07", "01a", "Behind a sigmoid, cross-entropy learns faster than squared error.", "holds"),
    (
        "C08",
        "01b",
        "Stochastic gradient descent averages the gradient over all samples before each update.",
        "fails",
    ),
    ("C09", "01b", "Mean absolute error on a sigmoid output is a sound loss for two classes.", "depends"),
    ("C10", "01b", "Deep learning is supervised learning.", "fails"),
    ("C11", "01b", "Random initial weights make every run of a training end differently.", "depends"),
    ("C26", "03a", "The output of tanh is not zero-centred.", "fails"),
    ("C27", "03a", "The sigmoid's slope never exceeds 0.25, and tanh's never exceeds 1.", "holds"),
    ("C28", "03a", "Tanh is a rescaled sigmoid.", "holds"),
    ("C29", "03b", "ReLU prevents vanishing and exploding gradients.", "depends"),
    ("C30", "03b", "ReLU units can die and never recover.", "depends"),
    ("C31", "03b", "ReLU suppresses overfitting.", "depends"),
    ("C32", "03b", "ReLU is unsuited to models of sequences.", "depends"),
    (
        "C33",
        "03a",
        "ELU is max(0, x) + min(0, a (exp(x) - 1)), and the slope of softplus is the sigmoid.",
        "holds",
    ),
    ("C34", "03a", "The sigmoid is expensive to compute.", "depends"),
    ("C35", "03b", "A monotonic activation makes the loss of a one-layer network convex.", "depends"),
    ("C36", "03a", "A naive sigmoid or softmax overflows.", "depends"),
    ("C37", "04a", "Zero weights fail because gradients vanish or explode.", "depends"),
    ("C38", "04a", "Xavier initialization prevents overfitting.", "fails"),
    ("C39", "04a", "He initialization is derived for two sigmoids that follow a ReLU.", "fails"),
    ("C40", "04a", "Uniform(-a, a) with a = 1/sqrt(fan_in) is He initialization.", "fails"),
    ("C41", "04a", "A vanishing gradient means that the loss has become 0.", "fails"),
    ("C42", "04a", "Gradients shrink or grow exponentially with depth.", "depends"),
    (
        "C43",
        "04b",
        "Batch normalization, residual connections and good initialization each cure vanishing and exploding "
        "gradients.",
        "fails",
    ),
    ("C44", "04a", "Gradient clipping cures vanishing gradients.", "fails"),
    ("C45", "04a", "Weight regularization cures exploding gradients.", "depends"),
    ("C46", "04b", "Batch normalization works the same in training and in evaluation.", "fails"),
    ("C47", "04b", "More layers mean a better result.", "fails"),
    (
        "C48",
        "05a",
        "A learning rate that is too large causes overfitting, one that is too small underfitting.",
        "depends",
    ),
    (
        "C49",
        "05a",
        "Gradient descent gets stuck in local minima, and stochastic gradient descent even more easily.",
        "depends",
    ),
    ("C50", "05a", "Batch gradient descent reaches the global minimum of a convex function.", "depends"),
    ("C51", "05a", "Small batches always converge faster.", "depends"),
    ("C52", "05c", "One should begin with a large batch and shrink it.", "fails"),
    ("C53", "05b", "AdaGrad divides the step by the variance of the gradients.", "fails"),
    ("C54", "05b", "Adadelta needs no learning rate and is immune to it.", "depends"),
    ("C55", "05b", "RMSprop repairs AdaGrad's vanishing step.", "holds"),
    ("C56", "05b", "Adam is momentum and RMSprop with a bias correction.", "holds"),
    ("C57", "05b", "An L2 penalty and weight decay are the same.", "depends"),
    ("C58", "05b", "Once its momentum has grown, Nadam is Adam with Nesterov momentum.", "holds"),
    ("C59", "05a", "Momentum accelerates gradient descent on badly conditioned problems.", "holds"),
    ("C60", "05c", "Adaptive methods always beat SGD.", "fails"),
    ("C61", "05c", "A flat learning curve or a small gradient means that training has converged.", "depends"),
    ("C62", "05c", "A moving average of the weights makes a better model than the last weights.", "depends"),
    ("C63", "05c", "A learning-rate range test finds a good learning rate.", "depends"),
    ("C64", "05a", "Random restarts and simulated annealing find the global minimum.", "depends"),
    ("C65", "06a", "The error of a model is bias plus variance.", "fails"),
    ("C66", "06b", "L1 makes weights exactly zero, L2 only small.", "holds"),
    ("C67", "06b", "Dropout needs no change at test time.", "depends"),
    ("C68", "06b", "Early stopping acts like an L2 penalty.", "depends"),
    ("C69", "06a", "More data always cures overfitting, and more parameters always cause it.", "depends"),
    ("C70", "06a", "The training and the validation curve meet when the model has converged.", "fails"),
    ("C71", "06a", "Ensembles cut the variance.", "depends"),
    ("C72", "06a", "Cross-validation prevents overfitting.", "depends"),
    ("C117", "01a", "The error of a hidden unit is its slope times the error at the output.", "fails"),
    (
        "C118",
        "01b",
        "A classifier should end in a softmax layer before it goes into the framework's cross-entropy.",
        "depends",
    ),
    ("C119", "01a", "Backpropagation makes the units of a layer share their weights.", "fails"),
    ("C120", "01b", "A random starting point is likely to be a local optimum of the loss.", "fails"),
    ("C124", "03a", "An activation must be differentiable everywhere.", "fails"),
    (
        "C125",
        "03b",
        "Bounded activations are more stable; unbounded ones need a smaller learning rate.",
        "depends",
    ),
    ("C126", "04b", "Batch normalization works by reducing internal covariate shift.", "fails"),
    ("C127", "05a", "Batch sizes should be powers of two.", "undecided"),
    ("C128", "05a", "Large batches make training unstable.", "depends"),
    ("C129", "05b", "AdaGrad suits sparse gradients, RMSprop moving targets.", "depends"),
    ("C130", "05b", "Adadelta is fast early and jitters late.", "depends"),
    ("C131", "06a", "More samples cure underfitting.", "fails"),
    (
        "C132",
        "06a",
        "Overfitting means that the model cannot represent the data; more layers would make it simpler.",
        "fails",
    ),
    ("C133", "06b", "Regularization raises the expressive power of a model.", "fails"),
    ("C134", "06b", "An L2 penalty punishes large weights more than an L1 penalty does.", "depends"),
)
CLAIMS = {row[0]: Claim(*row) for row in _ROWS}


def claim(
    id: str, verdict: str, *, holds: Sequence[Any] = (), fails: Sequence[Any] = (), measured: str = ""
) -> None:
    """Put a claim to the test: display the verdict, or raise if the evidence does not bear it out.

    Parameters
    ----------
    id : str
        A claim of the table, such as "C01".
    verdict : str
        "holds", "fails", "depends" or "undecided"; it must be the table's.
    holds, fails : sequence of bool
        Evidence for and against the claim, computed in the cell. "holds" takes only `holds`, "fails" only
        `fails`, "depends" both, and then every value must be True. "undecided" takes both, and on
        neither side may all be True.
    measured : str
        The numbers behind the verdict, in one sentence.

    Raises
    ------
    ClaimError
        If the evidence does not fit the verdict or the verdict does not fit the table.
    ValueError
        If the claim is unknown or the evidence is not made of booleans.
    """
    entry = _look_up(id)
    if verdict not in VERDICTS:
        raise ValueError(f"expected a verdict among {', '.join(VERDICTS)}, got {verdict!r}")
    if verdict != entry.verdict:
        raise ClaimError(f"{id}: the table of claims says {entry.verdict!r}, this cell says {verdict!r}")
    evidence = {"holds": _booleans(id, "holds", holds), "fails": _booleans(id, "fails", fails)}
    _check_sides(id, verdict, evidence)

    from IPython.display import display

    display(_card(entry, measured))


def _card(entry: Claim, measured: str) -> Shown:
    lines = textwrap.wrap(f"{entry.id} {entry.verdict}. {entry.statement}", 100)
    body = ""
    if measured:
        lines += textwrap.wrap(f"Measured: {measured}", 100)
        body = f'<div style="margin-top:4px"><em>Measured:</em> {inline_code(measured)}</div>'
    tone = {"holds": "good", "fails": "bad"}.get(entry.verdict, "info")
    heading = f"{entry.id} &middot; {inline_code(entry.statement)}"
    return Shown("\n".join(lines), card(tone, entry.verdict, heading, body))


def _look_up(id: str) -> Claim:
    if id not in CLAIMS:
        raise ValueError(f"expected a claim of the table, got {id!r}; known: {', '.join(CLAIMS)}")
    return CLAIMS[id]


def _booleans(id: str, side: str, values: Sequence[Any]) -> list[bool]:
    if not isinstance(values, (list, tuple)):
        raise ValueError(f"{id}: expected {side}=[...], a list of booleans, got {type(values).__name__}")
    for position, value in enumerate(values):
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(
                f"{id}: expected a boolean at {side}[{position}], got {type(value).__name__} "
                f"({value!r}): write a comparison such as share > 0.5"
            )
    return [bool(value) for value in values]


def _check_sides(id: str, verdict: str, evidence: dict[str, list[bool]]) -> None:
    """Raise ClaimError unless the right sides are given and say what the verdict says."""
    needed = {"holds": ("holds",), "fails": ("fails",)}.get(verdict, ("holds", "fails"))
    for side, values in evidence.items():
        if side in needed and not values:
            raise ClaimError(f"{id}: the verdict {verdict!r} needs evidence in {side}=[...], got none")
        if side not in needed and values:
            raise ClaimError(f"{id}: the verdict {verdict!r} takes no evidence in {side}=, got {values}")
        if verdict == "undecided":
            if all(values):
                raise ClaimError(f"{id}: all of {side}= is True, which decides the claim: {values}")
        elif not all(values):
            raise ClaimError(
                f"{id}: {side}[{values.index(False)}] is False, so this run does not bear out {verdict!r}"
            )
