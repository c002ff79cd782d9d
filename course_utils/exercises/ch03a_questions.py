"""Chapter 03a: questions on a chain's slope, on inputs that are all positive, and on the temperature."""

from __future__ import annotations

from course_utils.grading.exercise import Option, Quiz

CHAIN = Quiz(
    id="q03_1",
    chapter="03a",
    title="The slope of a chain",
    skill="say what bounds a product of slopes, and when it is reached",
    question="Ten sigmoids in a chain, each with the weight 4: `h_l = sigmoid(4 * h_(l-1) + b_l)`, and `h_0` "
    "is any real number x. How steep can `h_10` be as a function of x?",
    options=(
        Option(
            "At most 0.25 to the power of 10, about one millionth, since a sigmoid's slope is at most 0.25.",
            "Tempting: the ten slopes alone multiply to that. But a small change is multiplied by each "
            "weight, too, and 4 times 0.25 is 1.",
        ),
        Option(
            "There is no bound but 4 to the power of 10, about a million, since weights above 1 make slopes "
            "explode.",
            "Tempting, for a chain without bends. Here each weight comes with a sigmoid's slope, which takes "
            "away at least what a weight of 4 adds.",
        ),
        Option(
            "At most 1, and exactly 1 only if the biases let one x bring all ten sums to 0 at once.",
            "Each factor, weight times slope, is at most 4 * 0.25 = 1, and reaches it where the sum is 0. "
            "There `h` is 0.5, so every unit from the second on needs the bias -2. With other biases the "
            "product stays below 1.",
        ),
        Option(
            "At most 1, and some x always reaches it, since x runs through all real numbers.",
            "Tempting, and true of a single unit. But from the second unit on a sum sees only `h` between 0 "
            "and 1, and one x has to serve all ten.",
        ),
    ),
    answer="c",
    hints=(
        "By what is a small change multiplied on its way through one unit, at most, and at which sum? Can "
        "all ten units have that sum for the same x?",
    ),
)

POSITIVE = Quiz(
    id="q03_2",
    chapter="03a",
    title="Inputs that are all positive",
    skill="tell which updates a unit's weights can make",
    question="All inputs of a unit are positive, say the outputs of sigmoids. In one step of gradient "
    "descent on one example, what can its weights do?",
    options=(
        Option(
            "All rise, or all fall, or all stay.",
            "The gradient at weight i is the error at the unit's sum times input i. The error is one number "
            "for all weights and the inputs are positive, so all gradients share its sign.",
        ),
        Option(
            "Each may rise or fall, whatever the others do, since each has its own gradient.",
            "Tempting: there is one gradient for each weight. But all of them are the same error times an "
            "input, and no input is negative.",
        ),
        Option(
            "They can only rise, since the inputs are positive.",
            "Tempting, since that is half of it: the inputs don't change the sign. The error does, and it "
            "may be positive or negative.",
        ),
        Option(
            "All move by the same amount, since they share one error.",
            "Tempting: they do share the error. But each multiplies it by its own input, so the amounts "
            "differ; only the direction is shared.",
        ),
    ),
    answer="a",
    hints=(
        "Write the gradient at one weight as a product of two factors. Which factor is the same for all "
        "weights of the unit, and which sign can the other have?",
    ),
)

TEMPERATURE = Quiz(
    id="q03_3",
    chapter="03a",
    title="Half the temperature",
    skill="say what a temperature does to probabilities",
    question="A softmax of `logits / T` gives one class four times the probability of another. You halve T. "
    "What happens to these two?",
    options=(
        Option(
            "Their logits move together by half, and the ratio falls to 2.",
            "Tempting, if halving T is taken to halve what is divided by it. Dividing by half of T doubles; "
            "the ratio 2 would come from doubling T.",
        ),
        Option(
            "The gap between their scaled logits doubles, and so does the ratio, to 8.",
            "Tempting: the gap does double. But the ratio is the exponential of the gap, and doubling an "
            "exponent squares its exponential.",
        ),
        Option(
            "Nothing: a softmax does not change if all logits are changed alike.",
            "Tempting, and true if the same number is added to all. A factor changes the gaps between them, "
            "and gaps are what a softmax sees.",
        ),
        Option(
            "The gap between their scaled logits doubles, and the ratio is squared, to 16.",
            "The ratio of two probabilities is the exponential of the gap divided by T. Half the temperature "
            "doubles that exponent, which squares the ratio.",
        ),
    ),
    answer="d",
    hints=(
        "Divide the two probabilities: what remains of the softmax? Where does T stand in it, and what "
        "happens to an exponential if its exponent doubles?",
    ),
)

EXERCISES = (CHAIN, POSITIVE, TEMPERATURE)
