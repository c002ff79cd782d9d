"""Downloads from a server on loopback: mirrors, checksums, the cache, and what is said when none answers."""

import re
import socket

import numpy as np
import pytest

from course_utils.data import DownloadError, data_folder, downloads, load_fashion_mnist, load_mnist
from course_utils.data.mnist import FASHION_MNIST, FASHION_NAMES, MNIST
from tests.data.datasheet import named_checksums
from tests.data.mirrors import NAMES, make_files, serve, source_of


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache" / "test-digits"


@pytest.fixture
def mirrors():
    with serve() as mirrors:
        yield mirrors


def closed_port():
    """Return the address of a server that is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/down/"


def check(split, arrays):
    for x, y, pixels, labels in ((*split[:2], *arrays[:2]), (*split[2:], *arrays[2:])):
        np.testing.assert_allclose(x, pixels.reshape(len(pixels), 784) / 255, atol=1e-7)
        np.testing.assert_array_equal(y, labels)
        assert y.dtype == np.int64


def test_a_first_call_downloads_and_a_second_one_asks_for_nothing(mirrors, cache):
    files, arrays = make_files()
    places = source_of(files, mirrors.add("first", files))
    check(load_mnist(source=places, progress=False), arrays)
    assert mirrors.requests == [f"/first/{name}" for name in NAMES]
    assert sorted(path.name for path in cache.iterdir()) == sorted(NAMES)  # and nothing temporary
    check(load_mnist(source=places, progress=False), arrays)
    assert len(mirrors.requests) == 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixels_lie_in_0_to_1(mirrors, dtype):
    files, _ = make_files()
    split = load_mnist(source=source_of(files, mirrors.add("first", files)), progress=False, dtype=dtype)
    assert split.x_train.shape == (12, 784)
    assert split.x_test.shape == (5, 784)
    for x in (split.x_train, split.x_test):
        assert x.dtype == dtype
        assert (x.min(), x.max()) == (0, 1)
        assert x.flags.writeable


def test_fashion_mnist_is_read_alike(mirrors):
    files, arrays = make_files(seed=1)
    check(load_fashion_mnist(source=source_of(files, mirrors.add("fashion", files)), progress=False), arrays)


def test_the_next_mirror_serves_what_the_first_does_not_have(mirrors):
    files, arrays = make_files()
    places = source_of(files, mirrors.add("empty", {}), mirrors.add("second", files))
    check(load_mnist(source=places, progress=False), arrays)
    assert mirrors.requests == [f"/empty/{NAMES[0]}", *(f"/second/{name}" for name in NAMES)]


def test_mirrors_that_have_only_some_of_the_files_serve_together(mirrors):
    files, arrays = make_files()
    odd, even = ({name: files[name] for name in NAMES[i::2]} for i in (1, 0))
    check(
        load_mnist(
            source=source_of(files, mirrors.add("odd", odd), mirrors.add("even", even)), progress=False
        ),
        arrays,
    )


@pytest.mark.parametrize("damage", ["other bytes", "shorter", "too_short", "silent"])
def test_a_damaged_file_is_refused_and_the_next_mirror_asked(mirrors, cache, monkeypatch, damage):
    monkeypatch.setattr(downloads, "SECONDS_OF_SILENCE", 0.1)
    files, arrays = make_files()
    first, second = mirrors.add("bad", files), mirrors.add("good", files)
    path = f"/bad/{NAMES[2]}"
    if damage == "other bytes":
        mirrors.files[path] = make_files(seed=7)[0][NAMES[2]]
    elif damage == "shorter":
        mirrors.files[path] = mirrors.files[path][:-1]
    else:
        getattr(mirrors, damage).add(path)  # fewer bytes than announced; no answer in time
    check(load_mnist(source=source_of(files, first, second), progress=False), arrays)
    assert mirrors.requests.count(f"/good/{NAMES[2]}") == 1
    assert len(mirrors.requests) == 5
    assert (cache / NAMES[2]).read_bytes() == files[NAMES[2]]
    assert len(list(cache.iterdir())) == 4


def test_a_server_that_is_down_is_skipped(mirrors):
    files, arrays = make_files()
    check(
        load_mnist(source=source_of(files, closed_port(), mirrors.add("up", files)), progress=False), arrays
    )


def test_what_is_said_when_no_mirror_gives_the_file(mirrors, cache, monkeypatch):
    monkeypatch.setattr(downloads, "SECONDS_OF_SILENCE", 0.1)
    files, _ = make_files()
    others = make_files(seed=7)[0]
    addresses = [mirrors.add(name, others) for name in ("wrong", "short", "silent")]
    mirrors.too_short.add(f"/short/{NAMES[0]}")
    mirrors.silent.add(f"/silent/{NAMES[0]}")
    places = source_of(files, *addresses, mirrors.add("empty", {}), closed_port())
    with pytest.raises(DownloadError) as caught:
        load_mnist(source=places, progress=False)
    message = str(caught.value)
    reasons = (
        "the file that came has the wrong checksum",
        "the connection broke off",
        "no answer in time",
        "the server answered 404 Not Found",
        "connection refused",
    )
    lines = message.splitlines()
    assert lines[0] == f"expected to download {NAMES[0]} of Test digits, got it from none of the mirrors:"
    tried = [
        line
        for mirror, reason in zip(places.mirrors, reasons, strict=True)
        for line in (mirror + NAMES[0], reason)
    ]
    assert [line.strip() for line in lines[1:11]] == tried
    assert f"  {cache}" in lines
    for name, checksum in places.checksums.items():
        assert f"    {name}  SHA-256 {checksum}" in lines
    for word in ("offline", "still compressed", "COURSE_DATA"):
        assert word in message
    assert "already" not in message
    assert list(cache.iterdir()) == []


def test_what_arrived_before_the_network_went_is_kept(mirrors, cache):
    files, arrays = make_files()
    two = {name: files[name] for name in NAMES[:2]}
    places = source_of(files, mirrors.add("first", two))
    with pytest.raises(DownloadError, match=f"expected to download {NAMES[2]}"):
        load_mnist(source=places, progress=False)
    mirrors.add("first", files)
    check(load_mnist(source=places, progress=False), arrays)
    assert [mirrors.requests.count(f"/first/{name}") for name in NAMES] == [1, 1, 2, 1]


def test_files_put_there_by_hand_are_used_without_any_network(cache):
    files, arrays = make_files()
    cache.mkdir(parents=True)
    for name, content in files.items():
        (cache / name).write_bytes(content)
    check(load_mnist(source=source_of(files, closed_port()), progress=False), arrays)


def test_a_wrong_file_put_there_by_hand_is_named_and_left(cache):
    files, _ = make_files()
    cache.mkdir(parents=True)
    (cache / NAMES[0]).write_bytes(b"a page that asks to log in")
    with pytest.raises(
        DownloadError, match=f"{NAMES[0]} lies in the folder below already, but its checksum is wrong"
    ):
        load_mnist(source=source_of(files, closed_port()), progress=False)
    assert (cache / NAMES[0]).read_bytes() == b"a page that asks to log in"


def test_a_spoilt_cache_is_repaired(mirrors, cache):
    files, arrays = make_files()
    places = source_of(files, mirrors.add("first", files))
    load_mnist(source=places, progress=False)
    (cache / NAMES[3]).write_bytes(b"spoilt")
    check(load_mnist(source=places, progress=False), arrays)
    assert mirrors.requests[4:] == [f"/first/{NAMES[3]}"]


def test_a_folder_of_ones_own(mirrors, cache, tmp_path):
    files, arrays = make_files()
    places = source_of(files, mirrors.add("first", files))
    check(load_mnist(source=places, folder=tmp_path / "mine", progress=False), arrays)
    assert not cache.exists()
    assert (tmp_path / "mine" / NAMES[0]).exists()


def test_the_usual_folder_is_the_systems_cache(monkeypatch):
    monkeypatch.delenv("COURSE_DATA")
    assert data_folder().name == "deep-learning-put-to-the-test"
    monkeypatch.setenv("COURSE_DATA", "")
    assert data_folder().name == "deep-learning-put-to-the-test"


def test_a_home_in_the_chosen_folder_is_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # its name on Windows
    monkeypatch.setenv("COURSE_DATA", "~/data")
    assert data_folder() == (tmp_path / "data").resolve()


def test_progress_is_one_line_that_is_blank_at_the_end(mirrors, capsys):
    files, _ = make_files(n_train=400)
    load_mnist(source=source_of(files, mirrors.add("first", files)))
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{NAMES[0]}: 100 % of 0.3 MB" in err
    assert shown_at_the_end(err) == ""


def test_progress_is_blank_too_after_a_failure(mirrors, capsys):
    files, _ = make_files(n_train=400)
    places = source_of(files, mirrors.add("first", files))
    mirrors.too_short.add(f"/first/{NAMES[0]}")
    with pytest.raises(DownloadError):
        load_mnist(source=places)
    err = capsys.readouterr().err
    assert re.search(r" [1-9]\d? % of 0.3 MB", err)
    assert shown_at_the_end(err) == ""


def shown_at_the_end(written):
    """Return what a terminal shows of a text that overwrites its one line."""
    assert "\n" not in written
    line = ""
    for part in written.split("\r"):
        line = part + line[len(part) :]
    return line.strip()


def test_progress_can_be_switched_off(mirrors, capsys):
    files, _ = make_files()
    load_mnist(source=source_of(files, mirrors.add("first", files)), progress=False)
    assert capsys.readouterr() == ("", "")


def test_files_that_do_not_fit_together(mirrors):
    files, _ = make_files()
    mixed = files | {NAMES[1]: files[NAMES[3]]}
    with pytest.raises(
        ValueError, match=rf"expected 12 labels for {NAMES[0]}, got shape \(5,\) in {NAMES[1]}"
    ):
        load_mnist(source=source_of(mixed, mirrors.add("first", mixed)), progress=False)
    swapped = files | {NAMES[0]: files[NAMES[1]]}
    with pytest.raises(ValueError, match=rf"expected pictures \(N, H, W\), got shape \(12,\) in {NAMES[0]}"):
        load_mnist(source=source_of(swapped, mirrors.add("second", swapped)), progress=False)


def test_a_dtype_that_cannot_hold_shades_is_refused_before_any_download(mirrors):
    files, _ = make_files()
    with pytest.raises(ValueError, match="expected a floating dtype.*, got uint8"):
        load_mnist(source=source_of(files, mirrors.add("first", files)), dtype=np.uint8)
    assert mirrors.requests == []


@pytest.mark.parametrize("real", [MNIST, FASHION_MNIST])
def test_the_real_sources_are_those_of_the_datasheet(real):
    assert tuple(real.checksums) == NAMES
    assert set(real.checksums.values()) == named_checksums(real.name)
    assert len(real.mirrors) >= 2
    assert all(mirror.startswith(("https://", "http://")) and mirror.endswith("/") for mirror in real.mirrors)
    assert len(set(FASHION_NAMES)) == 10


def test_offline_the_real_download_says_what_to_do(tmp_path, monkeypatch):
    def unknown(*arguments, **options):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for load, source, folder in (
        (load_mnist, MNIST, "mnist"),
        (load_fashion_mnist, FASHION_MNIST, "fashion-mnist"),
    ):
        with pytest.raises(DownloadError, match="got it from none of the mirrors") as caught:
            load(progress=False)
        message = str(caught.value)
        assert message.count("no connection") == len(source.mirrors)
        assert all(mirror + NAMES[0] in message for mirror in source.mirrors)
        assert f"  {tmp_path / 'cache' / folder}\n" in message
