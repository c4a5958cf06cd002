import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers.attention import AdditiveAttention
from seq2seq.layers.cells import GRU
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq, load_model
from seq2seq.model.archive import save_model
from seq2seq.search import SpecialIds, best_words
from seq2seq.text.shortlist import Shortlist
from seq2seq.text.tokenizer import BOS_ID, Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.archive import ExportError
from seq2seq.translator.constraints import TextConstraints
from seq2seq.translator.ensemble import Ensemble
from seq2seq.translator.tensorflow_engine import TensorFlowEngine
from seq2seq.translator.translator import _batches

# Keras 3.15 turns variables into arrays in a way that NumPy 2 warns of; to go when Keras mends it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LINES = ["ein Hund", "", "zwei kleine Katzen", " \t ", "ja", "\u2028", "drei"]


@pytest.fixture(scope="module")
def tokenizer():
    """Characters, so that a reader can count tokens."""
    return Tokenizer.train(["ein Hund und zwei kleine Katzen, drei. vier! ja?"] * 4, kind="char", vocab_size=281)


class CopyEngine:
    """An engine that is nearly sure to copy its source: what comes out is known.

    It attends to the character that it copies.
    """

    special_ids = SpecialIds()
    num_workers = 2
    name = "copy.zip"

    def __init__(self, tokenizer, *, max_source_length=100, attends=True, broken=False):
        self.source_tokenizer = self.target_tokenizer = tokenizer
        self.max_source_length = max_source_length
        self.attends = attends
        self.broken = broken
        self.batches = []  # shapes

    def encode(self, source_ids, shortlist=None):
        self.batches.append(source_ids.shape)
        return source_ids, np.zeros(len(source_ids), np.int64)

    def step(self, ids, rows, state, memory, num_best):
        source_ids = np.repeat(memory, len(ids) // len(memory), axis=0)
        position = state[rows]
        logits = np.zeros((len(ids), self.target_tokenizer.vocab_size), np.float32)
        logits[np.arange(len(ids)), source_ids[np.arange(len(ids)), position]] = np.nan if self.broken else 12.0
        log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        attention = np.eye(memory.shape[1], dtype=np.float32)[position] if self.attends else None
        found = log_probs if num_best is None else best_words(log_probs, num_best, self.special_ids)
        return found, attention, np.minimum(position + 1, memory.shape[1] - 1)

    def keep(self, memory, sentences):
        return memory[sentences]


@pytest.fixture
def copying(tokenizer):
    return lambda **options: Translator(CopyEngine(tokenizer, **options))


@pytest.mark.parametrize("options", [{}, {"beam_size": 1}, {"batch_tokens": 1}, {"beam_size": 2, "n_best": 2}])
def test_each_line_gets_its_own_translation_in_order(copying, options):
    expected = ["ein Hund", "", "zwei kleine Katzen", "", "ja", "", "drei"]
    assert copying().translate(LINES, **options) == expected
    assert copying().translate(iter(LINES), **options) == expected


def test_nothing_in_nothing_out(copying):
    assert copying().translate([]) == []
    assert copying().translate(["", "  "]) == ["", ""]


def test_one_string_is_not_lines(copying):
    with pytest.raises(TypeError, match="one string: 'ein Hund'"):
        copying().translate("ein Hund")


def test_batches_hold_sentences_of_like_length_within_the_budget(copying):
    translator = copying()
    lines = ["ja"] * 10 + ["zwei kleine Katzen"] * 3
    translator.translate(lines, batch_tokens=16 * 5)
    # "▁ja" and its end are 4 tokens, and count as 16; the longer ones are 20. Batches are computed side by side.
    assert sorted(translator.engine.batches) == [(1, 8), (4, 8), (4, 8), (4, 20)]


def test_a_short_text_is_shared_out_among_the_workers(copying):
    assert [len(batch) for batch in _batches([20] * 40, batch_tokens=2048, workers=2)] == [16, 16, 8]
    assert [len(batch) for batch in _batches([20] * 12, batch_tokens=2048, workers=2)] == [12]  # too few to divide
    assert [len(batch) for batch in _batches([20] * 40, batch_tokens=200, workers=2)] == [8, 8, 8, 8, 8]


def test_who_stops_reading_gets_no_more_translations(copying):
    translator = copying()

    def give_up(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        translator.translate(["ja"] * 100, batch_tokens=16, progress=give_up)
    assert len(translator.engine.batches) < 100


def test_progress_counts_every_line_once(copying):
    counts = []
    line = "zwei kleine Katzen und ein Hund"
    copying(max_source_length=16).search([*LINES, line], progress=counts.append, batch_tokens=32)
    assert sum(counts) == len(LINES) + 1
    assert counts[0] == 3  # the blank ones


def test_a_translation_tells_its_pieces_and_scores(copying):
    (translation, second), blank = copying().search(["ja", ""], n_best=2, beam_size=3)
    assert translation.source_pieces == translation.target_pieces == ("▁", "j", "a", "</s>")
    assert translation.score == pytest.approx(translation.log_prob / (9 / 6))  # ((5 + 4) / 6) ** 1
    assert second.text != "ja"
    assert second.score <= translation.score
    assert translation.alignment is None
    assert [(one.text, one.score, one.source_pieces) for one in blank] == [("", 0.0, ())]


def test_alignments_are_given_when_asked_for(copying):
    translation = copying().search(["ja", "ein Hund"], alignments=True)[0][0]
    np.testing.assert_array_equal(translation.alignment, np.eye(4))  # the longer line's padding is cut off
    assert copying(attends=False).search(["ja"], alignments=True)[0][0].alignment is None


def test_long_lines_are_translated_in_parts_and_nothing_is_lost(copying):
    line = "ein Hund und zwei Katzen. ein Hund, drei Katzen und vier, ja! zwei kleine Katzen"
    translator = copying(max_source_length=16)
    assert translator.translate([line, "ja"]) == [line, "ja"]
    assert max(width for _, width in translator.engine.batches) == 16
    words = "ja " * 5000
    assert translator.translate([words]) == [words.strip()]
    assert translator.translate(["j" * 5000]) == ["j" * 5000]


@pytest.mark.parametrize(
    "line",
    [
        "ein Hund und zwei. " + "\u200b" * 30,
        "\t" * 30 + "ein Hund und zwei.",
        "ein\u00a0 \u00a0 \u00a0 \u00a0 \u00a0 \u00a0Hund und \u00adzwei.",
    ],
)
def test_a_long_line_is_cut_like_the_clean_one(copying, line):
    translator = copying(max_source_length=12)
    dirty, clean = translator.search([line, "ein Hund und zwei."])
    assert dirty == clean
    assert dirty[0].source_pieces.count("</s>") == 2


def test_the_parts_of_a_line_add_up(copying):
    line = "ein Hund, zwei Katzen"
    parts = copying().search(["ein Hund,", "zwei Katzen"], alignments=True)
    (whole,) = copying(max_source_length=16).search([line], alignments=True)
    first, second = (part[0] for part in parts)
    assert whole[0].text == line
    assert whole[0].log_prob == pytest.approx(first.log_prob + second.log_prob, rel=1e-5)
    assert whole[0].score == pytest.approx((first.score + second.score) / 2, rel=1e-5)
    assert whole[0].source_pieces == first.source_pieces + second.source_pieces
    np.testing.assert_array_equal(whole[0].alignment, np.eye(len(whole[0].source_pieces)))


def test_n_best_of_a_line_in_parts(copying):
    (found,) = copying(max_source_length=16).search(["ein Hund, zwei Katzen"], n_best=3)
    assert len(found) == 3
    assert found[0].text == "ein Hund, zwei Katzen"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@pytest.mark.parametrize("line", ["\x00", "a\x00b", "🦄🦄", "\ufffd", "日本語", "x\u2028y", "\u0301"])
def test_odd_characters_are_only_characters(copying, tokenizer, line):
    assert copying().translate([line]) == tokenizer.decode(tokenizer.encode([line]))


def test_a_broken_model_is_named_instead_of_translating(copying):
    with pytest.raises(ValueError, match="no probabilities for 'ja'.*not finite"):
        copying(broken=True).translate(["ja"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"beam_size": 0}, ValueError, "beam_size is 0"),
        ({"n_best": 6}, ValueError, "n_best is 6 with a beam_size of 5"),
        ({"length_penalty": -1}, ValueError, "length_penalty is -1"),
        ({"length_penalty": float("nan")}, ValueError, "length_penalty is nan"),
        ({"min_length": 0}, ValueError, "min_length is 0"),
        ({"max_length_factor": 0}, ValueError, "max_length_factor is 0"),
        ({"beamsize": 5}, TypeError, "no search option beamsize. Did you mean beam_size?"),
        ({"temperatur": 1}, TypeError, "no search option temperatur. Did you mean temperature?"),
        ({"temperature": 0.5}, ValueError, "temperature is 0.5, but beam search draws nothing"),
    ],
)
def test_wrong_options_are_named(copying, options, error, message):
    with pytest.raises(error, match=message):
        copying().translate(["ja"], **options)


