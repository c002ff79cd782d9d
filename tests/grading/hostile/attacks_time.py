"""Attacks on the judge's time and on the machine's resources."""

from tests.grading.hostile.attack import Attack, neuron, tries

TIMED_OUT = {"status": "timed out", "said": "stopped after"}

ATTACKS = (
    Attack("endless loop", neuron("while True:\n    pass"), **TIMED_OUT),
    Attack(
        "endless loop that catches everything",
        neuron("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        **TIMED_OUT,
    ),
    Attack(
        "endless loop while Python reads the definition",
        "def forever():\n    while True: pass\n\ndef neuron(x, weight, bias, late=forever()):\n"
        "    return x @ weight + bias",
        points=0,
        **TIMED_OUT,
    ),
    Attack(
        "endless loop in a decorator",
        "def slow(function):\n    while True: pass\n\n@slow\ndef neuron(x, weight, bias):\n"
        "    return x @ weight + bias",
        points=0,
        **TIMED_OUT,
    ),
    Attack(
        "endless loop in a metaclass",
        "class Slow(type):\n    def __prepare__(*a):\n        while True: pass\n\n"
        "class Weight(metaclass=Slow):\n    pass\n\ndef neuron(x, weight, bias):\n    Weight\n"
        "    return x @ weight + bias",
        points=0,
        **TIMED_OUT,
    ),
    Attack("sleep", neuron('load("time").sleep(3600)'), **TIMED_OUT),
    Attack("power that takes years and never leaves C", neuron("return 10 ** 10 ** 9"), **TIMED_OUT),
    Attack(
        "deaf to signals",
        neuron(
            'signal = load("signal")\nfor number in range(1, 32):\n    try:\n'
            "        signal.signal(number, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\nwhile True: pass"
        ),
        **TIMED_OUT,
    ),
    Attack("alarm that would end the process", neuron('load("signal").alarm(1)'), points=2, status="passed"),
    Attack("steals the judge's next request", neuron('load("os").read(3, 10**6)'), **TIMED_OUT),
    Attack(
        "memory: arrays",
        neuron("import numpy as np\nhog = []\nwhile True:\n    hog.append(np.ones(10**7))"),
        said="Unable to allocate",
    ),
    Attack(
        "memory: small things",
        neuron("hog = []\nwhile True:\n    hog.append([0] * 10**6)"),
        status="failed|crashed|timed out",
    ),
    Attack("memory: one text", neuron('return "x" * 10**10'), said="MemoryError"),
    Attack(
        "memory: a view of a trillion numbers",
        neuron("import numpy as np\nreturn np.broadcast_to(0.0, (10**6, 10**6))"),
    ),
    Attack(
        "memory: shared, which is not counted as data",
        tries(
            'native = load("ctypes")\nmap = native.CDLL(None).mmap\nmap.restype = native.c_void_p\n'
            "start = map(None, native.c_size_t(2**30), 3, 0x21, -1, native.c_long(0))\n"
            "assert start not in (None, 2**64 - 1)\nreached = start"
        ),
        held=("seccomp", "rlimits"),
    ),
    Attack(
        "memory: a stack, which is not counted as data",
        tries(
            'native = load("ctypes")\nmap = native.CDLL(None).mmap\nmap.restype = native.c_void_p\n'
            "start = map(None, native.c_size_t(2**30), 3, 0x122, -1, native.c_long(0))\n"
            "assert start not in (None, 2**64 - 1)\nreached = start"
        ),
        held=("seccomp", "rlimits"),
    ),
    Attack(
        "fork bomb",
        tries(
            'reached = 0\nfor _ in range(5):\n    if not os.fork():\n        load("time").sleep(60)\n'
            "        os._exit(0)\n    reached += 1"
        ),
        held=("seccomp", "rlimits+uid"),
    ),
    Attack(
        "thread bomb",
        tries(
            "reached = 0\nfor _ in range(5):\n"
            '    load("_thread").start_new_thread(load("time").sleep, (60,))\n    reached += 1'
        ),
        held=("seccomp", "rlimits+uid"),
    ),
    Attack("flood of prints", neuron("while True:\n    print('x' * 10_000)"), **TIMED_OUT),
    Attack(
        "much to print, and right",
        neuron("for n in range(2000):\n    print('x' * 1000)"),
        points=2,
        status="passed",
    ),
    Attack(
        "flood below Python's own output",
        neuron(
            'os = load("os")\nfor n in range(1000):\n    os.write(1, b"x" * 4096)\n'
            '    os.write(2, b"x" * 4096)'
        ),
        points=2,
        status="passed",
    ),
    Attack("endless recursion", neuron("return neuron(x, weight, bias)"), said="maximum recursion depth"),
    Attack(
        "recursion that overflows the stack",
        neuron(
            "load('sys').setrecursionlimit(10**9)\nnest = []\nfor _ in range(10**6):\n"
            "    nest = [nest]\nreturn repr(nest)"
        ),
        status="crashed|timed out",
    ),
    Attack(
        "segmentation fault",
        neuron('load("ctypes").string_at(1)'),
        status="crashed",
        said="segmentation fault",
    ),
    Attack("abort", neuron('load("os").abort()'), status="failed|crashed"),
    Attack("os._exit", neuron('load("os")._exit(0)'), status="crashed", said="exited with status 0"),
    Attack("quit", neuron("quit()"), points=1, said="name 'quit' is not defined"),
    Attack("exit", neuron("raise SystemExit(0)"), said="SystemExit"),
    Attack("interrupt", neuron("raise KeyboardInterrupt"), said="KeyboardInterrupt"),
    Attack(
        "exit handler and finalizer",
        neuron(
            'def mark():\n    load("os").open("MARKER", 66)\n\nload("atexit").register(mark)\n'
            'class Last:\n    def __del__(self):\n        mark()\n\nload("sys").last = Last()'
        ),
        points=2,
        status="passed",
    ),
)
