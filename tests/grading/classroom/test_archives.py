"""Reading what was handed in: nothing leaves the archive, nothing grows without limit, nothing is lost."""

import io
import os
import stat
import zipfile
import zlib

import pytest

from course_utils.grading.classroom import archives
from course_utils.grading.classroom.archives import RefusedError, clean, files_of
from tests.grading.classroom.build_class import as_zip, zipped


def listed(argument):
    return {found.label: found.problem for found in files_of(argument)}


def test_a_folder_is_read_file_by_file(tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "a.ipynb").write_bytes(b"one")
    (tmp_path / "in" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "in" / ".ipynb_checkpoints" / "a.ipynb").write_bytes(b"old")
    (tmp_path / "in" / ".DS_Store").write_bytes(b"")
    (found,) = files_of(tmp_path / "in")
    assert (found.label, found.read(), found.problem) == ("in/ada/a.ipynb", b"one", "")


def test_links_pipes_and_closed_folders_are_reported(tmp_path):
    (tmp_path / "secret.ipynb").write_bytes(b"secret")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.ipynb")
    problems = listed(folder)
    assert problems["in/link.ipynb"] == problems["in/up"] == "a symbolic link, which is not followed"
    assert problems["in/pipe.ipynb"].startswith("not a regular file")
    assert len(problems) == 3


def test_a_link_that_the_instructor_names_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.ipynb").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert list(listed(tmp_path / "link")) == ["real/a.ipynb"]


def test_a_zip_is_read_without_unpacking(tmp_path):
    place = as_zip(tmp_path / "c.zip", {"x/a.ipynb": b"one", "__MACOSX/x/._a.ipynb": b"-", "b.ipynb": b"two"})
    assert {found.label: found.read() for found in files_of(place)} == {
        "c.zip/x/a.ipynb": b"one",
        "c.zip/b.ipynb": b"two",
    }
    assert os.listdir(tmp_path) == ["c.zip"]


def test_two_entries_of_one_name_are_two_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a.ipynb", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.ipynb", b"two")
    assert [found.read() for found in files_of(tmp_path / "c.zip")] == [b"one", b"two"]


@pytest.mark.parametrize(
    "name", ["../a.ipynb", "/etc/a.ipynb", "x/../../a.ipynb", "C:/a.ipynb", "..\\a.ipynb", "C:\\a.ipynb"]
)
def test_names_that_lead_out_are_refused(tmp_path, name):
    place = as_zip(tmp_path / "c.zip", {name: b"evil", "good.ipynb": b"good"})
    problems = listed(place)
    assert problems.pop("c.zip/good.ipynb") == ""
    assert list(problems.values()) == ["its name leads out of the archive"]


def test_a_link_in_a_zip_is_refused(tmp_path):
    entry = zipfile.ZipInfo("link.ipynb")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert listed(tmp_path / "c.zip") == {"c.zip/link.ipynb": "a symbolic link, which is not followed"}


def test_a_bomb_by_ratio_is_refused_and_its_neighbour_read(tmp_path):
    noise = os.urandom(100_000)
    place = as_zip(tmp_path / "c.zip", {"bomb.ipynb": b"0" * 5_000_000, "good.ipynb": noise})
    problems = listed(place)
    assert "zip bomb" in problems["c.zip/bomb.ipynb"]
    assert problems["c.zip/good.ipynb"] == ""


def test_an_archive_of_many_bombs_is_refused_whole(tmp_path):
    place = as_zip(tmp_path / "c.zip", {f"{i}.ipynb": b"0" * 1_000_000 for i in range(10)})
    assert "zip bomb" in listed(place)["c.zip"]


def test_a_repetitive_notebook_is_no_bomb(tmp_path):
    place = as_zip(tmp_path / "c.zip", {"a.ipynb": b'{"cells": []}\n' * 50_000})
    assert listed(place) == {"c.zip/a.ipynb": ""}