def test_the_longest_translation_follows_from_the_source_alone(copying):
    (found,) = copying().search(["ja"], min_length=50, max_length_factor=1.0)
    assert len(found[0].target_pieces) == 14  # 4 source tokens and 10; the maximum holds against the minimum


def test_constraints_are_fulfilled_and_counted(copying):
    lines = ["ein Hund", "", "drei"]
    first, third = TextConstraints(required=["zwei"]), TextConstraints(prefix="ja", forbidden=["drei"])
    constraints = [first, TextConstraints(), third]
    first, blank, third = copying().translate(lines, constraints=constraints)
    assert "zwei" in first and blank == "" and third.startswith("ja") and "drei" not in third
    with pytest.raises(ValueError, match="There are 3 lines, but constraints for 1"):
        copying().translate(lines, constraints=constraints[:1])


@pytest.mark.parametrize(
    ("line", "forbidden"),
    [
        ("ein Hund und zwei", "Hund"),
        ("ein Hund und zwei", " ein\t Hund"),
        ("drei. vier! ja?", "vier!"),
        ("猫 und 犬と猫", "猫"),  # inside of a line, and by the pieces of its bytes
        ("ein Hund", "狗"),
    ],
)
def test_a_forbidden_text_does_not_appear(copying, line, forbidden):
    (found,) = copying().translate([line], constraints=[TextConstraints(forbidden=[forbidden])], beam_size=2)
    assert " ".join(forbidden.split()) not in found
    assert (found == line) is (forbidden not in line and "ein" not in forbidden)


