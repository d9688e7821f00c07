"""Named evidences: margins, in nats, between the rival explanations of one series."""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.worlds.candidates import Candidates
from memtools.worlds.exact import exact_margin
from memtools.worlds.lagged import CYCLE_D, LAGGED_D, LAGGED_ZERO
from memtools.worlds.profiles import NEVER, Profiles
from memtools.worlds.shapes import (
    AR_GRID,
    D_GRID,
    D_ZERO,
    HURST_GRID,
    LARGEST_AR,
    NOISE_D,
    ORDERS,
    TEMPERED_D,
)

REGIONS = {
    "short": (-0.01, 0.01),
    "long": (0.04, 0.49),
    "far": (0.49, 1.51),
    "anti": (-1.26, -0.04),
}
_WHITE_AR = int(np.argmin(np.abs(AR_GRID)))


def _inside(grid: np.ndarray, region: str) -> np.ndarray:
    low, high = REGIONS[region]
    return (grid > low) & (grid < high)


_D_IN = {region: _inside(D_GRID, region) for region in REGIONS}
_H_IN = {region: _inside(HURST_GRID - 0.5, region) for region in REGIONS}
_NOISE_IN = {region: _inside(NOISE_D, region) for region in REGIONS}
_LAGGED_IN = {region: _inside(LAGGED_D, region) for region in REGIONS}
_UNIT = int(np.argmin(np.abs(D_GRID - 1.0)))
_P, _Q = np.meshgrid(np.arange(LARGEST_AR + 1), np.arange(2), indexing="ij")


def penalties(n_obs: int, extra: float) -> FloatArray:
    """Cost of the orders (p, q), in nats: BIC's and `extra` a parameter."""
    return (_P + _Q) * (0.5 * np.log(n_obs) + extra)


def peak(curves: FloatArray, inside: np.ndarray) -> FloatArray:
    """Maximum over the points of the last axis that are inside, by a parabola where it bends."""
    at = np.where(inside, curves, -np.inf).argmax(axis=-1)[..., None]
    middle = np.clip(at, 1, curves.shape[-1] - 2)
    below, here, above = (np.take_along_axis(curves, middle + k, axis=-1) for k in (-1, 0, 1))
    slope, bend = 0.5 * (above - below), 2.0 * here - above - below
    inner = (middle == at) & (np.abs(slope) < 0.5 * bend) & (np.minimum(below, above) > 0.1 * NEVER)
    gain = np.where(inner, 0.5 * slope**2 / np.where(inner, bend, 1.0), 0.0)
    return np.asarray((np.take_along_axis(curves, at, axis=-1) + gain)[..., 0])


def by_family(
    profiles: Profiles, n_obs: int, extra: float = 0.5
) -> dict[str, dict[str, FloatArray]]:
    """Penalised log-likelihood of the best model by region and family, a value a row."""
    price = 0.5 * np.log(n_obs) + extra
    charged = profiles.arfima - penalties(n_obs, extra)[:, :, None]
    lagged, waves = profiles.lagged, profiles.exponential
    long_ar = lagged.long_ar - lagged.long_ar_order * price
    har, two_lags = lagged.har - 3.0 * price, lagged.two_lags - 3.0 * price
    terms = np.array(ORDERS) * price
    found: dict[str, dict[str, FloatArray]] = {}
    for region in REGIONS:
        if region == "short":
            found[region] = {
                "ARFIMA": charged[..., D_ZERO].max(axis=(1, 2)),
                "moving": profiles.moving - 2.0 * price,
                "long AR": long_ar[:, LAGGED_ZERO],
                "HAR": har[:, LAGGED_ZERO],
                "two lags": two_lags[:, LAGGED_ZERO],
                "FEXP": (waves.short - terms).max(axis=1),
                "two AR(1)": profiles.two - 3.0 * price,
            }
            continue
        low, high = REGIONS[region]
        inside = _LAGGED_IN[region]
        bound = np.clip(waves.d, low, high)
        at = waves.long - 0.5 * ((bound - waves.d) / waves.stderr) ** 2 - terms
        found[region] = {
            "ARFIMA": peak(charged, _D_IN[region]).max(axis=(1, 2)) - price,
            "long AR": peak(long_ar, inside) - price,
            "HAR": peak(har, inside) - price,
            "two lags": peak(two_lags, inside) - price,
            "FEXP": at.max(axis=1) - price,
        }
        if region != "far":
            found[region]["fGn"] = peak(profiles.fgn, _H_IN[region]) - price
        if region != "anti":
            noisy = profiles.noisy[:, _NOISE_IN[region]].max(axis=(1, 2))
            found[region]["noisy"] = noisy - 2.0 * price
    return found


def best_by_region(profiles: Profiles, n_obs: int, extra: float = 0.5) -> dict[str, FloatArray]:
    """Penalised log-likelihood of the best model of each region, a value a row."""
    price = 0.5 * np.log(n_obs) + extra
    families = by_family(profiles, n_obs, extra)
    best = {region: np.max(list(found.values()), axis=0) for region, found in families.items()}
    best["tempered"] = profiles.tempered.max(axis=(1, 2)) - 2.0 * price
    return best


