"""A web server on loopback that plays several mirrors, and small files in MNIST's form."""

import gzip
import struct
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np

from course_utils.data import Source
from tests.data.datasheet import sha256

NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def idx(array):
    """Return an array's bytes as an uncompressed IDX file."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def make_files(n_train=12, n_test=5, seed=0):
    """Return four compressed files by name, and the arrays in them."""
    rng = np.random.default_rng(seed)
    arrays = []
    for n in (n_train, n_test):
        pixels = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        pixels[0, 0, :2] = 0, 255
        arrays += [pixels, rng.integers(0, 10, n, dtype=np.uint8)]
    return {
        name: gzip.compress(idx(array), mtime=0) for name, array in zip(NAMES, arrays, strict=True)
    }, arrays


def source_of(files, *mirrors):
    return Source(
        "Test digits", "test-digits", mirrors, {name: sha256(content) for name, content in files.items()}
    )


class Mirrors:
    """What the server serves, by path, and what it was asked for."""

    def __init__(self, address):
        self.address = address
        self.files = {}
        self.requests = []
        self.too_short, self.silent = set(), set()

    def add(self, mirror, files):
        """Serve files under a mirror's name; return its address."""
        self.files |= {f"/{mirror}/{name}": content for name, content in files.items()}
        return f"{self.address}/{mirror}/"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        mirrors = self.server.mirrors
        mirrors.requests.append(self.path)
        if self.path in mirrors.silent:
            time.sleep(0.5)
        if self.path not in mirrors.files:
            self.send_error(404)
            return
        content = mirrors.files[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        with suppress(ConnectionError):  # who asked may have given up waiting
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if self.path in mirrors.too_short else content)

    def log_message(self, format, *args):
        pass


@contextmanager
def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.mirrors = Mirrors(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.mirrors
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
