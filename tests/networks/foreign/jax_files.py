"""Files of Flax (linen and nnx) and Equinox."""

from __future__ import annotations

import equinox as eqx
import flax.linen as linen
import flax.serialization
import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx, traverse_util
from safetensors.flax import save_file

from memtools.networks import load
from tests.networks.foreign.case import Written, case, random

X = random(9, 2, 3)
KEY = jax.random.PRNGKey(0)


class Net(linen.Module):
    cell: type
    size: int = 4
    head: int = 2

    @linen.compact
    def __call__(self, x):
        x = linen.RNN(self.cell(self.size), time_major=True)(x)
        return linen.Dense(self.head)(x)


def stirred(tree):
    rng = np.random.default_rng(3)

    def stir(leaf):
        return jnp.asarray(leaf + 0.3 * rng.normal(size=leaf.shape), dtype=leaf.dtype)

    return jax.tree.map(stir, tree)


def linen_case(name, cell, write, **options):
    @case(f"flax: {name}", **options)
    def _(folder):
        net = Net(cell)
        params = stirred(net.init(KEY, X))
        path = write(folder, params)
        return Written(path=path, x=X, y=np.asarray(net.apply(params, X)))


def as_msgpack(folder, params):
    (folder / "m.msgpack").write_bytes(flax.serialization.to_bytes(params))
    return folder / "m.msgpack"


def as_npz(folder, params):
    flat = traverse_util.flatten_dict(params, sep="/")
    np.savez(folder / "m.npz", **{k: np.asarray(v) for k, v in flat.items()})
    return folder / "m.npz"


def as_safetensors(folder, params):
    save_file(traverse_util.flatten_dict(params, sep="."), folder / "m.safetensors")
    return folder / "m.safetensors"


def as_tree(folder, params):
    return params


linen_case("linen LSTMCell, msgpack", linen.LSTMCell, as_msgpack)
linen_case("linen OptimizedLSTMCell, npz", linen.OptimizedLSTMCell, as_npz)
linen_case("linen GRUCell, safetensors", linen.GRUCell, as_safetensors)
linen_case("linen SimpleCell, msgpack", linen.SimpleCell, as_msgpack, note="tanh")


@case("flax: a TrainState with its optimiser, bfloat16")
def _(folder):
    net = Net(linen.LSTMCell)
    params = jax.tree.map(lambda v: v.astype(jnp.bfloat16), stirred(net.init(KEY, X)))
    moments = jax.tree.map(jnp.zeros_like, params["params"])
    state = {"step": 7, "params": params["params"], "opt_state": {"0": {"mu": moments}}}
    (folder / "checkpoint").write_bytes(flax.serialization.to_bytes(state))
    wide = jax.tree.map(lambda v: v.astype(jnp.float32), params)
    return Written(path=folder / "checkpoint", x=X, y=np.asarray(net.apply(wide, X)))


@case("flax: two layers, a normalisation between", refused="", note="")
def _(folder):
    class Two(linen.Module):
        @linen.compact
        def __call__(self, x):
            x = linen.RNN(linen.GRUCell(4), time_major=True)(x)
            x = linen.RNN(linen.LSTMCell(5), time_major=True)(x)
            return linen.Dense(2)(x)

    net = Two()
    params = stirred(net.init(KEY, X))
    return Written(path=as_msgpack(folder, params), x=X, y=np.asarray(net.apply(params, X)))


def nnx_case(name, make):
    @case(f"flax: {name}")
    def _(folder):
        cell = make(nnx.Rngs(0))
        carry = cell.initialize_carry((2, 3), nnx.Rngs(1))
        carry = jax.tree.map(jnp.zeros_like, carry)
        state = nnx.state(cell, nnx.Param)
        state = stirred(state)
        nnx.update(cell, state)
        ys = []
        for step in X:
            carry, y = cell(carry, step)
            ys.append(np.asarray(y))
        flat = {
            "/".join(map(str, path)): np.asarray(leaf[...])
            for path, leaf in nnx.to_flat_state(state)
        }
        np.savez(folder / "m.npz", **flat)
        return Written(path=folder / "m.npz", x=X, y=np.stack(ys))


nnx_case("nnx OptimizedLSTMCell", lambda rngs: nnx.OptimizedLSTMCell(3, 4, rngs=rngs))
nnx_case("nnx LSTMCell", lambda rngs: nnx.LSTMCell(3, 4, rngs=rngs))
nnx_case("nnx GRUCell", lambda rngs: nnx.GRUCell(3, 4, rngs=rngs))


class Own(eqx.Module):
    cell: eqx.nn.GRUCell
    out: eqx.nn.Linear
    size: int = eqx.field(static=True)

    def __init__(self, key):
        a, b = jax.random.split(key)
        self.size = 4
        self.cell = eqx.nn.GRUCell(3, 4, key=a)
        self.out = eqx.nn.Linear(4, 2, key=b)

    def __call__(self, x):
        def step(h, x):
            h = self.cell(x, h)
            return h, self.out(h)

        return jax.lax.scan(step, jnp.zeros(4), x)[1]


def own():
    model = Own(KEY)
    arrays, rest = eqx.partition(model, eqx.is_array)
    return eqx.combine(stirred(arrays), rest)


@case("equinox: by template")
def _(folder):
    model = own()
    eqx.tree_serialise_leaves(folder / "m.eqx", model)
    y = np.stack([np.asarray(model(X[:, i])) for i in range(2)], axis=1)
    return Written(path=folder / "m.eqx", x=X, y=y, options={"template": Own(KEY)})


@case("equinox: without a template", refused="pass template=")
def _(folder):
    model = own()
    eqx.tree_serialise_leaves(folder / "m.eqx", model)
    y = np.stack([np.asarray(model(X[:, i])) for i in range(2)], axis=1)
    shapes = {
        "cell.weight_ih": (12, 3),
        "cell.weight_hh": (12, 4),
        "cell.bias": (12,),
        "cell.bias_n": (4,),
        "out.weight": (2, 4),
        "out.bias": (2,),
    }
    path = folder / "m.eqx"
    ways = {
        "pass template= a module of the same shape": lambda: load(path, template=Own(KEY)),
        "a mapping of names to shapes": lambda: load(path, template=shapes),
    }
    return Written(path=path, x=X, y=y, ways=ways)
