"""Compiled least squares: columns of the laws, Gauss-Newton, modes.

Columns of one fit are the rows of an array (p, n).  Linear coefficients are solved for at each
point of the nonlinear ones (variable projection), by modified Gram-Schmidt.
"""

import math

import numpy as np

from memtools._compiled import njit

CONSTANT, EXPONENTIAL, POWER, FLOOR, LOGARITHMIC, TEMPERED = range(6)
STRETCHED, SHIFTED, FRACTIONAL, TWO_LANES, TURNING = range(6, 11)

_STEP = 1e-5  # of slopes by central differences
_GAIN = 1e-3  # of the residual sum: less ends the steps
_EXACT = 1e-4  # mean squared residual that needs no further steps
_HELD = 1e-13  # of a column: less is held by those before it
_LEAST = 1e-280  # smaller powers are zero: arithmetic on subnormal numbers is slow


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _dot(x, y):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _remove(share, x, y):
    """y less a share of x, in place: an array expression would make a new array."""
    for i in range(len(x)):
        y[i] -= share * x[i]


@njit(cache=True, nogil=True)
def _scale(share, y):
    for i in range(len(y)):
        y[i] *= share


@njit(cache=True, nogil=True)
def _copy(x, y):
    """y[:] = x would compile the text of an error about shapes, for seconds."""
    for i in range(len(x)):
        y[i] = x[i]


@njit(cache=True, nogil=True)
def _weigh(x, weight, out):
    """Rows of x times the weights: an array expression would take longer to compile."""
    for j in range(len(x)):
        for i in range(len(weight)):
            out[j, i] = x[j, i] * weight[i]


@njit(cache=True, nogil=True)
def _fill(code, shift, theta, k, log_t, out):
    """Columns of a law; log_t is log((k + shift) / (k[0] + shift))."""
    p, n = out.shape
    if code == CONSTANT:
        out[0] = 1.0
    elif code == EXPONENTIAL:
        for i in range(n):
            out[0, i] = math.exp(min(max(-theta[0] * (k[i] - k[0]), -700.0), 700.0))
    elif code in (POWER, FLOOR, TEMPERED):
        q = p - 1 if code == FLOOR else p
        rate, power = (theta[0], theta[1]) if code == TEMPERED else (0.0, theta[0])
        for i in range(n):
            size = -power * log_t[i] - rate * (k[i] - k[0])
            out[0, i] = math.exp(min(max(size, -700.0), 700.0))
            for j in range(1, q):
                out[j, i] = out[j - 1, i] * (k[0] + shift) / (k[i] + shift)
        if code == FLOOR:
            out[q] = 1.0
    elif code == LOGARITHMIC:
        s = math.exp(theta[0]) + 1.0 - k[0]
        for i in range(n):
            out[0, i] = 1.0 / math.log(k[i] + s)
    elif code == STRETCHED:
        r, start = math.exp(theta[0]), k[0] ** theta[1]
        for i in range(n):
            out[0, i] = math.exp(-min(r * (k[i] ** theta[1] - start), 700.0))
    elif code == SHIFTED:
        s = math.exp(theta[1]) - 1.0
        for i in range(n):
            out[0, i] = math.exp(-theta[0] * math.log((k[i] + s) / (k[0] + s)))
        out[1:] = 1.0  # a floor
    elif code in (FRACTIONAL, TWO_LANES):
        _fill_fractional(theta, k, out)
    else:
        half, c, s = p // 2, math.cos(theta[1] * k[0]), math.sin(theta[1] * k[0])
        turn_c, turn_s = math.cos(theta[1]), math.sin(theta[1])
        for i in range(n):
            size = math.exp(-theta[0] * log_t[i])
            for j in range(half):
                out[j, i], out[half + j, i] = size * c, size * s
                size *= (k[0] + shift) / (k[i] + shift)
            c, s = c * turn_c - s * turn_s, c * turn_s + s * turn_c


