"""Slow, obvious twins of the package's primitives and objectives, written from the formulas.

Nothing here calls memtools, except the circulant embedding, which draws paths.
"""

import cmath
import math

import numpy as np

# ---------------------------------------------------------------- fractional differencing


def fracdiff_weight(d, j):
    """Coefficient of B^j in (1 - B)^d, the binomial coefficient (-1)^j C(d, j)."""
    weight = 1.0
    for i in range(1, j + 1):
        weight *= (i - 1 - d) / i
    return weight


def fracdiff(x, d, window=None):
    """sum_{j=0}^{t} w_j x_{t-j}, or to lag `window` only, by two loops."""
    w = [fracdiff_weight(d, j) for j in range(len(x))]
    last = len(x) - 1 if window is None else window
    return np.array([sum(w[j] * x[t - j] for j in range(min(t, last) + 1)) for t in range(len(x))])


# ---------------------------------------------------------------- spectrum


def taper(n_obs, name):
    """Weights h_t, t = 1..n_obs, of each taper (Hurvich and Chen's are complex)."""
    t = range(1, n_obs + 1)
    if name is None:
        return [1.0] * n_obs
    if name == "cosine":
        return [math.sin(math.pi * s / n_obs) ** 2 for s in t]
    if name == "bartlett":
        centre = (n_obs + 1) // 2
        return [1.0 - abs(s - centre) / centre for s in t]
    if name == "hc":
        return [0.5 * (1.0 - cmath.exp(2j * math.pi * (s - 0.5) / n_obs)) for s in t]
    # Kolmogorov: coefficients of ((1 - z^L) / (1 - z))^3, counted as sums of three digits.
    length = (n_obs + 2) // 3
    counts = [0.0] * n_obs
    for s in range(3 * (length - 1) + 1):
        counts[s] = float(
            sum(0 <= s - a - b < length for a in range(length) for b in range(length))
        )
    return [count / max(counts) for count in counts]


def periodogram(x, name=None):
    """Frequencies and |sum h_t (x_t - mean) exp(-i t l)|^2 / (2 pi sum |h_t|^2)."""
    n_obs = len(x)
    h = taper(n_obs, name)
    energy = sum(abs(weight) ** 2 for weight in h)
    mean = sum(x) / n_obs
    n_frequencies = n_obs // 2 - (name == "hc")
    frequencies, power = [], []
    for j in range(1, n_frequencies + 1):
        # With the sign minus in the exponent the complex taper looks half a step upwards
        # once it is conjugated.
        total = sum(
            complex(h[t - 1]).conjugate()
            * (x[t - 1] - mean)
            * cmath.exp(-2j * math.pi * j * t / n_obs)
            for t in range(1, n_obs + 1)
        )
        frequencies.append(2.0 * math.pi * (j + 0.5 * (name == "hc")) / n_obs)
        power.append(abs(total) ** 2 / (2.0 * math.pi * energy))
    return np.array(frequencies), np.array(power)


def lag_window(name, u):
    """Parzen, Bartlett and Tukey-Hanning windows at u = lag / truncation in [0, 1]."""
    if name == "bartlett":
        return 1.0 - u
    if name == "tukey":
        return 0.5 * (1.0 + math.cos(math.pi * u))
    if u <= 0.5:
        return 1.0 - 6.0 * u**2 + 6.0 * u**3
    return 2.0 * (1.0 - u) ** 3


