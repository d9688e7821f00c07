"""Files made to hang, to fill memory or to execute, as bytes."""

import io
import json
import os
import pickle
import struct
import zipfile

import numpy as np

MEGABYTE = 2**20


def torch_file(pickled, **members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model/data.pkl", pickled)
        for name, value in members.items():
            archive.writestr(f"model/data/{name}", value)
    return buffer.getvalue()


class Attack:
    """Pickles as a call of whatever it is given."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def pickles_that_execute(mark):
    command = f"touch {mark}"
    call = [Attack(os.system, command), Attack(eval, f"open({str(mark)!r}, 'w')")]
    nested = {"state_dict": {"rnn.weight_ih_l0": call[0]}}
    dumps = [pickle.dumps(a, protocol) for a in [*call, nested] for protocol in range(6)]
    text = repr(command).encode()
    by_hand = [
        b"cposix\nsystem\n(S" + text + b"\ntR.",
        b"(cposix\nsystem\nS" + text + b"\no.",
        b"(S" + text + b"\niposix\nsystem\n.",
        b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c"
        + bytes([len(command)])
        + command.encode()
        + b"\x85R.",
        b"ccollections\nOrderedDict\n(cposix\nsystem\nS" + text + b"\ntR.",
        b"ctorch._utils\n_rebuild_parameter\n(cposix\nsystem\nS" + text + b"\ntR.",
        b"c__builtin__\nexec\n(S" + text + b"\ntR.",
        b"ctorch\ndevice\n(S" + text + b"\ntR(S'a'\nS'b'\ndb.",
        b"\x82\x01.",  # an extension's code
    ]
    return [*dumps, *by_hand]


def legacy_file(pickled):
    heads = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
    return b"".join(pickle.dumps(head, 2) for head in heads) + pickled + pickle.dumps([], 2)


def zip_of(members, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def header(shape, dtype="'<f8'"):
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}}}".encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def safetensors_file(entries, body=b"", length=None):
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def saved_file(description):
    metadata = {"memtools": json.dumps(description)}
    return safetensors_file({"__metadata__": metadata, "weight_hh": entry([0], 0, 0)})


def entry(shape, start, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def tensor_pickle(offset, shape, stride, n_values):
    """A state dict of one tensor, described as asked."""

    def integer(n):
        data = n.to_bytes(9, "little", signed=True)
        return b"\x8a\x09" + data

    storage = (
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
    )
    storage += integer(n_values) + b"tQ"
    numbers = [b"(" + b"".join(integer(n) for n in group) + b"t" for group in (shape, stride)]
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + integer(offset) + numbers[0]
    tensor += numbers[1] + b"\x89}tR"
    return b"\x80\x02}X\x10\x00\x00\x00rnn.weight_hh_l0" + tensor + b"s."


def varint(n):
    out = b""
    while n >= 0x80:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def onnx_file(graph):
    return b"\x08\x08" + field(7, graph) + field(8, b"\x10\x0e")


def hdf5_header(messages, n_messages, length=None):
    """A file whose root is an object header of these messages (18 kB of nothing before it)."""
    root = 18_000
    length = len(messages) if length is None else length
    header = struct.pack("<BBHIIxxxx", 1, 0, n_messages, 1, length) + messages
    start = b"\x89HDF\r\n\x1a\n" + bytes(5) + b"\x08\x08" + bytes(9)
    sizes = struct.pack("<QQQQ", 0, 2**64 - 1, root + len(header), 2**64 - 1)
    return (start + sizes + struct.pack("<QQ", 0, root)).ljust(root, b"\0") + header


def constant(name, values, kind):
    """An initializer of a few numbers."""
    dims = b"".join(b"\x08" + varint(n) for n in np.shape(values))
    raw = np.asarray(values, {1: "<f4", 7: "<i8"}[kind]).tobytes()
    return field(5, dims + b"\x10" + bytes([kind]) + field(8, name) + field(9, raw))


def node(kind, inputs, outputs, *attributes):
    parts = [field(1, i) for i in inputs] + [field(2, o) for o in outputs]
    return field(1, b"".join(parts) + field(4, kind) + b"".join(attributes))


def sequence_graph(*parts, out=b"y"):
    """A graph of one input x (time, batch, 2) and one output."""
    dims = field(1, field(2, b"t")) + field(1, field(2, b"b")) + field(1, b"\x08\x02")
    tensor = field(1, b"\x08\x01" + field(2, dims))
    return onnx_file(
        b"".join(parts) + field(11, field(1, b"x") + field(2, tensor)) + field(12, field(1, out))
    )


def axis(n=0):
    return field(5, field(1, b"axis") + b"\x18" + bytes([n]) + b"\xa0\x01\x02")


def graphs_that_grow():
    """Small graphs of enormous values or of endless work."""
    doubling = [node(b"Concat", [b"v%d" % i] * 2, [b"v%d" % (i + 1)], axis()) for i in range(60)]
    wide = constant(b"shape", [2**20, 2**20], 7) + constant(b"one", [1.0], 1)
    body = field(1, b"") + field(11, field(1, b"i")) + field(11, field(1, b"c"))
    body += field(12, field(1, b"c"))
    loop = field(5, field(1, b"body") + field(6, body) + b"\xa0\x01\x05")
    sums = [node(b"Add", [b"v%d" % i] * 2, [b"v%d" % (i + 1)]) for i in range(60)]
    inner = b""
    for _ in range(300):
        branch = field(1, field(4, b"If") + inner)
        inner = field(5, field(1, b"then_branch") + field(6, branch) + b"\xa0\x01\x05")
    last = node(b"Conv", [b"x", b"v60"], [b"y"])
    return {
        "onnx sixty concats of a constant": sequence_graph(
            constant(b"v0", [1.0], 1), *doubling, last
        ),
        "onnx sixty sums of a value": sequence_graph(
            node(b"Identity", [b"x"], [b"v0"]), *sums, node(b"Sin", [b"v60"], [b"y"])
        ),
        "onnx doubling of the input": sequence_graph(
            node(b"Identity", [b"x"], [b"v0"]), *doubling, node(b"Sin", [b"v60"], [b"y"])
        ),
        "onnx expand": sequence_graph(
            wide, node(b"Expand", [b"one", b"shape"], [b"e"]), node(b"Add", [b"x", b"e"], [b"y"])
        ),
        "onnx constant of shape": sequence_graph(
            wide, node(b"ConstantOfShape", [b"shape"], [b"e"]), node(b"Sin", [b"e"], [b"y"])
        ),
        "onnx tile": sequence_graph(
            constant(b"n", [2**16, 2**16, 1], 7), node(b"Tile", [b"x", b"n"], [b"y"])
        ),
        "onnx range": sequence_graph(
            constant(b"a", [0.0], 1),
            constant(b"z", [1e12], 1),
            constant(b"s", [1.0], 1),
            node(b"Range", [b"a", b"z", b"s"], [b"y"]),
        ),
        "onnx endless loop": sequence_graph(
            constant(b"n", 2**60, 7), node(b"Loop", [b"n", b"", b"x"], [b"y"], loop)
        ),
        "onnx graphs in graphs": sequence_graph(field(1, field(4, b"If") + inner)),
        "onnx outer sum": sequence_graph(
            constant(b"a", np.zeros((20_000, 1)), 1),
            constant(b"b", np.zeros((1, 20_000)), 1),
            node(b"Add", [b"a", b"b"], [b"c"]),
            node(b"Sin", [b"c"], [b"y"]),
        ),
    }


def keras_file(layers):
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    return zip_of({"model.weights.h5": hdf5_header(b"", 0), "config.json": json.dumps(config)})


def nested_keras(depth):
    opening = '{"class_name":"Sequential","config":{"name":"m","layers":[' * depth
    return zip_of({"model.weights.h5": hdf5_header(b"", 0), "config.json": opening + "]}}" * depth})


def archives():
    """Zip archives and arrays in them."""
    zeros = bytes(64 * MEGABYTE)
    return {
        "zip bomb": zip_of({"a.npy": header((1 << 27,)) + zeros, "b.npy": zeros, "c.npy": zeros}),
        "zip of many": zip_of(dict.fromkeys((f"{i}.npy" for i in range(30_000)), b""), 0),
        "zip quine": zip_of({"model.keras": zip_of({"model.keras": zeros})}),
        "zip paths": zip_of({"../../etc/passwd": b"x", "/data.pkl": b".", "..\\x.npy": b""}),
        "npy shape": zip_of({"weight_hh.npy": header((1 << 60, 1 << 60))}),
        "npy negative": zip_of({"weight_hh.npy": header((-1, 4)) + bytes(64)}),
        "npy nesting": zip_of({"weight_hh.npy": header("(" * 9000)}),
        "npy record": zip_of({"weight_hh.npy": header("()", "[('a', '<f8')]") + bytes(8)}),
    }


def safetensors_bombs():
    """Headers of safetensors."""
    return {
        "header length": safetensors_file(b"{}", length=2**63),
        "header long": safetensors_file(b"{" + b" " * (9 * MEGABYTE) + b"}"),
        "header nesting": safetensors_file(b'{"a":' * 10**5),
        "header names": safetensors_file(
            {f"{i}.weight_hh": entry([0], 0, 0) for i in range(40_000)}
        ),
        "header list": safetensors_file(b"{", length=1),
        "saved cell": saved_file({"cell": "load", "options": {}}),
        "saved option": saved_file({"cell": "LSTM", "options": {"rng": 1}}),
        "saved layers": saved_file({"Sequential": [{"cell": "Linear", "options": {}}] * 20_000}),
        "saved nesting": safetensors_file(
            {
                "__metadata__": {"memtools": '{"Sequential":[' * 50_000},
                "weight_hh": entry([0], 0, 0),
            }
        ),
        "saved number": saved_file(3),
        "overlapping": safetensors_file(
            {f"l{i}.weight_hh": entry([1 << 18], 0, MEGABYTE) for i in range(9000)}, bytes(MEGABYTE)
        ),
        "offsets": safetensors_file({"weight_hh": entry([4], -8, 8)}, bytes(16)),
        "offsets text": safetensors_file({"weight_hh": entry([4], "0", 16)}, bytes(16)),
        "shape": safetensors_file({"weight_hh": entry([2**70, 0], 0, 0)}),
        "shape true": safetensors_file({"weight_hh": entry([True], 0, 4)}, bytes(4)),
        "type": safetensors_file({"weight_hh": entry([4], 0, 4, "F8_E4M3")}, bytes(4)),
        "safetensors of many layers": safetensors_file(
            {f"{i}.weight": entry([0], 0, 0) for i in range(19_000)}
            | {"r.weight_hh_l0": entry([0], 0, 0)}
        ),
        "safetensors of many parametrisations": safetensors_file(
            {f"{i}.weight_{part}": entry([0], 0, 0) for i in range(9000) for part in "gv"}
            | {"r.weight_hh_l0": entry([0], 0, 0)}
        ),
        "safetensors names twice": safetensors_file(
            b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
            b'"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
            bytes(4),
        ),
        "safetensors hole": safetensors_file({"weight_hh": entry([1], 4, 8)}, bytes(8)),
    }


def pickles():
    """Programs of pickle."""
    laughs = b"\x80\x02]q\x00" + b"".join(
        b"](" + b"h" + bytes([i]) + (b"h" + bytes([i])) * 9 + b"eq" + bytes([i + 1])
        for i in range(60)
    )
    recursive = b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s."
    return {
        "pickle laughs": torch_file(laughs + b"."),
        "pickle circle": torch_file(recursive),
        "pickle long": torch_file(b"\x80\x02\x8b" + struct.pack("<i", 2**30) + b"\xff" * 99 + b"."),
        "pickle memo": torch_file(b"\x80\x02}r" + struct.pack("<I", 2**32 - 1) + b"."),
        "pickle operations": torch_file(b"\x80\x02" + b"N" * 10**6 + b"."),
        "pickle pops": torch_file(b"\x80\x02tR."),
        "pickle strides": torch_file(tensor_pickle(0, (2**40, 4), (0, 0), 4), **{"0": bytes(16)}),
        "pickle beyond": torch_file(tensor_pickle(2, (4,), (1,), 4), **{"0": bytes(16)}),
        "pickle negative": torch_file(tensor_pickle(-4, (4,), (1,), 9), **{"0": bytes(36)}),
        "pickle storage": torch_file(tensor_pickle(0, (2**45,), (1,), 2**45), **{"0": bytes(16)}),
        "pickle no storage": torch_file(tensor_pickle(0, (4,), (1,), 4)),
        "pickle of unknown classes": torch_file(
            b"\x80\x02cmy.own\nThing\n)\x81}X\x01\x00\x00\x00ah\x00sb."
        ),
        "pickle alone": pickle.dumps({"weight_hh": [1.0]}),
    }


def graphs():
    """Of ONNX, HDF5 and Keras."""
    itself = struct.pack("<HHIQQ", 16, 16, 0, 18_016, 24)
    wide = struct.pack("<HHIQQ", 16, 16, 0, 18_016, 2000) + bytes(1976)
    float_tensor = field(1, b"") + b"\x10\x01" + field(8, b"W")
    return {
        "keras nesting": zip_of({"model.weights.h5": b"", "config.json": b"[" * 10**6}),
        "keras list": zip_of({"model.weights.h5": b"", "config.json": b"[]"}),
        "hdf5 header continued by itself": hdf5_header(itself, 65_535),
        "hdf5 header continued at length": hdf5_header(wide, 65_535, 24),
        "onnx fields": onnx_file(b"\x08\x01" * 10**6),
        "onnx dims": onnx_file(field(5, b"\x08" + varint(2**62) + float_tensor)),
        "onnx external": onnx_file(
            field(
                5, float_tensor + field(13, field(1, b"location") + field(2, b"../../etc/passwd"))
            )
        ),
        "onnx circle": onnx_file(
            field(1, field(1, b"y") + field(2, b"y") + field(4, b"Identity"))
            + field(12, field(1, b"y"))
        ),
        **graphs_that_grow(),
        "keras deep": nested_keras(3000),
        "keras many": keras_file(
            [{"class_name": "ReLU", "config": {"name": f"r{i}"}} for i in range(30_000)]
        ),
        "keras repeated": keras_file(
            [
                {
                    "class_name": "Masking",
                    "config": {"name": "m", "batch_input_shape": [None, 9, 1]},
                },
                {"class_name": "Flatten", "config": {"name": "f"}},
                {"class_name": "RepeatVector", "config": {"name": "r", "n": 10**9}},
            ]
        ),
        "onnx varint": b"\x08" + b"\xff" * 1000,
    }


def others():
    """Msgpack, and what is no model."""
    return {
        "msgpack nesting": b"\x81\xa1a" * 10**5,
        "msgpack sizes": b"\x81\xa1a\xdd\xff\xff\xff\xff" + b"\xc0" * 10**6,
        "msgpack array": b"\x81\xa6kernel\xc7\x1a\x01\x93\x92\xcf"
        + b"\x7f" * 8
        + b"\x04\xa7float32\xc4\x00",
        "lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "web page": b"<!DOCTYPE html><html><body>404</body></html>",
        "gzip": b"\x1f\x8b\x08" + bytes(100),
        "text": b"weight_hh = 3",
        "empty": b"",
    }


BOMBS = archives() | safetensors_bombs() | pickles() | graphs() | others()