@njit(cache=True, nogil=True)
def _fill_fractional(theta, k, out):
    """(1 - B)^d / (1 - p B) at lag k; (1 - B)^d at k and k + 1; p^k; the mode of another lane."""
    p, n = out.shape
    d, pole = theta[0], theta[1]
    first, u, mixed, power = int(k[0]), 1.0, 1.0, 1.0
    for lag in range(first + n):
        if lag >= first:
            i = lag - first
            out[0, i] = mixed
            if p > 1:
                out[1, i] = u
                out[2, i] = u * (lag - d) / (lag + 1.0)
            if p > 3:
                out[3, i] = power
        u *= (lag - d) / (lag + 1.0)
        mixed = pole * mixed + u
        power = power * pole if abs(power) > _LEAST else 0.0
    if p > 4:
        power = theta[2] ** first
        for i in range(n):
            out[4, i] = power
            power = power * theta[2] if abs(power) > _LEAST else 0.0


@njit(cache=True, nogil=True)
def law_columns(code, shift, theta, k, p):
    """Columns of a law at each of some points: (points, p, n)."""
    log_t = np.log((k + shift) / (k[0] + shift))
    out = np.empty((len(theta), p, len(k)))
    for r in range(len(theta)):
        _fill(code, shift, theta[r], k, log_t, out[r])
    return out


@njit(cache=True, nogil=True)
def _solved(columns, residual, c):
    """Coefficients and residual sum; columns become orthonormal, residual what they leave."""
    p = len(columns)
    r, moment = np.zeros((p, p)), np.zeros(p)
    for j in range(p):
        size = math.sqrt(_dot(columns[j], columns[j]))
        for i in range(j):
            r[i, j] = _dot(columns[i], columns[j])
            _remove(r[i, j], columns[i], columns[j])
        length = math.sqrt(_dot(columns[j], columns[j]))
        if length > _HELD * size and length > 0.0:
            r[j, j] = length
            _scale(1.0 / length, columns[j])
            moment[j] = _dot(columns[j], residual)
            _remove(moment[j], columns[j], residual)
        else:
            columns[j] = 0.0
    for i in range(p - 1, -1, -1):
        rest = moment[i]
        for j in range(i + 1, p):
            rest -= r[i, j] * c[j]
        c[i] = rest / r[i, i] if r[i, i] > 0.0 else 0.0
    return _dot(residual, residual)


@njit(cache=True, nogil=True)
def _stepped(columns, slopes, residual, ridge, step, variance):
    """Gauss-Newton step along slopes, and the diagonal of the inverse of its normal equations."""
    q = len(slopes)
    r, moment, size = np.zeros((q, q)), np.zeros(q), np.zeros(q)
    for j in range(q):
        size[j] = math.sqrt(_dot(slopes[j], slopes[j]))
        for i in range(len(columns)):
            _remove(_dot(columns[i], slopes[j]), columns[i], slopes[j])
        for i in range(j):
            r[i, j] = _dot(slopes[i], slopes[j])
            _remove(r[i, j], slopes[i], slopes[j])
        length = math.sqrt(_dot(slopes[j], slopes[j]))
        if length > ridge * size[j] and length > 0.0:
            r[j, j] = length
            _scale(1.0 / length, slopes[j])
            moment[j] = _dot(slopes[j], residual)
        else:
            slopes[j] = 0.0
    inverse = np.zeros((q, q))
    for i in range(q - 1, -1, -1):
        if r[i, i] == 0.0:
            step[i] = 0.0
            continue
        rest = moment[i]
        inverse[i, i] = 1.0 / r[i, i]
        for j in range(i + 1, q):
            rest -= r[i, j] * step[j]
            for m in range(j, q):
                inverse[i, m] -= r[i, j] * inverse[j, m] / r[i, i]
        step[i] = rest / r[i, i]
    for i in range(q):
        if r[i, i] > 0.0:
            variance[i] = _dot(inverse[i], inverse[i])
        else:
            variance[i] = 1.0 / max((ridge * size[i]) ** 2, 1e-300)


