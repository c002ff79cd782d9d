"""Chapter 05c: a question on two loss curves that agree."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

AGREE = Quiz(
    id="q05_5",
    chapter="05c",
    title="Two curves, level and equal",
    skill="say what level curves that agree do and don't show",
    question="For 20 epochs the training loss and the validation loss have been level, and they are equal. "
    "What may one conclude from that alone?",
    options=(
        Option(
            "The run has converged: neither curve moves any more.",
            "Tempting, since a converged run looks like that. So does one on a plateau, one that steps too "
            "little to see, and one whose steps only swing in the noise.",
        ),
        Option(
            "The model is as good as it can be: it neither underfits nor overfits.",
            "Tempting, as equal curves speak against overfitting. But a model that says the same to all has "
            "equal curves, too: it has learned nothing, or is too small.",
        ),
        Option(
            "The validation set leaks into the training set: they would differ otherwise.",
            "Tempting, since a leak makes curves alike. So do a small model and plenty of data; "
            "the gap is then as small as the noise.",
        ),
        Option(
            "That it does not overfit so far; not that it has converged or is good.",
            "Equal losses say that training examples get no better answers than others. Whether the level is "
            "a minimum, a plateau, a noise floor or too small a step, another measurement must tell.",
        ),
    ),
    answer="d",
    hints=(
        "Think of a network that gives every example the average as its answer. How do its two curves look, "
        "and what has it learned?",
    ),
)

EXERCISES = (AGREE,)
