"""The pipelines of lrdbench's published table, the errors it prints, and ours beside them."""

from __future__ import annotations

from typing import Any

Pipelines = dict[str, tuple[str, dict[str, Any]]]
_SCALES = ((8, 96), (12, 160), (16, 256))

_THEIR_CALLS: Pipelines = {
    "GPH, m = 32": ("GPH", {"m": 32}),
    "GPH, m = 64": ("GPH", {"m": 64}),
    "local Whittle, m = 64": ("ModifiedLocalWhittle", {"m": 64}),
    **{f"DFA-1, scales {a}-{b}": ("DFA", {"min_scale": a, "max_scale": b}) for a, b in _SCALES},
    "R/S": ("RS", {}),
    "Higuchi, k <= 32": ("Higuchi", {"k_max": 32, "input_representation": "increments"}),
    "GHE, q = 1": ("GHE", {"q": 1.0, "input_representation": "increments"}),
    "variance of block means": ("Variance", {}),
    "residual variance": ("VarianceResidual", {}),
    **{f"DMA, {a}-{b}": ("DMA", {"min_scale": a, "max_scale": b}) for a, b in _SCALES},
}
# Without the bootstrap that makes intervals, which the table does not ask for.
THEIRS = {k: (name, {**params, "n_bootstrap": 0}) for k, (name, params) in _THEIR_CALLS.items()}
# Mean absolute error of H on fGn, ARFIMA, AR(1), as published: 2,000 paths a cell.
PUBLISHED = {
    "GPH, m = 32": (0.1067, 0.1061, 0.2124),
    "GPH, m = 64": (0.0717, 0.0710, 0.2577),
    "local Whittle, m = 64": (0.0571, 0.0567, 0.2147),
    "DFA-1, scales 8-96": (0.0352, 0.0458, 0.3876),
    "DFA-1, scales 12-160": (0.0415, 0.0459, 0.3188),
    "DFA-1, scales 16-256": (0.0488, 0.0490, 0.2646),
    "R/S": (0.0650, 0.0807, 0.2109),
    "Higuchi, k <= 32": (0.0342, 0.0374, 0.2265),
    "GHE, q = 1": (0.0411, 0.0410, 0.1858),
    "variance of block means": (0.1279, 0.1186, 0.1448),
    "residual variance": (0.0402, 0.0430, 0.3185),
    "DMA, 8-96": (0.0541, 0.0545, 0.1629),
    "DMA, 12-160": (0.0744, 0.0668, 0.1284),
    "DMA, 16-256": (0.1001, 0.0860, 0.1132),
}

_NAMES = (
    *("fgn_whittle", "select_arfima", "fexp", "local_whittle", "exact_local_whittle", "gph"),
    *("wavelet_whittle", "wavelet_variance", "detrended_fluctuation", "higuchi"),
    *("detrending_moving_average", "residual_variance", "rescaled_range"),
    *("aggregated_variance", "absolute_moments", "generalised_hurst"),
)
OURS: Pipelines = {
    "memtools: estimate": ("memtools", {}),
    **{f"memtools: {name}": (f"memtools_{name}", {}) for name in _NAMES},
    "memtools: local_whittle, m = 64": ("memtools_local_whittle", {"bandwidth": 64}),
}


def specification(name: str, params: dict[str, Any]) -> Any:
    from lrdbench.testing import estimator_spec

    return estimator_spec(name=name, params=params)
