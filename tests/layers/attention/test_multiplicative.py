import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers import MultiplicativeAttention


def test_numbers_by_hand():
    """Dot attention of (1, 0) over (ln 3, 7) and (0, 5): scores ln 3 and 0, weights 3/4 and 1/4."""
    layer = MultiplicativeAttention("dot", dtype="float64")
    layer.build((None, None, 2), (None, None, 2))
    values = tf.constant([[[np.log(3), 7.0], [0.0, 5.0]]], tf.float64)
    memory = {"keys": layer.keys(values), "values": values, "mask": tf.constant([[True, True]])}
    context, weights, _ = layer(np.array([[[1.0, 0.0]]]), memory)
    np.testing.assert_allclose(weights, [[[0.75, 0.25]]])
    np.testing.assert_allclose(context, [[[0.75 * np.log(3), 6.5]]])


def test_scaled_attention_starts_at_one_over_the_root_of_the_size():
    layer = MultiplicativeAttention("scaled")
    layer.build((None, None, 16), (None, None, 3))
    assert layer.scale.numpy() == 0.25


def test_refuses_what_it_cannot_compare():
    with pytest.raises(ValueError, match="query of 3 features with encoder outputs of 5.*score='general'"):
        MultiplicativeAttention("dot").build((None, None, 3), (None, None, 5))
    with pytest.raises(ValueError, match="score is 'dot', 'general' or 'scaled', not 'concat'"):
        MultiplicativeAttention("concat")
