"""The decorator of compiled recurrences: kept on the disk, or for one process where it cannot."""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from memtools.exceptions import MemtoolsWarning

_said: list[str] = []


def njit(*, cache: bool, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """``numba.njit``, which compiles without a cache, and says so once, where none can be kept.

    Parameters
    ----------
    cache : bool
        Keep the machine code for the processes to come, in the first of NUMBA_CACHE_DIR, the
        folder of the source and the user's cache that can be written.
    **options
        Of ``numba.njit``.
    """

    def decorated(function: Callable[..., Any]) -> Any:
        try:
            kernel = numba.njit(cache=cache, **options)(function)
        except RuntimeError:  # no folder can be written: a read-only install and home
            _say_once("no folder for it can be written")
            return numba.njit(**options)(function)
        if cache and kernel is not function:  # NUMBA_DISABLE_JIT hands the function back
            kept, folder = kernel._cache._cache_file, Path(function.__code__.co_filename).parent
            kept._source_stamp = kept._source_stamp, _kernels_of(folder)
            for name in ("load_overload", "save_overload"):
                setattr(kernel._cache, name, _forgiving(getattr(kernel._cache, name)))
        return kernel

    return decorated


@functools.cache
def _kernels_of(folder: Path) -> str:
    """Digest of a folder's kernels, which may call each other: numba looks at one file alone."""
    files = sorted(folder.glob("*_kernels.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _forgiving(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step of the cache that the disk fails (full, gone, cut short) is done without."""

    @functools.wraps(step)
    def tried(*given: Any) -> Any:
        try:
            return step(*given)
        except (OSError, EOFError) as error:
            _say_once(str(error))
            return None

    return tried


def _say_once(why: str) -> None:
    if _said or multiprocessing.parent_process() is not None:  # workers are many
        return
    _said.append(why)
    text = f"compiled code cannot be kept ({why}): each new process compiles again, for seconds; "
    text += "set NUMBA_CACHE_DIR to a folder that can be written"
    warnings.warn(text, MemtoolsWarning, stacklevel=3)
