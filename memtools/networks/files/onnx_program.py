"""Any ONNX model as a black box: run by onnx's reference evaluator, within bounds.

Its recurrent operations are run by ours: that of onnx 1.23 leaves out clip, and more.  Where ONNX
Runtime is installed it takes over, once the first run has shown that the graph keeps its bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.callables import BLACK_BOX, as_function
from memtools.networks.files.archive import MAX_GROWTH
from memtools.networks.files.onnx_cells import CELLS, run_cell
from memtools.networks.files.onnx_values import bound_of
from memtools.networks.files.protobuf import Operation

_TYPES = {1: "tensor(float)", 11: "tensor(double)", 10: "tensor(float16)"}
_MAX_RUNS = 20_000  # of operations, for the few steps of the first run
_PROBE_STEPS = 8
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


class Program:
    """A model of unknown layers as a function of a sequence.

    Parameters
    ----------
    session : object
        With `get_inputs` and `run`, as ONNX Runtime's sessions have them.
    engine : str
        Who runs it.
    reason : str
        Why it is no network of known layers.

    Attributes
    ----------
    n_input, n_output : int
    notes : tuple of str
    """

    def __init__(self, session: Any, engine: str, reason: str) -> None:
        self._function, n_input = as_function(session)
        assert n_input is not None
        self.n_input = n_input
        self.n_output = self(np.zeros((_PROBE_STEPS, n_input))).shape[1]
        self.notes: tuple[str, ...] = (
            f"a black box, run by {engine}: {reason}",
            BLACK_BOX,
        )

    def __call__(self, x: FloatArray) -> FloatArray:
        """Outputs (n_steps, n_output) for inputs (n_steps, n_input)."""
        try:
            return self._function(x)
        except (InvalidInputError, ModelFileError):
            raise
        except Exception as error:  # whatever the engine raises
            got = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            raise InvalidInputError("x", f"a sequence that {self!r} takes", got) from error

    def forward(self, x: FloatArray) -> tuple[FloatArray, tuple[()]]:
        """Outputs, as a network gives them, and no state; a batch is run one by one."""
        x = np.asarray(x, dtype=float)
        if x.ndim == 3:
            return np.stack([self(x[:, i]) for i in range(x.shape[1])], axis=1), ()
        return self(x), ()

    def __repr__(self) -> str:
        return f"Program(n_input={self.n_input}, n_output={self.n_output})"


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
        run = _own_run(node) or node.run
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


def _own_run(node: Any) -> Callable[..., Any] | None:
    """Our run of a recurrent operation."""
    if node.op_type not in CELLS:
        return None
    from onnx import helper

    given = {a.name: helper.get_attribute_value(a) for a in node.onnx_node.attribute}
    plain = {key: _plain(value) for key, value in given.items()}
    names = list(node.onnx_node.input), list(node.onnx_node.output)
    op = Operation(
        kind=node.op_type,
        name=node.onnx_node.name,
        inputs=names[0],
        outputs=names[1],
        attributes=plain,
    )

    def run(*arrays: Any, **_: Any) -> tuple[Any, ...]:
        kind = arrays[0].dtype
        results = [result.astype(kind) for result in run_cell(op, arrays)]
        return tuple(results[: max(len(names[1]), 1)])

    return run


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _evaluator(model: Any, budget: _Budget) -> Any:
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

    return Bounded(model)


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
        self._evaluator = _evaluator(model, self._budget)

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


def program(data: bytes, folder: Path | None, reason: str) -> Any:
    """The model as a function, where onnx is installed and its input is a sequence."""
    advice = (
        "give a function of one sequence, (n_steps, n_input) to (n_steps, n_output), instead "
        "(diagnose and impulse_weights take it), or save the recurrent part as a model of its own"
    )
    try:
        session = _Session(data, folder)
        reference = Program(session, "onnx's reference evaluator", reason)
    except ImportError:
        raise ModelFileError(
            f"{reason}. Any model can be run as a black box: install memtools[io] (onnx)"
        ) from None
    except InvalidInputError as error:
        raise ModelFileError(f"{reason}. No black box either: {error}; {advice}") from error
    except ModelFileError as error:
        raise ModelFileError(f"{reason}. No black box either: {error}") from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise ModelFileError(f"{reason}. No black box either: {what}; {advice}") from error
    return _by_runtime(session.model, reason) or reference


def _by_runtime(model: Any, reason: str) -> Program | None:
    """The model run by ONNX Runtime, None where that is not installed or does not take it."""
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
        return Program(session, "ONNX Runtime", reason)
    except Exception:  # an operation or a type that it lacks
        return None
