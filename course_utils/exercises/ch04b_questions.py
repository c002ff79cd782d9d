"""Chapter 04b: questions on batch norm in use, and on what it does to gradients."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

BATCH_OF_ONE = Quiz(
    id="q04_4",
    chapter="04b",
    title="A batch of one",
    skill="recognise a normalised network that was left in training mode",
    question="A network with batch norm after its first linear layer was trained well. It now scores "
    "patients one at a time, and somebody forgot `model.eval()`: each patient is normalised by a batch of "
    "one. What does it say (in a library that lets it)?",
    options=(
        Option(
            "Nearly the right thing, with more noise than usual.",
            "Tempting: small batches do give noisy statistics. But with a single value nothing but the "
            "mean is left: the value less its own mean is exactly 0, whatever it was.",
        ),
        Option(
            "The same for every patient: only the bias of batch norm gets through.",
            "Each feature less its own mean is 0, so batch norm gives its bias for everyone, and all that "
            "follows is the same. PyTorch's `BatchNorm1d` refuses such a batch in training mode.",
        ),
        Option(
            "nan for everyone, since a single value has the variance 0.",
            "Tempting: 0 / 0 it would be. But eps under the root keeps the divisor above 0, so the result is "
            "0 / sqrt(eps) = 0, and no alarm sounds.",
        ),
        Option(
            "The same as in evaluation, since its weights no longer change.",
            "Tempting, since no optimizer runs. But the mode decides whose mean and variance are used: those "
            "of the batch in training mode, the running ones in evaluation.",
        ),
    ),
    answer="b",
    hints=(
        "Take one feature with the value 7 in a batch of one. What is the batch's mean? What is left after "
        "it is subtracted, and then after scale and shift?",
    ),
)

EXPLOSION = Quiz(
    id="q04_5",
    chapter="04b",
    title="Normalised, and yet exploding",
    skill="say where batch norm alone fails in deep networks, and what helps",
    question="A plain network of 50 blocks Linear, batch norm, ReLU has just been initialized. Where, if "
    "anywhere, do gradients explode, and what tames it?",
    options=(
        Option(
            "Nowhere: batch norm holds every layer's signal at one size, and so its gradient.",
            "Tempting, and true of the signal. The gradient is another matter: each block, going back, "
            "makes it larger on average, though the signal keeps its size.",
        ),
        Option(
            "On the way back, towards the first layers; smaller first weights tame it.",
            "Tempting, and the first half is right. But batch norm takes the scale of the weights out of the "
            "signal, and the gradient at the first block is as many times that at the last for any scale.",
        ),
        Option(
            "On the way back, towards the first layers, by some 1.2 a block; residual connections tame it.",
            "In wide networks the factor is sqrt(pi / (pi - 1)) = 1.21 a block: ten thousand over 50. A "
            "shortcut around each block lets most of the gradient pass without that factor.",
        ),
        Option(
            "On the way forward, towards the output; a smaller learning rate tames it.",
            "Tempting, since exploding is first noticed as a loss of nan. But forward every block is "
            "normalised; and the learning rate changes a step, not the gradients of a start.",
        ),
    ),
    answer="c",
    hints=(
        "What does batch norm hold fixed, the signal or its gradient? In which direction does a gradient "
        "travel? And does batch norm notice the scale of the weights before it?",
    ),
)

EXERCISES = (BATCH_OF_ONE, EXPLOSION)
