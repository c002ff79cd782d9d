"""One line of text that tells how far training is, in a notebook. Chapter 01b."""

from __future__ import annotations

import sys
import time


class ProgressLine:
    """One line of text that overwrites itself in a notebook, and nothing elsewhere.

    It starts and ends blank, so that what a notebook stores does not depend on time.
    """

    seconds_between = 0.1

    def __init__(self, wanted: bool):
        self.handle, self.last = None, time.monotonic()
        ipython = sys.modules.get("IPython")  # never imported from here
        shell = ipython.get_ipython() if ipython else None
        if wanted and hasattr(shell, "kernel"):
            from IPython.display import display

            self.handle = display(self._bundle(""), raw=True, display_id=True)

    def write(self, text: str, now: bool = False) -> None:
        """Show the text, at most ten times a second unless `now`."""
        if self.handle is not None and (now or time.monotonic() - self.last > self.seconds_between):
            self.last = time.monotonic()
            self.handle.update(self._bundle(text), raw=True)

    @staticmethod
    def _bundle(text: str) -> dict[str, str]:
        return {"text/plain": text}
