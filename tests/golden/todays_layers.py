"""Files and outputs of today's sequence mixers, written by the programs that released them.

Run with the names of the cases to write (none: all) and, for S4D, LRU and TCN, with the folders of
github.com/state-spaces/s4, github.com/NicolasZucchet/minimal-LRU and the folder TCN of
github.com/locuslab/TCN in S4, MINIMAL_LRU and TCN; needs PyTorch, transformers, xlstm, rwkv,
minGRU-pytorch, einops, JAX and Flax.  Each file holds two layers: the first with the program's
initial values, the second with values as large as training makes them.  Writes
todays_layers/NAME.safetensors and todays_layers/NAME.json beside this script.
"""

import importlib.metadata
import json
import os
import platform
import sys
import tempfile
import types
from datetime import date
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

FOLDER = Path(__file__).parent / "todays_layers"
WIDTH, N_STEPS = 8, 100
X = np.random.default_rng(0).standard_normal((N_STEPS, WIDTH)).astype(np.float32)


def spread(tensor, scale, rng, centre=0.0):
    """Values of a trained size in place of initial ones."""
    with torch.no_grad():
        values = centre + scale * rng.standard_normal(tuple(tensor.shape))
        tensor.copy_(torch.as_tensor(values).to(tensor.dtype))


def outputs_of(layer, *arguments, **options):
    """What the layer gives for X, in the precision of its file."""
    with torch.no_grad():
        y = layer(torch.as_tensor(X)[None], *arguments, **options)
    return (y[0] if isinstance(y, tuple) else y)[0].double().numpy()


