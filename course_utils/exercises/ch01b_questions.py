"""Chapter 01b: questions on honest splits, and on epochs, updates and the noise of mini-batches."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

WRITERS = Quiz(
    id="q01_4",
    chapter="01b",
    title="Two splits, two scores",
    skill="choose the split that answers the question asked",
    question="A program listens for leaking heart valves. You have 600 recordings, 15 from each of 40 "
    "patients. Tested on a random fifth of the recordings it is right in 97 %; tested on eight patients kept "
    "out of training, in 84 %. Which number do you give the clinic that will use it?",
    options=(
        Option(
            "97 %: a random split is fair, since every recording has the same chance to be tested.",
            "Tempting, and right if tomorrow's recordings came from the same 40 patients. A random split "
            "leaves recordings of nearly everyone in training, so part of the score is knowing the patient.",
        ),
        Option(
            "84 %: the clinic's patients are people whom the program has not heard.",
            "A test set must differ from training in the way that the future does. Here that is the patient. "
            "Eight of them are few, so say that, too.",
        ),
        Option(
            "About 90 %: one number is too high and the other too low, so the truth lies between.",
            "Tempting as a compromise. But the two numbers answer two questions; their mean answers neither.",
        ),
        Option(
            "97 %, since the random split tests on recordings of more patients.",
            "Tempting, since more patients would indeed say more. But those in the random test set are in "
            "training, too, so it says nothing about the next patient.",
        ),
    ),
    answer="b",
    hints=(
        "Whose recordings will the program hear at the clinic, and which of the two tests is closest to "
        "that?",
    ),
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
    hints=(
        "How many examples does an epoch see, whatever the batch size? So how many updates does it take? "
        "And around what do the gradients of random batches scatter?",
    ),
)

EXERCISES = (WRITERS, UPDATES)
