"""Any ONNX model as a black box: run by onnx's reference evaluator, within bounds.

Its recurrent operations are run by ours: that of onnx 1.23 leaves out clip, and more.  Where ONNX
Runtime is installed it takes over, once the first run has shown that the graph keeps its bounds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.callables import BLACK_BOX, PROBE_LENGTHS, BlackBox, of_session
from memtools.networks.files.archive import MAX_GROWTH
from memtools.networks.files.onnx_cells import CELLS, run_cell
from memtools.networks.files.onnx_values import bound_of
from memtools.networks.files.protobuf import Operation

_TYPES = {1: "tensor(float)", 11: "tensor(double)", 10: "tensor(float16)"}
_NUMBERS = {"tensor(double)": np.float64, "tensor(float16)": np.float16}
_MAX_RUNS = 20_000  # of operations, for the few steps of the first run
_PROBE_STEPS = PROBE_LENGTHS[0][0]
# Operations whose results are no larger than what `bound_of` says, and that draw no numbers.
_KNOWN = frozenset(
    {
        *("Abs", "Acos", "Acosh", "Add", "And"),
        *("ArgMax", "ArgMin", "Asin", "Asinh", "Atan"),
        *("Atanh", "AveragePool", "BatchNormalization", "BitShift", "Cast"),
        *("CastLike", "Ceil", "Celu", "Clip", "Compress"),
        *("Concat", "Constant", "ConstantOfShape", "Conv", "Cos"),
        *("Cosh", "CumSum", "DequantizeLinear", "Det", "Div"),
        *("Dropout", "DynamicQuantizeLinear", "Einsum", "Elu", "Equal"),
        *("Erf", "Exp", "Expand", "Flatten", "Floor"),
        *("GRU", "Gather", "GatherElements", "GatherND", "Gelu"),
        *("Gemm", "GlobalAveragePool", "GlobalMaxPool", "Greater", "GreaterOrEqual"),
        *("GroupNormalization", "HardSigmoid", "HardSwish", "Hardmax", "Identity"),
        *("If", "InstanceNormalization", "IsInf", "IsNaN", "LSTM"),
        *("LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log"),
        *("LogSoftmax", "Loop", "LpNormalization", "MatMul", "Max"),
        *("MaxPool", "Mean", "MeanVarianceNormalization", "Min", "Mish"),
        *("Mod", "Mul", "Neg", "NonZero", "Not"),
        *("Or", "PRelu", "Pad", "Pow", "QuantizeLinear"),
        *("RNN", "Range", "Reciprocal", "ReduceL1", "ReduceL2"),
        *("ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin"),
        *("ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape"),
        *("ReverseSequence", "Round", "Scan", "ScatterElements", "ScatterND"),
        *("Selu", "Shape", "Sigmoid", "Sign", "Sin"),
        *("Sinh", "Size", "Slice", "Softmax", "Softplus"),
        *("Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze"),
        *("Sub", "Sum", "Tan", "Tanh", "ThresholdedRelu"),
        *("Tile", "TopK", "Transpose", "Trilu", "Unsqueeze"),
        *("Where", "Xor"),
    }
)


class _Budget:
    """What a run may take: operations and bytes."""

    def __init__(self, n_bytes: int) -> None:
        self.allowed = n_bytes
        self.start(_PROBE_STEPS)

    def start(self, n_steps: int) -> None:
        """A run over so many steps."""
        factor = max(1.0, n_steps / _PROBE_STEPS)
        self.bytes_left = self.allowed * factor
        self.runs_left = _MAX_RUNS * factor

    def count(self) -> None:
        self.runs_left -= 1
        if self.runs_left < 0:
            raise ModelFileError("a graph that runs on and on")

    def guarded(self, node: Any) -> Callable[..., Any]:
        """The node's run, refused where its result would not fit."""
        run = node.run
        kind, attributes = node.op_type, node.onnx_node.attribute
        if kind not in _KNOWN and node.onnx_node.domain in ("", "ai.onnx"):
            raise ModelFileError(f"operation {kind} is not run")
        ints = {a.name: list(a.ints) or a.i for a in attributes}

        def bounded(*given: Any, **options: Any) -> Any:
            self.count()
            arrays = [array if isinstance(array, np.ndarray) else None for array in given]
            if 8 * bound_of(kind, ints, arrays) > self.bytes_left:
                raise ModelFileError(f"operation {kind} that grows beyond bounds")
            results = run(*given, **options)
            self.bytes_left -= sum(getattr(result, "nbytes", 0) for result in results)
            if self.bytes_left < 0:
                raise ModelFileError("a graph whose values grow beyond bounds")
            return results

        return bounded


