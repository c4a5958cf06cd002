"""Letter models as fixtures."""

import pytest
from letters import constant_engine, make_letter_model


@pytest.fixture
def letter_model():
    return make_letter_model


@pytest.fixture
def constant_model():
    """A model that always gives the same probabilities: `constant_model({EOS: 0.6, A: 0.4})`."""
    return constant_engine