def test_a_word_that_only_ends_like_a_forbidden_text_may_appear(copying):
    lines = ["zwei kleinei"]
    assert copying().translate(lines, constraints=[TextConstraints(forbidden=["ei"])]) == lines


def test_constraints_of_a_whole_text_are_checked_at_once(copying):
    copying().check_constraints([TextConstraints(required=["zwei"]), TextConstraints()])
    with pytest.raises(ValueError, match="A required phrase of sentence 3 is empty"):
        copying().check_constraints([TextConstraints(), TextConstraints(), TextConstraints(required=[""])])


@pytest.mark.parametrize(
    "wanted", [{"required": ["ja", "Ross"]}, {"prefix": "Ross"}, {"prefix": "ja", "required": ["ja 語"]}]
)
def test_words_that_the_target_vocabulary_lacks_are_named(wanted):
    words = Tokenizer.train(["ja nein"] * 4, kind="word", vocab_size=6)
    with pytest.raises(ValueError, match="'(Ross|ja 語)' is wanted in a translation, but the target vocabulary lacks"):
        Translator(CopyEngine(words)).translate(
            ["ja", "ja"], constraints=[TextConstraints(), TextConstraints(**wanted)]
        )


def test_an_exported_model_has_no_keras_model(copying):
    translator = copying()
    with pytest.raises(ValueError, match="runs exported graphs, without a Keras model"):
        _ = translator.model


def test_a_model_without_tokenizers_is_refused(babbling):
    model = Seq2Seq.from_config(babbling.get_config())
    with pytest.raises(ValueError, match="no tokenizers"):
        Translator(TensorFlowEngine(model))


@pytest.fixture(scope="module")
def translator(babbling):
    return Translator(TensorFlowEngine(babbling))


