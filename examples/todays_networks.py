"""Time constants of today's sequence mixers as they are released, before any training.

One layer of each, with its program's initial values: how long its modes remember, which power law
they imitate together and for how long, and what is proved.  Give a file to see a trained one.

    python examples/todays_networks.py --out figures
    python examples/todays_networks.py model.safetensors --prefix backbone.layers.3.mixer.
    python examples/todays_networks.py --quick       # small layers, no pictures
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import memtools as mt

# class, n_hidden by the width of the model (its meaning is the class's own)
LAYERS = {
    "S4D": lambda width: 64,
    "LRU": lambda width: 2 * width,
    "Mamba": lambda width: 16,
    "Mamba2": lambda width: 128,
    "RGLRU": lambda width: width,
    "RWKV4": lambda width: width,
    "RWKV6": lambda width: width,
    "SLSTMBlock": lambda width: width,
    "MinimalGRU": lambda width: width,
}


def layers(width):
    """One layer of each kind."""
    for i, (name, n_hidden) in enumerate(LAYERS.items()):
        kind = getattr(mt.networks, name)
        yield name, kind.initialise(width, n_hidden(width), rng=i)


def told(name, layer, constants):
    """A line on one layer."""
    values = constants.values
    imitated = "no power law over a decade"
    if constants.imitates is not None:
        imitated = constants.imitates.summary()
    spread = f"{values.min():9.3g}{np.median(values):9.3g}{values.max():9.3g}"
    verdict = mt.ergodicity(layer).verdict
    return f"{name:<12}{len(values):>6}{spread}  {imitated}; {verdict}"


def drawn(found, path):
    """A panel a layer."""
    import matplotlib.pyplot as plt

    rows = -(-len(found) // 3)
    figure, axes = plt.subplots(
        rows, min(len(found), 3), figsize=(4.4 * min(len(found), 3), 3.1 * rows),
        layout="constrained", squeeze=False,
    )  # fmt: skip
    for ax, (name, constants) in zip(axes.flat, found.items(), strict=False):
        mt.plotting.plot_time_constants(constants, ax=ax)
        ax.set_title(name)
    for ax in axes.flat[len(found) :]:
        ax.set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    print(f"written: {path}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", help="a checkpoint with released tensor names")
    parser.add_argument("--prefix", help="start of the names of one layer")
    parser.add_argument("--width", type=int, default=64, help="of the model")
    parser.add_argument("--out", default="figures")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    if options.file is not None:
        layer = mt.networks.load(options.file, prefix=options.prefix)
        chosen = [(type(layer).__name__, layer)]
    else:
        chosen = list(layers(16 if options.quick else options.width))
    found = {}
    print(f"{'layer':<12}{'modes':>6}{'shortest':>9}{'median':>9}{'longest':>9}  imitates; process")
    for name, layer in chosen:
        found[name] = mt.time_constants(layer)
        print(told(name, layer, found[name]))
    delay = mt.networks.CausalConvolution.initialise(1, 3, 1, rng=0, dilation=16)
    print(f"CausalConvolution: {mt.diagnose(delay).reasons[0]}")
    if not options.quick:
        drawn(found, Path(options.out) / "todays_networks.png")


if __name__ == "__main__":
    main()
