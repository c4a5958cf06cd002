import os
import subprocess
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from machine import needs_int8

from seq2seq.layers.attention import AdditiveAttention
from seq2seq.layers.cells import GRU
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq
from seq2seq.search import SearchOptions
from seq2seq.text.extension import extended
from seq2seq.text.shortlist import Shortlist
from seq2seq.text.tokenizer import BOS_ID, Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.translator import _batches

# Keras 3.15 turns variables into arrays in a way that NumPy 2 warns of; to go when Keras mends it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LINES = ["ein Hund", "", "zwei kleine Katzen", " \t ", "ja", "\u2028", "drei"]


@pytest.fixture(scope="module")
def tokenizer():
    """Characters, so that a reader can count tokens."""
    return Tokenizer.train(["ein Hund und zwei kleine Katzen, drei. vier! ja?"] * 4, kind="char", vocab_size=281)


class CopyModel:
    """A model that is nearly sure to copy its source: what comes out is known.

    It attends to the character that it copies.
    """

    def __init__(self, tokenizer, *, max_source_length=100, attends=True, broken=False):
        self.source_tokenizer = self.target_tokenizer = tokenizer
        self.max_source_length = max_source_length
        self.attends = attends
        self.broken = broken
        self.batches = []  # shapes as traced or run
        self.weights = []
        self.decoder = SimpleNamespace(step=self.step, logits=self.logits, attention=attends or None)

    def memory(self, source_ids):
        tf.py_function(lambda ids: self.batches.append(tuple(ids.shape)), [source_ids], [])
        return {"ids": source_ids}, {"position": tf.zeros(tf.shape(source_ids)[:1], tf.int32)}

    def step(self, ids, state, memory, shortlisted=None):
        beams = tf.shape(ids)[0] // tf.shape(memory["ids"])[0]
        source_ids = tf.repeat(memory["ids"], beams, axis=0)
        token = tf.gather(source_ids, state["position"], batch_dims=1)
        attention = tf.one_hot(state["position"], tf.shape(source_ids)[1]) if self.attends else None
        return token, attention, {"position": tf.minimum(state["position"] + 1, tf.shape(source_ids)[1] - 1)}

    def logits(self, features, shortlisted=None):
        logits = tf.one_hot(features, self.target_tokenizer.vocab_size) * 12.0
        return logits * np.nan if self.broken else logits


@pytest.fixture(scope="module")
def copying(tokenizer):
    """Translators that copy, one for each kind: what a graph is traced for is traced once for all tests."""
    made = {}

    def get(**options):
        key = tuple(sorted(options.items()))
        translator = made.setdefault(key, Translator(CopyModel(tokenizer, **options)))
        translator.model.batches.clear()
        return translator

    return get


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
    assert sorted(translator.model.batches) == [(1, 8), (4, 8), (4, 8), (4, 20)]


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
    assert len(translator.model.batches) < 100


def test_a_way_to_search_is_traced_once(copying):
    translator = copying()
    for lines in (["ja"], ["zwei kleine Katzen"] * 3, ["drei", "vier"]):
        translator.translate(lines)
    graph = translator._engine.graph(SearchOptions(), alignments=False)
    assert graph.experimental_get_tracing_count() == 1


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
    assert max(width for _, width in translator.model.batches) == 16
    words = "ja " * 5000
    assert translator.translate([words]) == [words.strip()]
    assert translator.translate(["j" * 5000]) == ["j" * 5000]


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
        ({"temperature": 1}, TypeError, "no search option temperature. There are beam_size, n_best, "),
    ],
)
def test_wrong_options_are_named(copying, options, error, message):
    with pytest.raises(error, match=message):
        copying().translate(["ja"], **options)


def test_the_longest_translation_follows_from_the_source_alone(copying):
    (found,) = copying().search(["ja"], min_length=50, max_length_factor=1.0)
    assert len(found[0].target_pieces) == 14  # 4 source tokens and 10; the maximum holds against the minimum


def test_a_model_without_tokenizers_is_refused(tokenizer):
    model = CopyModel(tokenizer)
    model.target_tokenizer = None
    with pytest.raises(ValueError, match="no tokenizers"):
        Translator(model)


@pytest.fixture(scope="module")
def translator(babbling):
    return Translator(babbling)


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