@pytest.fixture(scope="module")
def babbling(tokenizer):
    """A real model with random weights: what it says means nothing, but is always the same."""
    keras.utils.set_random_seed(3)
    size = tokenizer.vocab_size
    return Seq2Seq(
        Encoder(size, 12, GRU(10)),
        RNNDecoder(size, 12, GRU(8), AdditiveAttention(9)),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        max_source_length=30,
    )


def shortlist_for(model, ids):
    """The same ids for every sentence."""
    tokenizers = model.source_tokenizer, model.target_tokenizer
    nothing = np.full((tokenizers[0].vocab_size, 1), -1)
    return Shortlist(nothing, np.array(ids), vocabularies=tuple(tokenizer.fingerprint for tokenizer in tokenizers))


LIMITED = {"max_length_factor": 0.5, "length_penalty": 0.6}


def test_what_stands_beside_a_sentence_does_not_matter(translator):
    together = translator.search(LINES, n_best=3, alignments=True, **LIMITED)
    for line, found in zip(LINES, together, strict=True):
        (alone,) = translator.search([line], n_best=3, alignments=True, **LIMITED)
        assert [one.text for one in found] == [one.text for one in alone]
        np.testing.assert_allclose([a.score for a in found], [a.score for a in alone], rtol=1e-4)
        if line.strip():
            np.testing.assert_allclose(found[0].alignment, alone[0].alignment, atol=1e-5)


def test_log_prob_is_the_models_own(translator, babbling, tokenizer):
    found_first = translator.search(LINES, n_best=3, alignments=True, **LIMITED)
    for line, (found, *_) in zip(LINES, found_first, strict=True):
        if not line.strip():
            continue
        pieces = {piece: number for number, piece in enumerate(tokenizer.pieces(range(tokenizer.vocab_size)))}
        target_ids = [[BOS_ID, *(pieces[piece] for piece in found.target_pieces)]]
        source_ids = [[pieces[piece] for piece in found.source_pieces]]
        batch = {"source_ids": tf.constant(source_ids), "target_ids": tf.constant(target_ids)}
        assert float(babbling.evaluate_batch(batch)["nll_sum"]) == pytest.approx(-found.log_prob, rel=1e-4)


def texts(found):
    return [[one.text for one in translations] for translations in found]


@pytest.fixture(scope="module")
def folder(translator, tmp_path_factory):
    """A run folder of which only the Keras archive is there, as in the middle of training."""
    folder = tmp_path_factory.mktemp("run")
    translator.save(folder / "translator.keras")
    return folder


@pytest.mark.parametrize("options", [{"beam_size": 1}, {"beam_size": 3, "n_best": 3, "alignments": True}])
def test_keras_file_and_run_folder_translate_alike(translator, folder, options):
    expected = translator.search(LINES, **options, **LIMITED)
    for path in (folder / "translator.keras", folder, folder / "translator.zip"):
        found = Translator.load(path).search(LINES, **options, **LIMITED)
        assert texts(found) == texts(expected)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose([a.score for a in one], [a.score for a in other], atol=2e-5)
            if one[0].alignment is not None:
                np.testing.assert_allclose(one[0].alignment, other[0].alignment, atol=1e-5)


def test_the_first_use_exports_and_newer_weights_do_again(babbling, folder, tmp_path, caplog):
    caplog.set_level("INFO", "seq2seq")
    shutil.copy(folder / "translator.keras", tmp_path)
    Translator.load(tmp_path)
    assert caplog.text.count("exporting") == 1
    Translator.load(tmp_path)
    assert caplog.text.count("exporting") == 1
    model = load_model(tmp_path / "translator.keras")
    model.set_weights([2 * weight for weight in model.get_weights()])
    save_model(model, tmp_path / "translator.keras")
    found = Translator.load(tmp_path).translate(["ein Hund"], **LIMITED)
    assert caplog.text.count("exporting") == 2
    assert found == Translator(TensorFlowEngine(model)).translate(["ein Hund"], **LIMITED)


