"""Exercises that ask for a class, and those that allow torch: the same verdict here and there."""

import ast
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from course_utils.grading.exercise import Case, Exercise, Wrong
from course_utils.grading.grade import grade_resolved
from course_utils.grading.judging import judge
from course_utils.grading.resolver import is_stub, resolve
from course_utils.grading.steps import construct, fetch, lend, method

HEAD = "import numpy as np\n\n"
SGD_SOURCE = '''
class SGD:
    """Stochastic gradient descent with momentum."""

    def __init__(self, params, lr, momentum=0.0):
        self.params = [np.array(p) for p in params]
        self.lr, self.momentum = lr, momentum
        self.velocities = [np.zeros_like(p) for p in params]

    def step(self, gradients):
        for p, v, g in zip(self.params, self.velocities, gradients, strict=True):
            v *= self.momentum
            v += g
            p -= self.lr * v
'''
CHANGES = {
    "SGDUphill": ("p -= self.lr", "p += self.lr"),
    "SGDForgetful": ("v *= self.momentum", "v *= 0.0"),
    "SGDDampened": ("v += g", "v += (1 - self.momentum) * g"),
    "SGDSharing": ("np.array(p) for p in params", "p for p in params"),
    "SGDOfAll": ("v *= self.momentum", "type(self).shared = v; v *= self.momentum"),
}


def made(name, old="", new=""):
    """Make a class from changed source."""
    namespace = {"np": np}
    exec(SGD_SOURCE.replace("class SGD", f"class {name}").replace(old, new), namespace)
    return namespace[name]


SGD = made("SGD")
HINTS = {
    "SGDUphill": "You climb.",
    "SGDForgetful": "You forget.",
    "SGDDampened": "You dampen.",
}


def script(rng, momentum, n_steps):
    shapes = (3, 2), (2,)
    steps = [construct([rng.normal(size=shape) for shape in shapes], lr=0.1, momentum=momentum)]
    for _ in range(n_steps):
        steps.append(method("step", [rng.normal(size=shape) for shape in shapes]))
    return [*steps, fetch("params"), fetch("velocities")]


def two(rng):
    first, second = (construct([rng.normal(size=3)], 0.1, 0.9, object=n) for n in (0, 1))
    moved = method("step", [np.ones(3)], object=0), method("step", [-np.ones(3)], object=1)
    return [first, second, *moved, fetch("params", object=0), fetch("params", object=1)]


STATEFUL = Exercise(
    id="ex99_7",
    chapter="99",
    title="SGD with momentum",
    skill="write an optimizer",
    reference=SGD,
    cases=(
        Case("a first step", lambda rng: script(rng, 0.0, 1), "Subtract lr times the gradient."),
        Case("five steps with momentum", lambda rng: script(rng, 0.9, 5), "Keep the velocity."),
        Case("two optimizers at once", two, "Each object has its own velocities."),
    ),
    wrong=tuple(Wrong(made(name, *CHANGES[name]), hint) for name, hint in HINTS.items()),
    alternatives=(made("SGDOther", "v += g", "v[...] = np.add(g, v)"),),
)
CLASSES = {
    "the reference": (SGD_SOURCE, True, ""),
    **{name: (SGD_SOURCE.replace(*change), False, HINTS.get(name, "")) for name, change in CHANGES.items()},
    "no class": ("def SGD(params, lr, momentum=0.0):\n    return params", False, "Keep the stub's methods"),
    "a missing method": (SGD_SOURCE.replace("def step", "def stop"), False, "Keep the stub's methods"),
    "a missing attribute": (SGD_SOURCE.replace("velocities", "speeds"), False, "Keep the stub's methods"),
    "other arguments": (
        SGD_SOURCE.replace("momentum", "beta"),
        False,
        "Keep the arguments of the stub",
    ),
    "an error in a step": (SGD_SOURCE.replace("p -=", "1 / 0; p -="), False, ""),
    "an attribute that cannot cross": (SGD_SOURCE.replace("self.velocities =", "self.v ="), False, ""),
    "a set": (
        "class SGD:\n    params = {1}\n    def __init__(self, *a, **k): pass\n    step = __init__",
        False,
        "",
    ),
}
for name in ("SGDSharing", "SGDOfAll"):  # odd, and right
    CLASSES[name] = (CLASSES[name][0], True, "")


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_here_and_there(sandbox, name):
    source, passes, hint = CLASSES[name]
    resolved = resolve([HEAD + source], "SGD")
    here = grade_resolved(STATEFUL, resolved, 3)
    there = sandbox.grade(STATEFUL, resolved, 3).result
    assert here == there
    assert there.passed == passes, repr(there)
    assert hint in there.hint


