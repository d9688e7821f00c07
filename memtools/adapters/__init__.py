"""memtools inside other libraries: scikit-learn, sktime and pandas.

Importing this module gives Series and DataFrames of pandas the accessor ``.memory``.  The classes
of scikit-learn and sktime are loaded when they are asked for.
"""

from typing import Any

from memtools.adapters import pandas_accessor
from memtools.exceptions import MissingDependencyError

__all__ = ["ARFIMAForecaster", "FractionalDifference", "MemoryFeatures"]

pandas_accessor.register()


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'memtools.adapters' has no attribute {name!r}")
    try:
        if name == "ARFIMAForecaster":
            from memtools.adapters import forecaster

            return forecaster.ARFIMAForecaster
        from memtools.adapters import transformers

        return getattr(transformers, name)
    except ModuleNotFoundError as error:
        package = "sktime" if name == "ARFIMAForecaster" else "scikit-learn"
        raise MissingDependencyError(package, f"adapters.{name}") from error