@pytest.mark.parametrize(
    "name, precision, damage",
    [
        ("translator.zip", "float32", lambda whole: whole[:-99]),
        ("translator.zip", "float32", lambda whole: b""),
        ("translator.int8.zip", "int8", lambda whole: whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]),
    ],
)
def test_a_damaged_export_in_a_run_folder_is_made_again(folder, tmp_path, caplog, name, precision, damage):
    expected = Translator.load(folder, precision=precision).translate(["ein Hund"], **LIMITED)
    for file in folder.glob("translator.*"):
        shutil.copy(file, tmp_path)
    (tmp_path / name).write_bytes(damage((folder / name).read_bytes()))
    assert Translator.load(tmp_path, precision=precision).translate(["ein Hund"], **LIMITED) == expected
    assert caplog.text.count(f"{tmp_path / name} is damaged and is made again") == 1
    caplog.clear()
    Translator.load(tmp_path, precision=precision)
    assert "again" not in caplog.text


def test_a_damaged_export_by_itself_is_refused(folder, tmp_path):
    (tmp_path / "translator.zip").write_bytes((folder / "translator.zip").read_bytes()[:-99])
    with pytest.raises(ValueError, match="translator.zip is not a translator, or a damaged one"):
        Translator.load(tmp_path)


def test_what_cannot_be_exported_is_translated_by_tensorflow(translator, folder, tmp_path, caplog, monkeypatch):
    def refuse(model):
        raise ExportError("the model cannot be exported to ONNX: no such operation")

    monkeypatch.setattr("seq2seq.translator.export.to_onnx", refuse)
    shutil.copy(folder / "translator.keras", tmp_path)
    found = Translator.load(tmp_path)
    assert isinstance(found.engine, TensorFlowEngine)
    assert found.translate(LINES, **LIMITED) == translator.translate(LINES, **LIMITED)
    assert "no such operation; TensorFlow translates instead" in caplog.text
    with pytest.raises(ValueError, match="no such operation"):
        Translator.load(tmp_path, precision="int8")


def test_a_read_only_folder_translates_too(folder, tmp_path, caplog, monkeypatch):
    shutil.copy(folder / "translator.keras", tmp_path)

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("seq2seq.translator.opening.write_archive", refuse)
    assert Translator.load(tmp_path).translate(["ja"], **LIMITED) == Translator.load(folder).translate(
        ["ja"], **LIMITED
    )
    assert "translator.zip cannot be kept (Permission denied); the next start has to make it again" in caplog.text


def test_an_ensemble_of_one_model_is_that_model(translator, folder):
    twice = Translator.load(folder, folder / "translator.keras")
    found, expected = (one.search(LINES, n_best=2, **LIMITED) for one in (twice, translator))
    assert texts(found) == texts(expected)
    assert found[0][0].score == pytest.approx(expected[0][0].score, abs=1e-4)


def test_an_ensemble_needs_one_vocabulary(copying, tokenizer):
    other = Tokenizer.train(["zwei Hunde"] * 4, kind="char", vocab_size=270)
    with pytest.raises(ValueError, match="copy.zip and copy.zip have different source vocabularies"):
        Ensemble([CopyEngine(tokenizer), CopyEngine(other)])


def test_translating_needs_neither_tensorflow_nor_keras_and_writes_nothing(folder, tmp_path):
    """onnxruntime keeps files of what it reports to its makers, unless it is told not to."""
    Translator.load(folder)  # exports, if no other test did
    code = (
        "import sys\nfrom seq2seq.translator import Translator\n"
        "print(len(Translator.load(sys.argv[1]).translate(['ein Hund'])))\n"
        "print({'tensorflow', 'keras', 'h5py', 'onnx', 'matplotlib'} & set(sys.modules))"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert (done.stdout, done.stderr) == ("1\nset()\n", "")
    assert not any(tmp_path.iterdir())


def test_a_process_forked_from_one_that_translates_does_so_too(folder):
    """As the workers of gunicorn's --preload: they have not got the threads of the process that loaded the model."""
    Translator.load(folder)  # exports, if no other test did
    code = (
        "import os, sys\nfrom seq2seq.translator import Translator\ntranslator = Translator.load(sys.argv[1])\n"
        "if len(sys.argv) > 2:\n    translator.translate(['ein Hund'])\n"
        "if os.fork() == 0:\n    print(len(translator.translate(['ein Hund', 'ja'])), flush=True)\n    os._exit(0)\n"
        "os.wait()\nprint(len(translator.translate(['ja'])))"
    )
    for used in ([], ["used"]):
        command = [sys.executable, "-c", code, str(folder), *used]
        assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "2\n1\n"


def test_the_archive_of_a_model_in_training_has_no_optimizer(babbling, tmp_path):
    model = Seq2Seq.from_config(babbling.get_config())
    model.source_tokenizer, model.target_tokenizer = babbling.source_tokenizer, babbling.target_tokenizer
    save_model(model, tmp_path / "before.keras")
    model.compile("adam")
    optimizer = model.optimizer
    save_model(model, tmp_path / "after.keras")
    model.save(tmp_path / "by_keras.keras")
    assert model.optimizer is optimizer
    size, *others = [(tmp_path / f"{name}.keras").stat().st_size for name in ("before", "after", "by_keras")]
    assert max(others) < 1.05 * size


def test_an_archive_can_be_written_to_a_pipe(translator, tmp_path):
    pipe, received = tmp_path / "pipe", tmp_path / "received.keras"
    os.mkfifo(pipe)
    with open(received, "wb") as file, subprocess.Popen(["timeout", "60", "cat", pipe], stdout=file):
        translator.save(pipe)
    assert Translator.load(received).translate(LINES, **LIMITED) == translator.translate(LINES, **LIMITED)
    assert pipe.is_fifo()


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"{tmp_path} has no translator.keras"):
        Translator.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="no run folder or file .*nowhere"):
        Translator.load(tmp_path / "nowhere")


