"""The classifier and the tagger: what is summed, padding, gradients, saving."""

import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named
from labelled import LABELS, classifier, run_of, tagger, tokenizer
from tiny import randomise, rows

from seq2seq.layers import GRU
from seq2seq.layers.pooling import POOLINGS
from seq2seq.model import Classifier, Encoder, Tagger, load_model

SEED = tf.constant([1, 2])
SOURCES = rows([5, 6, 7, 8, 3], [7, 3])
CLASSES = {"source_ids": SOURCES, "label_ids": tf.constant([2, 0])}
TAGS = {
    "source_ids": SOURCES,
    "word_ends": tf.constant([[0, 2, 3], [0, 0, 0]]),
    "label_ids": tf.constant([[1, 0, 2], [1, -1, -1]]),
}


every_kind = pytest.mark.parametrize(
    "make, options, batch",
    [
        *((classifier, {"pooling": pooling}, CLASSES) for pooling in POOLINGS),
        *((tagger, {"output": output}, TAGS) for output in ("linear", "jordan")),
    ],
)


def longer(batch):
    """The same sentences with more padding."""
    return {
        name: tf.pad(x, [[0, 0], [0, 2]], constant_values=-1 if name == "label_ids" else 0) for name, x in batch.items()
    }


@pytest.mark.parametrize("make, batch, count", [(classifier, CLASSES, 2), (tagger, TAGS, 4)])
def test_sums_are_those_of_the_labels_alone(make, batch, count):
    """Of the classifier 2 labels, of the tagger 3 of one sentence and 1 of the other."""
    model = make()
    sums, chosen = model.evaluate_labels(batch)
    probabilities, labels = model.probabilities(batch).numpy(), batch["label_ids"].numpy()
    places = np.nonzero(labels >= 0)
    expected = -np.log(probabilities[(*places, labels[places])]).sum()
    np.testing.assert_allclose([sums["loss_sum"], sums["nll_sum"]], expected, rtol=1e-5)
    assert int(sums["tokens"]) == count
    np.testing.assert_array_equal(chosen, probabilities.argmax(-1))
    trained = model.label_sums(batch, SEED)
    np.testing.assert_allclose(trained["loss_sum"], expected, rtol=1e-5)
    assert int(trained["tokens"]) == count


def test_labels_that_recur_are_given_in_training_and_chosen_in_use():
    """Given its own choices the model agrees with itself; given others it does not. Choices never see given labels."""
    model = randomise(tagger(output="jordan"), seed=3)
    chosen = tf.argmax(model(TAGS), axis=-1, output_type=tf.int32)
    own = {**TAGS, "label_ids": tf.where(TAGS["label_ids"] >= 0, chosen, -1)}
    other = {**TAGS, "label_ids": tf.where(TAGS["label_ids"] >= 0, (chosen + 1) % 3, -1)}
    probabilities = model.probabilities(TAGS).numpy()
    for batch, agrees in ((own, True), (other, False)):
        labels = batch["label_ids"].numpy()
        places = np.nonzero(labels >= 0)
        expected = -np.log(probabilities[(*places, labels[places])]).sum()
        sums, again = model.evaluate_labels(batch)
        np.testing.assert_array_equal(again, chosen)
        assert (abs(sums["nll_sum"] - expected) < 1e-4) == agrees
        np.testing.assert_allclose(model.label_sums(batch, SEED)["nll_sum"], sums["nll_sum"], rtol=1e-5)


@every_kind
def test_more_padding_changes_nothing(make, options, batch):
    model = make(**options)
    more = longer(batch) if isinstance(model, Tagger) else {**batch, "source_ids": tf.pad(SOURCES, [[0, 0], [0, 3]])}
    np.testing.assert_allclose(model.evaluate_batch(more)["nll_sum"], model.evaluate_batch(batch)["nll_sum"], rtol=1e-5)


@pytest.mark.parametrize("kind, options", [(Classifier, {}), (Tagger, {}), (Tagger, {"output": "jordan"})])
def test_gradients(kind, options):
    encoder = Encoder(9, 4, GRU(3, dtype="float64"), dtype="float64")
    model = randomise(kind(encoder, LABELS, label_smoothing=0.1, **options))
    batch = TAGS if isinstance(model, Tagger) else CLASSES
    check_gradients(lambda: model.label_sums(batch, SEED)["loss_sum"], named(model))


@every_kind
def test_a_model_saved_and_loaded_is_the_same(tmp_path, make, options, batch):
    model = make(**options)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras", model.kind)
    np.testing.assert_array_equal(loaded(batch), model(batch))
    assert type(loaded) is type(model) and loaded.get_config() == model.get_config()
    assert loaded.tokenizer == tokenizer() and loaded.labels.names == LABELS


def test_a_model_of_another_kind_is_refused():
    folder = run_of("classifier")
    with pytest.raises(ValueError, match=r"classifier.keras is a classifier, not a translator. Use: seq2seq classify"):
        load_model(folder, "translator")
    assert load_model(folder).kind == "classifier"


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="The encoder has 9 ids, but the tokenizer has"):
        Tagger(Encoder(9, 4, GRU(3)), LABELS, tokenizer=tokenizer())
    with pytest.raises(ValueError, match="already belongs to another model"):
        Tagger(tagger().encoder, LABELS)
    with pytest.raises(ValueError, match="Tagger's output is 'linear' or 'jordan', not 'elman'"):
        Tagger(Encoder(9, 4, GRU(3)), LABELS, output="elman")
    with pytest.raises(ValueError, match="Got 1 labels"):
        Tagger(Encoder(9, 4, GRU(3)), ("one",))
