"""Attacks on the channel to the judge: forged, broken and endless messages."""

from tests.grading.hostile.attack import LOAD, Attack, neuron

FRAMES = f"""{LOAD}
def send(message):
    wire = load("course_utils.grading.sandbox.wire")
    raw(wire.encode(message))

def raw(data, length=None):
    os, struct = load("os"), load("struct")
    data = struct.pack(">I", len(data) if length is None else length) + data
    while data:
        data = data[os.write(3, data):]
"""


def forging(body: str) -> str:
    """Source of an honest answer that writes into the channel in its second case."""
    return neuron(body, FRAMES)


CRASHED = {"status": "crashed", "said": "your answer sent"}

ATTACKS = (
    Attack(
        "forged value", forging('send(["value", (0.0, (x, weight, bias)), [], ""])\nload("time").sleep(60)')
    ),
    Attack(
        "forged value before the right one: the next reply comes too early",
        neuron('send(["value", (0.0, (x, weight, bias)), [], ""])', FRAMES, when="len(x) == 3"),
        points=0,
        status="failed|crashed",
    ),
    Attack(
        "two right values at once",
        neuron(
            "value = x @ weight + bias\nfor _ in range(2):\n"
            '    send(["value", (value, (x, weight, bias)), [], ""])\nload("time").sleep(60)',
            FRAMES,
            when="len(x) == 3",
        ),
        status="failed|crashed",
    ),
    Attack("forged verdict", forging('send(["passed", 2])\nload("time").sleep(60)'), **CRASHED),
    Attack("forged greeting", forging('send(["ready", 0.0])\nload("time").sleep(60)'), **CRASHED),
    Attack(
        "forged reply while it is defined",
        f"{FRAMES}\ndef forge():\n    send(['value', None, [], ''])\n"
        f"    send(['value', (0.0, (0, 0, 0)), [], ''])\n\n"
        "def neuron(x, weight, bias, late=forge()):\n    return x @ weight + bias",
        points=0,
        status="failed|crashed",
    ),
    Attack(
        "forged line of code that is a remark",
        f"{FRAMES}\ndef forge():\n    send(['error', 'X', 'y', '# a remark', [], ''])\n"
        f"    load('time').sleep(60)\n\n"
        "def neuron(x, weight, bias, late=forge()):\n    return x @ weight + bias",
        points=0,
    ),
    Attack(
        "forged error with a message of 30 MB",
        forging('send(["error", "E" * 10**7, "m" * 10**7, "l" * 10**7, [], ""])'),
    ),
    Attack(
        "forged call of a function that is none",
        forging('send(["call", 7, (1,)])\nload("time").sleep(60)'),
        **CRASHED,
    ),
    Attack(
        "forged function as a value",
        forging(
            'wire = load("course_utils.grading.sandbox.wire")\n'
            'send(["value", (wire.Function(0), (x, weight, bias)), [], ""])'
        ),
    ),
    Attack("a length of four gigabytes", forging('raw(b"x", 2**32 - 1)'), **CRASHED),
    Attack("a length of forty megabytes", forging('raw(b"x" * 1000, 40 * 2**20)'), **CRASHED),
    Attack("a length of nothing", forging('raw(b"")'), **CRASHED),
    Attack("half a message", forging('raw(b"x", 100)\nwhile True: pass'), status="timed out"),
    Attack(
        "slow drip",
        forging('raw(b"x", 10**6)\nwhile True:\n    load("os").write(3, b"x")\n    load("time").sleep(0.01)'),
        status="timed out",
    ),
    Attack(
        "a pickle",
        forging('raw(b"cos\\nopen\\n(S\'MARKER\'\\nI66\\ntR.")\nload("time").sleep(60)'),
        held=("message",),
        **CRASHED,
    ),
    Attack("a torrent", forging('while True:\n    raw(b"x" * 10**6)'), **CRASHED),
    Attack("a closed channel", forging('load("os").close(3)'), status="crashed"),
    Attack(
        "lists in lists in a message",
        forging('raw(b"\\xc7\\x04\\x01\\0\\0\\0\\1" * 10**6)\nload("time").sleep(60)'),
        **CRASHED,
    ),
    Attack(
        "a list of four billion in a message",
        forging('raw(b"\\xc7\\x04\\x01\\xff\\xff\\xff\\xff")\nload("time").sleep(60)'),
        **CRASHED,
    ),
    Attack(
        "keys of one hash in a message",
        forging(
            'msgpack, struct = load("msgpack"), load("struct")\n'
            "pack = msgpack.Packer(autoreset=False)\n"
            'pack.pack_ext_type(3, struct.pack(">I", 200_000))\n'
            "for n in range(1, 100_001):\n"
            '    pack.pack_ext_type(6, (n * (2**61 - 1)).to_bytes(11, "big", signed=True)); pack.pack(None)\n'
            'raw(pack.bytes())\nload("time").sleep(60)'
        ),
        **CRASHED,
    ),
    Attack(
        "imports that it never asked for",
        forging('send(["value", (0.0, (x, weight, bias)), ["<b>os</b>" * 99] * 999, ""])'),
        points=0,
        status="forbidden",
    ),
    Attack(
        "prints of 30 MB",
        forging(
            'send(["value", (x @ weight + bias, (x, weight, bias)), [], "p" * (30 * 2**20)])\n'
            'load("time").sleep(60)'
        ),
        points=2,
        status="passed",
    ),
    Attack(
        "hides that it changed its input",
        forging(
            "given = x.copy()\nx += 1\n"
            'send(["value", (given @ weight + bias, (given, weight, bias)), [], ""])\nload("time").sleep(60)'
        ),
        points=2,
        status="passed",
    ),
    Attack(
        "says that it changed no input and no other",
        forging('send(["value", (x @ weight + bias, ()), [], ""])\nload("time").sleep(60)'),
        **CRASHED,
    ),
    Attack(
        "texts in the place of its inputs",
        forging(
            'send(["value", (x @ weight + bias, (["x" * 10**6] + ["y"] * 3000, weight, bias)), [], ""])\n'
            'load("time").sleep(60)'
        ),
        said="changed its input",
    ),
)