def evidences_of(found: Candidates) -> dict[str, float]:
    """All evidences of a series by name."""
    n_obs = found.n_obs
    best = best_by_region(found.profiles, n_obs)
    base = {region: float(values[0]) for region, values in best.items()}
    short = base["short"]
    shown = {f"{key} - short": base[key] - short for key in ("long", "far", "anti", "tempered")}
    price = 0.5 * np.log(n_obs) + 0.5
    shown["exact long - short"] = exact_margin(found, shown["long - short"], price)
    shown |= _by_order(found.profiles, n_obs, short)
    shown |= _by_mean(found, best)
    shown |= _by_row(found, best)
    shown |= _low_band(found)
    shown |= _residual_spectrum(found)
    shown |= _places(found.profiles, n_obs)
    shown |= _of_season(found, best)
    shown |= _of_cycles(found, best)
    shown |= found.looks
    return shown


def _by_order(profiles: Profiles, n_obs: int, short: float) -> dict[str, float]:
    """Each order alone against the best short model of the same row."""
    shown = {}
    charged = profiles.arfima[0] - penalties(n_obs, 0.5)[:, :, None]
    for p, q in ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (2, 1), (3, 0), (4, 0)):
        for region in ("short", "long", "far", "anti"):
            if region != "short" and p + q > 2:
                continue
            margin = float(charged[p, q, _D_IN[region]].max()) - short
            shown[f"({p},{q}) {region}"] = margin
    price = 0.5 * np.log(n_obs) + 0.5
    shown["unit root"] = float(charged[:, :, _UNIT].max()) - short
    shown["fgn long"] = float(profiles.fgn[0, _H_IN["long"]].max()) - price - short
    shown["noisy long"] = float(profiles.noisy[0, _NOISE_IN["long"]].max()) - 2 * price - short
    shown["noisy far"] = float(profiles.noisy[0, _NOISE_IN["far"]].max()) - 2 * price - short
    families = by_family(profiles, n_obs)
    for name in ("long AR", "HAR", "two lags", "FEXP"):
        own = float(families["short"][name][0])
        shown[f"{name} short"] = own - short
        for region in ("long", "far", "anti"):
            shown[f"{name}, {region} - short"] = float(families[region][name][0]) - own
    shown["two AR(1)"] = float(families["short"]["two AR(1)"][0]) - short
    waves = profiles.exponential
    for k, order in enumerate(ORDERS):
        gain = float(waves.long[0, k] - waves.short[0, k])
        shown[f"d over {order} waves"] = gain if waves.d[0, k] > 0.0 else -gain
        shown[f"place: d over {order} waves"] = float(np.clip(waves.d[0, k], -1.5, 1.5))
    steep = profiles.tempered[0, len(TEMPERED_D) - 3 :].max() - 2.0 * price
    shown["tempered steep"] = float(steep) - short
    return shown


def _by_mean(found: Candidates, best: dict[str, FloatArray]) -> dict[str, float]:
    """What each explanation of the level gains under short, long and further memory."""
    price = 0.5 * np.log(found.n_obs) + 0.5
    shown = {}
    rescued: dict[str, list[float]] = {"short": [], "long": []}
    for i, mean in enumerate(found.means[1:], start=1):
        cost = mean.n_parameters * price
        for region in ("short", "long", "far"):
            gain = float(best[region][i] - best[region][0]) - cost
            if region != "far":
                rescued[region].append(float(best[region][i]) - cost)
                shown[f"{mean.kind} {region}"] = gain
        shown[f"{mean.kind}, long - short"] = float(best["long"][i] - best["short"][i])
    constant = {region: float(best[region][0]) for region in ("short", "long", "far")}
    short = max([constant["short"], *rescued["short"]])
    long = max([constant["long"], *rescued["long"]])
    shown["any mean, long - short"] = long - short
    shown["any mean, short - far"] = short - constant["far"]
    shown["any mean, long - far"] = long - constant["far"]
    shown["shifts long - constant short"] = long - constant["short"]
    shown["shifts short - constant long"] = max(rescued["short"]) - constant["long"]
    return shown


def _by_row(found: Candidates, best: dict[str, FloatArray]) -> dict[str, float]:
    ranks, sums = found.rows["ranks"], found.rows["sums"]
    shown = {}
    for region in ("long", "far", "anti", "tempered"):
        shown[f"ranks {region} - short"] = float(best[region][ranks] - best["short"][ranks])
    for region in ("long", "far"):
        shown[f"sums {region} - short"] = float(best[region][sums] - best["short"][sums])
    differences = best_by_region(found.differences, found.n_obs - 1)
    for region in ("long", "anti", "far"):
        gap = differences[region][0] - differences["short"][0]
        shown[f"differences {region} - short"] = float(gap)
    curve = found.differences.arfima[0].max(axis=(0, 1))
    shown["place: differences d"] = float(D_GRID[int(curve.argmax())])
    curve = found.profiles.arfima[sums].max(axis=(0, 1))
    shown["place: sums d"] = float(D_GRID[int(curve.argmax())])
    return shown


