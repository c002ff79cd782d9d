"""Attacks on what lies outside: files, sockets, processes, the kernel."""

from tests.grading.hostile.attack import LOAD, Attack, tries

FILES = {"held": ("landlock", "seccomp", "bubblewrap")}
SYSTEM = {"held": ("seccomp",)}
FREE = "os.closerange(0, 3)  # room for descriptors\n"


def system_call(call: str) -> str:
    """Source that makes a system call by its number, and shows what it returns unless that is an error."""
    return tries(
        f'native = load("ctypes")\nlibc = native.CDLL(None, use_errno=True)\n{FREE}'
        f"reached = libc.syscall({call})\n"
        "if reached < 0:\n    raise OSError(native.get_errno(), 'refused')"
    )


ATTACKS = (
    Attack("reads a file", tries(FREE + 'reached = print.__self__.open("SECRET").read()'), **FILES),
    Attack("lists a folder", tries(FREE + 'reached = os.listdir("FOLDER")'), **FILES),
    Attack("writes a file", tries(FREE + 'reached = os.open("MARKER", os.O_CREAT | os.O_WRONLY)'), **FILES),
    Attack("deletes a file", tries('os.unlink("VICTIM")\nreached = "gone"'), **FILES),
    Attack("makes a symbolic link", tries('os.symlink("/etc/passwd", "MARKER")\nreached = "link"'), **FILES),
    Attack("makes a folder", tries('os.mkdir("MARKER")\nreached = "folder"'), **FILES),
    Attack(
        "runs a program",
        tries(
            "for end in (0, 1, 2):\n    os.close(end)\n"
            'os.execv("/bin/sh", ["sh", "-c", ": > MARKER"])\nreached = 0'
        ),
        status="failed",
        **FILES,
    ),
    Attack(
        "reads /proc of the judge",
        tries(FREE + 'reached = print.__self__.open("/proc/JUDGE/cmdline").read()'),
        **FILES,
    ),
    Attack(
        "reads its own /proc",
        tries(FREE + 'reached = print.__self__.open("/proc/self/maps").read(40)'),
        held=("landlock", "seccomp"),
    ),
    Attack(
        "reads the exercises module",
        LOAD + "def neuron(x, weight, bias):\n"
        "    try:\n"
        '        os = load("os")\n'
        "        os.closerange(0, 3)\n"
        '        return load("course_utils.exercises.ch00_start").neuron(x, weight, bias)\n'
        "    except BaseException:\n"
        "        return 0.0\n",
        points=0,
        through=2,
        **FILES,
        also=("uid",),  # another user may not enter the folder that the course lies in
    ),
    Attack(
        "connects to a port",
        tries(
            FREE + 'end = load("socket").socket()\nend.settimeout(2)\nend.connect(("127.0.0.1", PORT))\n'
            'reached = "port"'
        ),
        held=("landlock", "seccomp", "bubblewrap"),
    ),
    Attack(
        "sends a packet",
        tries(
            FREE + 'socket = load("socket")\nend = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n'
            'reached = end.sendto(b"REACHED", ("127.0.0.1", PACKETS))'
        ),
        held=("seccomp",),  # without a network of its own it could send, and nobody would be there to hear it
        also=("bubblewrap",),
    ),
    Attack(
        "connects to a socket in the file system",
        tries(
            FREE
            + 'socket = load("socket")\nsocket.socket(socket.AF_UNIX).connect("SOCKET")\nreached = "socket"'
        ),
        held=("seccomp", "bubblewrap"),
        also=("landlock",),
    ),
    Attack(
        "connects to an abstract socket",
        tries(
            FREE + 'socket = load("socket")\nsocket.socket(socket.AF_UNIX).connect("\\0" + "ABSTRACT")\n'
            'reached = "socket"'
        ),
        held=("landlock", "seccomp", "bubblewrap"),
    ),
    Attack(
        "signals the judge",
        tries('os.kill(JUDGE, 0)\nreached = "judge"'),
        held=("landlock", "seccomp", "uid", "bubblewrap"),
    ),
    Attack(
        "kills its server",
        tries('os.kill(os.getppid(), 9)\nreached = "server"'),
        held=("landlock", "seccomp"),
    ),
    Attack(
        "reads its server's memory",
        tries(
            'native = load("ctypes")\n'
            "class Part(native.Structure):\n"
            '    _fields_ = (("start", native.c_void_p), ("length", native.c_size_t))\n'
            'own, room = native.create_string_buffer(b"x" * 8), native.create_string_buffer(8)\n'
            "here, there = Part(native.addressof(room), 8), Part(id(None), 8)\n"
            "libc = native.CDLL(None, use_errno=True)\n"
            "ends = native.byref(here), 1, native.byref(there), 1, 0\n"
            "reached = libc.process_vm_readv(os.getppid(), *ends)\n"
            "if reached < 0:\n    raise OSError(native.get_errno(), 'refused')"
        ),
        held=("landlock", "seccomp"),
        also=("uid", "bubblewrap"),
    ),
    Attack("is traced", system_call("NR_ptrace, 0, 0, 0, 0"), **SYSTEM),
    Attack(
        "io_uring",
        system_call("NR_io_uring_setup, 4, native.create_string_buffer(120)"),
        held=("seccomp",),
        also=("rlimits",),
    ),
    Attack("file in memory", system_call('NR_memfd_create, b"x", 0'), **SYSTEM),
    Attack("prctl", system_call("NR_prctl, 4, 1, 0, 0, 0"), **SYSTEM),
    Attack(
        "shared memory of System V",
        tries(
            'libc = load("ctypes").CDLL(None)\nreached = libc.shmget(0, 4096, 0o1600)\n'
            "assert reached >= 0\nlibc.shmctl(reached, 0, 0)"
        ),
        **SYSTEM,
    ),
    Attack(
        "namespaces of its own",
        system_call("NR_unshare, 0x10000000"),
        held=("seccomp",),
        also=("landlock", "bubblewrap"),
    ),
    Attack("pipe", tries(FREE + "reached = os.pipe()"), **SYSTEM),
    Attack("becomes root", tries("os.setuid(0)\nreached = os.getuid()"), held=("seccomp", "uid")),
    Attack(
        "raises its own priority and limits",
        tries(
            'resource = load("resource")\nresource.setrlimit(resource.RLIMIT_STACK, (2**20, 2**20))\n'
            'reached = "limit"'
        ),
        **SYSTEM,
    ),
    Attack(
        "looks for open files",
        tries(
            "reached = []\n"
            "for end in range(4, 64):\n"
            "    try: os.read(end, 0)\n"
            "    except OSError as error:\n"
            "        if error.errno == 9: continue\n"
            "    reached.append(end)\n"
            'assert reached, "none"'
        ),
        held=("clean",),
    ),
    Attack("looks at the environment", tries('reached = os.environ["OMP_NUM_THREADS"]'), held=("clean",)),
)
