"""Chapter 05b: questions on Adam's first step, and on decay inside it and beside it."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

FIRST = Quiz(
    id="q05_3",
    chapter="05b",
    title="Adam's first step",
    skill="predict how far Adam moves at first",
    question="Adam with bias correction, lr = 0.001 and a tiny eps starts on two weights whose first "
    "gradients are 50 and -0.002. By how much do they move in the first step?",
    options=(
        Option(
            "By -0.001 and +0.001.",
            "At t = 1 the corrected averages are g and g², and g / sqrt(g²) is the sign of g: every weight "
            "moves by lr, however large its gradient.",
        ),
        Option(
            "By -0.05 and +0.000002.",
            "Tempting, since that is lr times the gradient. But it is SGD's step; Adam divides by the "
            "gradient's own size, and at t = 1 nothing of that size is left.",
        ),
        Option(
            "By -0.0001 and +0.0001.",
            "Tempting, since m holds only a tenth of the gradient at first. The correction divides m by 1 - "
            "0.9 again, and so makes the whole gradient of it.",
        ),
        Option(
            "By -0.00316 and +0.00316.",
            "Tempting, and right without the bias correction: 0.1 / sqrt(0.001) is 3.16. With it, both "
            "averages are what they should be from the first step on.",
        ),
    ),
    answer="a",
    hints=(
        "Both averages start at 0. What are m and v after one gradient g, and what are they after the "
        "division by 1 - beta**t with t = 1?",
    ),
)

DECAY = Quiz(
    id="q05_4",
    chapter="05b",
    title="Decay through Adam, or beside it",
    skill="tell an L2 penalty from decoupled weight decay",
    question="Two weights of equal size have gradients of mean 0 that scatter by 10 and by 0.1. You train "
    "with Adam and an L2 penalty, weak against both gradients, then with AdamW. Which weights shrink faster?",
    options=(
        Option(
            "With both methods the two shrink alike: an L2 penalty and weight decay are the same.",
            "Tempting, since for plain SGD they are, up to a factor of lr. Adam divides what comes through "
            "the gradient by its size, and the penalty comes that way.",
        ),
        Option(
            "With Adam the one with large gradients: its penalty is multiplied by more.",
            "Tempting if a large gradient makes a large step. In Adam it makes a large divisor, and the "
            "penalty is divided by it.",
        ),
        Option(
            "With Adam the one with small gradients; with AdamW both alike.",
            "Adam divides the penalty, as all of the gradient, by the root mean square: by about 10 for one "
            "weight and 0.1 for the other. AdamW takes the share lr · weight_decay from each, undivided.",
        ),
        Option(
            "With Adam both alike, since it brings all steps to one size; with AdamW the one with small "
            "gradients.",
            "Tempting, since Adam's steps are of one size. But the penalty is only a part of the step, and "
            "divided by the size of the whole; AdamW's decay does not see gradients at all.",
        ),
    ),
    answer="c",
    hints=(
        "Write down the term weight_decay · w in both update rules. By what is it divided in Adam with an "
        "L2 penalty, and by what in AdamW?",
    ),
)

EXERCISES = (FIRST, DECAY)
