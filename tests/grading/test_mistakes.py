"""Mistakes as learners make them, often two at a time, and the one hint that must meet each."""

import pytest

from course_utils.grading.check import check

NAIVE_SOFTMAX = """
def probabilities(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
"""
BACKWARD = """
def mlp_backward(x, labels, weight1, bias1, weight2, bias2):
    h = np.maximum(x @ weight1.T + bias1, 0.0)
    z = h @ weight2.T + bias2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    dz = e / e.sum(axis=1, keepdims=True)
    dz[np.arange(len(x)), labels] -= 1
    dz /= len(x)
    da = (dz @ weight2) * (h > 0)
    return da.T @ x, da.sum(axis=0), dz.T @ h, dz.sum(axis=0)
"""
SIGMOID = "    s = 1 / (1 + np.exp(-z))\n    return s, s * (1 - s)"


def hint(id, source):
    result = check(id, sources=["import numpy as np\nimport math", source])
    assert result.status == "failed", repr(result)
    return result.hint


def perceptron(score="weight @ x + bias", moved="weight + y * x, bias + y", kept="weight, bias"):
    return (
        f"def perceptron_update(weight, bias, x, y):\n    if y * ({score}) > 0:\n        return {kept}\n"
        f"    return {moved}"
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (perceptron(moved="weight + y * x", kept="weight"), "`return weight, bias`"),
        (perceptron(score="weight @ x"), "left the bias out"),
        (perceptron(score="weight @ x", moved="weight + x, bias + 1"), "left the bias out"),
        (perceptron(moved="bias + y, weight + y * x", kept="bias, weight"), "another order"),
    ],
)
def test_perceptron(source, said):
    assert said in hint("ex01_1", source)


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("-np.log(p[np.arange(len(labels)), labels]).sum()", "You return the sum"),
        ("-np.log(p[np.arange(len(labels)), labels])", "one loss per example: add `.mean()`"),
        ("-np.log(p[labels]).mean()", "`p[labels]` picks whole rows"),
        ("-np.log2(p[np.arange(len(labels)), labels]).mean()", "the natural logarithm, `np.log`"),
        ("np.log(p[np.arange(len(labels)), labels]).mean()", "A sign"),
    ],
)
def test_a_mistake_is_recognised_beside_a_naive_overflow(loss, said):
    source = f"def cross_entropy(logits, labels):\n    p = probabilities(logits)\n    return {loss}"
    assert said in hint("ex01_5", NAIVE_SOFTMAX + source)


FORWARD = "def mlp_forward(x, weight1, bias1, weight2, bias2):\n"


