"""Attacks by what an answer returns or raises."""

from tests.grading.hostile.attack import LOAD, Attack, neuron

ZERO = "return 0.0 * bias"

LIAR = """
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __array_function__(self, function, types, args, keywords): return True
    def __array_ufunc__(self, *args, **keywords): return True
    def __bool__(self): return True
    def all(self, *args, **keywords): return True
    shape = property(lambda self: ())
"""

# name -> (body of the second case, what stands before the function)
RETURNED = {
    "an object that equals everything": (
        "return Equal()",
        "class Equal:\n    __eq__ = __le__ = __ge__ = lambda *a: True\n    __hash__ = None\n"
        "    __float__ = lambda self: 0.0\n    __array__ = lambda *a, **k: np.zeros(())\n\n"
        "import numpy as np",
    ),
    "a number that equals everything": (
        "return Equal(7.0)",
        "class Equal(float):\n    __eq__ = lambda *a: True\n    __sub__ = __rsub__ = lambda *a: 0.0\n"
        "    __hash__ = float.__hash__",
    ),
    "an array that lies": ("return np.zeros(()).view(Liar)", f"import numpy as np\n{LIAR}"),
    "an array that hides what is wrong": (
        "return np.ma.masked_array([0.0], mask=[True])",
        "import numpy as np",
    ),
    "a matrix": ("return np.matrix([[1.0]])", "import numpy as np"),
    "an array of objects": ("return np.array([lambda: 1, None], dtype=object)", "import numpy as np"),
    "an array of records": ("return np.zeros(2, dtype=[('a', 'f8'), ('b', 'O')])", "import numpy as np"),
    "nan": ("return float('nan')", ""),
    "nan in an array": ("return np.full(1, np.nan)", "import numpy as np"),
    "infinity": ("return -float('inf')", ""),
    "a complex number": ("return 1j", ""),
    "a whole number of a million digits": ("return 1 << 3_000_000", ""),
    "a whole number of 299 digits": ("return 10 ** 299", ""),
    "a text of 10 MB": ("return 'x' * (10 * 2**20)", ""),
    "a text of 60 MB": ("return 'x' * (60 * 2**20)", ""),
    "lists in lists, a million deep": (
        "nest = []\nfor _ in range(10**6):\n    nest = [nest]\nreturn nest",
        "",
    ),
    "a list that holds itself": ("own = []\nown.append(own)\nreturn own", ""),
    "a dict that holds itself": ("own = {}\nown['a'] = own\nreturn own", ""),
    "a million numbers in a list": ("return [0.0] * 10**6", ""),
    "too many small arrays": ("return [np.zeros(1)] * 20_000", "import numpy as np"),
    "an array of 10 MB": ("return np.zeros(10 * 2**20, np.uint8)", "import numpy as np"),
    "rows without entries": ("return np.zeros((2**30, 0))", "import numpy as np"),
    "a tuple of one": ("return (x @ weight + bias,)", ""),
    "a function": ("return neuron", ""),
    "a generator": ("return (value for value in [1.0])", ""),
    "a class": ("return float", ""),
    "a module": ("return print.__self__", ""),
    "bytes that are a pickle": ("return b'cos\\nsystem\\n(S\\'true\\'\\ntR.'", ""),
    "an object with a pickle's hook": (
        "return Pickled()",
        'class Pickled:\n    def __reduce__(self): return (print.__self__.open, ("MARKER", "w"))',
    ),
    "an object with a hostile class name": (
        "return type('<img src=x onerror=alert(1)>\\x1b[31m\\u202e' * 9, (), {})()",
        "",
    ),
    "an object whose class is not its class": (
        "return Float()",
        "class Float:\n    __class__ = float\n    __eq__ = lambda *a: True\n    __hash__ = None",
    ),
    "a dict with keys of one hash": ("return {n * (2**61 - 1): 0 for n in range(1, 500)}", ""),
    "another answer each time it is asked": (
        "CALLS.append(1)\nreturn 0.0 if len(CALLS) % 2 else x @ weight + bias",
        "CALLS = []",
    ),
}

