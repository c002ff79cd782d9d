"""Chapter 04a: questions on symmetry, on PyTorch's default start, and on what weight gradients tell."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

SYMMETRY = Quiz(
    id="q04_1",
    chapter="04a",
    title="Fifty units that are one",
    skill="tell a harmless equal start from a fatal one",
    question="A classifier has one hidden layer of 50 ReLU units. What is not said is drawn at random as "
    "usual. Which start leaves it with one unit's worth of network, however long it trains?",
    options=(
        Option(
            "All biases of the hidden layer are 0.",
            "Tempting, since zeros have a bad name. But the units' weights differ, so they compute different "
            "things and get different gradients. Zero biases are the usual start.",
        ),
        Option(
            "All weights from the hidden layer to the outputs are 0.",
            "Tempting: in the first step no gradient reaches the hidden layer. But its units differ, so "
            "their outgoing weights get different gradients, and from the second step on the hidden layer "
            "learns.",
        ),
        Option(
            "All weights into the hidden layer are 0.1, and so are all weights from it to the outputs.",
            "Every hidden unit computes the same, and sends the same to each output; so all get the same "
            "gradient and stay equal after every step. The value 0.1 does not matter: equality does.",
        ),
        Option(
            "All biases of the hidden layer are 1.",
            "Tempting, since all are equal and not even 0. But equal biases beside different weights make "
            "different units; only if all that belongs to a unit is equal do two units stay twins.",
        ),
    ),
    answer="c",
    hints=(
        "Take two hidden units. In which of these starts do they compute the same, and also send it on "
        "with the same weights? What will the next step do to two such units?",
    ),
)

DEFAULT = Quiz(
    id="q04_2",
    chapter="04a",
    title="The start that PyTorch gives",
    skill="read the variance out of an initializer's options",
    question="`kaiming_uniform_` draws uniformly within ±gain · sqrt(3 / fan_in), where gain² = 2 / (1 + "
    "a²). PyTorch's `Linear` calls it with a = sqrt(5). Which variance has a weight, and what happens to "
    "the mean square of a signal in each layer of a wide ReLU network without biases?",
    options=(
        Option(
            "1 / (3 fan_in): it falls to a sixth.",
            "gain² = 2 / 6, and a uniform distribution within ±b has the variance b² / 3, so gain² / "
            "fan_in = 1 / (3 fan_in). The layer multiplies by fan_in times that, a third, and the ReLU "
            "takes half.",
        ),
        Option(
            "2 / fan_in: it stays, as the name Kaiming says.",
            "Tempting, since Kaiming He's rule has that variance: with a = 0. The option a = sqrt(5) makes "
            "it six times smaller; it was chosen to repeat an older default.",
        ),
        Option(
            "1 / fan_in: it falls to a half.",
            "Tempting, since the weights lie within ±1 / sqrt(fan_in). But that is the bound; the variance "
            "of a uniform distribution within ±b is b² / 3.",
        ),
        Option(
            "6 / fan_in: it grows threefold.",
            "Tempting if a widens the range. But a is the slope of a leaky ReLU for negative z: a larger "
            "slope lets more through, so the gain becomes smaller.",
        ),
    ),
    answer="a",
    hints=(
        "What is gain² for a² = 5? What is the variance of a uniform distribution within ±b? And what do a "
        "sum of fan_in terms and then a ReLU do to the mean square?",
    ),
)

BLIND = Quiz(
    id="q04_3",
    chapter="04a",
    title="A gauge that does not move",
    skill="choose the measurement that shows vanishing gradients",
    question="In a deep ReLU network without biases you print the norm of the gradient of each layer's "
    "weights at the start. All layers of equal width show about the same number. What follows?",
    options=(
        Option(
            "The signal keeps its size from layer to layer, forward and backward.",
            "Tempting, and one way to get such numbers. But a signal that shrinks forward while its gradient "
            "grows on the way back gives the same: the gradient of a weight is a product of both.",
        ),
        Option(
            "The gradients of the activations have the same norm in every layer, too.",
            "Tempting, since they are factors of the weights' gradients. The other factor is the activation "
            "before the layer, and where one grows with depth the other shrinks.",
        ),
        Option(
            "Somebody clips the gradients by their global norm.",
            "Tempting, since clipping makes norms alike. But it scales all layers by one factor, and leaves "
            "their ratios as they are.",
        ),
        Option(
            "Nothing: such networks show this whatever the scale of their weights.",
            "Scaling the weights of all layers changes all these norms alike, so their ratios say nothing "
            "about vanishing. Look at the gradients of the activations, layer by layer.",
        ),
    ),
    answer="d",
    hints=(
        "Of which two factors is a weight's gradient made? If all weights are doubled, what happens to "
        "each of them in the first layers, and what in the last?",
    ),
)

EXERCISES = (SYMMETRY, DEFAULT, BLIND)