def test_something_else_than_an_archive_is_refused(tmp_path):
    file = tmp_path / "model.keras"
    file.write_text("no archive")
    with pytest.raises(ValueError, match="model.keras"):
        Translator.load(file)


@pytest.mark.parametrize("name", ["translator.zip", "model", "keras.txt"])
def test_only_what_is_named_keras_is_opened_by_keras(folder, tmp_path, monkeypatch, name):
    """A model of Keras from a stranger, named like a file that can do no harm, may hold code."""
    monkeypatch.setattr("seq2seq.model.load_model", None)
    shutil.copy(folder / "translator.keras", tmp_path / name)
    for precision in ("float32", "int8"):
        with pytest.raises(ValueError, match=f"{name} is not a translator, or a damaged one: it "):
            Translator.load(tmp_path / name, precision=precision)


def test_bfloat16_is_an_argument_of_translation(translator, babbling):
    exact, rounded = (
        one.search(["ein Hund"], beam_size=1, **LIMITED)[0][0]
        for one in (translator, Translator(TensorFlowEngine(babbling, "bfloat16")))
    )
    assert rounded.log_prob != exact.log_prob
    assert rounded.log_prob == pytest.approx(exact.log_prob, rel=0.05)
    with pytest.raises(ValueError, match="precision"):
        TensorFlowEngine(babbling, "float8")


def test_a_shortlist_of_another_model_is_refused(babbling, folder, tmp_path):
    translator = Translator.load(folder)
    more = babbling.target_tokenizer.extended(["€€"], 1)
    extension = SimpleNamespace(source_tokenizer=babbling.source_tokenizer, target_tokenizer=more)
    shortlist_for(extension, [5]).save(tmp_path / "list.npz")
    message = f"list.npz was learnt for another target vocabulary than {folder} has.*seq2seq shortlist {folder}"
    with pytest.raises(ValueError, match=message):
        translator.search(["ein Hund"], beam_size=1, shortlist=Shortlist.load(tmp_path / "list.npz"))


@pytest.mark.parametrize("options", [{"beam_size": 1}, {"beam_size": 3, "no_repeat_ngram": 2}])
def test_a_shortlist_limits_the_pieces(translator, babbling, folder, options):
    """The same by TensorFlow and by the exported graphs; log-probabilities are those among the pieces listed."""
    shortlist = shortlist_for(babbling, range(4, babbling.target_tokenizer.vocab_size, 2))
    found, expected = (
        one.search(LINES, shortlist=shortlist, **options, **LIMITED) for one in (Translator.load(folder), translator)
    )
    assert texts(found) == texts(expected)
    pieces = babbling.target_tokenizer.pieces(range(babbling.target_tokenizer.vocab_size))
    allowed = {pieces[3], *pieces[4::2]}
    assert all(set(one.target_pieces) <= allowed for translations in found for one in translations)