def of_transformers(model, layers, options=None):
    """The file as save_pretrained writes it, and the outputs of each mixer."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        data = Path(folder, "model.safetensors").read_bytes()
    run = options or (lambda layer: outputs_of(layer))
    return data, {prefix: run(layer) for prefix, layer in layers.items()}


def mamba():
    from transformers import MambaConfig, MambaForCausalLM

    config = MambaConfig(vocab_size=7, hidden_size=WIDTH, state_size=4, num_hidden_layers=2)
    model = MambaForCausalLM(config).eval()
    layers = [block.mixer for block in model.backbone.layers]
    rng = np.random.default_rng(1)
    large = layers[1]
    spread(large.in_proj.weight, 0.8, rng)
    spread(large.conv1d.weight, 0.5, rng)
    spread(large.x_proj.weight, 0.4, rng)
    spread(large.dt_proj.weight, 1.0, rng)
    spread(large.dt_proj.bias, 1.5, rng, -4.0)
    spread(large.A_log, 1.0, rng, 1.0)
    spread(large.D, 1.0, rng, 1.0)
    spread(large.out_proj.weight, 0.5, rng)
    return of_transformers(
        model, {f"backbone.layers.{i}.mixer.": layer for i, layer in enumerate(layers)}
    )


def mamba2():
    from transformers import Mamba2Config, Mamba2ForCausalLM

    config = Mamba2Config(
        vocab_size=7, hidden_size=WIDTH, state_size=4, num_hidden_layers=2, head_dim=4, num_heads=4,
        n_groups=1, chunk_size=16,
    )  # fmt: skip
    model = Mamba2ForCausalLM(config).eval()
    layers = [block.mixer for block in model.backbone.layers]
    rng, large = np.random.default_rng(2), layers[1]
    spread(large.in_proj.weight, 0.8, rng)
    spread(large.conv1d.weight, 0.5, rng)
    spread(large.conv1d.bias, 0.5, rng)
    spread(large.dt_bias, 2.0, rng, -4.0)
    spread(large.A_log, 1.0, rng, 1.0)
    spread(large.D, 1.0, rng, 1.0)
    spread(large.norm.weight, 0.5, rng, 1.0)
    spread(large.out_proj.weight, 0.5, rng)
    return of_transformers(
        model, {f"backbone.layers.{i}.mixer.": layer for i, layer in enumerate(layers)}
    )


def rwkv4():
    from transformers import RwkvConfig, RwkvForCausalLM

    config = RwkvConfig(vocab_size=7, hidden_size=WIDTH, num_hidden_layers=2, context_length=128)
    model = RwkvForCausalLM(config).eval()
    layers = [block.attention for block in model.rwkv.blocks]
    rng, large = np.random.default_rng(3), layers[1]
    spread(layers[0].key.weight, 0.3, rng)  # zero at first
    for name in ("key", "value", "receptance", "output"):
        spread(getattr(large, name).weight, 1.0, rng)
        spread(getattr(layers[0], name).weight, 0.3, rng)  # zeros at first
    spread(large.time_decay, 2.0, rng, -3.0)
    spread(large.time_first, 1.5, rng)
    for name in ("key", "value", "receptance"):
        spread(getattr(large, f"time_mix_{name}"), 0.3, rng, 0.6)
    return of_transformers(
        model, {f"rwkv.blocks.{i}.attention.": layer for i, layer in enumerate(layers)}
    )


def rg_lru():
    from transformers import RecurrentGemmaConfig, RecurrentGemmaForCausalLM

    config = RecurrentGemmaConfig(
        vocab_size=7, hidden_size=WIDTH, num_hidden_layers=3, intermediate_size=16, lru_width=12,
        num_attention_heads=2, head_dim=4,
    )  # fmt: skip
    model = RecurrentGemmaForCausalLM(config).eval()
    places = [0, 1]
    layers = [model.model.layers[i].temporal_block for i in places]
    rng, large = np.random.default_rng(4), layers[1]
    for part in ("linear_x", "linear_y", "linear_out"):
        spread(getattr(large, part).weight, 0.6, rng)
        spread(getattr(large, part).bias, 0.5, rng)
    spread(large.conv_1d.weight, 0.5, rng)
    spread(large.conv_1d.bias, 0.3, rng)
    for part in ("input_gate_weight", "recurrent_gate_weight"):
        spread(getattr(large.rg_lru, part), 0.7, rng)
    for part in ("input_gate_bias", "recurrent_gate_bias"):
        spread(getattr(large.rg_lru, part), 1.5, rng)
    spread(large.rg_lru.recurrent_param, 2.0, rng, -4.0)
    positions = torch.arange(N_STEPS)[None]

    def run(layer):
        return outputs_of(layer, positions, None, use_cache=False)

    layers = {
        f"model.layers.{i}.temporal_block.": layer for i, layer in zip(places, layers, strict=True)
    }
    return of_transformers(model, layers, run)


def xlstm_large():
    import transformers.utils

    transformers.utils.is_xlstm_available = lambda: False  # its own equations, not the package's
    from transformers import xLSTMConfig, xLSTMForCausalLM

    config = xLSTMConfig(
        vocab_size=7, hidden_size=WIDTH, num_blocks=2, num_hidden_layers=2, num_heads=2,
        chunkwise_kernel="chunkwise--native_autograd", sequence_kernel="native_sequence__native",
        step_kernel="native", chunk_size=16,
    )  # fmt: skip
    model = xLSTMForCausalLM(config).float().eval()
    layers = [block.mlstm_layer for block in model.backbone.blocks]
    rng, large = np.random.default_rng(5), layers[1]
    for part in ("q", "k", "v", "ogate_preact", "out_proj"):
        spread(getattr(large, part).weight, 0.8, rng)
    for part, bias in (("igate_preact", -2.0), ("fgate_preact", 4.0)):
        spread(getattr(large, part).weight, 0.6, rng)
        spread(getattr(large, part).bias, 2.0, rng, bias)
    spread(large.multihead_norm.weight, 0.5, rng, 1.0)
    return of_transformers(
        model, {f"backbone.blocks.{i}.mlstm_layer.": layer for i, layer in enumerate(layers)}
    )


def xlstm():
    """A block stack: mLSTM, sLSTM, mLSTM, the latter two with trained values."""
    from xlstm import (
        mLSTMBlockConfig,
        mLSTMLayerConfig,
        sLSTMBlockConfig,
        sLSTMLayerConfig,
        xLSTMBlockStack,
        xLSTMBlockStackConfig,
    )

    config = xLSTMBlockStackConfig(
        mlstm_block=mLSTMBlockConfig(mlstm=mLSTMLayerConfig(num_heads=2)),
        slstm_block=sLSTMBlockConfig(
            slstm=sLSTMLayerConfig(
                backend="vanilla", num_heads=2, bias_init="powerlaw_blockdependent"
            )
        ),
        context_length=N_STEPS, num_blocks=4, embedding_dim=WIDTH, slstm_at=[1, 3],
    )  # fmt: skip
    model = xLSTMBlockStack(config).eval()
    layers = [block.xlstm for block in model.blocks]
    rng = np.random.default_rng(6)
    for part in ("proj_up", "q_proj", "k_proj", "v_proj", "proj_down"):
        spread(getattr(layers[2], part).weight, 0.6, rng)
    spread(layers[2].learnable_skip, 0.5, rng, 1.0)
    spread(layers[2].conv1d.conv.weight, 0.5, rng)
    spread(layers[2].mlstm_cell.outnorm.weight, 0.3, rng)
    for part, bias in (("igate", -1.0), ("fgate", 4.0)):
        spread(getattr(layers[2].mlstm_cell, part).weight, 0.4, rng)
        spread(getattr(layers[2].mlstm_cell, part).bias, 1.5, rng, bias)
    for part in ("igate", "fgate", "zgate", "ogate"):
        spread(getattr(layers[3], part).weight, 0.8, rng)
    spread(layers[3].slstm_cell._recurrent_kernel_, 0.5, rng)
    spread(layers[3].slstm_cell._bias_, 1.5, rng, 1.0)
    spread(layers[3].group_norm.weight, 0.3, rng)
    data = safetensors.torch.save(model.state_dict(), {"format": "pt"})
    return data, {f"blocks.{i}.xlstm.": outputs_of(layer) for i, layer in enumerate(layers)}


def rwkv6():
    """att_seq of the package rwkv; its layer normalisation in front and its sum are taken away."""
    os.environ["RWKV_JIT_ON"], os.environ["RWKV_CUDA_ON"] = "0", "0"
    from rwkv.model import RWKV

    heads, size, low = 2, 4, 3
    width = heads * size
    rng = np.random.default_rng(7)
    tensors, found = {}, {}
    for i, scale in enumerate((0.1, 0.8)):
        shapes = {f"time_maa_{name}": (1, 1, WIDTH) for name in "xwkvrg"}
        shapes |= {"time_maa_w1": (WIDTH, 5 * low), "time_maa_w2": (5, low, WIDTH)}
        shapes |= {"time_decay_w1": (WIDTH, low), "time_decay_w2": (low, width)}
        shapes |= {f"{name}.weight": (width, WIDTH) for name in ("receptance", "key", "value")}
        shapes |= {"gate.weight": (width, WIDTH), "output.weight": (WIDTH, width)}
        p = {name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}
        p |= {f"time_maa_{name}": rng.uniform(0.0, 1.0, (1, 1, WIDTH)) for name in "xwkvrg"}
        p["time_decay"] = np.linspace(-6.0, -1.0, width).reshape(1, 1, width)
        p["time_faaaa"] = scale * rng.standard_normal((heads, size))
        p["ln_x.weight"] = 1.0 + scale * rng.standard_normal(width)
        p["ln_x.bias"] = scale * rng.standard_normal(width)
        p = {name: torch.as_tensor(value, dtype=torch.float32) for name, value in p.items()}
        tensors |= {f"blocks.{i}.att.{name}": value for name, value in p.items()}
        x, none = torch.as_tensor(X), torch.empty(0)
        flat = {name: v.reshape(-1) if v.shape[:2] == (1, 1) else v for name, v in p.items()}
        weights = [
            flat[f"{name}.weight"].t() for name in ("key", "value", "receptance", "gate", "output")
        ]
        mixes = [flat[f"time_maa_{name}"] for name in "xwkvrg"]
        functional = torch.nn.functional
        kept, functional.layer_norm = functional.layer_norm, lambda x, *_, **__: x
        y, _, _ = RWKV.att_seq_v6_0(
            types.SimpleNamespace(), x, torch.zeros(WIDTH), torch.zeros(heads, size, size),
            none, none,
            flat["ln_x.weight"], flat["ln_x.bias"], *mixes, p["time_maa_w1"], p["time_maa_w2"],
            p["time_decay_w1"], p["time_decay_w2"], p["time_decay"].reshape(heads, size, 1),
            p["time_faaaa"].reshape(heads, size, 1), *weights, *[None] * 20,
        )  # fmt: skip
        functional.layer_norm = kept
        found[f"blocks.{i}.att."] = (y - x).double().numpy()
    return safetensors.torch.save(tensors, {"format": "pt"}), found


def s4d():
    sys.path.insert(0, os.environ["S4"])
    from models.s4.s4d import S4D

    rng = np.random.default_rng(8)
    layers = [S4D(WIDTH, d_state=8, transposed=False).eval() for _ in range(2)]
    kernel = layers[1].kernel
    spread(kernel.log_dt, 1.5, rng, -3.0)
    spread(kernel.log_A_real, 1.5, rng)
    spread(kernel.A_imag, 8.0, rng)
    spread(kernel.C, 2.0, rng)
    spread(layers[1].D, 2.0, rng)
    model = torch.nn.ModuleDict({"s4_layers": torch.nn.ModuleList(layers)})
    data = safetensors.torch.save(model.state_dict(), {"format": "pt"})
    return data, {f"s4_layers.{i}.": outputs_of(layer) for i, layer in enumerate(layers)}


def lru():
    sys.path.insert(0, os.environ["MINIMAL_LRU"])
    import jax
    from lru.model import LRU

    rng = np.random.default_rng(9)
    tensors, found = {}, {}
    for i in range(2):
        layer = LRU(d_hidden=6, d_model=WIDTH)
        p = dict(layer.init(jax.random.key(i), X)["params"])
        if i == 1:
            p["nu_log"] = (rng.standard_normal(6) * 2.0 - 4.0).astype(np.float32)
            p |= {k: 1.5 * rng.standard_normal(v.shape).astype(np.float32) for k, v in p.items()
                  if k[0] in "BCD"}  # fmt: skip
        found[f"encoder.layers_{i}.seq."] = np.asarray(layer.apply({"params": p}, X), np.float64)
        named = {f"encoder.layers_{i}.seq.{k}": np.array(v) for k, v in p.items()}
        tensors |= {name: torch.as_tensor(value) for name, value in named.items()}
    return safetensors.torch.save(tensors, {"format": "pt"}), found


def tcn():
    sys.path.insert(0, os.environ["TCN"])
    from tcn import TemporalConvNet

    rng, tensors, found = np.random.default_rng(10), {}, {}
    for name in ("initial", "large"):
        model = TemporalConvNet(WIDTH, [WIDTH, 6, 6], kernel_size=3).eval()
        if name == "large":
            for block in model.network:
                for part in (block.conv1, block.conv2):
                    spread(part.weight_g, 0.5, rng, 2.0)
                    spread(part.weight_v, 1.0, rng)
                    spread(part.bias, 0.5, rng)
        tensors |= {f"{name}.{k}": v.clone() for k, v in model.state_dict().items()}
        with torch.no_grad():
            found[f"{name}."] = model(torch.as_tensor(X.T)[None])[0].T.double().numpy()
    return safetensors.torch.save(tensors, {"format": "pt"}), found


def minimal_gru():
    from minGRU_pytorch import minGRU

    rng, tensors, found = np.random.default_rng(11), {}, {}
    for name, scale in (("initial", 0.0), ("large", 1.5)):
        layer = minGRU(WIDTH, expansion_factor=1.5).eval()
        if scale:
            spread(layer.to_hidden_and_gate.weight, scale, rng)
            spread(layer.to_out.weight, scale, rng)
        tensors |= {f"{name}.{k}": v.clone() for k, v in layer.state_dict().items()}
        with torch.no_grad():  # single precision loses two digits in log space
            found[f"{name}."] = layer.double()(torch.as_tensor(X).double()[None])[0].numpy()
    return safetensors.torch.save(tensors, {"format": "pt"}), found


CASES = {
    "mamba": (mamba, "transformers"),
    "mamba2": (mamba2, "transformers"),
    "rwkv4": (rwkv4, "transformers"),
    "rg_lru": (rg_lru, "transformers"),
    "xlstm_large": (xlstm_large, "transformers"),
    "xlstm": (xlstm, "xlstm"),
    "rwkv6": (rwkv6, "rwkv"),
    "s4d": (s4d, "state-spaces/s4 models/s4/s4d.py e757cef"),
    "minimal_gru": (minimal_gru, "minGRU-pytorch"),
    "tcn": (tcn, "locuslab/TCN TCN/tcn.py 2f8c2b8"),
    "lru": (lru, "NicolasZucchet/minimal-LRU lru/model.py bbd71b1"),
}


def main(names):
    FOLDER.mkdir(exist_ok=True)
    for name in names or CASES:
        write, program = CASES[name]
        torch.manual_seed(0)
        data, found = write()
        (FOLDER / f"{name}.safetensors").write_bytes(data)
        package = "/" not in program
        version = importlib.metadata.version(program) if package else ""
        certificate = {
            "program": f"{program} {version}".strip(),
            "version": f"torch {torch.__version__}, Python {platform.python_version()}",
            "command": f"python tests/golden/todays_layers.py {name}",
            "date": date.today().isoformat(),
            "inputs": "numpy.random.default_rng(0).standard_normal((100, 8)), in float32",
            "values": {
                prefix: [[float(f"{v:.8g}") for v in row] for row in y]
                for prefix, y in found.items()
            },
        }
        (FOLDER / f"{name}.json").write_text(json.dumps(certificate) + "\n")
        print(name, len(data), {k: float(np.abs(v).max()) for k, v in found.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