def test_saved_and_loaded_it_translates_the_same(translator, tmp_path):
    translator.save(tmp_path / "run" / "translator.keras")
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["translator.keras"]
    expected = translator.search(LINES, beam_size=1, **LIMITED)
    for path in (tmp_path / "run", tmp_path / "run" / "translator.keras"):
        assert Translator.load(path).search(LINES, beam_size=1, **LIMITED) == expected


def test_the_archive_of_a_model_in_training_has_no_optimizer(babbling, tmp_path):
    model = Seq2Seq.from_config(babbling.get_config())
    model.source_tokenizer, model.target_tokenizer = babbling.source_tokenizer, babbling.target_tokenizer
    Translator(model).save(tmp_path / "before.keras")
    model.compile("adam")
    optimizer = model.optimizer
    Translator(model).save(tmp_path / "after.keras")
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


def test_bfloat16_is_an_argument_of_translation(translator, babbling):
    exact, rounded = (
        one.search(["ein Hund"], beam_size=1, **LIMITED)[0][0]
        for one in (translator, Translator(babbling, precision="bfloat16"))
    )
    assert rounded.log_prob != exact.log_prob
    assert rounded.log_prob == pytest.approx(exact.log_prob, rel=0.05)
    with pytest.raises(ValueError, match="precision"):
        Translator(babbling, precision="float8")


def test_a_shortlist_of_another_model_is_refused_before_the_model_is_built(babbling, tmp_path, monkeypatch):
    Translator(babbling).save(tmp_path / "model.keras")
    Translator.load(tmp_path / "model.keras").save_graph(beam_size=1)
    translator = Translator.load(tmp_path / "model.keras")
    monkeypatch.setattr(translator, "_loaded", lambda: pytest.fail("was built"))
    more = extended(babbling.target_tokenizer, ["€€"], 1)
    extension = SimpleNamespace(source_tokenizer=babbling.source_tokenizer, target_tokenizer=more)
    shortlist_for(extension, [5]).save(tmp_path / "list.npz")
    message = (
        "list.npz was learnt for another target vocabulary than .*model.keras has.*seq2seq shortlist .*model.keras"
    )
    with pytest.raises(ValueError, match=message):
        translator.search(["ein Hund"], beam_size=1, shortlist=Shortlist.load(tmp_path / "list.npz"))


@needs_int8
@pytest.mark.parametrize("beam_size", [1, 3])
@pytest.mark.parametrize("shortlist", [False, True])
def test_weights_of_8_bits_are_an_argument_of_translation(translator, babbling, beam_size, shortlist):
    lines = ["ein Hund", "der Mann und der Hund", "ein Mann"]
    options = {"beam_size": beam_size, **LIMITED}
    if shortlist:
        options["shortlist"] = shortlist_for(babbling, range(4, babbling.target_tokenizer.vocab_size, 2))
    rounding = Translator(babbling, precision="int8")
    if shortlist:  # another one first
        rounding.search(lines, **{**options, "shortlist": shortlist_for(babbling, range(5, 200))})
    found = rounding.search(lines, **options)
    for exact, rounded in zip(translator.search(lines, **options), found, strict=True):
        assert rounded[0].log_prob != exact[0].log_prob
        assert rounded[0].log_prob == pytest.approx(exact[0].log_prob, rel=0.05)
    (alone,) = rounding.search(lines[:1], **options)
    assert alone[0].text == found[0][0].text and alone[0].log_prob == pytest.approx(found[0][0].log_prob, rel=1e-4)


@needs_int8
def test_weights_of_8_bits_are_those_of_the_beginning(babbling):
    rounding = Translator(babbling, precision="int8")
    before = rounding.search(["ein Hund"], beam_size=1, **LIMITED)[0][0].log_prob
    weights = babbling.get_weights()
    babbling.set_weights([2.0 * weight for weight in weights])
    after = rounding.search(["ein Hund"], beam_size=1, **LIMITED)[0][0].log_prob
    later = rounding.search(["ein Hund"], beam_size=1, alignments=True, **LIMITED)[0][0].log_prob  # traced only now
    babbling.set_weights(weights)
    assert after == before and later == pytest.approx(before, rel=1e-5)


@needs_int8
def test_weights_that_are_no_numbers_are_refused(babbling):
    weights = babbling.get_weights()
    babbling.set_weights([np.full_like(weight, np.nan) for weight in weights])
    with pytest.raises(ValueError, match="not finite"):
        Translator(babbling, precision="int8")
    babbling.set_weights(weights)