def test_wrong_classes_have_their_own_hint():
    for wrong in STATEFUL.wrong:
        assert judge(STATEFUL, wrong.function, 1).hint == wrong.hint
    for right in (SGD, *STATEFUL.alternatives):
        assert judge(STATEFUL, right, 1).passed


STARTED = replace(
    STATEFUL, cases=(Case("new", lambda rng: [construct([np.ones(2)], 0.1), fetch("params")], "Copy."),)
)


def test_what_is_said_names_the_step():
    result = judge(STATEFUL, made("SGD", "p -= self.lr", "p += self.lr"), 1)
    assert result.cases[0].message.startswith("`params` after 1 call of `step`: item 0: at [0, 0]: expected ")
    assert result.cases[1].message.startswith("`params` after 5 calls of `step`: item 0: ")
    assert result.cases[2].message.startswith("`params` of object 1 after 1 call of `step`: item 0: ")
    returned = judge(STATEFUL, made("SGD", "self.lr * v", "self.lr * v\n        return v"), 1)
    assert returned.cases[2].message.startswith("`step` of object 1, call 1: expected None")
    kept = judge(STARTED, made("SGD", "np.array(p) for p", "2 * p for p"), 1)
    assert kept.cases[0].message.startswith("`params` at the start: item 0: ")
    returned = judge(STATEFUL, made("SGD", "self.lr * v", "self.lr * v\n        return {1}"), 1)
    assert returned.cases[0].message == "your method `step` returned a set"
    moving = "p -= self.lr * v"
    held = judge(STATEFUL, made("SGD", moving, f"{moving}\n        self.velocities = {{1}}"), 1)
    assert held.cases[0].message == "`velocities` holds a set"


def test_a_changed_argument_of_a_method_is_named(sandbox):
    source = SGD_SOURCE.replace("v += g", "v += g\n            g *= 0")
    result = sandbox.grade(STATEFUL, resolve([HEAD + source], "SGD"), 3).result
    assert result.cases[0].message == "your class changed its input `gradients`; copy first"


KEEPING = "p -= self.lr * v", "p -= self.lr * v\n        self.velocities = gradients"


def lent(rng):
    return [construct([np.ones(2)], 0.1), lend("step", [rng.normal(size=2)]), fetch("velocities")]


LENT = Exercise(
    id="ex99_9",
    chapter="99",
    title="SGD of copies",
    skill="copy",
    reference=SGD,
    cases=(Case("lent", lent, "Copy."),),
    wrong=(Wrong(made("SGDKeeping", *KEEPING), "You keep."),),
    alternatives=(SGD,),
)


def test_an_object_that_keeps_what_it_was_lent_is_found_out(sandbox):
    keeping = SGD_SOURCE.replace(*KEEPING)
    copying = keeping.replace("= gradients", "= [g.copy() for g in gradients]")
    for source, passes in ((SGD_SOURCE, True), (copying, True), (keeping, False)):
        here = grade_resolved(LENT, resolve([HEAD + source], "SGD"), 3)
        assert sandbox.grade(LENT, resolve([HEAD + source], "SGD"), 3).result == here
        assert here.passed == passes, here
    assert here.hint == "You keep."
    assert here.cases[0].message.startswith("`velocities` after 1 call of `step`: item 0: at [0]: expected ")


