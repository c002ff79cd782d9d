"""What an answer must not be able to do, tried from inside. Runs as an answer does, so it stands alone.

`probe(name, argument)` returns what it reached, as text, or "" if nothing; an exception means that it was
stopped.
"""

import _thread
import ctypes
import os
import socket


def read_file(path):
    """Read a file that anybody may read."""
    descriptor = os.open(path, os.O_RDONLY)
    text = os.read(descriptor, 100).decode()
    os.close(descriptor)
    return text


def write_file(path):
    """Write a file into a folder in which anybody may write."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.write(descriptor, b"written")
    os.close(descriptor)
    return path


def look_at_file(path):
    """Ask for a file's size."""
    return f"{os.stat(path).st_size} bytes"


def list_folder(path):
    """List a folder."""
    return " ".join(os.listdir(path))


def connect(port):
    """Reach a port of this machine."""
    with socket.socket() as end:
        end.settimeout(2.0)
        end.connect(("127.0.0.1", port))
    return f"port {port}"


def send_datagram(port):
    """Send a packet to a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.sendto(b"reached", ("127.0.0.1", port))
    return ""  # the judge knows whether it came


def connect_by_path(path):
    """Reach a socket in the file system."""
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(path)
    return path


def connect_by_name(name):
    """Reach a socket in the abstract namespace."""
    with socket.socket(socket.AF_UNIX) as end:
        end.connect("\0" + name)
    return name


def start_process(_):
    """Fork."""
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return "a process"


def start_thread(_):
    """Start a thread."""
    lock = _thread.allocate_lock()
    lock.acquire()
    _thread.start_new_thread(lock.release, ())
    lock.acquire()
    return "a thread"


def signal_process(number):
    """Ask whether a process could be signalled."""
    os.kill(number, 0)
    return f"process {number}"


def signal_server(_):
    """Ask whether the server could be signalled."""
    os.kill(os.getppid(), 0)
    return "the server"


def read_memory(_):
    """Read the server's memory."""
    source = ctypes.create_string_buffer(b"x" * 8)
    target = ctypes.create_string_buffer(8)

    class Part(ctypes.Structure):
        _fields_ = (("start", ctypes.c_void_p), ("length", ctypes.c_size_t))

    here = Part(ctypes.addressof(target), 8)
    there = Part(ctypes.addressof(source), 8)  # mapped in the server, or not
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.process_vm_readv(os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0) < 0:
        number = ctypes.get_errno()
        if number == 14:  # EFAULT: allowed, though nothing is at this address
            return "the server's memory"
        raise OSError(number, os.strerror(number))
    return "the server's memory"


def take_memory(size):
    """Take more memory than allowed."""
    return f"{len(bytearray(size))} bytes"


def share_memory(size):
    """Take memory that is not counted as data."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    start = libc.mmap(None, ctypes.c_size_t(size), 3, 0x21, -1, ctypes.c_long(0))  # shared, anonymous
    if start in (None, 2**64 - 1):
        raise OSError(ctypes.get_errno(), "refused")
    return f"{size} bytes"


def open_descriptors(_):
    """Find an open file besides the channel and the three that lead nowhere."""
    found = []
    for descriptor in range(4, 400):
        try:
            os.read(descriptor, 0)
        except OSError as error:
            if error.errno == 9:  # EBADF
                continue
        found.append(str(descriptor))
    return " ".join(found)


def environment(_):
    """Read the environment."""
    return " ".join(os.environ)


def become_root(_):
    """Become the system's administrator."""
    os.setuid(0)
    return f"user {os.getuid()}"


def be_root(_):
    """Be the system's administrator already."""
    return "" if os.getuid() else "user 0"


def raise_limits(_):
    """Take more descriptors than allowed."""
    descriptor = os.dup(0)
    os.close(descriptor)
    return f"descriptor {descriptor}"


def call_system(numbers):
    """Try system calls with arguments that make no sense: refused must mean refused, not senseless."""
    libc = ctypes.CDLL(None, use_errno=True)
    reached = []
    for name, number in numbers.items():
        ctypes.set_errno(0)
        nothing = [ctypes.c_long(-1)] * 6
        if libc.syscall(ctypes.c_long(number), *nothing) != -1 or ctypes.get_errno() != 1:  # EPERM
            reached.append(name)
    return " ".join(reached)


def probe(name, argument):
    """Try one of the above."""
    return globals()[name](argument)