def test_absolute_caps(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_NOTEBOOK", 1000)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "big.ipynb").write_bytes(b"x" * 1001)
    as_zip(folder / "c.zip", {"big.ipynb": os.urandom(1001), "fits.ipynb": os.urandom(1000)})
    problems = listed(folder)
    assert problems["in/big.ipynb"].startswith("too large")
    assert problems["in/c.zip/big.ipynb"].startswith("too large")
    assert problems["in/c.zip/fits.ipynb"] == ""
    monkeypatch.setattr(archives, "MAX_ARCHIVE", 2000)
    assert "zip bomb" in listed(folder)["in/c.zip"]
    monkeypatch.setattr(archives, "MAX_ENTRIES", 1)
    assert "lists 2 files" in listed(folder)["in/c.zip"]


def test_a_size_that_lies_is_found_out_while_reading(tmp_path):
    honest = zipped({"a.ipynb": b"0" * 3_000_000})
    lying = honest.replace((3_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != honest
    (tmp_path / "c.zip").write_bytes(lying)
    (found,) = files_of(tmp_path / "c.zip")
    with pytest.raises(RefusedError, match="cannot be read"):
        found.read()


def test_a_file_that_grew_since_it_was_listed_is_not_read_whole(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"x")
    (found,) = files_of(tmp_path / "a.ipynb")
    (tmp_path / "a.ipynb").write_bytes(b"x" * 2000)
    with pytest.raises(RefusedError, match="too large"):
        found.read(limit=1000)


def test_a_zip_in_a_zip_is_read_and_one_deeper_is_not(tmp_path):
    innermost = zipped({"a.ipynb": b"deep"})
    inner = zipped({"b.ipynb": b"fine", "deeper.zip": innermost})
    found = {one.label: one for one in files_of(as_zip(tmp_path / "c.zip", {"ada.zip": inner}))}
    assert found["c.zip/ada.zip/b.ipynb"].read() == b"fine"
    assert found["c.zip/ada.zip/deeper.zip"].problem.startswith("a zip in a zip in a zip")


def test_bombs_inside_a_zip_in_a_zip(tmp_path, monkeypatch):
    many = zipped({f"{i}.ipynb": b"0" * 1_000_000 for i in range(10)})
    problems = listed(as_zip(tmp_path / "c.zip", {"ada.zip": many, "bob.ipynb": b"fine"}))
    assert "zip bomb" in problems["c.zip/ada.zip"]
    assert problems["c.zip/bob.ipynb"] == ""
    monkeypatch.setattr(archives, "MAX_INNER", 1000)
    big = as_zip(tmp_path / "d.zip", {"ada.zip": zipped({"a.ipynb": os.urandom(2000)})})
    assert listed(big)["d.zip/ada.zip"].startswith("too large")


def test_an_encrypted_entry_is_reported(tmp_path):
    data = bytearray(zipped({"a.ipynb": b"x", "b.ipynb": b"y"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    (tmp_path / "c.zip").write_bytes(data)
    problems = listed(tmp_path / "c.zip")
    assert problems == {"c.zip/a.ipynb": "encrypted: ask for a file without password", "c.zip/b.ipynb": ""}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", b"PK\x05\x06" + b"\xff" * 18])
def test_a_broken_archive_is_reported(tmp_path, data):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "c.zip").write_bytes(data)
    (tmp_path / "in" / "a.ipynb").write_bytes(b"x")
    problems = listed(tmp_path / "in")
    assert "cannot be read" in problems["in/c.zip"]
    assert problems["in/a.ipynb"] == ""


def test_a_damaged_entry_is_reported_when_read(tmp_path):
    noise = os.urandom(5000)
    data = zipped({"a.ipynb": noise, "b.ipynb": b"fine"})
    packed = zlib.compress(noise)[2:-4]
    place = data.index(packed[100:200])
    (tmp_path / "c.zip").write_bytes(data[:place] + bytes(100) + data[place + 100 :])
    bad, good = files_of(tmp_path / "c.zip")
    with pytest.raises(RefusedError, match="cannot be read"):
        bad.read()
    assert good.read() == b"fine"


def test_names_in_other_encodings(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Zoe_.ipynb", b"x")
    raw = buffer.getvalue().replace(b"Zoe_", "Zoë".encode())  # UTF-8 without the flag that says so
    (tmp_path / "c.zip").write_bytes(raw)
    assert list(listed(tmp_path / "c.zip")) == ["c.zip/Zoë.ipynb"]
    (tmp_path / "d.zip").write_bytes(buffer.getvalue().replace(b"Zoe_", b"Zo\x89_"))  # code page 437
    assert list(listed(tmp_path / "d.zip")) == ["d.zip/Zoë_.ipynb"]


def test_names_that_are_no_text_are_cleaned(tmp_path):
    (tmp_path / "in").mkdir()
    with open(os.path.join(os.fsencode(tmp_path / "in"), b"a\xff\x1b[2J.ipynb"), "wb") as file:
        file.write(b"x")
    (found,) = files_of(tmp_path / "in")
    assert found.label == "in/a??[2J.ipynb"
    assert found.read() == b"x"


def test_clean_keeps_letters_and_composes_accents():
    assert clean("Zoe\u0308 \u4e2d") == "Zoë 中"
    assert clean("a\u202eb\x00\ud800") == "a?b??"


def test_a_replaced_archive_is_read_anew(tmp_path):
    place = as_zip(tmp_path / "c.zip", {"a.ipynb": b"one"})
    assert [found.read() for found in files_of(place)] == [b"one"]
    as_zip(place, {"a.ipynb": b"another"})
    assert [found.read() for found in files_of(place)] == [b"another"]