def _own_cells(axes: list[int]) -> list[Any]:
    """Our run of the recurrent operations, as classes of the evaluator; they note their steps."""
    from onnx import helper
    from onnx.reference.op_run import OpRun

    def run(self: Any, *arrays: Any, **_: Any) -> tuple[Any, ...]:
        node = self.onnx_node
        given = {a.name: _plain(helper.get_attribute_value(a)) for a in node.attribute}
        inputs, outputs = list(node.input), list(node.output)
        op = Operation(
            kind=node.op_type, name=node.name, inputs=inputs, outputs=outputs, attributes=given
        )
        axes.append(arrays[0].shape[1 if given.get("layout", 0) else 0])
        results = [result.astype(arrays[0].dtype) for result in run_cell(op, arrays)]
        return tuple(results[: max(len(outputs), 1)])

    return [type(kind, (OpRun,), {"op_domain": "", "_run": run}) for kind in CELLS]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _evaluator(model: Any, budget: _Budget, axes: list[int]) -> Any:
    """The reference evaluator, every one of whose operations counts, in inner graphs too."""
    from onnx.reference import ReferenceEvaluator

    class Bounded(ReferenceEvaluator):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            for node in self.rt_nodes_ or ():
                node.run = budget.guarded(node)

        def run(self, *arguments: Any, **options: Any) -> Any:
            budget.count()
            return super().run(*arguments, **options)

    return Bounded(model, new_ops=_own_cells(axes))


class _Session:
    """The evaluator, used as a session of ONNX Runtime is."""

    def __init__(self, data: bytes, folder: Path | None) -> None:
        import onnx

        model = onnx.load_from_string(data)
        outside = any(tensor.data_location == 1 for tensor in model.graph.initializer)
        if outside and folder is not None:
            onnx.load_external_data_for_model(model, str(folder))
        names = {item.name for item in model.graph.initializer}
        self._inputs = [item for item in model.graph.input if item.name not in names]
        self._budget = _Budget(len(data) + MAX_GROWTH)
        self.model = model
        self._steps: list[int] = []  # that recurrent operations ran over
        self._evaluator = _evaluator(model, self._budget, self._steps)

    def get_inputs(self) -> list[Any]:
        """Name, type and shape of each input, axes of any length by name."""
        found = []
        for item in self._inputs:
            tensor = item.type.tensor_type
            shape = [
                dim.dim_value or dim.dim_param or f"axis_{axis}"
                for axis, dim in enumerate(tensor.shape.dim)
            ]
            kind = _TYPES.get(tensor.elem_type, f"type {tensor.elem_type}")
            found.append(SimpleNamespace(name=item.name, type=kind, shape=shape))
        return found

    def run(self, names: Any, given: dict[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """All outputs."""
        self._budget.start(max(max(array.shape[:-1], default=1) for array in given.values()))
        outputs: Sequence[NDArray[Any]] = self._evaluator.run(None, given)
        return outputs

    def time_axis(self) -> int | None:
        """The axis of the input along which the first recurrent operation runs, if one does."""
        (entry,) = self.get_inputs() if len(self._inputs) == 1 else (None,)
        if entry is None or len(entry.shape) != 3 or not isinstance(entry.shape[-1], int):
            return None
        lengths = [
            n if isinstance(n, int) else free
            for n, free in zip(entry.shape[:2], PROBE_LENGTHS[0], strict=True)
        ]
        given = np.random.default_rng(0).standard_normal((*lengths, entry.shape[2]))
        kind = _NUMBERS.get(entry.type, np.float32)
        self._steps.clear()
        with contextlib.suppress(Exception):  # whatever lies behind that operation
            self.run(None, {entry.name: given.astype(kind)})
        return next((lengths.index(n) for n in self._steps if lengths.count(n) == 1), None)


def program(data: bytes, folder: Path | None, reason: str) -> BlackBox:
    """The model as a function, where onnx is installed and its input is a sequence."""
    advice = (
        "give a function of one sequence, (n_steps, n_input) to (n_steps, n_output), instead "
        "(diagnose and impulse_weights take it)"
    )
    try:
        session = _Session(data, folder)
        axis = session.time_axis()
        reference = of_session(session, axis)
        axis = int(not reference.arrangement.startswith("(time"))
    except ImportError:
        raise ModelFileError(
            f"{reason}. Any model can be run as a black box: python -m pip install onnx"
        ) from None
    except (InvalidInputError, ModelFileError) as error:
        raise ModelFileError(f"{reason}. No black box either: {error}; {advice}") from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise ModelFileError(f"{reason}. No black box either: {what}; {advice}") from error
    box, engine = _by_runtime(session.model, axis, reference.n_least), "ONNX Runtime"
    if box is None:
        box, engine = reference, "onnx's reference evaluator"
    box.notes = (f"a black box, run by {engine}: {reason}", BLACK_BOX, *box.notes)
    return box


def _by_runtime(model: Any, axis: int | None, n_least: int) -> BlackBox | None:
    """The model run by ONNX Runtime, None where that is not installed or does not take it.

    On sequences of no step its recurrent operations end the process (1.32).
    """
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return of_session(session, axis, n_least)
    except Exception:  # an operation or a type that it lacks
        return None
