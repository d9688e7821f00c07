"""First epochs of the paper authors' code, for tests/golden/first_epochs.json.

python first_epochs_script.py CODE DATA: CODE is the folder mRNN-mLSTM of their repository
(github.com/huawei-noah/noah-research), DATA the folder of the four series; needs torch,
scikit-learn and pandas.  Their training script is one function that cannot be imported, so that
its steps are followed here with their models, their data preparation and their order of calls.
"""

import datetime
import json
import sys
import warnings
from pathlib import Path

import pandas as pd
import torch
from sklearn.preprocessing import MinMaxScaler

CODE, DATA = sys.argv[1:]
sys.path.insert(0, CODE)
warnings.filterwarnings("ignore")

import time_series_prediction.models as models  # noqa: E402
from utils import create_dataset  # noqa: E402

SPLITS = {"arfima": (2000, 1200), "traffic": (1200, 200)}
SIZES = {"input_size": 1, "hidden_size": 1, "output_size": 1}
MODELS = {
    "RNN": (models.RNN, {}, 3),
    "LSTM": (models.LSTM, {}, 3),
    "MRNNF": (models.MRNNFixD, {"k": 100}, 3),
    "MLSTMF": (models.MLSTMFixD, {"k": 100}, 3),
    "MRNN": (models.MRNN, {"k": 100}, 2),
    "MLSTM": (models.MLSTM, {"k": 100}, 2),
}


def first_losses(model, dataset, seed):
    x = pd.read_csv(f"{DATA}/{dataset}.csv")["x"].to_numpy().reshape(-1, 1)
    scaled = MinMaxScaler((0, 1)).fit_transform(x)
    inputs, targets = (
        torch.from_numpy(part.reshape(-1, 1, 1)).float() for part in create_dataset(scaled, scaled)
    )
    n, m = SPLITS[dataset]
    kind, options, n_epochs = MODELS[model]
    torch.manual_seed(seed)
    network = kind(**SIZES, **options)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(n_epochs):
        optimizer.zero_grad()
        outputs, state = network(inputs[:n])
        with torch.no_grad():
            ahead, _ = network(inputs[n : n + m], state)
            validation = torch.nn.functional.mse_loss(ahead, targets[n : n + m])
        loss = torch.nn.functional.mse_loss(outputs, targets[:n])
        loss.backward()
        optimizer.step()
        losses.append([loss.item(), validation.item()])
    return losses


torch.set_num_threads(1)
runs = [
    {"model": model, "dataset": dataset, "seed": seed, "losses": first_losses(model, dataset, seed)}
    for model in MODELS
    for dataset in SPLITS
    for seed in (0, 1)
]
certificate = {
    "program": "huawei-noah/noah-research, mRNN-mLSTM, commit aa0f80c8ce48",
    "version": f"PyTorch {torch.__version__}, CPU, one thread",
    "command": "python first_epochs_script.py CODE DATA",
    "date": str(datetime.date.today()),
    "columns": ["training loss", "validation loss"],
    "runs": runs,
}
Path(__file__).with_name("first_epochs.json").write_text(json.dumps(certificate, indent=1) + "\n")
