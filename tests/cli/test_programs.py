import shlex
import subprocess
import sys

import pytest

from seq2seq.cli.programs import as_typed, python_program, seq2seq_program


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A virtual environment in the current folder, whose Python runs."""
    folder = tmp_path / "my env" / "bin"
    folder.mkdir(parents=True)
    for name in ("python3", "seq2seq"):
        (folder / name).write_text(f"#!/bin/sh\necho {name}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python3"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_program_that_the_shell_does_not_find_has_its_path(programs):
    assert (python_program(), seq2seq_program()) == ("'my env/bin/python3'", "'my env/bin/seq2seq'")
    assert subprocess.check_output(seq2seq_program(), shell=True, text=True) == "seq2seq\n"


def test_a_program_in_the_current_folder_has_its_path(programs, monkeypatch):
    monkeypatch.chdir(programs)
    assert (python_program(), seq2seq_program()) == ("./python3", "./seq2seq")
    assert subprocess.check_output(seq2seq_program(), shell=True, text=True) == "seq2seq\n"


def test_a_program_that_the_shell_finds_has_its_name(programs, monkeypatch):
    monkeypatch.setenv("PATH", str(programs))
    assert (python_program(), seq2seq_program()) == ("python3", "seq2seq")


def test_a_checkout_that_is_not_installed_runs_as_a_module(programs):
    (programs / "seq2seq").unlink()
    assert seq2seq_program() == "'my env/bin/python3' -m seq2seq"


def test_only_a_path_below_the_current_folder_is_relative(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert as_typed(tmp_path / "here" / "it's") == shlex.quote("it's")
    assert as_typed(tmp_path / "x") == as_typed("../x") == str(tmp_path / "x")
