"""Chapter 01b: questions on honest splits, and on epochs, updates and the noise of mini-batches."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

WRITERS = Quiz(
    id="q01_4",
    chapter="01b",
    title="Two splits, two scores",
    skill="choose the split that answers the question asked",
    question="A network reads 98 % of digits in a random test set and 92 % of those by writers it never "
    "saw. You want to know how well it will serve new customers. Which number do you report?",
    options=(
        Option(
            "98 %: a random split is fair, since every image has the same chance to be tested.",
            "Tempting, and right if tomorrow's digits came from the same writers. A random split puts every "
            "writer into training, so part of the score is knowing the hand.",
        ),
        Option(
            "92 %: new customers write in hands that the network has not seen.",
            "A test set must differ from training in the way that the future does. Here that is the writer.",
        ),
        Option(
            "95 %: the two errors are of opposite sign, so their mean is the best estimate.",
            "Tempting as a compromise. But the two numbers answer two questions; their mean answers neither.",
        ),
        Option(
            "98 %, after training again with the new writers' digits included.",
            "Tempting, since more data helps. But then no unseen writer is left to test on, and the score "
            "says nothing about the next one.",
        ),
    ),
    answer="b",
)

UPDATES = Quiz(
    id="q01_5",
    chapter="01b",
    title="Epochs and updates",
    skill="tell what changes with the batch size",
    question="You train for 20 epochs with batches of 25 instead of 100, all else being equal. What is true?",
    options=(
        Option(
            "Four times as many updates, each from a noisier estimate of the same gradient.",
            "An epoch sees every example once, so a quarter of the batch size means four times the updates. "
            "The mean of fewer examples scatters more, by a factor of two here, around the same full "
            "gradient.",
        ),
        Option(
            "As many updates as before, each four times as cheap.",
            "Tempting, since the number of epochs stays. But an epoch is a pass over the data, and it now "
            "takes four times as many updates.",
        ),
        Option(
            "Four times as many updates, each with a biased gradient, since it leaves most of the data out.",
            "Tempting: each update does leave most data out. But the batch is drawn at random, so the "
            "expected value of its gradient is the full gradient; it has noise, not bias.",
        ),
        Option(
            "The network sees four times as many examples.",
            "Tempting, since there are four times as many updates. Each holds a quarter of the examples, so "
            "an epoch shows every example once, as before.",
        ),
    ),
    answer="a",
)

EXERCISES = (WRITERS, UPDATES)
