"""English to Hindi from scratch: train an LSTM encoder-decoder for two or three minutes, then let it translate.

    python examples/english_to_hindi.py                  the main job
    python examples/english_to_hindi.py --cell gru       the same with another cell: lstm, gru, gru-reset-before, rnn
    python examples/english_to_hindi.py "where is the station?"     and a sentence of your own

The held-out sentences combine words in ways that training never showed. The network writes each translation alone,
word by word, reading its own words back.
"""

import argparse
import time

import numpy as np

import scratchnet  # noqa: F401  before NumPy's first product: it sets OpenBLAS up for many small products
from scratchnet.cells import CELLS
from scratchnet.data import Vocabulary, bucketed_batches, load_corpus
from scratchnet.optim import Adam, clip_by_global_norm, cosine
from scratchnet.seq2seq import Seq2Seq
from scratchnet.translation import ModelConfig, Translator

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("sentences", nargs="*", default=[], help="sentences of your own to translate at the end")
parser.add_argument("--cell", choices=list(CELLS), default="lstm")
parser.add_argument("--corpus", choices=["en-hi", "en-mr"], default="en-hi")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--seed", type=int, default=0)


def main(arguments: list[str] | None = None) -> None:
    options = parser.parse_args(arguments)

    # The data: sentences to lists of numbers. The vocabularies know the training sentences only.
    corpus = load_corpus(options.corpus)
    english = Vocabulary.build([source for source, _ in corpus.train], lowercase=True)
    hindi = Vocabulary.build([target for _, target in corpus.train])
    pairs = [(english.encode(source), hindi.encode(target)) for source, target in corpus.train]
    print(f"{len(pairs)} pairs to learn from, with {len(english)} source and {len(hindi)} target tokens")

    # The model: encoder, context vector, decoder.
    # Label smoothing keeps it from being too sure of combinations that it knows; the loss then ends near 0.96 nats, the
    # entropy of the smoothed targets over 602 words, instead of 0.
    config = ModelConfig(cell=options.cell, embedding_size=128, hidden_size=256, label_smoothing=0.1)
    rng = np.random.default_rng(options.seed)
    model: Seq2Seq = config.build(len(english), len(hindi), rng=rng)
    translator = Translator(model, english, hindi, config)
    parameters, gradients = model.parameters(), model.gradients()
    optimizer = Adam(parameters, gradients)
    batch_size, warmup = 128, 200
    schedule = cosine(8e-3, total=options.epochs * -(-len(pairs) // batch_size))

    # The loop: forward, backward, clip, step.
    started = time.perf_counter()
    tape = model.new_tape()
    for epoch in range(1, options.epochs + 1):
        losses = []
        for batch in bucketed_batches(pairs, batch_size, rng):
            model.zero_gradients()
            losses.append(float(model.forward(batch, tape, rng)))  # encoder, context vector, decoder, loss
            model.backward(tape)  # and all the way back, to the first word of the encoder
            clip_by_global_norm(gradients, 1.0)
            optimizer.step(schedule(optimizer.steps) * min(1.0, (optimizer.steps + 1) / warmup))
        source, reference = corpus.validation[epoch % len(corpus.validation)]
        written = translator.translate([source])[0].text
        seconds = time.perf_counter() - started
        print(f"epoch {epoch:2}  {seconds:4.0f} s  loss {np.mean(losses):.4f}   {source}  ->  {written}", flush=True)
        if written != reference:
            print(f"{'':32}it should be  {reference}")

    # Sentences that it never saw, in combinations that it never saw.
    sources = [source for source, _ in corpus.test]
    found = [translation.text for translation in translator.translate(sources, max_length=40)]
    right = sum(text == reference for text, (_, reference) in zip(found, corpus.test, strict=True))
    print("\nheld-out sentences:")
    for k in np.random.default_rng(1).choice(len(sources), 8, replace=False):
        print(f"  {sources[k]}\n      {found[k]}" + ("" if found[k] == corpus.test[k][1] else "      (wrong)"))
    more = {"a sentence that it learned from:": ["nice to meet you"], "your own sentences:": options.sentences}
    for heading, sentences in more.items():
        if sentences:
            print(heading)
        for translation in translator.translate(sentences):
            print(f"  {translation.source}\n      {translation.text}")
    print(f"\nheld-out sentences translated exactly: {right} of {len(sources)} ({100 * right / len(sources):.2f} %)")
    print(f"training took {seconds:.0f} s")


if __name__ == "__main__":
    main()
