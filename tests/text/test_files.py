import errno
import os
import signal
import subprocess
import sys
import zipfile

import pytest

from seq2seq.text.files import one_line, read_entry, read_object, written_beside


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "folder" / "file"
    with written_beside(path) as beside:
        beside.write_text("new")
        assert beside.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]
    (path.parent / "plain").write_text("")
    assert path.stat().st_mode == (path.parent / "plain").stat().st_mode


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="in the middle"), written_beside(path) as beside:
        beside.write_text("half")
        raise RuntimeError("in the middle")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path):
    with pytest.raises(OSError, match=r"No space left on device.*/file'") as error, written_beside(tmp_path / "file"):
        with open("/dev/full", "wb", buffering=0) as full:
            full.write(b"text")
    assert error.value.filename == str(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_device_or_a_pipe_is_written_to_and_stays_what_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with written_beside(pipe) as beside:
        assert beside == pipe
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    file, link = tmp_path / "there" / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    with written_beside(link) as beside:
        beside.write_text("new")
    assert link.is_symlink() and file.read_text() == "new"


def test_a_folder_is_refused_before_the_work(tmp_path):
    with pytest.raises(IsADirectoryError, match=str(tmp_path)), written_beside(tmp_path):
        pytest.fail("the block was entered")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next_to_write(tmp_path):
    code = (
        "import os, signal, sys\nfrom seq2seq.text.files import written_beside\n"
        "with written_beside(sys.argv[1]) as beside:\n"
        "    beside.write_bytes(b'half')\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    for name in ("file", "file[1].tar.gz"):
        path = tmp_path / name
        assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -signal.SIGKILL
        assert len(list(tmp_path.iterdir())) == 2  # the half-written file and its lock
        with written_beside(path) as beside:
            beside.write_bytes(b"whole")
            assert beside.name.endswith(path.suffix)
        assert [entry.name for entry in tmp_path.iterdir()] == [name]
        path.unlink()


@pytest.mark.parametrize("name", ["x" * 252 + ".de", "ü" * 127, "a." + "x" * 250 + ".gz", "." + "x" * 254])
def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path, name):
    with written_beside(tmp_path / name) as leftover:
        assert leftover.name.endswith((tmp_path / name).suffix)
    lock = leftover.with_name(f"{leftover.name}.lock")
    for left in ([leftover, lock], [leftover], [lock]):  # as a killed process would leave them
        for file in left:
            file.touch()
        with written_beside(tmp_path / name):
            assert not leftover.exists() and not lock.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_what_another_process_is_writing_stays(tmp_path):
    path = tmp_path / "file.txt"
    with written_beside(path) as first, written_beside(path) as second:
        first.write_text("first")
        second.write_text("second")
        assert first != second and first.exists()
    assert path.read_text() == "first"


def test_files_of_other_names_are_no_leftovers(tmp_path):
    strangers = [
        ".file.part",
        ".file.abcdefgh.part.txt",
        ".other.abcdefgh.part",
        "file.abcdefgh.part",
        ".file.ABC.part",
    ]
    for name in strangers:
        (tmp_path / name).touch()
    (tmp_path / ".file.abcdefgh.part").mkdir()  # a folder is never removed
    with written_beside(tmp_path / "file"):
        pass
    assert {entry.name for entry in tmp_path.iterdir()} == {*strangers, "file", ".file.abcdefgh.part"}


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("filelock.FileLock.acquire", PermissionError(errno.EACCES, "of another user")),
        ("fcntl.flock", OSError(errno.ENOLCK, "no locks")),
    ],
)
def test_leftovers_that_cannot_be_locked_stay_and_stop_nobody(tmp_path, monkeypatch, function, error):
    """In a folder that several people share, and on a file system without locks."""
    (tmp_path / ".file.abcdefgh.part").touch()
    (tmp_path / ".file.abcdefgh.part.lock").touch()

    def refuse(*args, **options):
        raise error

    monkeypatch.setattr(function, refuse)
    with written_beside(tmp_path / "file") as beside:
        beside.write_text("new")
    names = {entry.name for entry in tmp_path.iterdir()}
    assert names == {"file", ".file.abcdefgh.part", ".file.abcdefgh.part.lock"}
    assert (tmp_path / "file").read_text() == "new"


def test_a_full_device_is_named():
    with pytest.raises(OSError, match=r"No space left on device: '/dev/full'"), written_beside("/dev/full") as path:
        with open(path, "wb") as file:
            file.write(b"x" * 100_000)


def test_an_entry_of_a_zip_file_gives_no_more_than_it_declares(tmp_path, monkeypatch):
    """The size in the directory is a claim: here one byte of a million."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(10**6))
        archive.writestr("one", b"1")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert read_entry(archive, "one", most=1) == b"1"
        with pytest.raises(ValueError, match="zeros in it unpacks to 1,000,000 bytes; at most 999,999 are sensible"):
            read_entry(archive, "zeros", most=999_999)
        archive.getinfo("zeros").file_size = 1
        read = zipfile.ZipExtFile.read
        monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda entry, size: read(entry, size) if size == 1 else None)
        with pytest.raises(zipfile.BadZipFile, match="Bad CRC-32"):
            read_entry(archive, "zeros", most=1)


def test_an_entry_packed_in_a_way_that_gives_more_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("zeros", bytes(10**6))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, pytest.raises(ValueError, match="packed in an unusual way"):
        read_entry(archive, "zeros", most=10**7)


def test_an_object_in_a_file(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"a": {"b": 1}}')
    assert read_object(path) == {"a": {"b": 1}}
    assert read_object(path, "a") == {"b": 1}
    assert read_object(path, "c") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "Expecting value"),
        (b"\xe1{}", "can't decode byte 0xe1"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": {"b": 1}}' + b" " * (1 << 24), "more than 16,777,216 bytes"),
        (b"[]", "it has a list in place of an object"),
        (b'{"a": null}', "it has a NoneType in place of an object"),
    ],
    ids=["empty", "latin-1", "deep", "large", "list", "null"],
)
def test_a_file_without_an_object_is_refused(tmp_path, text, message):
    (tmp_path / "run.json").write_bytes(text)
    with pytest.raises(ValueError, match=message):
        read_object(tmp_path / "run.json", "a")


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n b\r\nc", "a b c"), ("a\x1b[2J\u202eb\0", "a?[2J?b?"), ("größer 字", "größer 字"), ("x" * 999, "x" * 500)],
)
def test_what_a_stranger_wrote_is_quoted_on_one_line(text, line):
    assert one_line(ValueError(text)) == line
