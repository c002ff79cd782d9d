"""Mistakes in chapter 03's exercises as learners make them, and the one hint that must meet each."""

import pytest

from course_utils.grading.check import check

ELU = "def elu_forward_backward(x, alpha, dy):\n"
SOFTPLUS = "def softplus(x, beta):\n"
LOGIT = "def two_class_logit(logits, temperature):\n"
CHAIN = "def largest_chain_slope(weights, biases):\n"
PRELU = "def prelu_forward_backward(x, weight, dy):\n    y = np.where(x > 0, x, weight * x)\n"
COUNT = "def count_dead(x, weight, bias):\n"
REVIVE = "def revive(x, weights, biases):\n"
INTERVAL = "def paired_interval(a, b, t):\n    d = a - b\n    m = d.mean()\n"


def outcome(id, source):
    return check(id, sources=["import numpy as np\nimport math", source])


def chain(grid, factor="w * h * (1 - h)"):
    return (
        f"{CHAIN}    best = 0\n    for x in {grid}:\n        h, s = x, 1\n"
        "        for w, b in zip(weights, biases):\n            h = 1 / (1 + np.exp(-(w * h + b)))\n"
        f"            s *= {factor}\n        best = max(best, abs(s))\n    return best"
    )


def walk(change, after="h @ W.T + new[-1]"):
    return (
        f"{REVIVE}    new, h = [], x\n    for W, b in zip(weights, biases):\n        z = h @ W.T + b\n"
        f"        new.append(np.where({change}))\n        h = np.maximum(0, {after})\n    return new"
    )


@pytest.mark.parametrize(
    ("id", "source", "said"),
    [
        (
            "ex03_1",
            f"{ELU}    if x > 0:\n        return x, dy\n    return alpha * (np.exp(x) - 1), alpha * dy",
            "np.where",
        ),
        (
            "ex03_1",
            f"{ELU}    y = np.where(x > 0, x, alpha * (np.exp(x) - 1))\n"
            "    return y, dy * np.where(x > 0, 1, np.exp(x))",
            "your slope does not",
        ),
        (
            "ex03_1",
            f"{ELU}    y = np.maximum(0, x) + np.minimum(0, alpha * (np.exp(x) - 1))\n"
            "    return y, dy * np.where(x > 0, 1, y + alpha)",
            "`np.expm1` keeps",
        ),
        ("ex03_2", f"{SOFTPLUS}    return math.log(1 + math.exp(beta * x)) / beta", "such as `np.exp`"),
        (
            "ex03_2",
            f"{SOFTPLUS}    return np.where(beta * x > 20, x, np.log1p(np.exp(beta * x)) / beta)",
            "even inside `np.where`",
        ),
        (
            "ex03_2",
            f"{SOFTPLUS}    z = np.clip(beta * x, -50, 50)\n    return np.log1p(np.exp(z)) / beta",
            "no z has to be cut off",
        ),
        ("ex03_3", f"{LOGIT}    return np.diff(logits, axis=1) / temperature", "in another arrangement"),
        (
            "ex03_3",
            f"{LOGIT}    e = np.exp(logits / temperature)\n    return e[:, 1] / e.sum(axis=1)",
            "That is the probability",
        ),
        (
            "ex03_3",
            f"{LOGIT}    z = logits / temperature\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
            "    p = e / e.sum(axis=1, keepdims=True)\n    return -np.log(1 / p[:, 1] - 1)",
            "to rounding, and s is infinite",
        ),
        ("ex03_4", chain("np.arange(-20, 20, 0.1)"), "steps over narrow peaks"),
        ("ex03_4", chain("np.arange(-20, 20, 0.02)", "h * (1 - h)"), "The weights are missing"),
        ("ex03_4", f"{CHAIN}    return np.prod(weights) / 4 ** len(weights)", "weights may be negative"),
        (
            "ex03_5",
            f"{PRELU}    return y, dy * np.where(x > 0, 1, weight), (dy * x)[x <= 0].sum()",
            "need an `axis`",
        ),
        (
            "ex03_5",
            f"{PRELU}    dw = dy * np.where(x > 0, 0, x)\n"
            "    return y, dy * np.where(x > 0, 1, weight), dw.mean(axis=0)",
            "B times too small",
        ),
        (
            "ex03_6",
            f"{COUNT}    return (np.maximum(0, x @ weight.T + bias).mean(axis=1) == 0).sum()",
            "`axis=0`",
        ),
        ("ex03_6", f"{COUNT}    return (x @ weight + bias <= 0).all(axis=0).sum()", "a `.T` may be missing"),
        ("ex03_7", f"{REVIVE}    return biases", "a unit of layer 1 is still off"),
        ("ex03_7", f"{REVIVE}    return [np.abs(b) for b in biases]", "a unit in layer 1 that is alive"),
        (
            "ex03_7",
            walk("(z <= 0).all(axis=0), b - np.median(z, axis=0), b", after="z"),
            "You measure every layer in the old network",
        ),
        ("ex03_7", walk("(z <= 0).all(axis=0), -np.median(z, axis=0), b"), "counts it twice"),
        (
            "ex03_7",
            f"{REVIVE}    for W, b in zip(weights, biases):\n        b += 1\n    return biases",
            "a unit in layer 1 that is alive",
        ),
        (
            "ex03_8",
            f"{INTERVAL}    h = t * d.std(ddof=1) / len(d) ** 0.5\n    return m, (m - h, m + h)",
            "Return 3 values",
        ),
        (
            "ex03_8",
            f"{INTERVAL}    h = t * d.std(ddof=1) / len(d) ** 0.5\n    return m - h, m, m + h",
            "another order",
        ),
        (
            "ex03_8",
            f"{INTERVAL}    h = t * np.sqrt(a.var() / len(a) + b.var() / len(b))\n    return m, m - h, m + h",
            "seed by seed",
        ),
    ],
)
def test_a_mistake_meets_its_hint(id, source, said):
    result = outcome(id, source)
    assert result.status == "failed", repr(result)
    assert said in result.hint


@pytest.mark.parametrize(
    ("id", "source"),
    [
        (
            "ex03_1",
            f"{ELU}    z = np.clip(x, -60, 0)\n    y = np.where(x > 0, x, alpha * np.expm1(z))\n"
            "    return y, dy * np.where(x > 0, 1, alpha * np.exp(z))",
        ),
        (
            "ex03_2",
            f"{SOFTPLUS}    z = beta * x\n"
            "    return np.where(z > 20, x, np.log1p(np.exp(np.minimum(z, 20))) / beta)",
        ),
        ("ex03_7", walk("(z <= 0).all(axis=0), b - np.quantile(z, 0.4, axis=0), b")),
    ],
)
def test_an_honest_answer_of_another_kind_passes(id, source):
    result = outcome(id, source)
    assert result.passed, repr(result)