@pytest.mark.parametrize(
    ("id", "source", "said"),
    [
        (
            "ex01_3",
            f"{FORWARD}    return np.maximum(weight1 @ x + bias1, 0) @ weight2 + bias2",
            "x @ weight1.T",
        ),
        (
            "ex01_3",
            f"{FORWARD}    return weight2 @ np.maximum(weight1 @ x + bias1, 0) + bias2",
            "x @ weight1.T",
        ),
        ("ex01_3", f"{FORWARD}    return np.dot(x, weight1)", "inner sizes"),
        ("ex01_3", f"{FORWARD}    return max(0, x @ weight1.T + bias1) @ weight2.T + bias2", "np.maximum"),
        (
            "ex01_3",
            f"{FORWARD}    return np.max(x @ weight1.T + bias1, 0) @ weight2.T + bias2",
            "`np.maximum(a, 0)`",
        ),
        (
            "ex01_4",
            "def softmax(logits):\n    e = np.exp(logits)\n    return e / e.sum(axis=1)",
            "keepdims=True",
        ),
        ("ex01_2", f"def sigmoid_and_slope(z):\n    if z >= 0:\n        return z, z\n{SIGMOID}", "np.where"),
        ("ex01_2", "def sigmoid_and_slope(z):\n    return math.exp(z), z", "such as `np.exp`"),
        (
            "ex01_2",
            "def sigmoid_and_slope(z):\n"
            "    s = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))\n"
            "    return s, s * (1 - s)",
            "`np.where`, which computes both",
        ),
        (
            "ex01_2",
            f"def sigmoid_and_slope(z):\n{SIGMOID.replace('return s, ', 'return ')}",
            "`return value, slope`",
        ),
    ],
)
def test_errors_of_numpy_and_python(id, source, said):
    found = hint(id, source)
    assert said in found
    assert "gufunc" not in found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("e = np.exp(z - z.max(axis=1, keepdims=True))", "e = np.exp(z)"), "thousands"),
        (("z.max(axis=1, keepdims=True))", "z.max())"), "thousands"),
        (("e.sum(axis=1, keepdims=True)", "e.sum(axis=0)"), "axis=1"),
        (
            (
                "e = np.exp(z - z.max(axis=1, keepdims=True))\n    dz = e / e.sum(axis=1, keepdims=True)",
                "e = np.exp(z)\n    dz = e / e.sum(axis=0)",
            ),
            "axis=1",
        ),
        (("return da.T @ x, da.sum(axis=0), dz.T @ h", "return da.T @ x, dz.T @ h, da.sum(axis=0)"), "order"),
        (("da.sum(axis=0)", "da.sum()"), "`dbias1` should have shape (6,)"),
        (("(h > 0)", "(1 - h**2)"), "slope of tanh"),
        (("dz[np.arange(len(x)), labels]", "dz[labels]"), "`dz[labels]` picks whole rows"),
    ],
)
def test_backward(change, said):
    changed = BACKWARD.replace(*change)
    assert changed != BACKWARD
    assert said in hint("ex01_6", changed)


def test_an_unrelated_mistake_is_not_taken_for_a_known_one():
    never = "def perceptron_update(weight, bias, x, y):\n    return weight, bias"
    assert "After a mistake the weight moves" in hint("ex01_1", never)
    raised = f"{FORWARD}    raise ValueError('no')"
    assert "Python stopped" in hint("ex01_3", raised)


STEP = "def sgd_step(parameters, gradients, velocities, lr, momentum):\n"
ZIPPED = "zip(parameters, gradients, velocities, strict=True)"
BATCHES = "def minibatches(n, batch_size, seed):\n    rng = np.random.default_rng(seed)\n"
DIFFERENCES = "def numerical_gradient(f, x, eps):\n    gradient = np.zeros_like(x)\n    x = x.copy()\n"
CONFUSION = "def confusion_matrix(y_true, y_pred, n_classes):\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "    speeds = [momentum * v - lr * g for v, g in zip(velocities, gradients, strict=True)]\n"
            "    return [p + v for p, v in zip(parameters, speeds, strict=True)], speeds",
            "Your velocity holds -lr",
        ),
        (
            f"    return [(p - lr * (momentum * v + g), momentum * v + g) for p, g, v in {ZIPPED}]",
            "one pair for each array: return two lists",
        ),
        (f"    return [p - lr * (momentum * v + g) for p, g, v in {ZIPPED}]", "parameters alone"),
    ],
)
def test_sgd_step(body, said):
    assert said in hint("ex01_7", STEP + body)


def test_a_list_in_the_place_of_two_says_what_it_is():
    result = check("ex01_7", sources=[f"{STEP}    return parameters"])
    assert result.cases[0].message == "expected 2 values, got a list of 3"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "    order = rng.permutation(n)\n"
            "    return [order[k * batch_size : (k + 1) * batch_size] for k in range(n // batch_size + 1)]",
            "Your last batch is empty",
        ),
        (
            "    order = np.argsort(rng.random(n))\n"
            "    return [order[k * batch_size : (k + 1) * batch_size] for k in range(n // batch_size + 1)]",
            "Your last batch is empty",
        ),
        (
            "    order = 1 + rng.permutation(n)\n"
            "    return [order[k : k + batch_size] for k in range(0, n, batch_size)]",
            "Your numbers run from 1 to 23: indices run from 0 to n - 1",
        ),
        (
            "    order = rng.permutation(n)\n"
            "    for k in range(0, n, batch_size):\n        yield order[k : k + batch_size]",
            "collect them in a list",
        ),
        (
            "    return [rng.integers(0, n, size=batch_size) for _ in range(n // batch_size)]",
            "come more than once",
        ),
        (
            "    order = rng.permutation(n)\n"
            "    return [order[k : k + batch_size] for k in range(n - batch_size)]",
            "come more than once",
        ),
    ],
)
def test_minibatches(body, said):
    assert said in hint("ex01_8", BATCHES + body)


