"""Placeholder until the layers branch is merged."""


def check_fit(options):
    pass


def compose(options, source_tokenizer, target_tokenizer, *, max_source_length, share_embeddings=False):
    from seq2seq.layers import GRU, LSTM, AdditiveAttention
    from seq2seq.model import ConditionalDecoder, Encoder, RNNDecoder, Seq2Seq

    reg = {
        "dropout": options.dropout,
        "recurrent_dropout": options.recurrent_dropout,
        "word_dropout": options.word_dropout,
    }
    C = {"gru": GRU, "lstm": LSTM}[options.cell]
    encoder = Encoder(source_tokenizer.vocab_size, options.embedding_dim, C(options.units), **reg)
    D = {"rnn": RNNDecoder, "conditional": ConditionalDecoder}[options.decoder]
    decoder = D(
        target_tokenizer.vocab_size,
        options.embedding_dim,
        C(options.units),
        AdditiveAttention(options.units),
        tied_output=options.tied_output,
        **reg,
    )
    return Seq2Seq(
        encoder,
        decoder,
        source_tokenizer=source_tokenizer,
        target_tokenizer=target_tokenizer,
        share_embeddings=share_embeddings,
        label_smoothing=options.label_smoothing,
        max_source_length=max_source_length,
    )
