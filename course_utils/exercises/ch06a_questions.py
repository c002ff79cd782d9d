"""Chapter 06a: questions on the gap between two curves, and on choosing by cross-validation."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

GAP = Quiz(
    id="q06_1",
    chapter="06a",
    title="A gap that stays",
    skill="tell a gap from overfitting",
    question="Training loss and validation loss both fell for 40 epochs. Since then both are level, at 0.10 "
    "and 0.25. What do you read from the two curves?",
    options=(
        Option(
            "The network overfits since epoch 40, since the training loss is well below the other.",
            "Tempting: a gap is where overfitting shows. But overfitting goes on while the validation loss "
            "rises, and here it does not. Weights are fitted to the training data, so some gap is normal.",
        ),
        Option(
            "The network has found what it can; the gap alone is no harm, and the weights of now are as "
            "good as those of epoch 40.",
            "A gap of constant size says that known data are easier than new ones, which is normal. It "
            "would be overfitting if the validation loss rose while the other fell.",
        ),
        Option(
            "Training has not converged yet: at the end the two curves must meet.",
            "Tempting, since more data bring them together. More epochs don't: nothing pulls the loss on "
            "new data down to that on data which the weights were fitted to.",
        ),
        Option(
            "The network underfits: it cannot even get the validation loss down to 0.10.",
            "Tempting, since something stays high. Underfitting shows in the training loss, which would be "
            "high, too, and close to the other.",
        ),
    ),
    answer="b",
    hints=(
        "Which of the two curves would have to move, and in which direction, if the network were now "
        "learning things that hold for the training data only?",
    ),
)

CHOOSING = Quiz(
    id="q06_2",
    chapter="06a",
    title="The best of three hundred",
    skill="say what a cross-validated score is worth after a choice",
    question="You compare 300 settings by the same five folds and keep the one with the best mean accuracy, "
    "94.1 %. What accuracy do you expect of it on new data of the same kind?",
    options=(
        Option(
            "94.1 %: every example was held out when it was predicted.",
            "Tempting, and right for a setting fixed beforehand. But you took the largest of 300 numbers, "
            "each of them partly luck, and the largest is likely to be a lucky one.",
        ),
        Option(
            "More than 94.1 %, since in the end it is trained on all data, not on four fifths.",
            "Tempting: more data do help a little. But the score was picked as the largest of 300, which "
            "makes it too high, and with so many settings usually by more.",
        ),
        Option(
            "94.1 % as well, because cross-validation prevents overfitting.",
            "Tempting, since it is often said. It makes overfitting of weights visible and prevents "
            "nothing; and a choice among many settings fits the folds, too.",
        ),
        Option(
            "Less: the best of many scores is partly luck, so an honest number needs data that had no part "
            "in the choice.",
            "Each score is quality plus luck with these folds, and choosing the largest chooses both. Keep "
            "a test set aside, or choose anew inside each fold of an outer cross-validation.",
        ),
    ),
    answer="d",
    hints=(
        "Suppose all 300 settings were equally good. Would their scores on five folds be equal? And what "
        "would the largest of them tell you?",
    ),
)

EXERCISES = (GAP, CHOOSING)
