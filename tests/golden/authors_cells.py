"""Outputs of the paper authors' own cells, on parameters and inputs drawn by NumPy.

Run with the folder mRNN-mLSTM of github.com/huawei-noah/noah-research as the argument; needs
PyTorch.  Writes authors_cells.json beside this script.
"""

import json
import platform
import sys
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import torch

N_INPUT, N_HIDDEN, N_OUTPUT, FILTER_LENGTH, N_STEPS, N_BATCH = 2, 3, 2, 8, 20, 2


def main(folder):
    sys.path[:0] = [str(Path(folder)), str(Path(folder, "time_series_prediction"))]
    warnings.simplefilter("ignore")
    import models

    sizes = N_INPUT, N_HIDDEN, N_OUTPUT
    builds = {
        "RNN": lambda: models.RNN(*sizes),
        "LSTM": lambda: models.LSTM(*sizes),
        "MRNN": lambda: models.MRNN(*sizes, FILTER_LENGTH),
        "MRNNF": lambda: models.MRNNFixD(*sizes, FILTER_LENGTH),
        "MLSTM": lambda: models.MLSTM(N_INPUT, N_HIDDEN, FILTER_LENGTH, N_OUTPUT),
        "MLSTMF": lambda: models.MLSTMFixD(N_INPUT, N_HIDDEN, FILTER_LENGTH, N_OUTPUT),
    }
    rng = np.random.default_rng(20200621)
    x = rng.normal(size=(N_STEPS, N_BATCH, N_INPUT)).astype(np.float32)
    cells = {}
    for name, build in builds.items():
        model = build()
        with torch.no_grad():
            for parameter in model.parameters():
                values = rng.uniform(-1, 1, parameter.shape).astype(np.float32)
                parameter.copy_(torch.from_numpy(values))
            outputs, state = model(torch.from_numpy(x))
        tensors = {key: value.tolist() for key, value in model.state_dict().items()}
        state = state if isinstance(state, tuple) else (state,)
        cells[name] = {
            "tensors": tensors,
            "outputs": outputs.tolist(),
            "last_hidden": state[0].reshape(N_BATCH, N_HIDDEN).tolist(),
        }
    record = {
        "program": {"noah-research mRNN-mLSTM": "aa0f80c8", "torch": torch.__version__},
        "python": platform.python_version(),
        "command": "python authors_cells.py PATH/noah-research/mRNN-mLSTM",
        "date": str(date.today()),
        "filter_length": FILTER_LENGTH,
        "inputs": x.tolist(),
        "cells": cells,
    }
    text = json.dumps(record)
    Path(__file__).with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