def _low_band(found: Candidates) -> dict[str, float]:
    """The low frequencies alone: a power law against AR(1), and both together."""
    low = found.profiles.low[0]
    pure, mixed = low[:, _WHITE_AR], low.max(axis=1)
    shown = {"place: low d": float(D_GRID[int(pure.argmax())])}
    shown["place: low AR d"] = float(D_GRID[int(mixed.argmax())])
    shown["low flat"] = float(pure[D_ZERO] - pure.max())
    for region in ("long", "far", "anti"):
        shown[f"low {region} - AR"] = float(pure[_D_IN[region]].max() - mixed[D_ZERO])
        shown[f"low AR {region} - AR"] = float(mixed[_D_IN[region]].max() - mixed[D_ZERO])
    for i, mean in enumerate(found.means):
        if mean.kind in ("linear trend", "2 shifts", "4 shifts"):
            left = found.profiles.low[i]
            gap = left[_D_IN["long"], _WHITE_AR].max() - left[D_ZERO].max()
            shown[f"low, {mean.kind}, long - AR"] = float(gap)
    return shown


def _residual_spectrum(found: Candidates) -> dict[str, float]:
    """Lowest ordinates against the fit of the pure and the AR(1) models."""
    power = np.maximum(found.low_power[0], 1e-12)
    level = found.low_power[0].mean()
    shown = {f"power: lowest {j}": float(np.log(power[:j].mean())) for j in (1, 2, 4, 8, 16)}
    shown["power: concentration"] = float(np.log(power[:2].mean() / max(level, 1e-12)))
    for kind in ("quadratic trend", "2 shifts", "4 shifts"):
        rows = [i for i, mean in enumerate(found.means) if mean.kind == kind]
        left = float(found.low_power[rows[0]][:4].mean()) if rows else float(power[:4].mean())
        shown[f"power: left by {kind}"] = float(np.log(max(left, 1e-12)))
    return shown


def _places(profiles: Profiles, n_obs: int) -> dict[str, float]:
    """Where the maxima lie."""
    charged = profiles.arfima[0] - penalties(n_obs, 0.5)[:, :, None]
    curve = charged.max(axis=(0, 1))
    shown = {
        "place: d": float(D_GRID[int(curve.argmax())]),
        "place: d (0,0)": _place(charged[0, 0]),
    }
    shown["place: d (1,0)"], shown["place: d (1,1)"] = _place(charged[1, 0]), _place(charged[1, 1])
    shown["place: d fgn"] = float(HURST_GRID[int(profiles.fgn[0].argmax())] - 0.5)
    low = float(D_GRID[np.flatnonzero(curve > curve.max() - 2.0)[0]])
    high = float(D_GRID[np.flatnonzero(curve > curve.max() - 2.0)[-1]])
    shown["place: d low"], shown["place: d high"] = low, high
    shown["place: log n"] = float(np.log(n_obs))
    shown["place: long AR order"] = float(profiles.lagged.long_ar_order[0, LAGGED_ZERO])
    return shown


def _place(curve: FloatArray) -> float:
    return float(D_GRID[int(curve.argmax())])


def _of_season(found: Candidates, best: dict[str, FloatArray]) -> dict[str, float]:
    season, pole = found.season, found.pole
    shown = {"pole at a cycle": pole.margin, "place: d of the pole": pole.d}
    shown["place: cycles"] = float(np.log(found.n_obs / pole.period))
    row = 0 if season is None else found.rows["with season"]
    shown["with season, long - short"] = float(best["long"][row] - best["short"][row])
    shown["place: season"] = float(season is not None)
    shown["place: season height"] = 0.0 if season is None else season.height
    width = 0.0 if season is None else np.log(season.n_levelled + 1.0)
    shown["place: season width"] = float(width)
    return shown


def _of_cycles(found: Candidates, best: dict[str, FloatArray]) -> dict[str, float]:
    """A pole at a cycle, and at a season and zero, against the best short model."""
    row = 0 if found.season is None else found.rows["with season"]
    short = float(best["short"][row])
    cycles, price = found.cycles, 0.5 * np.log(found.n_obs) + 0.5
    prices = price * np.arange(5.0)
    seasonal = float((cycles.short_season - prices).max() - 2.0 * price)
    shown = {"seasonal ARMA": seasonal - short}
    own = float((cycles.season[1:] - prices).max() - 2.0 * price)
    shown["season with memory, against seasonal ARMA"] = own - seasonal
    for name, curves in (("pole", cycles.pole), ("season", cycles.season)):
        charged = curves - prices
        long = charged[1:].max() - 2.0 * price
        own = charged[0].max()
        shown[f"{name} with memory, against AR"] = float(long - own)
        shown[f"{name} with memory, long - short"] = float(long - short)
        shown[f"place: d of {name}"] = float(CYCLE_D[int(charged.max(axis=1).argmax())])
    return shown
