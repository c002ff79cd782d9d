"""Hygiene of a chapter's content: parts in place; claims, predictions, exercises and links accounted for."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote

from tests.notebooks.notebook_page import Page, names, tags

PARTS = (
    "By the end you can",
    "Explore",
    "Claims",
    "Where it breaks",
    "The same in PyTorch",
    "Exercises",
    "Recap",
    "References",
)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)[^)]*\)")


def has_title(page: Page) -> list[str]:
    """The first cell asks the chapter's question and names its minutes, both as in the table of chapters."""
    first = page.notebook.cells[0].source
    title = f"# {page.chapter.number} · {page.chapter.question}"
    found = [] if first.splitlines()[0] == title else [f"expected the first line to be {title!r}"]
    if not re.search(rf"\b{page.chapter.minutes} minutes\b", first):
        found.append(f"expected the first cell to say '{page.chapter.minutes} minutes'")
    return found


def has_parts(page: Page) -> list[str]:
    """Every part of a chapter has its heading; the goals come first, recap and references last."""
    if page.is_guide:
        return []
    positions = {part: _positions(page, part) for part in PARTS}
    found = [f"no heading starts with {part!r}" for part, places in positions.items() if not places]
    if not found:
        first, *_, recap, references = (positions[part][0] for part in PARTS)
        others = [place for part in PARTS[1:-2] for place in positions[part]]
        if not first < min(others) <= max(others) < recap < references:
            found.append("expected the goals before all other parts, and recap and references after them")
    return found


def has_goals(page: Page) -> list[str]:
    """Three or four goals that one can verify."""
    if page.is_guide:
        return []
    cell = next((source for source in page.prose if "By the end you can" in source), "")
    goals = re.findall(r"^[-*] ", cell.partition("By the end you can")[2], re.MULTILINE)
    return [] if len(goals) in (3, 4) else [f"expected three or four goals as a list, found {len(goals)}"]


def calls_its_claims(page: Page) -> list[str]:
    """Every claim that the table gives to this chapter is called once, and no other."""
    called = Counter(identifier for _, identifier in page.calls("claim"))
    return _once(called, page.claims, "claim")


def settles_predictions(page: Page) -> list[str]:
    """Each prediction is asked once and settled once, in a later cell."""
    asked, settled = page.calls("predict"), page.calls("settle")
    found = _once(Counter(p for _, p in asked), frozenset(p for _, p in asked), "prediction")
    found += _once(Counter(p for _, p in settled), frozenset(p for _, p in asked), "settling of prediction")
    place = {p: index for index, p in asked}
    found += [f"{p} is settled before it is asked" for index, p in settled if index <= place.get(p, -1)]
    digits = page.chapter.number[:2]
    found += [f"{p} is not of the form p{digits}_1" for p in place if not re.fullmatch(rf"p{digits}_\d+", p)]
    return found if page.is_guide or asked else [*found, "expected predictions, found none"]


def holds_its_exercises(page: Page) -> list[str]:
    """Every exercise of the registry stands here once: a stub cell tagged `exercise`, then its check."""
    checked = page.calls("check")
    found = _once(Counter(e for _, e in checked), frozenset(page.answers), "check of exercise")
    for index, identifier in checked:
        stub = page.code[index - 1] if index else None
        answer = page.answers.get(identifier)
        if page.code[index].source.strip() != f'check("{identifier}")':
            found.append(f'check("{identifier}") must stand alone in its cell')
        if stub is None or "exercise" not in tags(stub) or answer not in names(page.trees[index - 1]):
            found.append(f"{identifier}: expected the stub of {answer}, tagged `exercise`, before its check")
        elif not _is_adjacent(page, index):
            found.append(f"{identifier}: expected no cell between stub and check")
    n_stubs = sum("exercise" in tags(cell) for cell in page.code)
    if n_stubs != len(page.answers):
        found.append(f"expected {len(page.answers)} cells tagged `exercise`, found {n_stubs}")
    return found


def shows_its_questions(page: Page) -> list[str]:
    """Every quiz question, whose answer bears its id, is shown once, before its answer."""
    shown = page.calls("question")
    quizzes = frozenset(identifier for identifier, answer in page.answers.items() if identifier == answer)
    found = _once(Counter(q for _, q in shown), quizzes, "question")
    checked = {identifier: index for index, identifier in page.calls("check")}
    late = [q for index, q in shown if index >= checked.get(q, index + 1)]
    return found + [f"question {q} is shown after its check" for q in late]


def asks_in_sight(page: Page) -> list[str]:
    """A question or prediction is seen where it is asked; `question` shows nothing midway in a cell."""
    begins = {q: f"{q}. {' '.join(text.split())}" for q, text in page.questions.items()}
    asked = [(index, q, begins.get(q, f"{q}. ")) for index, q in page.calls("question")]
    asked += [(index, p, f"Predict ({p}): ") for index, p in page.calls("predict")]
    return [
        f"code cell {index + 1} asks {identifier}, but its outputs do not show it"
        for index, identifier, beginning in asked
        if not any(_shown(output).startswith(beginning) for output in page.code[index].outputs)
    ]


def leaves_answers_alone(page: Page) -> list[str]:
    """No cell but the stub uses, defines or imports a name that belongs to the learner."""
    return [
        f"code cell {number} uses {name}, which is the learner's"
        for number, (cell, tree) in enumerate(zip(page.code, page.trees, strict=True), start=1)
        if "exercise" not in tags(cell)
        for name in sorted(names(tree) & set(page.answers.values()))
    ]


def describes_images(page: Page) -> list[str]:
    """Every image in the text has an alternative text."""
    mute = [target for mark, alt, target in _links(page) if mark and not alt.strip()]
    for source in page.prose:
        mute += [tag for tag in re.findall(r"<img\b[^>]*>", source) if not re.search(r'alt="[^"]', tag)]
    return [f"image {target} has no alt text" for target in mute]


def links_resolve(page: Page) -> list[str]:
    """Every relative link leads to a file, every inner one to a heading."""
    anchors = {text.replace(" ", "-") for text in page.headings}
    found = []
    for _, _, target in _links(page):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        if file and not (page.path.parent / file).exists():
            found.append(f"link to {target} leads nowhere")
        elif not file and anchor not in anchors:
            found.append(f"link to #{anchor} meets no heading")
    return found


def _links(page: Page) -> list[tuple[str, str, str]]:
    return [link for source in page.prose for link in LINK.findall(source)]


def _shown(output) -> str:
    """Return what an output displays as text, without its line breaks; nothing for what was printed."""
    return " ".join(output.get("data", {}).get("text/plain", "").split())


def _positions(page: Page, part: str) -> list[int]:
    return [i for i, text in enumerate(page.headings) if text.lower().startswith(part.lower())]


def _once(found: Counter[str], expected: frozenset[str], what: str) -> list[str]:
    sentences = [f"{what} {name} is missing" for name in sorted(expected - found.keys())]
    sentences += [f"{what} {name} is not this chapter's" for name in sorted(found.keys() - expected)]
    return sentences + [f"{what} {name} stands {n} times" for name, n in found.items() if n > 1]


def _is_adjacent(page: Page, index: int) -> bool:
    cells = page.notebook.cells
    return cells[cells.index(page.code[index]) - 1] is page.code[index - 1]


RULES = (
    has_title,
    has_parts,
    has_goals,
    calls_its_claims,
    settles_predictions,
    holds_its_exercises,
    shows_its_questions,
    asks_in_sight,
    leaves_answers_alone,
    describes_images,
    links_resolve,
)
