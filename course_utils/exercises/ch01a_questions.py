"""Chapter 01a: questions on the perceptron, the gradient at the logits, and shared weights."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

XOR = Quiz(
    id="q01_1",
    chapter="01a",
    title="A perceptron on XOR",
    skill="say what a single unit cannot do, and why",
    question="You train a single perceptron on XOR for a million sweeps. What happens?",
    options=(
        Option(
            "It gets all four points right in the end, if each step is small enough.",
            "Tempting, since patience helps elsewhere. But no straight line separates XOR, so there is "
            "nothing to converge to; and a perceptron that starts at 0 takes the same decisions whatever the "
            "size of its steps.",
        ),
        Option(
            "It never stops making mistakes: its weights keep changing for ever.",
            "No line separates XOR, so in every sweep at least one point is wrong and moves the weights "
            "again.",
        ),
        Option(
            "It settles on the line with the fewest mistakes and stays there.",
            "Tempting, since three of four points can be right. But the rule acts on every mistake, so the "
            "fourth point always moves the line away again.",
        ),
    ),
    answer="b",
    hints=(
        "The rule moves the weights after every mistake. For it to stop, one sweep must pass without any: "
        "is there a line that makes this possible?",
    ),
)

LOGITS = Quiz(
    id="q01_2",
    chapter="01a",
    title="The gradient at the logits",
    skill="read a gradient off a prediction",
    question="A classifier gives one example, whose true class is the second, the probabilities (0.2, 0.7, "
    "0.1). What is the gradient of its cross-entropy at the three logits?",
    options=(
        Option(
            "(0, -1 / 0.7, 0): only the true class enters the loss.",
            "Tempting: that is the gradient at the probabilities. A logit moves all probabilities through "
            "the softmax, so every logit gets a share.",
        ),
        Option(
            "(0.2, -0.3, 0.1)",
            "It is p - y: the true class is pushed up by what it lacks, the others down by what they have "
            "too much.",
        ),
        Option(
            "(-0.2, 0.3, -0.1)",
            "Tempting: it points towards the truth. That is y - p, the direction of a step; the gradient "
            "points uphill, where the loss grows.",
        ),
        Option(
            "(0.16, 0.21, 0.09): each probability times one minus it.",
            "Tempting: p (1 - p) is the slope of each probability in its own logit. The logarithm of the "
            "loss divides that slope by p again, which leaves p - y.",
        ),
    ),
    answer="b",
    hints=(
        "Which row of three numbers is y here? And is the gradient the way in which the loss grows, or the "
        "way of a step?",
    ),
)

SHARED = Quiz(
    id="q01_3",
    chapter="01a",
    title="A weight used twice",
    skill="add up gradients where paths meet",
    question="A network uses one and the same weight `w` in two places. At the one place the gradient of "
    "the loss is 0.5, at the other -0.2. What is the gradient of the loss at `w`?",
    options=(
        Option(
            "0.15, the mean of the two.",
            "Tempting, since losses are averaged over examples. But both uses change the loss when `w` "
            "moves a little, so their effects add up; nothing divides them by two.",
        ),
        Option(
            "-0.2, that of the use which backpropagation reaches last.",
            "Tempting: it is what code computes that assigns a gradient instead of adding to it, a common "
            "error in hand-written autodiff.",
        ),
        Option(
            "0.3, the sum of the two.",
            "A small change of `w` acts through both uses, and to first order its effects add up.",
        ),
        Option(
            "-0.1, the product of the two.",
            "Tempting: slopes multiply along a path. Here the two uses lie on different paths, and paths "
            "add up.",
        ),
    ),
    answer="c",
    hints=(
        "Move `w` by 0.01. By about how much does the loss change through the first use, through the "
        "second, and in all?",
    ),
)

EXERCISES = (XOR, LOGITS, SHARED)