def smoothed_spectrum(x, window, truncation):
    """(1 / 2 pi) sum_{|k| <= truncation} window(k / truncation) c(k) cos(k l)."""
    n_obs = len(x)
    acov = autocovariance(x, truncation)
    power = []
    for j in range(1, n_obs // 2 + 1):
        total = acov[0]
        for k in range(1, truncation + 1):
            weight = lag_window(window, k / truncation)
            total += 2.0 * weight * acov[k] * math.cos(2.0 * math.pi * j * k / n_obs)
        power.append(total / (2.0 * math.pi))
    return np.array(power)


def ar_spectrum(x, order):
    """sigma2 / (2 pi |1 - sum phi_k exp(-i k l)|^2) with Yule-Walker coefficients."""
    n_obs = len(x)
    phi, sigma2 = yule_walker(autocovariance(x, order), order)
    power = []
    for j in range(1, n_obs // 2 + 1):
        transfer = 1.0 - sum(
            phi[k - 1] * cmath.exp(-2j * math.pi * j * k / n_obs) for k in range(1, order + 1)
        )
        power.append(sigma2 / (2.0 * math.pi * abs(transfer) ** 2))
    return np.array(power)


# ---------------------------------------------------------------- autocovariance


def autocovariance(x, n_lags):
    """(1/n) sum_t (x_t - mean)(x_{t+k} - mean) by loops."""
    n_obs = len(x)
    mean = sum(x) / n_obs
    return np.array(
        [
            sum((x[t] - mean) * (x[t + k] - mean) for t in range(n_obs - k)) / n_obs
            for k in range(n_lags + 1)
        ]
    )


def yule_walker(acov, order):
    """AR coefficients and innovation variance by solving the dense equations."""
    if order == 0:
        return np.empty(0), acov[0]
    toeplitz = np.array([[acov[abs(i - j)] for j in range(order)] for i in range(order)])
    phi = np.linalg.solve(toeplitz, acov[1 : order + 1])
    return phi, acov[0] - phi @ acov[1 : order + 1]


def partial_autocorrelation(x, n_lags):
    """Last Yule-Walker coefficient of each order; 1 at lag 0."""
    acov = autocovariance(x, n_lags)
    return np.array([1.0] + [yule_walker(acov, k)[0][-1] for k in range(1, n_lags + 1)])


def newey_west(x, n_lags, window="bartlett"):
    """c(0) + 2 sum_k window(k / (n_lags + 1)) c(k)."""
    acov = autocovariance(x, n_lags)
    terms = [lag_window(window, k / (n_lags + 1)) * acov[k] for k in range(1, n_lags + 1)]
    return acov[0] + 2.0 * sum(terms)


def variance_of_sum(d, n_obs):
    """Var(x_1 + ... + x_n) of fractional noise with unit innovations, by dense double sum."""
    gamma = math.gamma(1.0 - 2.0 * d) / math.gamma(1.0 - d) ** 2
    total, rho = n_obs * gamma, 1.0
    for k in range(1, n_obs):
        rho *= (k - 1 + d) / (k - d)
        total += 2.0 * (n_obs - k) * gamma * rho
    return total


# ---------------------------------------------------------------- log-periodogram regression


def log_periodogram_regression(frequencies, power, order=0):
    """Coefficient of -2 log(2 sin(l / 2)) next to 1, l^2, ..., l^(2 order), and its stderr.

    The stderr takes the logs of the ordinates as independent with variance pi^2 / 6.
    """
    columns = [-2.0 * np.log(2.0 * np.sin(frequencies / 2.0))]
    columns += [frequencies ** (2 * r) for r in range(order + 1)]
    design = np.column_stack(columns)
    gram = design.T @ design
    coefficients = np.linalg.solve(gram, design.T @ np.log(power))
    return coefficients[0], math.sqrt(np.linalg.inv(gram)[0, 0] * math.pi**2 / 6.0)


# ---------------------------------------------------------------- Whittle objectives


def profile(g, power):
    """log(mean I / g) + mean log g: the Whittle objective without the scale."""
    m = len(power)
    return math.log(sum(power[j] / g[j] for j in range(m)) / m) + sum(map(math.log, g)) / m


def whittle_objective(frequencies, power, d):
    return profile([frequency ** (-2.0 * d) for frequency in frequencies], power)


def local_whittle_ordinates(x, m, name=None):
    """Ordinates in use: every p-th up to m for Velasco's tapers, of the difference for hc."""
    step = {"cosine": 3, "kolmogorov": 3, "bartlett": 2}.get(name, 1)
    frequencies, power = periodogram(np.diff(x) if name == "hc" else x, name)
    return frequencies[step - 1 : m : step], power[step - 1 : m : step]


def extended_objective(x, m, d):
    """Abadir, Distaso and Giraitis (2007) on the last n - 2 points of each difference."""
    p = max(0, math.ceil(d - 0.5))
    frequencies, power = periodogram(np.diff(x, p)[2 - p :])
    gain = np.abs(1.0 - np.exp(1j * frequencies)) ** (-2.0 * p)
    return whittle_objective(frequencies[:m], (gain * power)[:m], d)


def subtracted_mean(x, d, mean):
    """What exact local Whittle takes off the series before it differences by d."""
    if mean == "zero":
        return 0.0
    if mean == "first":
        return x[0]
    if mean == "sample":
        return sum(x) / len(x)
    if mean == "least-squares":  # regression of the differenced series on differenced ones
        ones = fracdiff(np.ones(len(x)), d)
        return float(np.linalg.lstsq(ones[:, None], fracdiff(x, d), rcond=None)[0][0])
    weight = 1.0 if d <= 0.5 else 0.0 if d >= 0.75 else 0.5 * (1.0 + math.cos(4 * math.pi * d))
    return weight * sum(x) / len(x) + (1.0 - weight) * x[0]


def exact_objective(x, m, d, mean):
    """Shimotsu and Phillips (2005) with the mean of Shimotsu (2010) or another."""
    centred = [value - subtracted_mean(x, d, mean) for value in x]
    differenced = fracdiff(centred, d)
    n_obs = len(x)
    frequencies = [2.0 * math.pi * j / n_obs for j in range(1, m + 1)]
    total = 0.0
    for frequency in frequencies:
        transform = sum(differenced[t] * cmath.exp(-1j * t * frequency) for t in range(n_obs))
        total += abs(transform) ** 2 / (2.0 * math.pi * n_obs)
    return math.log(total / m) - 2.0 * d * sum(map(math.log, frequencies)) / m


def noise_objective(frequencies, power, d, ratio):
    """Signal plus white noise, `ratio` of noise to signal at the last frequency in use."""
    last = frequencies[-1]
    return profile([(f / last) ** (-2.0 * d) + ratio for f in frequencies], power)


def contamination_objective(frequencies, power, d, ratio):
    """Level shifts of Hou and Perron (2014), `ratio` to the signal at the first frequency."""
    first = frequencies[0]
    g = [(f / first) ** (-2.0 * d) + ratio * (f / first) ** -2.0 for f in frequencies]
    return profile(g, power)


# ---------------------------------------------------------------- minimisation


def lowest(objective, low, high, n_points=61):
    """Argument of the least value on a grid, the grid then narrowed round it to 1e-9."""
    while True:
        grid = np.linspace(low, high, n_points)
        best = grid[int(np.argmin([objective(value) for value in grid]))]
        step = grid[1] - grid[0]
        if step < 1e-9:
            return float(best)
        low, high = max(low, best - step), min(high, best + step)
        n_points = 11


# ---------------------------------------------------------------- paths


def fractional_noise(d, n_obs, n_paths, rng):
    """Stationary ARFIMA(0, d, 0) paths, |d| < 1/2, unit innovations: circulant embedding."""
    from memtools import fractional

    gamma = math.gamma(1.0 - 2.0 * d) / math.gamma(1.0 - d) ** 2
    acov = gamma * fractional.noise_autocorrelation(d, n_obs)
    eigenvalues = np.fft.fft(np.concatenate([acov, acov[-2:0:-1]])).real
    assert eigenvalues.min() > -1e-10 * eigenvalues.max(), "the embedding is no covariance"
    size = 2 * n_obs
    draws = rng.standard_normal((n_paths, size)) + 1j * rng.standard_normal((n_paths, size))
    paths = np.fft.fft(np.sqrt(np.maximum(eigenvalues, 0.0) / size) * draws, axis=-1)
    return paths.real[:, :n_obs]


def integrated_noise(d, n_obs, n_paths, rng):
    """Paths of any d > -1/2: a stationary part, cumulated until d is reached."""
    whole = max(0, math.ceil(d - 0.5 + 1e-9))
    paths = fractional_noise(d - whole, n_obs, n_paths, rng)
    for _ in range(whole):
        paths = np.cumsum(paths, axis=-1)
    return paths


def type_two_noise(d, n_obs, n_paths, rng):
    """(1 - B)^-d of noise that starts at t = 1, any d, as Shimotsu and Phillips simulate."""
    noise = rng.standard_normal((n_paths, n_obs))
    w = np.array([1.0])
    for j in range(1, n_obs):
        w = np.append(w, w[-1] * (j - 1 + d) / j)
    size = 2 * n_obs
    return np.fft.irfft(np.fft.rfft(noise, size) * np.fft.rfft(w, size), size)[:, :n_obs]


def rescaled_range(x, scale):
    """Mean of R/S over successive windows, by the definition."""
    ratios = []
    for start in range(0, len(x) - scale + 1, scale):
        window = x[start : start + scale]
        sums, total = [0.0], 0.0
        for value in window:
            total += value - sum(window) / scale
            sums.append(total)
        deviation = math.sqrt(sum((v - sum(window) / scale) ** 2 for v in window) / scale)
        ratios.append((max(sums) - min(sums)) / deviation)
    return sum(ratios) / len(ratios)


def fluctuation(x, scale, order):
    """Root mean square of the profile around polynomials in windows that overlap by half."""
    profile = np.cumsum(x - np.mean(x))
    squares, time = [], np.arange(scale)
    for start in range(0, len(x) - scale + 1, scale // 2):
        window = profile[start : start + scale]
        rest = window - np.polyval(np.polyfit(time, window, order), time)
        squares.append(np.mean(rest**2))
    return math.sqrt(np.mean(squares))
