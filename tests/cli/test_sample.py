"""`seq2seq sample`: prompts in, texts out, with an engine that knows the alphabet."""

import json
import sys

import numpy as np
import pytest

from seq2seq.cli import sample
from seq2seq.search import SpecialIds, best_words
from seq2seq.text import CharacterTokenizer


class Alphabet:
    """Says the letter after the last one, and ends after "e". Of any other text it says "a"."""

    name, special_ids = "alphabet", SpecialIds()
    source_tokenizer = target_tokenizer = CharacterTokenizer.train(["aaaaabbbbcccdde"])

    def encode(self, source_ids, shortlist=None):
        lengths = np.count_nonzero(source_ids, axis=1)
        last = source_ids[np.arange(len(source_ids)), lengths - 1]
        return None, np.where(last > 3, last, 3)

    def step(self, ids, rows, state, memory, num_best):
        last = np.where(ids == self.special_ids.bos, state[rows], ids)
        likely = np.where(last == 8, self.special_ids.eos, last + 1)
        log_probs = np.full((len(ids), 9), -50, np.float32)
        log_probs[np.arange(len(ids)), likely] = -0.5
        return log_probs if num_best is None else best_words(log_probs, num_best, self.special_ids), None, last

    def keep(self, memory, sentences):
        return None


@pytest.fixture
def written(given, monkeypatch, capsys):
    """Runs `seq2seq sample RUN` on bytes as standard input; gives what it wrote."""
    monkeypatch.setattr(sample, "open_engine", lambda path, kind, precision: Alphabet())

    def run(text, *arguments):
        given(text)
        assert sample.main(["RUN", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_one_sample_is_plain_text(written):
    assert written(b"ab\n") == "abcde\n"
    assert written(b"", "--prompt", "abc") == "abcde\n"
    assert written(b"not read", "--prompt", "x\nc", "--length", "1") == "x\ncd\n"


@pytest.mark.parametrize("text", [b"", b"\n"])
def test_without_a_prompt_a_text_begins(written, text):
    assert written(text) == "abcde\n"


def test_a_line_stands_between_samples(written):
    line = "-" * 40
    assert written(b"d\nc", "--number", "2") == f"de\n{line}\nde\n{line}\ncde\n{line}\ncde\n"
    assert written(b"", "--prompt", "d", "c", "--separator", "%") == "de\n%\ncde\n"
    many = written(b"d\n" * 70, "--separator", "%")  # more than are continued at once
    assert many == "%\n".join(["de\n"] * 70)


def test_json_has_one_object_for_each_prompt(written):
    first, second = map(json.loads, written(b"d\n\n", "--json", "--number", "2").splitlines())
    assert first == {"prompt": "d", "continuations": [{"text": "e", "log_prob": -1.0}] * 2}
    assert (second["prompt"], second["continuations"][0]["text"]) == ("", "abcde")


def test_a_beam_search_has_room_for_all_samples(written):
    assert written(b"d", "--search", "beam", "--number", "7").startswith("de\n-")


def test_unknown_characters_are_told_once(written, caplog):
    assert written(b"?d\n!!\n", "--separator", "%") == "?de\n%\n!!abcde\n"
    assert "3 characters of the prompts are unknown to the model" in caplog.text


def test_a_terminal_is_not_controlled_and_not_waited_for(written, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert written(b"", "--prompt", "\x1b[2Jd") == "?[2Jde\n"
    monkeypatch.setattr(sys, "stdin", None)
    given = type("Terminal", (), {"isatty": lambda self: True})()
    monkeypatch.setattr(sys, "stdin", given)
    assert [*sample._prompts(())] == [[""]]


def test_options_out_of_range_are_told(written):
    for arguments in (["--length", "0"], ["--number", "0"], ["--temperature", "0"], ["--beam-size", "0"]):
        with pytest.raises(ValueError, match=rf"{arguments[0][2:].replace('-', '_')} is 0.*; it has to be between"):
            written(b"", *arguments)
    with pytest.raises(ValueError, match="temperature is 0.5, but beam search draws nothing"):
        written(b"", "--search", "beam", "--temperature", "0.5")
