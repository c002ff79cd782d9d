"""A client of kernels that misses no message."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

ASK_AGAIN = 1.0  # s


class PatientChannel(AsyncZMQSocketChannel):
    """A channel that asks anew now and then whether a message is there.

    A message is announced once. If it arrives while the same socket is sending (as nbclient does for an
    `Output` widget in the midst of a cell), the announcement is used up there, and whoever waits for it would
    wait for ever.
    """

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """Return the next message.

        Parameters
        ----------
        timeout : float, optional
            The longest wait, in seconds; no limit if None.

        Raises
        ------
        queue.Empty
            If none has come by then.
        """
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            left = max(0.0, end - time.monotonic())
            try:
                return await super().get_msg(min(left, ASK_AGAIN))
            except Empty:
                if left <= ASK_AGAIN:
                    raise


class PatientClient(AsyncKernelClient):
    """A client whose cells end, whatever is sent meanwhile."""

    shell_channel_class = Type(PatientChannel)  # type: ignore[assignment]
