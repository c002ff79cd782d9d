"""The judge's end of a channel to a child: frames with deadlines; bytes from there are only bytes."""

from __future__ import annotations

import select
import socket
import time
from typing import Any

from course_utils.grading.sandbox.wire import HEADER, MalformedError, decode, encode


class Late(Exception):
    """The other side did not answer in time."""


class Closed(Exception):
    """The other side has gone."""


class Channel:
    """Sends and receives messages until a deadline.

    Parameters
    ----------
    end : socket.socket
        A connected stream.
    limit : int
        Bytes of the longest message to take.
    """

    def __init__(self, end: socket.socket, limit: int) -> None:
        self._end, self._limit = end, limit
        end.setblocking(False)

    def send(self, message: Any, deadline: float) -> None:
        """Send a message; `deadline` is on `time.monotonic`'s clock."""
        data = encode(message)
        view = memoryview(HEADER.pack(len(data)) + data)
        while view:
            self._wait(select.POLLOUT, deadline)
            try:
                view = view[self._end.send(view) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Closed from None

    def receive(self, deadline: float) -> Any:
        """Receive a message.

        Raises
        ------
        Late, Closed, MalformedError
            If there is none.
        """
        (length,) = HEADER.unpack(self._read(HEADER.size, deadline))
        if length > self._limit:
            raise MalformedError(f"a message of {length} bytes; at most {self._limit} may come")
        return decode(bytes(self._read(length, deadline)))

    def close(self) -> None:
        """Hang up."""
        self._end.close()

    def _read(self, length: int, deadline: float) -> bytearray:
        data = bytearray()
        while len(data) < length:
            self._wait(select.POLLIN, deadline)
            try:
                part = self._end.recv(min(length - len(data), 2**20))
            except BlockingIOError:
                continue
            except OSError:
                raise Closed from None
            if not part:
                raise Closed
            data += part
        return data

    def _wait(self, event: int, deadline: float) -> None:
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(self._end, event)
        if left <= 0 or not poll.poll(left * 1000):
            raise Late