def test_the_stub_of_a_class_is_no_attempt(sandbox):
    stub = 'class SGD:\n    """Doc."""\n\n    def __init__(self, params):\n        ...\n\n'
    stub += "    def step(self):\n        pass"
    resolved = resolve([stub], "SGD")
    assert resolved.stub
    assert sandbox.grade(STATEFUL, resolved, 1).result.status == "not attempted"
    assert not is_stub(ast.parse(stub.replace("pass", "return 3")).body[0])
    missing = sandbox.grade(STATEFUL, resolve([""], "SGD"), 1).result
    assert "defines the class `SGD`" in missing.hint


def gradient(weight, x):
    """Gradient of mean(tanh(x @ weight) ** 2)."""
    y = np.tanh(x @ weight)
    return x.T @ (2 * y * (1 - y**2)) / y.size


def gradient_flipped(weight, x):
    return -gradient(weight, x)


TORCH = Exercise(
    id="ex99_8",
    chapter="99",
    title="A gradient by autograd",
    skill="differentiate with torch",
    reference=gradient,
    cases=(
        Case("a matrix", lambda rng: (rng.normal(size=(3, 2)), rng.normal(size=(5, 3))), "Call backward.", 2),
        Case("a row", lambda rng: (rng.normal(size=(3, 1)), rng.normal(size=(1, 3))), "Take the mean."),
    ),
    wrong=(Wrong(gradient_flipped, "You have the sign wrong."),),
    alternatives=(gradient,),
    allows=("math", "numpy", "torch"),
)
TORCH_SOURCE = """
import torch

def gradient(weight, x):
    weight = torch.tensor(weight, requires_grad=True)
    loss = (torch.as_tensor(x) @ weight).tanh().square().mean()
    loss.backward()
    return weight.grad.numpy()
"""
TRAINED = """
import torch
from torch import nn

def gradient(weight, x):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    for _ in range(3):
        loss = nn.functional.cross_entropy(net(torch.randn(8, 1, 8, 8)), torch.arange(8) % 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    lstm, attention = nn.LSTM(4, 8), nn.MultiheadAttention(8, 2)
    h, _ = lstm(torch.randn(5, 3, 4))
    attention(h, h, h)[0].sum().backward()
    assert torch.isfinite(loss)
    w = torch.tensor(weight, requires_grad=True)
    return torch.autograd.grad((torch.as_tensor(x) @ w).tanh().square().mean(), w)[0].numpy()
"""
TORCHES = {
    "right": (TORCH_SOURCE, "passed", ""),
    "trained before": (TRAINED, "passed", ""),
    "flipped": (
        TORCH_SOURCE.replace("return weight", "return -weight"),
        "failed",
        "You have the sign wrong.",
    ),
    "a tensor": (TORCH_SOURCE.replace(".numpy()", ""), "failed", ".detach().numpy()"),
    "a tensor with a gradient": (TORCH_SOURCE.replace(".grad.numpy()", ""), "failed", ".detach().numpy()"),
    "tensors in a list": (TORCH_SOURCE.replace("weight.grad.numpy()", "[weight]"), "failed", ".detach()"),
    "an error": (TORCH_SOURCE.replace("backward()", "backwards()"), "failed", "Python stopped"),
    "another package": (
        "import scipy\n" + TORCH_SOURCE.replace("weight.grad", "scipy.a"),
        "forbidden",
        "scipy",
    ),
}


@pytest.mark.parametrize("name", TORCHES)
def test_torch_here_and_there(sandbox, name):
    source, status, hint = TORCHES[name]
    resolved = resolve([source], "gradient")
    here = grade_resolved(TORCH, resolved, 3)
    there = sandbox.grade(TORCH, resolved, 3).result
    assert here == there
    assert there.status == status, repr(there)
    assert hint in there.hint


def test_memory_of_torch_is_bounded(sandbox):
    source = textwrap.dedent(
        """
        import torch

        def gradient(weight, x):
            kept = []
            while True:
                kept.append(torch.empty(100_000_000))
        """
    )
    result = sandbox.grade(TORCH, resolve([source], "gradient"), 3).result
    assert not result.passed
    assert "memory" in repr(result), repr(result)
