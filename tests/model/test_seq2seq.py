import keras
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named
from tiny import VOCAB_SIZE, rebuilt, tiny_batch, tiny_model

from seq2seq.layers import GRU
from seq2seq.model import Adam, ConditionalDecoder, Encoder, InputFeedingDecoder, RNNDecoder, Seq2Seq, TeacherForcing
from seq2seq.text import Tokenizer

DROPOUT = {"dropout": 0.3, "recurrent_dropout": 0.3, "word_dropout": 0.3}


def compiled(model=None, optimizer=None, *, graph=False, **options):
    """A model ready for updates, and its update: as a graph, as training runs it, or eagerly, which saves tracing."""
    model = model or tiny_model(dtype="float32")
    model.compile(optimizer or keras.optimizers.SGD(1.0), **options)
    return model, tf.function(model.update, autograph=False) if graph else model.update


def values(variables):
    return [variable.numpy() for variable in variables]


# The loss. ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decoder", [RNNDecoder, InputFeedingDecoder, ConditionalDecoder])
def test_more_padding_changes_neither_logits_nor_loss_nor_gradients(decoder):
    model = tiny_model(decoder, options={"num_layers": 2}, encoder={"num_layers": 2, "layer_norm": True})
    weights = [weight.value for weight in model.trainable_variables]

    def run(batch):
        with tf.GradientTape() as tape:
            sums = TeacherForcing()(model, batch, None)
        gradients = tape.gradient(sums["loss_sum"], weights, unconnected_gradients="zero")
        return sums["loss_sum"], sums["nll_sum"], *map(tf.convert_to_tensor, gradients)

    padded = tiny_batch(source_length=6, target_length=9)
    for one, other in zip(run(padded), run(tiny_batch()), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    real = tiny_batch()["target_ids"][:, 1:].numpy() != 0
    np.testing.assert_allclose(model(padded)[:, :5].numpy()[real], model(tiny_batch()).numpy()[real], atol=1e-13)


def test_gradients_of_the_whole_model_are_those_of_finite_differences():
    """With one table for source, target and output: three gradients meet in it."""
    options = {"tied_output": True, **DROPOUT}
    model = tiny_model(ConditionalDecoder, options=options, encoder=DROPOUT, label_smoothing=0.1, share_embeddings=True)
    seed = tf.constant([1, 2])
    check_gradients(lambda: TeacherForcing()(model, tiny_batch(), seed)["loss_sum"], named(model))


# One update. --------------------------------------------------------------------------------------------------


def test_an_update_lowers_the_loss_and_reports_it():
    model, update = compiled(tiny_model(dtype="float32", label_smoothing=0.1), Adam(0.05), graph=True)
    expected = model.evaluate_batch(tiny_batch())
    sums = [update(tiny_batch()) for _ in range(20)]
    for name in ("loss_sum", "nll_sum"):
        np.testing.assert_allclose(sums[0][name], expected[name], rtol=1e-5)
    assert sums[-1]["loss_sum"] < 0.7 * sums[0]["loss_sum"]
    assert sums[0]["gradient_norm"] > 0 and sums[0]["finite"].dtype == tf.bool
    assert model.optimizer.iterations.numpy() == 20


@pytest.mark.parametrize("part", ["encoder", "options"])
def test_an_update_drops_by_seed_and_update_number(part):
    """In the encoder as in the decoder."""

    def losses(seed):
        # A learning rate of zero: only the masks can change the loss.
        model, update = compiled(tiny_model(dtype="float32", **{part: DROPOUT}), keras.optimizers.SGD(0.0), seed=seed)
        return [float(update(tiny_batch())["loss_sum"]) for _ in range(2)]

    first = losses(7)
    assert losses(7) == first and len({*first, *losses(8)}) == 4


def test_evaluation_drops_nothing_and_changes_nothing():
    model, _ = compiled(tiny_model(dtype="float32", options=DROPOUT, encoder=DROPOUT))
    before = values(model.weights + model.optimizer.variables)
    first, second = (model.evaluate_batch(tiny_batch())["loss_sum"].numpy() for _ in range(2))
    plain = tiny_model(dtype="float32").evaluate_batch(tiny_batch())["loss_sum"].numpy()
    assert first == second == plain
    for now, then in zip(values(model.weights + model.optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_bfloat16_updates_stay_close_and_keep_float32_weights():
    results = {}
    for precision in ("float32", "bfloat16"):
        model, update = compiled(clip=None, precision=precision)
        results[precision] = update(tiny_batch())
        assert all(weight.dtype == "float32" for weight in model.weights)
    for name in ("loss_sum", "nll_sum", "gradient_norm"):
        assert results["bfloat16"][name].dtype == tf.float32
        np.testing.assert_allclose(results["bfloat16"][name], results["float32"][name], rtol=0.05)
    assert results["bfloat16"]["loss_sum"] != results["float32"]["loss_sum"]


def test_keras_fit_lowers_the_loss_and_evaluate_reports_the_plain_one():
    model, _ = compiled(tiny_model(dtype="float32", label_smoothing=0.1), Adam(0.05))
    dataset = tf.data.Dataset.from_tensors(tiny_batch()).repeat(10)
    history = model.fit(dataset, epochs=3, shuffle=False, verbose=0).history["loss"]
    assert history[2] < history[1] < history[0]
    sums = model.evaluate_batch(tiny_batch())
    loss = model.evaluate(dataset, verbose=0, return_dict=True)["loss"]
    np.testing.assert_allclose(loss, float(sums["nll_sum"]) / 7, rtol=1e-5)


# Composition. -------------------------------------------------------------------------------------------------


def test_memory_is_the_encoders_with_the_decoders_keys():
    model = tiny_model()
    source_ids = tiny_batch()["source_ids"]
    memory, _ = model.memory(source_ids)
    encoded = model.encoder(source_ids, source_ids != 0)
    np.testing.assert_array_equal(memory["values"], encoded["outputs"])
    np.testing.assert_array_equal(memory["keys"], model.decoder.attention.keys(encoded["outputs"]))
    assert memory["mask"].numpy().tolist() == [[True] * 4, [True, True, False, False]]


def test_one_table_for_source_target_and_output():
    model = tiny_model(share_embeddings=True, options={"tied_output": True})
    tables = [weight for weight in model.weights if weight.shape == (VOCAB_SIZE, 4)]
    assert len(tables) == 1
    assert model.decoder.output_layer.kernel is model.encoder.embedding.table is tables[0]
    assert len(tiny_model().weights) - len(model.weights) == 2


def test_rebuilds_from_its_config():
    model = tiny_model(InputFeedingDecoder, label_smoothing=0.3, max_source_length=7)
    copy = rebuilt(model)
    copy.set_weights(model.get_weights())
    assert copy.get_config() == model.get_config()
    np.testing.assert_array_equal(copy(tiny_batch()), model(tiny_batch()))


def make(encoder=None, decoder=None, **options):
    encoder = {"vocab_size": VOCAB_SIZE, "embedding_dim": 4, **(encoder or {})}
    decoder = {"vocab_size": VOCAB_SIZE, "embedding_dim": 4, **(decoder or {})}
    return Seq2Seq(Encoder(cell=GRU(3), **encoder), RNNDecoder(cell=GRU(3), **decoder), **options)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"label_smoothing": 1.0}, r"label_smoothing is a share in \[0, 1\), not 1.0"),
        ({"encoder": {"embedding_dim": 5}, "share_embeddings": True}, r"encoder's is \(9, 5\).*decoder's \(9, 4\)"),
        (
            {"decoder": {"word_dropout": 0.1}, "share_embeddings": True},
            "word_dropout is 0.0 for the encoder and 0.1 for the decoder",
        ),
    ],
)
def test_refuses_parts_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


@pytest.mark.parametrize("side, part", [("source", "encoder"), ("target", "decoder")])
def test_refuses_a_tokenizer_of_another_size(side, part):
    tokenizer = Tokenizer.train(["a b c d e f"], kind="word", vocab_size=10)
    size = tokenizer.vocab_size
    message = f"The {part} has 9 ids, but the {side} tokenizer has {size}. Give the {part} vocab_size={size}"
    with pytest.raises(ValueError, match=message):
        make(**{f"{side}_tokenizer": tokenizer})


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_a_part_belongs_to_one_model(kind):
    first = tiny_model(share_embeddings=True)
    table = first.decoder.embedding
    parts = {"encoder": Encoder(VOCAB_SIZE, 4, GRU(3)), "decoder": RNNDecoder(VOCAB_SIZE, 4, GRU(3))}
    parts[kind] = getattr(first, kind)
    with pytest.raises(ValueError, match=f"The {kind} .* already belongs to another model"):
        Seq2Seq(**parts, share_embeddings=True)
    assert first.decoder.embedding is table
