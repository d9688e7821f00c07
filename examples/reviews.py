"""Can the paper's memory networks tell reviews apart?  Its Tables 5 and 6 again.

382 reviews of papers, in Spanish, in five classes, as sequences of word vectors; two layers, a
memory cell and an LSTM.  Each model once as meant, a sequence a review, and once as the published
script has it, which mixes the words of all reviews.  Needs gensim and the authors' reviews.json.

    python examples/reviews.py                      # 10 seeds: hours; runs go on where they stopped
    python examples/reviews.py --quick              # a toy corpus, small layers, 2 seeds
"""

from __future__ import annotations

import argparse

import numpy as np

import memtools as mt
from memtools.replication import ARRANGEMENTS, ReviewData, compare_reviews


def toy_corpus(seed=0):
    """Noise with a class written in each first word: what is there to remember."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, 150)
    vectors = [0.3 * rng.standard_normal((n, 5)) for n in rng.integers(5, 15, len(labels))]
    for value, label in zip(vectors, labels, strict=True):
        value[0, label] += 3.0
    return ReviewData(vectors, labels, n_train=100, n_validation=25, n_words=15)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a toy corpus, small layers")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", default="reviews.jsonl", help="file of the runs")
    arguments = parser.parse_args()
    options = {"n_seeds": arguments.seeds, "n_jobs": arguments.jobs, "out": arguments.out}
    if arguments.quick:
        options = {"n_seeds": 2, "data": toy_corpus(), "n_hidden": 8, "filter_length": 5}
    for arrangement in ARRANGEMENTS:
        runs = mt.replicate_reviews(arrangement=arrangement, **options)
        table = compare_reviews(runs).pivot(index="model", columns="figure", values="mean")
        print(f"\n{arrangement}\n{table.round(4).to_string()}")


if __name__ == "__main__":
    main()
