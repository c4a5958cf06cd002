# Translates standard input with an exported model, without TensorFlow:
#     docker build -t seq2seq . && docker run -i -v "$PWD/translator.zip:/translator.zip:ro" seq2seq < input.en
FROM python:3.11-slim
WORKDIR /src
COPY pyproject.toml setup.cfg requirements-translate.txt README.md LICENSE ./
COPY seq2seq seq2seq
RUN pip install --no-cache-dir -r requirements-translate.txt && pip install --no-cache-dir --no-deps .
USER nobody
ENTRYPOINT ["seq2seq", "translate", "/translator.zip"]
