from pathlib import Path

import pytest

from seq2seq.cli import gradients
from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import Encoder, LanguageModel, RNNDecoder, Seq2Seq, Tagger, VectorEncoder
from seq2seq.text import CharacterTokenizer, Tokenizer
from seq2seq.text.features import Features


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def command(*arguments):
    return gradients.main(["--units", "4", "--length", "12", *arguments])


def test_prints_how_a_linear_network_shrinks_a_gradient_and_draws_it(capsys, tmp_path):
    arguments = ("--cell", "elman", "--cell-options", "activation=identity", "--scale", "0.5", "1")
    assert command(*arguments, "--output", "pictures/e.png") == 0
    header, half, whole, picture = capsys.readouterr().out.splitlines()
    assert header.split() == ["steps", "back", "1", "2", "5", "10"]
    assert half.split() == ["elman", "×", "0.5", "0.5", "0.25", "0.031", "0.00098"]
    assert whole.split() == ["elman", "×", "1", "1", "1", "1", "1"]
    assert picture == "picture: pictures/e.png" and (tmp_path / "pictures" / "e.png").exists()


def test_several_cells_have_a_line_each(capsys, tmp_path):
    assert command("--cell", "gru", "ssru") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["gru", "ssru", "picture:"]
    assert (tmp_path / "gradients.png").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--cell", "elmen"], "There is no cell named 'elmen'; did you mean elman"),
        (["--cell-options", "activation=relu"], "--cell-options are those of one cell"),
        (["--cell", "gru", "--cell-options", "rest=before"], "has no argument 'rest'; known are reset"),
        (["--scale", "-1"], "--scale is a number above 0"),
        (["--length", "1"], "--length is 1; it has to be between 2 and 10,000"),
        (["--cell", "hgrn", "--scale", "2"], "HGRN multiplies its state by no kernel"),
    ],
)
def test_refuses_what_it_cannot_draw(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        command(*arguments)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def translator(small):
    """A run folder with a translator and the text of its validation."""
    Path("run").mkdir()
    for side in ("source", "target"):
        Path(f"run/valid.{side}.txt").write_text("one two three\n\nthree two\n")
    tokenizer = Tokenizer.train(["one two three"] * 3, kind="word", vocab_size=7)
    parts = Encoder(7, 4, GRU(3)), RNNDecoder(7, 4, GRU(3), AdditiveAttention(3))
    model = Seq2Seq(*parts, source_tokenizer=tokenizer, target_tokenizer=tokenizer)
    model.save("run/translator.keras")
    return "run"


def test_the_layers_of_a_translator_read_its_own_text_and_are_drawn_in_its_folder(translator, capsys):
    assert gradients.main([translator]) == 0
    header, *rows, picture = capsys.readouterr().out.splitlines()
    assert header.split() == ["steps", "back", "1", "2"]  # three words and the end of the longest sentence
    assert [row.split()[0] for row in rows] == ["forward_0", "backward_0", "layer_0"]
    assert picture == "picture: run/gradients.png" and Path("run/gradients.png").exists()
    with pytest.raises(ValueError, match="is also --text, which would be lost"):
        gradients.main([translator, "--text", "run/valid.source.txt", "--output", "run/valid.source.txt"])


def test_the_labels_beside_a_text_are_no_text(capsys, small):
    Path("run").mkdir()
    Path("run/valid.source.txt").write_text("one two\n")
    Path("run/valid.target.txt").write_text("A B\n")
    tokenizer = Tokenizer.train(["one two"] * 3, kind="word", vocab_size=6)
    Tagger(Encoder(6, 4, GRU(3)), ("A", "B"), tokenizer=tokenizer).save("run/tagger.keras")
    assert gradients.main(["run"]) == 0
    assert [row.split()[0] for row in capsys.readouterr().out.splitlines()[1:3]] == ["forward_0", "backward_0"]


def test_a_model_that_reads_vectors_reads_no_text(small):
    tokenizer = Tokenizer.train(["one two"] * 3, kind="word", vocab_size=6)
    parts = VectorEncoder(2, 3), RNNDecoder(6, 4, GRU(3), context="both")
    Seq2Seq(*parts, source_tokenizer=Features(["a", "b"]), target_tokenizer=tokenizer).save("vectors.keras")
    Path("text").write_text("1 0\n")
    with pytest.raises(ValueError, match="has no vocabulary of text"):
        gradients.main(["vectors.keras", "--text", "text"])


def test_a_language_model_reads_a_given_text_in_pieces(capsys, small):
    tokenizer = CharacterTokenizer.train(["hello"])
    LanguageModel(tokenizer.vocab_size, 4, GRU(3), tokenizer=tokenizer).save("hello.keras")
    with pytest.raises(ValueError, match="hello.keras holds no text to read. Name one: --text FILE"):
        gradients.main(["hello.keras"])
    Path("blank").write_text("\n")
    with pytest.raises(ValueError, match="blank has no text"):
        gradients.main(["hello.keras", "--text", "blank"])
    Path("text").write_text("hello\n" * 5)
    assert gradients.main(["hello.keras", "--text", "text", "--length", "11"]) == 0
    header, row, picture = capsys.readouterr().out.splitlines()
    assert header.split()[2:] == ["1", "2", "5", "10"] and row.split()[0] == "layer_0"
    assert picture == "picture: gradients.png"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["run", "--cell", "gru"], "--cell is for new cells, and run is a trained model"),
        (["run", "--scale", "2"], "--scale is for new cells"),
        (["--text", "text"], "--text is read by a trained model: name its RUN folder"),
    ],
)
def test_options_of_new_cells_and_of_trained_models_do_not_mix(arguments, message):
    with pytest.raises(ValueError, match=message):
        gradients.main(arguments)
