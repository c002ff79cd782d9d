"""Chapter 06b: questions on exact zeros, on dropout in use, and on augmentation that keeps a label."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

ZEROS = Quiz(
    id="q06_3",
    chapter="06b",
    title="Which penalty makes zeros",
    skill="say why L1 makes exact zeros and L2 does not",
    question="A weight of 0.01 hardly matters: the gradient of the loss at it is about 0. Why does an L1 "
    "penalty, in proximal steps, bring it to exactly 0, and an L2 penalty of like strength not?",
    options=(
        Option(
            "L2 pulls in proportion to the weight, so its pull fades on the way; that of L1 keeps its "
            "strength until 0 is reached.",
            "L2 takes a share of the weight in each step, and a share of something is never all of it. L1 "
            "takes the same amount each time, and the step ends at 0 when less is left.",
        ),
        Option(
            "L1 punishes every weight more than L2 does, so only L1 is strong enough.",
            "Tempting, and so it is for small weights. Above 1 it is the other way round: the slopes are "
            "lam and lam times w. And however strong, L2 only shrinks by a factor.",
        ),
        Option(
            "L2 would do so as well if one waited: its weights reach 0 after enough steps.",
            "Tempting, since they do come near. Each step multiplies by a factor below 1, and no number of "
            "such steps makes a weight exactly 0.",
        ),
        Option(
            "L1 sets all weights below a limit to 0 and leaves the others as they are.",
            "Tempting: that is a hard threshold, as in pruning. L1 moves the large weights towards 0, too, "
            "by the same amount as the small ones.",
        ),
    ),
    answer="a",
    hints=(
        "Write down what one step of each penalty takes off a weight of 1, and off one of 0.01. What is "
        "left after ten such steps?",
    ),
)

TEST_TIME = Quiz(
    id="q06_4",
    chapter="06b",
    title="Dropout in use",
    skill="use a network with dropout as it was meant",
    question="You have trained a network with inverted dropout, p = 0.5: what is kept is doubled in "
    "training. What must be done when it makes predictions?",
    options=(
        Option(
            "Nothing: the inverted form was made so that the network can stay as it is, dropout included.",
            "Tempting, since inverted dropout needs no rescaling later. But it must be switched off; "
            "otherwise the same input gets another prediction each time.",
        ),
        Option(
            "Dropout is switched off, and the weights are halved, since twice as many units are now active.",
            "Tempting, and right for the older form, which leaves training unscaled. Here the doubling has "
            "made up for the missing half already.",
        ),
        Option(
            "Dropout is switched off and nothing is rescaled. For a linear model that equals the average "
            "over all masks; for a deep one it is close to it.",
            "Doubling in training keeps the mean of every input, so nothing remains to be scaled. With "
            "bends the mean of outputs is not the output of the mean: there it is an approximation.",
        ),
        Option(
            "The masks of the last training step are kept, since the weights have adapted to them.",
            "Tempting, if a mask is taken for part of the network. Masks are drawn anew in each step, so "
            "that the weights adapt to none of them.",
        ),
    ),
    answer="c",
    hints=(
        "With which mean does an input arrive at the next layer in training, halved by chance and doubled "
        "by the scale? And what should not depend on chance in use?",
    ),
)

LABELS = Quiz(
    id="q06_5",
    chapter="06b",
    title="A change that keeps the label",
    skill="choose changes of the data that keep the label",
    question="You have few handwritten digits, 0 to 9, and make more by changing them. Which of these "
    "changes keeps the label of all ten classes, and gives pictures such as new writers hand in?",
    options=(
        Option(
            "Mirror images, left and right exchanged, as for photographs of cats.",
            "Tempting, since it is the standard for photographs. But hardly anybody writes a 2, a 3 or a 7 "
            "mirrored: the network learns pictures that never come, and a mirrored 2 looks like an S.",
        ),
        Option(
            "Half turns, since a scan may lie upside down.",
            "Tempting, since 0, 1 and 8 bear it. A 6 becomes a 9 and keeps the label 6: then label and "
            "picture contradict each other.",
        ),
        Option(
            "Ink and paper exchanged, since a digit remains a digit.",
            "Tempting: the label does stay, for our eyes. But no scan to be told looks like that, so the "
            "network spends its capacity on pictures that never come.",
        ),
        Option(
            "Turns by up to 10 degrees and shifts by a fraction of a pixel, as hands vary.",
            "Writers differ in just such ways, so the label holds and the pictures are like those to come. "
            "That is what a change must have: it keeps the label, and it occurs.",
        ),
    ),
    answer="d",
    hints=(
        "For each change take a 6 and a 2: what would a person who sees the changed picture call it, and "
        "would such a picture ever be handed in?",
    ),
)

EXERCISES = (ZEROS, TEST_TIME, LABELS)