# name -> (class of the exception, what is raised)
RAISED = {
    "an exception without a text": (
        "class Mute(Exception):\n    def __str__(self): raise ValueError\n    __repr__ = __str__",
        "raise Mute",
    ),
    "an exception whose text never ends": (
        "class Slow(Exception):\n    def __str__(self):\n        while True: pass",
        "raise Slow",
    ),
    "an exception whose text is none": (
        "class Odd(Exception):\n    def __str__(self): return 5",
        "raise Odd",
    ),
    "an exception with 60 MB of text": ("", "raise ValueError('x' * (60 * 2**20))"),
    "an exception with a hostile text": (
        "",
        "raise ValueError('<script>alert(1)</script>\\x1b]0;owned\\x07\\u202epassed\\x00'\n"
        "                 '`code` {{ 7 * 7 }}')",
    ),
    "an exception of the judge's own": (
        LOAD,
        'error = load("course_utils.grading.trials").AnswerError("X", "y")\nerror.points = 2\nraise error',
    ),
    "an exception that is its own cause": (
        "",
        "error = ValueError('a')\nerror.__cause__ = error\nraise error",
    ),
    "an exception with a name of 1 MB": ("", "raise type('E' * 10**6, (Exception,), {})()"),
    "a group of exceptions, deep": (
        "",
        "error = ValueError('a')\nfor _ in range(500):\n    error = ExceptionGroup('b', [error])\n"
        "raise error",
    ),
}


def _is_much(name: str) -> bool:
    """Whether a busy machine may need longer than the time limit for it."""
    return any(word in name for word in ("million", "MB", "many"))


ATTACKS = (
    *(
        Attack(
            f"returns {name}", neuron(body, head), status="failed|timed out" if _is_much(name) else "failed"
        )
        for name, (body, head) in RETURNED.items()
    ),
    *(
        Attack(
            f"raises {name}",
            neuron(body, head),
            status="timed out" if "never ends" in name else "failed|timed out",
        )
        for name, (head, body) in RAISED.items()
    ),
    Attack(
        "a text that makes numbers of its length out of a thousand",
        "def softmax(logits):\n    return ['x' * 1_000_000] + ['y'] * 3000\n",
        points=0,
        exercise="ex01_4",
        said="got a list of 3001",
    ),
    Attack(
        "ten million batches",
        "import numpy as np\ndef minibatches(n, batch_size, seed):\n"
        "    return np.zeros(10 * 2**20, np.uint8)\n",
        points=0,
        exercise="ex01_8",
        said="more than 200,000 numbers",
    ),
    Attack(
        "a billion batches without an index",
        "import numpy as np\ndef minibatches(n, batch_size, seed):\n    return np.zeros((2**30, 0))\n",
        points=0,
        exercise="ex01_8",
        said="more than 200,000 numbers",
    ),
    Attack(
        "a text of ten million batches",
        "def minibatches(n, batch_size, seed):\n    return 'x' * (10 * 2**20)\n",
        points=0,
        exercise="ex01_8",
        said="more than 200,000 numbers",
    ),
    Attack(
        "has the judge's function compute with ten million numbers",
        "import numpy as np\ndef numerical_gradient(f, x, eps):\n"
        "    return f(np.zeros((10 * 2**20, 1, 1), np.uint8))\n",
        points=0,
        exercise="ex01_9",
        said="at most 200,000 numbers",
    ),
    Attack(
        "has the judge's function called without end",
        "def numerical_gradient(f, x, eps):\n    while True:\n        try: f(x)\n"
        "        except Exception: pass\n",
        points=0,
        status="timed out",
        exercise="ex01_9",
    ),
    Attack(
        "looks into the judge's function",
        "def numerical_gradient(f, x, eps):\n"
        "    f.__globals__['__builtins__']['print'] = None\n"
        "    return [cell.cell_contents for cell in f.__closure__][-1]\n",
        points=0,
        exercise="ex01_9",
    ),
    Attack(
        "calls the judge's function on what hides in arrays",
        "import numpy as np\ndef numerical_gradient(f, x, eps):\n"
        "    return f(np.array([print], dtype=object))\n",
        points=0,
        exercise="ex01_9",
        said="not an array of type object",
    ),
    Attack(
        "silences numerical trouble and returns nan",
        "import numpy as np\nnp.seterr(all='ignore')\n"
        "def softmax(logits):\n    np.seterr(all='ignore')\n    e = np.exp(logits)\n"
        "    return e / e.sum(axis=1, keepdims=True)\n",
        points=1,
        exercise="ex01_4",
    ),
    Attack("a question answered with every letter", 'q00_1 = ("a", "b", "c")', points=0, exercise="q00_1"),
    Attack("a question answered with letters in a text", 'q00_1 = "abc"', points=0, exercise="q00_1"),
    Attack(
        "a question answered with a text that equals every letter",
        "class Any(str):\n    __eq__ = lambda *a: True\n    strip = lower = lambda self, *a: self\n"
        "    __hash__ = str.__hash__\n\n"
        "q00_1 = Any('c')\n",
        points=0,
        exercise="q00_1",
        status="failed|unreadable",
    ),
)
