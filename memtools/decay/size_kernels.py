"""Compiled Fisher scoring of the size of normal weights."""

import math

import numpy as np

from memtools._compiled import njit

_GAIN = 0.01  # of the log-likelihood: less ends the steps


@njit(cache=True, nogil=True)
def _gathered(x, weight, score, information, moment):
    for i in range(len(x)):
        moment[i] += score * x[i]
        for j in range(len(x)):
            information[i, j] += weight * x[i] * x[j]


@njit(cache=True, nogil=True)
def scored(x, square, floor, n_steps):
    """Fisher scoring of log s^2 = x beta, s^2 + floor the variance of normal weights: (rows, q)."""
    n_rows, n = square.shape
    q = x.shape[1]
    found = np.empty((n_rows, q))
    for r in range(n_rows):
        information, moment = 1e-9 * np.eye(q), np.zeros(q)
        for i in range(n):
            size = max(square[r, i] - floor[r, i], 0.05 * square[r, i], 1e-280)
            clear = 1.0 if square[r, i] > 4.0 * floor[r, i] else 1e-3  # where the law is seen
            _gathered(x[i], clear, clear * math.log(size), information, moment)
        kept = np.linalg.solve(information, moment)
        kept[0] += 1.27  # the mean of log chi-squared(1) is -1.27
        share, best, step = 1.0, np.inf, np.zeros(q)
        for _ in range(n_steps):
            beta = kept + share * step
            information, moment, deviance = 1e-9 * n * np.eye(q), np.zeros(q), 0.0
            for i in range(n):
                mean = math.exp(min(max(np.dot(x[i], beta), -600.0), 50.0))
                whole = mean + floor[r, i]
                deviance += math.log(whole) + square[r, i] / whole
                size = mean / whole
                score = size * (square[r, i] / whole - 1.0)
                _gathered(x[i], size * size, score, information, moment)
            if deviance < best:
                gain, best, kept = best - deviance, deviance, beta
                step, share = np.linalg.solve(information, moment), min(2.0 * share, 1.0)
                if gain < _GAIN:
                    break
            else:
                share *= 0.25
                if share < 1e-3:
                    break
        for i in range(q):
            found[r, i] = kept[i]
    return found
