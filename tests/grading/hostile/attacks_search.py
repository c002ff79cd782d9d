"""Attacks on the judge from within: searching memory for its answers, and patching what it might use.

They would get through if answers ran in the judge's process.
"""

import textwrap

from tests.grading.hostile.attack import LOAD, Attack, neuron

PROCESS = {"held": ("process",), "through": 2, "points": 0}


def lying(patch: str) -> str:
    """Source of an answer that patches or searches something, and returns a zero."""
    body = textwrap.indent(patch, " " * 8)
    start = f"{LOAD}\ndef neuron(x, weight, bias):\n    try:\n{body}\n"
    return f"{start}    except Exception: pass\n    return 0.0\n"


ATTACKS = (
    Attack(
        "searches all objects for the reference",
        lying(
            'for found in load("gc").get_referrers(type(neuron)):\n    pass\n'
            'for found in load("gc").get_objects():\n'
            '    if type(found) is type(neuron) and found.__name__ == "neuron" and found is not neuron:\n'
            "        return found(x, weight, bias)"
        ),
        **PROCESS,
    ),
    Attack(
        "searches the callers' frames for the exercise",
        lying(
            'frame = load("sys")._getframe()\n'
            "while frame:\n"
            "    for value in list(frame.f_locals.values()):\n"
            '        if hasattr(value, "reference") and hasattr(value, "cases"):\n'
            "            return value.reference(x, weight, bias)\n"
            "    frame = frame.f_back"
        ),
        **PROCESS,
    ),
    Attack(
        "searches the modules for the exercise",
        lying(
            'for name, module in list(load("sys").modules.items()):\n'
            '    if name.endswith("ch00_start"):\n        return module.neuron(x, weight, bias)'
        ),
        **PROCESS,
    ),
    Attack(
        "patches numpy's comparisons",
        lying(
            "numpy = load('numpy')\n"
            "numpy.isclose = lambda a, b, **k: numpy.ones(numpy.shape(a), bool)\n"
            "numpy.allclose = numpy.array_equal = lambda *a, **k: True"
        ),
        **PROCESS,
    ),
    Attack(
        "patches the judge's comparison",
        lying('load("course_utils.grading.judging").difference = lambda *a: None'),
        **PROCESS,
    ),
    Attack(
        "patches the judge",
        lying(
            'load("course_utils.grading.judging")._examine = lambda *a: ("", "")\n'
            'load("course_utils.grading.values").difference = lambda *a, **k: None'
        ),
        **PROCESS,
    ),
    Attack(
        "patches builtins",
        lying(
            'own = load("builtins")\nown.len = lambda *a: 3\nown.all = own.isinstance = lambda *a: True\n'
            "own.print = own.repr = own.str = own.type = None"
        ),
        points=0,
        status="failed|crashed|timed out",
    ),
    Attack(
        "replaces modules",
        lying(
            'modules = load("sys").modules\nfor name in ("numpy", "struct", "msgpack", "os"):\n'
            "    modules[name] = None"
        ),
        points=0,
    ),
    Attack(
        "patches what carries its results",
        lying(
            'wire = load("course_utils.grading.sandbox.wire")\n'
            'child = load("course_utils.grading.sandbox.child")\n'
            "child.encode = wire.encode = lambda value: b'\\xc3'"
        ),
        points=0,
        status="crashed",
    ),
    Attack(
        "traces everything",
        neuron(
            "def trace(frame, event, value):\n    frame.f_locals.clear()\n    return trace\n\n"
            'load("sys").settrace(trace)\n'
            'load("sys").setprofile(lambda *a: None)'
        ),
        points=1,
        status="crashed",
    ),
    Attack(
        "turns warnings and floating-point trouble into errors",
        neuron('load("warnings").simplefilter("error")\nload("numpy").seterr(all="raise")'),
        points=2,
        status="passed",
    ),
    Attack(
        "IPython's hooks",
        neuron("get_ipython().events.register('post_run_cell', print)"),
        said="`get_ipython` does not exist in class",
    ),
    Attack(
        "imports what is not allowed",
        neuron("import subprocess"),
        points=0,
        status="forbidden",
        said="`subprocess`",
    ),
    Attack(
        "imports what is not allowed by another name",
        neuron('__import__("subprocess").run(["true"])'),
        points=0,
        status="forbidden",
        said="`subprocess`",
    ),
    Attack(
        "behaves until the second case",
        neuron(
            "return SEEN[0]",
            "SEEN = {}\nremember = SEEN.setdefault",
            rest="return SEEN.setdefault(0, x @ weight + bias)",
        ),
        status="failed",
    ),
    Attack(
        "code in decorators, defaults and annotations",
        f"{LOAD}\nclass Meta(type):\n    def __new__(meta, *a):\n        load('numpy').isclose = None\n"
        f"        return type.__new__(meta, *a)\n\n"
        "class Wrapped(metaclass=Meta):\n    def __call__(self, x, weight, bias): return 0.0\n\n"
        "def wrap(function): return Wrapped()\n\n"
        "@wrap\ndef neuron(x, weight, bias=load('sys').setrecursionlimit(50)):\n    return 0.0",
        points=0,
    ),
    Attack(
        "reaches the builtins of the function handed in",
        "def numerical_gradient(f, x, eps):\n"
        "    f.__builtins__.clear()\n    f.__code__ = (lambda *a: 0.0).__code__\n    return 0 * x\n",
        points=0,
        exercise="ex01_9",
        status="failed|crashed",
    ),
)
