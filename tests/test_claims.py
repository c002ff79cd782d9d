"""The table of claims, and evidence that does or does not bear out a verdict."""

import numpy as np
import pytest

from course_utils.chapters import CHAPTERS
from course_utils.claims import CLAIMS, VERDICTS, ClaimError, claim


@pytest.fixture
def shown(monkeypatch):
    items = []
    monkeypatch.setattr("IPython.display.display", items.append)
    return items


def of(verdict):
    return next((entry.id for entry in CLAIMS.values() if entry.verdict == verdict), None)


def test_the_table():
    numbers = (*range(1, 12), *range(26, 48), *range(117, 121), *range(124, 127))
    expected = {f"C{n:02}" for n in numbers}
    assert expected <= set(CLAIMS)
    chapters = {chapter.number for chapter in CHAPTERS}
    for id, entry in CLAIMS.items():
        assert entry.id == id
        assert entry.chapter in chapters
        assert entry.verdict in VERDICTS
        assert entry.statement.endswith(".")
    assert len({entry.statement for entry in CLAIMS.values()}) == len(CLAIMS)


def test_a_card_in_words_and_html(shown):
    assert claim("C01", "fails", fails=[np.bool_(True), True], measured="1,000 sweeps & <more>") is None
    text = "C01 fails. A perceptron can separate any two classes.\nMeasured: 1,000 sweeps & <more>"
    assert repr(shown[0]) == text
    bundle = shown[0]._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert "1,000 sweeps &amp; &lt;more&gt;" in bundle["text/html"]
    assert ">fails<" in bundle["text/html"]


@pytest.mark.parametrize(
    ("verdict", "evidence"),
    [
        ("holds", {"holds": [True]}),
        ("fails", {"fails": (True, True)}),
        ("depends", {"holds": [True], "fails": [np.bool_(True)]}),
    ],
)
def test_evidence_that_fits(shown, verdict, evidence):
    claim(of(verdict), verdict, **evidence)
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("verdict", "evidence", "message"),
    [
        ("holds", {}, "needs evidence in holds="),
        ("holds", {"holds": [True, False]}, r"holds\[1\] is False"),
        ("holds", {"holds": [True], "fails": [True]}, "takes no evidence in fails="),
        ("holds", {"fails": [True]}, "needs evidence in holds="),
        ("fails", {"holds": [True]}, "takes no evidence in holds="),
        ("fails", {"fails": [np.bool_(False)]}, r"fails\[0\] is False"),
        ("depends", {"holds": [True]}, "needs evidence in fails="),
        ("depends", {"holds": [True], "fails": [False]}, r"fails\[0\] is False"),
    ],
)
def test_evidence_that_does_not_fit(shown, verdict, evidence, message):
    with pytest.raises(ClaimError, match=message):
        claim(of(verdict), verdict, **evidence)
    assert shown == []


def test_undecided_needs_two_sides_of_which_neither_decides(shown, monkeypatch):
    from course_utils import claims

    monkeypatch.setitem(claims.CLAIMS, "C99", claims.Claim("C99", "01a", "Who knows.", "undecided"))
    claim("C99", "undecided", holds=[True, False], fails=[False])
    assert repr(shown[0]) == "C99 undecided. Who knows."
    with pytest.raises(ClaimError, match="decides the claim"):
        claim("C99", "undecided", holds=[True], fails=[False])
    with pytest.raises(ClaimError, match="needs evidence in fails="):
        claim("C99", "undecided", holds=[False])


def test_a_verdict_unlike_the_tables_is_refused():
    with pytest.raises(ClaimError, match="the table of claims says 'fails', this cell says 'holds'"):
        claim("C01", "holds", holds=[True])
    with pytest.raises(AssertionError):
        claim("C01", "holds", holds=[True])


@pytest.mark.parametrize(
    ("arguments", "evidence", "message"),
    [
        (("C999", "holds"), {}, "expected a claim of the table, got 'C999'"),
        (("C01", "maybe"), {}, "expected a verdict among holds, fails, depends, undecided"),
        (("C01", "fails"), {"fails": [0.9]}, r"expected a boolean at fails\[0\], got float"),
        (("C01", "fails"), {"fails": [1]}, "got int"),
        (("C01", "fails"), {"fails": True}, "a list of booleans, got bool"),
        (("C01", "fails"), {"fails": [np.array([True, True])]}, "got ndarray"),
    ],
)
def test_bad_input(arguments, evidence, message):
    with pytest.raises(ValueError, match=message):
        claim(*arguments, **evidence)