@njit(cache=True, nogil=True)
def _slopes(code, shift, theta, k, log_t, raw, c, trial, out):
    """Derivatives of the fit by theta: exact where the columns show them, else by differences."""
    n = raw.shape[1]
    last = len(raw) - 1 if code == FLOOR else len(raw)
    if code in (EXPONENTIAL, POWER, FLOOR, TEMPERED):
        for i in range(n):
            fit = 0.0
            for j in range(last):
                fit += c[j] * raw[j, i]
            by_log = code in (POWER, FLOOR)
            out[0, i] = -fit * (log_t[i] if by_log else k[i] - k[0])
            if code == TEMPERED:
                out[1, i] = -fit * log_t[i]
    elif code == TURNING:
        half = last // 2
        for i in range(n):
            fit, turned = 0.0, 0.0
            for j in range(half):
                fit += c[j] * raw[j, i] + c[half + j] * raw[half + j, i]
                turned += c[half + j] * raw[j, i] - c[j] * raw[half + j, i]
            out[0, i], out[1, i] = -fit * log_t[i], turned * k[i]
    else:
        for i in range(len(theta)):
            out[i] = 0.0
            for side in (1.0, -1.0):
                moved = theta.copy()
                moved[i] += side * _STEP
                _fill(code, shift, moved, k, log_t, trial)
                for j in range(last):
                    _remove(-0.5 * side * c[j] / _STEP, trial[j], out[i])


@njit(cache=True, nogil=True)
def refined(code, shift, p, starts, k, values, sigma, low, high, n_steps):
    """Gauss-Newton on the nonlinear parameters from the best end of several starts.

    `starts` is (rows, starts, q).  Returns theta (rows, q), coefficients (rows, p), residual sums
    and variances of theta in units of the squared error of a lag.
    """
    n_rows, n_starts, q = starts.shape
    n = len(k)
    log_t = np.log((k + shift) / (k[0] + shift))
    best, found = np.empty((n_rows, q)), np.zeros((n_rows, p))
    sums, spread = np.full(n_rows, np.inf), np.full((n_rows, q), np.inf)
    columns, trial, slopes = np.empty((p, n)), np.empty((p, n)), np.empty((q, n))
    raw, other = np.empty((p, n)), np.empty((p, n))  # before they are made orthonormal
    c, tried, step, variance = np.zeros(p), np.zeros(p), np.zeros(q), np.empty(q)
    theta, moved, weight = np.empty(q), np.empty(q), np.empty(n)
    target, residual, left = np.empty(n), np.empty(n), np.empty(n)
    for r in range(n_rows):
        for i in range(n):
            weight[i] = 1.0 / sigma[r, i]
            target[i] = values[r, i] * weight[i]
        for start in range(n_starts):
            _copy(starts[r, start], theta)
            now, before, share, turn = np.inf, np.inf, 1.0, 0
            variance[:] = np.inf
            while True:  # the start itself, then steps from the best point so far
                for i in range(q):
                    moved[i] = theta[i]
                    if turn > 0:
                        at = theta[i] + share * step[i]
                        moved[i] = low[i] if at < low[i] else high[i] if at > high[i] else at
                _fill(code, shift, moved, k, log_t, other)
                _weigh(other, weight, trial)
                _copy(target, left)
                after = _solved(trial, left, tried)
                if turn == 0 or after < now:
                    now = after
                    theta, moved = moved, theta
                    residual, left = left, residual
                    raw, other = other, raw
                    columns, trial = trial, columns
                    c, tried = tried, c
                else:
                    share *= 0.25
                    if share > 0.2:
                        continue
                gained = before - now > _GAIN * before and now > _EXACT * n
                if turn == n_steps or (turn > 0 and not gained):
                    break
                _slopes(code, shift, theta, k, log_t, raw, c, trial, slopes)
                _weigh(slopes, weight, slopes)
                _stepped(columns, slopes, residual, 1e-5, step, variance)
                before, share, turn = now, 1.0, turn + 1
            if now < sums[r] or start == 0:
                sums[r] = now
                for x, y in ((theta, best[r]), (c, found[r]), (variance, spread[r])):
                    _copy(x, y)
    return best, found, sums, spread