def differences(quotient="(f(x + step) - f(x - step)) / (2 * eps)"):
    return (
        f"{DIFFERENCES}    for index in np.ndindex(x.shape):\n        step = np.zeros_like(x)\n"
        f"        step[index] = eps\n        gradient[index] = {quotient}\n    return gradient"
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (differences("(f(x + step) - f(x - step)) / 2 * eps"), "(2 * eps)"),
        (differences().replace("    x = x.copy()", "    eps = 1e-6"), "whatever its value"),
        (
            f"{DIFFERENCES}    for i in np.ndindex(x.shape):\n        a = x\n        a[i] += eps\n"
            "        up = f(a)\n        b = x\n        b[i] -= eps\n"
            "        gradient[i] = (up - f(b)) / (2 * eps)\n    return gradient",
            "the same array, not a copy",
        ),
        (
            f"{DIFFERENCES}    return (f(x + eps) - f(x - eps)) / (2 * eps)",
            "all entries of x together",
        ),
        (
            f"{DIFFERENCES}    gradient = np.zeros(len(x))\n    for i in range(len(x)):\n"
            "        step = np.zeros_like(x)\n        step[i] = eps\n"
            "        gradient[i] = (f(x + step) - f(x - step)) / (2 * eps)\n    return gradient",
            "np.ndindex",
        ),
        (
            f"{DIFFERENCES}    for i in range(len(x)):\n        step = np.zeros_like(x)\n"
            "        step[i] = eps\n        gradient[i] = (f(x + step) - f(x - step)) / (2 * eps)\n"
            "    return gradient",
            "np.ndindex",
        ),
    ],
)
def test_numerical_gradient(source, said):
    assert said in hint("ex01_9", source)


@pytest.mark.parametrize("eps", ["1e-3", "1e-5", "1e-7"])
def test_no_step_of_ones_own_passes_for_eps(eps):
    assert "whatever its value" in hint(
        "ex01_9", differences().replace("    x = x.copy()", f"    eps = {eps}")
    )


def test_rows_that_are_one_list():
    body = "    counts = [[0] * n_classes] * n_classes\n    for t, p in zip(y_true, y_pred, strict=True):\n"
    body += "        counts[t][p] += 1\n    return np.array(counts)"
    assert "one and the same list" in hint("ex01_10", CONFUSION + body)


SGD = "def sgd_step(parameters, gradients, velocities, lr, momentum):\n"


@pytest.mark.parametrize(
    ("id", "source", "said"),
    [
        (
            "ex01_2",
            "def sigmoid_and_slope(z):\n    z = np.clip(z, -20, 20)\n    s = 1 / (1 + np.exp(-z))\n"
            "    return s, s * (1 - s)",
            "no z has to be cut off",
        ),
        (
            "ex01_3",
            f"{FORWARD}    h = np.maximum(0, weight1 @ x.T + bias1)\n    return weight2 @ h + bias2",
            "a transpose may be missing",
        ),
        (
            "ex01_7",
            f"{SGD}    velocities = momentum * velocities + gradients\n    return parameters, velocities",
            "take one item at a time",
        ),
        (
            "ex01_7",
            f"{SGD}    for p, g, v in zip(parameters, gradients, velocities):\n        v = momentum * v + g\n"
            "        p = p - lr * v\n    return parameters, velocities",
            "leaves the list alone",
        ),
        (
            "ex01_10",
            f"{CONFUSION}    return np.array([[(y_true == i and y_pred == j).sum() for j in range(n_classes)]"
            " for i in range(n_classes)])",
            "`&` and `|` compare entry by entry",
        ),
    ],
)
def test_what_numpy_misunderstands(id, source, said):
    assert said in hint(id, source)
