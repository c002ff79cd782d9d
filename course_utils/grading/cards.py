"""The look of what the course displays: cards that follow JupyterLab's light or dark theme.

State is always said in words, never by colour alone. Everything that comes from outside is escaped
by `escape` before it gets here.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

__all__ = ["Shown", "card", "code_block", "escape", "inline_code", "table"]

# Dark enough for white text (contrast at least 5 to 1) in both themes.
TONES = {"good": "#00694d", "bad": "#a63d00", "info": "#0b5c8f", "quiet": "#59636e"}

_BOX = (
    "border:1px solid var(--jp-border-color2,#d0d7de);border-left:4px solid {tone};border-radius:4px;"
    "padding:10px 14px;margin:4px 0;max-width:46em;line-height:1.5;"
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:14px;"
    "color:var(--jp-ui-font-color1,#1f2328);background:var(--jp-layout-color1,#fff)"
)
_BADGE = (
    "display:inline-block;background:{tone};color:#fff;border-radius:3px;padding:0 8px;"
    "font-size:12px;font-weight:600;line-height:20px;margin-right:8px"
)
_CODE = (
    "font-family:var(--jp-code-font-family,monospace);font-size:13px;"
    "background:var(--jp-layout-color2,#f0f2f4);border-radius:3px;padding:0 4px"
)
_CELL = "text-align:left;vertical-align:top;padding:4px 12px 4px 0"


def card(tone: str, badge: str, heading: str, body: str = "") -> str:
    """HTML of one card; `heading` and `body` are HTML already.

    >>> "not attempted" in card("quiet", "not attempted", "ex01_1")
    True
    """
    colour = TONES[tone]
    first = f'<span style="{_BADGE.format(tone=colour)}">{escape(badge)}</span>' if badge else ""
    return f'<div style="{_BOX.format(tone=colour)}"><div>{first}<strong>{heading}</strong></div>{body}</div>'


def inline_code(text: str) -> str:
    """Escape a text; what stands between backticks becomes code.

    >>> inline_code("a < b") == "a &lt; b"
    True
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd number of backticks: not meant as marks
        return escape(text)
    return "".join(
        f'<code style="{_CODE}">{escape(part)}</code>' if i % 2 else escape(part)
        for i, part in enumerate(parts)
    )


def code_block(text: str) -> str:
    """Show source code or printed output with its line breaks; long lines scroll, by keys as well."""
    return (
        f'<pre tabindex="0" style="{_CODE};padding:8px 10px;margin:8px 0 0;overflow-x:auto;white-space:pre;'
        f'color:inherit;line-height:1.4">{escape(text)}</pre>'
    )


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """HTML of a plain table; cells are HTML already, the first cell of a row heads it."""
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(heading)}</th>' for heading in headings)
    body = ""
    for row in rows:
        first, *rest = row
        cells = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in rest)
        body += f'<tr><th scope="row" style="{_CELL};font-weight:600">{first}</th>{cells}</tr>'
    return (
        '<table style="border-collapse:collapse;margin:8px 0 0;font-size:13px;'
        f'background:transparent;color:inherit"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


class Shown:
    """Something to read: plain text here, a card in a notebook."""

    def __init__(self, text: str, html: str) -> None:
        self.text, self.html = text, html

    def __repr__(self) -> str:
        """Return the text."""
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}
