"""Chapter 03b: questions on which dead units can come back, and on what five seeds can tell."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

REVIVAL = Quiz(
    id="q03_4",
    chapter="03b",
    title="Who can come back",
    skill="tell which dead units may revive, and by whose movement",
    question="A ReLU network is trained by plain gradient descent (no momentum, no weight decay) on data "
    "that stay the same. In every hidden layer some units are now off on all examples. Which of them can "
    "come back?",
    options=(
        Option(
            "None: with a slope of 0 on every example nothing reaches their weights any more.",
            "Tempting, since their own weights and biases do stay for ever. But z also depends on the unit's "
            "inputs, and in a deeper layer those move.",
        ),
        Option(
            "Only those in deeper layers: living units below go on learning and may lift their inputs until "
            "z is positive somewhere.",
            "A first-layer unit sees the data, which stay; its z is frozen below 0. A deeper one sees units "
            "that learn, so its z can move although its own weights don't. It may come back; nothing makes "
            "it.",
        ),
        Option(
            "Only those in the first layer, since they see the data themselves and no dead unit stands "
            "between.",
            "Tempting, since nothing below can cut them off. But their inputs never change and their "
            "weights get no gradient, so their z stays as it is.",
        ),
        Option(
            "Only those in the last hidden layer, which get the error at first hand, from the output.",
            "Tempting: the error does arrive there undiminished. The unit's own slope of 0 then stops it, "
            "however large it is.",
        ),
    ),
    answer="b",
    hints=(
        "z depends on the unit's weights and on its inputs. Which of the two can still change, if its slope "
        "is 0 on every example? And in which layer?",
    ),
)

FIVE_SEEDS = Quiz(
    id="q03_5",
    chapter="03b",
    title="What five seeds can tell",
    skill="say what an interval allows, and no more",
    question="Networks with activation A and with B are trained on the same five seeds. The paired 95 % "
    "interval for A minus B on new writers is -0.3 to 1.1 percentage points. What may you say?",
    options=(
        Option(
            "A is better, by 0.4 points: that is the middle of the interval.",
            "Tempting, since 0.4 is the best single guess. But a true difference of 0, or slightly below, "
            "would give such data easily.",
        ),
        Option(
            "A and B are equally good, since the interval contains 0.",
            "Tempting: 0 is not ruled out. Neither is 1.0. Not to have found a difference is not to have "
            "found that there is none.",
        ),
        Option(
            "Undecided: anything from B slightly ahead to A a point ahead fits; more seeds would narrow it.",
            "Differences inside the interval agree with the data, and they have both signs. It does rule out "
            "that B is a point better, and its width shrinks like 1 over the square root of the seeds.",
        ),
        Option(
            "A is better with a probability of 95 %, since most of the interval lies above 0.",
            "Tempting, but the 95 % belong to the method: of many such intervals 95 % hold the true "
            "difference. They do not say how probable it is that A leads.",
        ),
    ),
    answer="c",
    hints=(
        "Which true differences agree with these data, and are they all of one sign? Does the interval tell "
        "a difference of 0 from one of 1?",
    ),
)

EXERCISES = (REVIVAL, FIVE_SEEDS)
