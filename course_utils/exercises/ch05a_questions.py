"""Chapter 05a: questions on the limit of the step and on what a small gradient means."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

LIMIT = Quiz(
    id="q05_1",
    chapter="05a",
    title="Two directions, one rate",
    skill="say which direction limits the learning rate and which sets the pace",
    question="Gradient descent without momentum on 0.5 · (100 u² + v²), from u = v = 1. At which learning "
    "rates does it converge, and which direction decides how long it takes at rate 0.01?",
    options=(
        Option(
            "Below 0.02; u, the steep one, since it swings from side to side.",
            "Tempting, since the limit is u's. But at 0.01 the factor of u is 1 - 0.01 · 100 = 0: it arrives "
            "in one step. The steep direction limits the rate and is done first.",
        ),
        Option(
            "Below 0.02; v, the flat one, since it loses only 1 % a step.",
            "u is multiplied by 1 - 100 lr and v by 1 - lr at each step. Both shrink if lr < 2 / 100; then "
            "at 0.01 u is gone at once and v needs about 460 steps to 1 %.",
        ),
        Option(
            "Below 2; v, since the smallest curvature gives the limit.",
            "Tempting: 2 / curvature is the right rule, and v alone would bear it. But every direction must "
            "shrink, and u grows 199-fold a step at lr = 2. The largest curvature decides.",
        ),
        Option(
            "Below 0.04; both alike, since a rate acts on all parameters.",
            "Tempting, as the mean curvature 50.5 gives nearly that limit. But each direction has its own "
            "factor, 1 - lr · curvature: at 0.03 that of u is -2, and it diverges.",
        ),
    ),
    answer="b",
    hints=(
        "By which factor does one step multiply u, and by which v? For which rates are both factors between "
        "-1 and 1, and how near to 1 are they at 0.01?",
    ),
)

SMALL = Quiz(
    id="q05_2",
    chapter="05a",
    title="A gradient near 0",
    skill="doubt a small gradient until the curvature has been asked",
    question="In training the norm of the exact gradient has fallen to a thousandth of its first value, and "
    "the loss hardly changes. Which measurement tells a minimum from a saddle point or a plateau?",
    options=(
        Option(
            "The norm of the gradient, followed for some more steps: at a minimum it goes on falling.",
            "Tempting, but on the way into a saddle it falls just as smoothly, for a long time, before it "
            "rises again; and on a plateau it may stay small for as long as you watch.",
        ),
        Option(
            "The loss on a second set of data: at a minimum both losses agree.",
            "Tempting as a sanity check. But that compares data sets, not places: on a plateau, where the "
            "network says the same to all, both losses agree perfectly.",
        ),
        Option(
            "Several more steps with half the learning rate: if the loss stays, it is a minimum.",
            "Tempting, since it would unmask a step that is too large. At a saddle or on a plateau a smaller "
            "step moves even less, so the loss stays there, too.",
        ),
        Option(
            "The curvatures there: all positive, some negative, or all near 0.",
            "The gradient says that the ground is level; the signs of the Hessian's eigenvalues say what the "
            "level place is: all positive, a minimum; one negative, a way down; near 0, a plateau that they "
            "cannot settle.",
        ),
    ),
    answer="d",
    hints=(
        "The gradient is the first derivative, and it is near 0 in all three places. By what do a pass, a "
        "bowl and a plain differ, if not by slope?",
    ),
)

EXERCISES = (LIMIT, SMALL)
