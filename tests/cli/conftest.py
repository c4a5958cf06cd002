"""Commands typed with bytes as standard input, and a translator that only shouts."""

import io
import sys
from pathlib import Path

import pytest
from shouting import Shouter

import seq2seq.translator
from seq2seq.cli import translate


@pytest.fixture
def given(monkeypatch):
    """Makes bytes the standard input."""

    def give(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))

    return give


@pytest.fixture
def shouter(monkeypatch, tmp_path):
    """The stand-in for Translator, in an empty folder with a file RUN."""
    monkeypatch.chdir(tmp_path)
    Path("RUN").touch()
    monkeypatch.setattr(seq2seq.translator, "Translator", Shouter)
    monkeypatch.setattr(Shouter, "attends", True)
    Shouter.reset()
    return Shouter


@pytest.fixture
def typed(given, shouter, capsys):
    """Runs `seq2seq translate RUN` on bytes as standard input; gives what it wrote."""

    def run(text, *arguments):
        given(text)
        assert translate.main(["RUN", *arguments]) == 0
        return capsys.readouterr().out

    return run
