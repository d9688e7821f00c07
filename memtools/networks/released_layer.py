"""A layer under the tensor names of the program that released it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.random import Generator

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import size_of
from memtools.networks._tensors import Tensors, as_float64, few
from memtools.networks.network import Network

_MOST = 0.6  # of the tensors of a layer must be there to know it: then the missing are named


class ReleasedLayer(Network):
    """What sequence mixers of today share: released names, their shapes, other programs' names.

    Parameters
    ----------
    params : mapping of str to array_like
        The tensors by their released names, without the prefix of the layer.
    **options
        Keyword arguments of the class: what the tensors do not tell.
    """

    # Its next input is not its own output: in a released network other layers stand between.
    own_process = False
    speaks_at_rest = False
    # released name -> its shape in sizes: "2E H", "R+2N E"
    _shapes: ClassVar[Mapping[str, str]]
    _optional: ClassVar[tuple[str, ...]] = ()
    # Other programs' names of the same tensors, each in full: their name -> ours.
    _spellings: ClassVar[tuple[Mapping[str, str], ...]] = ()
    _defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, params: Mapping[str, Any], **options: Any) -> None:
        for name in options:
            if name not in self._defaults:
                known = ", ".join(self._defaults) or "none"
                raise TypeError(f"unknown option {name!r}; the options are {known}")
        self.options: dict[str, Any] = {**self._defaults, **options}
        self.params, self.sizes = self._checked(params)
        self.n_input = self.n_output = self.sizes["H"]

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """Keyword arguments of the class."""
        return tuple(cls._defaults)

    @classmethod
    def from_params(cls, params: Mapping[str, Any], **options: Any) -> Self:
        """Build the layer from its tensors, by released names without the layer's prefix."""
        return cls(params, **options)

    @classmethod
    def from_torch_names(
        cls, mapping: Mapping[str, Any], prefix: str | None = None, **options: Any
    ) -> Self:
        """Build the layer from a state dict in any released spelling.

        Parameters
        ----------
        mapping : mapping of str to array_like
            A state dict as arrays; of several layers, `prefix` chooses one.
        prefix : str, optional
            Read only the tensors whose names start so.
        **options
            Keyword arguments of the class.
        """
        tensors = Tensors(mapping).starting(prefix or "")
        kinds = {p: kind for kind in (cls, *cls.__subclasses__()) for p in kind.places(tensors)}
        if not kinds:
            allowed = f"the tensors of {cls.__name__} ({', '.join(cls._required())})"
            raise InvalidInputError("mapping", allowed, few(list(tensors)) or "nothing")
        if len(kinds) > 1:
            got = f"{len(kinds)} of them ({few(list(kinds))})"
            allowed = f"the tensors of one {cls.__name__}: choose it by prefix="
            raise InvalidInputError("mapping", allowed, got)
        place, kind = next(iter(kinds.items()))
        return kind.placed(tensors, place, options)

    @classmethod
    def placed(cls, tensors: Mapping[str, Any], prefix: str, options: Mapping[str, Any]) -> Self:
        """The layer whose tensors start with `prefix`."""
        own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        spelling = max(cls._every_spelling(), key=lambda names: sum(n in names for n in own))
        strange = [f"{prefix}{name}" for name in own if name not in spelling]
        for theirs, ours in spelling.items():
            if theirs not in own and ours not in cls._optional:
                got = f"no tensor {prefix + theirs!r}"
                got += f", but {few(strange)}" if strange else ""
                raise InvalidInputError("mapping", f"the tensors of {cls.__name__}", got)
        if strange:
            known = f"the tensors of {cls.__name__} ({', '.join(spelling)})"
            raise InvalidInputError("mapping", known, f"also {few(strange)}")
        return cls({spelling[name]: value for name, value in own.items()}, **options)

    @classmethod
    def places(cls, names: Collection[str]) -> dict[str, float]:
        """Prefixes under which most tensors of such a layer stand, and which share of them."""
        required = cls._required()
        found: dict[tuple[str, int], set[str]] = {}
        for i, spelling in enumerate(cls._every_spelling()):
            known = "|".join(re.escape(t) for t, ours in spelling.items() if ours in required)
            ending = re.compile(f"(?:^|(?<=[./]))(?:{known})$").search
            for match in filter(None, map(ending, names)):
                place = match.string[: match.start()], i
                found.setdefault(place, set()).add(spelling[match[0]])
        shares: dict[str, float] = {}
        for (prefix, _), there in found.items():
            share = len(there) / len(required)
            if share >= _MOST:
                shares[prefix] = max(share, shares.get(prefix, 0.0))
        return shares

    @classmethod
    def assumed(cls) -> list[str]:
        """What a file does not tell and is taken as released."""
        told = ", ".join(f"{name}={value:g}" for name, value in cls._defaults.items())
        return [f"{told} taken: the tensors do not tell"] if told else []

    @classmethod
    def _required(cls) -> list[str]:
        return [name for name in cls._shapes if name not in cls._optional]

    @classmethod
    def _every_spelling(cls) -> tuple[Mapping[str, str], ...]:
        """Their names -> ours, our own first."""
        return {name: name for name in cls._shapes}, *cls._spellings

    @classmethod
    def initialise(
        cls,
        n_input: int,
        n_hidden: int,
        n_output: int | None = None,
        rng: RandomState = None,
        filter_length: int | None = None,
        **options: Any,
    ) -> Self:
        """Build the layer with random values, drawn as the releasing program draws them.

        Parameters
        ----------
        n_input : int
            Width of the model; the layer has as many outputs.
        n_hidden : int
            Size of the state, as the class says.
        n_output : int or None
            As many as inputs.
        rng : int, SeedSequence, Generator or None
        filter_length : None
            There is no filter.
        **options
            Keyword arguments of the class.
        """
        n = _validate.as_integer(n_input, "n_input", 1)
        if n_output not in (None, n):
            raise InvalidInputError("n_output", f"as many as inputs ({n}), or None", str(n_output))
        size = _validate.as_integer(n_hidden, "n_hidden", 1)
        return cls(cls._drawn(n, size, _validate.as_rng(rng)), **options)

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        raise NotImplementedError

    def replace(self, params: Mapping[str, Any]) -> Self:
        return type(self)(params, **self.options)

    def torch_names(self) -> dict[str, FloatArray]:
        """The tensors by released names."""
        return dict(self.params)

    # -- the check of tensors ---------------------------------------------------------------------

    def _checked(self, params: Mapping[str, Any]) -> tuple[dict[str, FloatArray], dict[str, int]]:
        """Tensors in float64 in the order of `_shapes`, and the sizes they tell."""
        kind = type(self).__name__
        if not isinstance(params, Mapping):
            raise InvalidInputError("params", "a mapping of names to arrays", type(params).__name__)
        expected = f"the tensors of {kind} ({', '.join(self._shapes)})"
        for name in self._shapes:
            if name not in params and name not in self._optional:
                found = ", ".join(map(str, list(params)[:10])) or "nothing"
                raise InvalidInputError("params", expected, f"no tensor {name!r} (found: {found})")
        for name in params:
            if name not in self._shapes:
                raise InvalidInputError("params", expected, f"an extra tensor {name!r}")
        arrays = {
            name: _frozen(self._laid(name, as_float64(params[name], name)))
            for name in self._shapes
            if name in params
        }
        sizes = self._told(arrays)
        sizes |= self._derived(sizes, arrays)
        for name, array in arrays.items():
            shape = tuple(_value(term, sizes) for term in self._shapes[name].split())
            if array.shape != shape or 0 in shape:
                symbols = f"({', '.join(self._shapes[name].split())}) = {shape}"
                allowed = f"of shape {symbols}"
                raise InvalidInputError(f"tensor {name!r}", allowed, f"shape {array.shape}")
        return arrays, sizes

    def _laid(self, name: str, array: FloatArray) -> FloatArray:
        """The tensor in the layout of `_shapes`, where releases differ."""
        return array

    def _told(self, arrays: Mapping[str, FloatArray]) -> dict[str, int]:
        """The sizes that stand alone in a shape, as most tensors tell them."""
        votes: dict[str, Counter[int]] = {}
        for name, array in arrays.items():
            terms = self._shapes[name].split()
            if array.ndim != len(terms):
                allowed = f"of shape ({', '.join(terms)})"
                raise InvalidInputError(f"tensor {name!r}", allowed, f"shape {array.shape}")
            for term, size in zip(terms, array.shape, strict=True):
                if term.isalpha():
                    votes.setdefault(term, Counter())[size] += 1
        return {letter: told.most_common(1)[0][0] for letter, told in votes.items()}

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        """Further sizes, from those that single tensors tell."""
        return {}

    def _divided(self, name: str, size: int, by: int, what: str) -> int:
        """A size of a tensor as whole parts."""
        if by < 1 or size % by:
            raise InvalidInputError(f"tensor {name!r}", f"in {by} equal {what}", f"size {size}")
        return size // by

    def __repr__(self) -> str:
        sizes = f"n_input={self.n_input}, n_state={self.n_state}"
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"{type(self).__name__}({sizes}{options})"

    @property
    def n_state(self) -> int:
        """Numbers in the recurrent state, without the past that a convolution keeps."""
        raise NotImplementedError


def _value(term: str, sizes: Mapping[str, int]) -> int:
    return int(term) if term.isdigit() else size_of(term, sizes)


def _frozen(value: FloatArray) -> FloatArray:
    array = np.array(value, order="C")
    array.flags.writeable = False
    return array