@njit(cache=True, nogil=True)
def _fill_modes(z, out):
    """Real columns whose span is that of z^i, i = 0, 1, ...; a pair has both of its parts."""
    for j in range(len(z)):
        x, y, real, imaginary = z[j].real, z[j].imag, 1.0, 0.0
        for i in range(out.shape[1]):
            out[j, i] = imaginary if y < 0.0 else real
            if abs(real) + abs(imaginary) < _LEAST:
                real, imaginary = 0.0, 0.0
            real, imaginary = real * x - imaginary * y, real * y + imaginary * x


@njit(cache=True, nogil=True)
def mode_columns(z, n):
    """Of each row of modes: (rows, modes, n)."""
    out = np.empty((z.shape[0], z.shape[1], n))
    for r in range(len(z)):
        _fill_modes(z[r], out[r])
    return out


@njit(cache=True, nogil=True)
def _moved(z, step, share, largest):
    """Modes after a share of a step of log |z|, at z, and of the angle, at its conjugate."""
    out = z.copy()
    for j in range(len(z)):
        if z[j].imag < 0.0:
            out[j] = np.conj(out[j - 1])
            continue
        angle = min(max(step[j + 1], -0.3), 0.3) if z[j].imag > 0.0 else 0.0
        size = math.exp(share * min(max(step[j], -0.5), 0.5))
        trial = z[j] * size * complex(math.cos(share * angle), math.sin(share * angle))
        if z[j].imag > 0.0 and trial.imag <= 0.0:
            trial = z[j]
        if z[j].imag == 0.0:
            trial = complex(trial.real, 0.0)
        out[j] = trial * min(1.0, largest / max(abs(trial), 1e-300))
    return out


@njit(cache=True, nogil=True)
def _mode_slopes(z, raw, c, even, out):
    """Derivatives of the fit by log |z|, in the row of z, and its angle, in the conjugate's."""
    n = raw.shape[1]
    for j in range(len(z)):
        if even and z[j].imag >= 0.0 and abs(abs(z[j]) - 1.0) < 1e-12:
            out[j] = 0.0
            continue
        for i in range(n):
            if z[j].imag > 0.0:
                out[j, i] = i * (c[j] * raw[j, i] + c[j + 1] * raw[j + 1, i])
            elif z[j].imag < 0.0:
                out[j, i] = i * (c[j - 1] * raw[j, i] - c[j] * raw[j - 1, i])
            else:
                out[j, i] = i * c[j] * raw[j, i]


@njit(cache=True, nogil=True)
def polished(z, values, sigma, n_steps, even, largest):
    """Gauss-Newton on modes: (modes, coefficients, residual sums, variances of log |z|).

    With `even` the moduli stay as they are where they are 1.  No step gives the sums alone.
    """
    n_rows, m = z.shape
    n = values.shape[1]
    z, found, sums = z.copy(), np.zeros((n_rows, m)), np.empty(n_rows)
    variance = np.full((n_rows, m), np.inf)
    raw, other = np.empty((m, n)), np.empty((m, n))
    slopes, columns = np.empty((m, n)), np.empty((m, n))
    trial, c, step = np.empty((m, n)), np.zeros(m), np.zeros(m)
    for r in range(n_rows):
        weight = 1.0 / sigma[r]
        target = values[r] * weight
        _fill_modes(z[r], raw)
        _weigh(raw, weight, columns)
        _weigh(raw, weight, raw)
        residual = target.copy()
        now = _solved(columns, residual, found[r])
        still = True
        for turn in range(n_steps + 1):
            if n_steps == 0:
                break
            _mode_slopes(z[r], raw, found[r], even, slopes)
            _stepped(columns, slopes, residual, 1e-6, step, variance[r])
            if turn == n_steps or not still:
                break
            before, share = now, 1.0
            while share > 0.2:
                moved = _moved(z[r], step, share, largest)
                _fill_modes(moved, other)
                _weigh(other, weight, trial)
                _weigh(other, weight, other)
                left = target.copy()
                after = _solved(trial, left, c)
                if after < now:
                    now, residual = after, left
                    _copy(moved, z[r])
                    _copy(c, found[r])
                    raw, other = other, raw
                    columns, trial = trial, columns
                    break
                share *= 0.25
            still = before - now > _GAIN * before and now > 1e-3 * n
        sums[r] = now
    return z, found, sums, variance
