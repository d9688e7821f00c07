"""First epochs of the authors' review classifiers, for tests/golden/review_epochs.json.

python review_epochs_script.py CODE DATA: CODE is the folder mRNN-mLSTM of their repository
(github.com/huawei-noah/noah-research), DATA the folder of reviews.json; needs torch, gensim 4.4
and scikit-learn.  Their scripts run from top to bottom, so that their steps are followed here
with their cleaning, padding, models and order of calls; the word vectors are gensim's by one
thread, which they do not fix.
"""

import datetime
import json
import sys
import warnings
import zlib
from pathlib import Path

import gensim
import numpy as np
import torch

CODE, DATA = sys.argv[1:]
sys.path.insert(0, CODE)
sys.argv = sys.argv[:1]
warnings.filterwarnings("ignore")

import review_classification.models as models  # noqa: E402
from review_classification.preprocess import text_clean  # noqa: E402
from utils import padding  # noqa: E402

N_TRAIN, N_VALIDATION, N_WORDS, BATCH, N_EPOCHS = 282, 50, 150, 64, 2
MODELS = {
    "RNN": lambda: models.RNN(16, 128, 5, 0.0),
    "LSTM": lambda: models.LSTM(16, 128, 5, 0.0),
    "MRNNF": lambda: models.MRNNFixD(16, 128, 5, 50, 0.0),
    "MLSTMF": lambda: models.MLSTMFixD(16, 128, 50, 5),
}


def reviews():
    papers = json.loads(Path(DATA, "reviews.json").read_text(encoding="utf-8"))["paper"]
    spanish = [r for paper in papers for r in paper["review"] if r["lan"] == "es"]
    texts = [text_clean(r["text"]).split() for r in spanish]
    labels = [int(r["evaluation"]) + 2 for r, text in zip(spanish, texts, strict=True) if text]
    texts = [text for text in texts if text]
    words = [word for text in texts for word in text]
    vectors = gensim.models.Word2Vec(
        [words[i : i + 10_000] for i in range(0, len(words), 10_000)],
        vector_size=16,
        window=16,
        min_count=1,
        sg=1,
        seed=1,
        workers=1,
        hashfxn=lambda word: zlib.crc32(word.encode()),
    ).wv
    order = np.random.RandomState(seed=0).permutation(len(labels))
    padded = padding([[list(vectors[w]) for w in text] for text in texts], N_WORDS, 16)
    lengths = np.array([min(len(text), N_WORDS) - 1 for text in texts])
    return padded[order], np.array(labels)[order], lengths[order]


def first_losses(model, arrangement, data):
    padded, labels, lengths = data
    parts = []
    for part in (slice(0, N_TRAIN), slice(N_TRAIN, N_TRAIN + N_VALIDATION)):
        x = padded[part]
        shape = x.shape[1], x.shape[0], x.shape[2]
        x = np.reshape(x, shape) if arrangement == "published" else np.transpose(x, (1, 0, 2))
        parts.append((torch.FloatTensor(x.copy()), labels[part], lengths[part]))
    torch.manual_seed(0)
    network = MODELS[model]()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001, weight_decay=5e-4)

    def loss_of(x, y, n):
        outputs = network(x, torch.LongTensor(n))
        return torch.nn.functional.nll_loss(outputs, torch.LongTensor(y))

    losses = []
    for _ in range(N_EPOCHS):
        total, (x, y, n) = 0.0, parts[0]
        for start in range(0, N_TRAIN, BATCH):
            batch = slice(start, min(start + BATCH, N_TRAIN))
            optimizer.zero_grad()
            loss = loss_of(x[:, batch], y[batch], n[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y[batch])
        with torch.no_grad():
            losses.append([total / N_TRAIN, loss_of(*parts[1]).item()])
    return losses


torch.set_num_threads(1)
data = reviews()
runs = [
    {"model": m, "arrangement": how, "losses": first_losses(m, how, data)}
    for m in MODELS
    for how in ("transposed", "published")
]
certificate = {
    "program": "huawei-noah/noah-research, mRNN-mLSTM, commit aa0f80c8ce48",
    "version": f"PyTorch {torch.__version__}, CPU, one thread; gensim {gensim.__version__}",
    "command": "python review_epochs_script.py CODE DATA",
    "date": str(datetime.date.today()),
    "columns": ["mean training loss over the sequences", "validation loss"],
    "first_vector": [float(v) for v in data[0][0, 0]],
    "runs": runs,
}
path = Path(__file__).with_name("review_epochs.json")
path.write_text(json.dumps(certificate, indent=1) + "\n")
