"""Compiled residual sums of many small designs."""

import numpy as np

from memtools._compiled import njit


@njit(cache=True, nogil=True)
def grid_sums(gram, moment, total, p):
    """Residual sums of nested designs from their normal equations: (rows, designs, p).

    `gram` (rows, designs, pairs) has the pairs (i, j >= i) in order, `moment` (rows, designs, p).
    """
    n_rows, n_designs, _ = moment.shape
    sums = np.empty((n_rows, n_designs, p))
    a, b = np.empty((p, p)), np.empty(p)
    for r in range(n_rows):
        for g in range(n_designs):
            place, left = 0, total[r]
            for i in range(p):
                b[i] = moment[r, g, i]
                for j in range(i, p):
                    a[i, j] = gram[r, g, place]
                    place += 1
            place = 0
            for i in range(p):
                inverse = 1.0 / a[i, i] if a[i, i] > 1e-11 * gram[r, g, place] else 0.0
                place += p - i
                left -= b[i] * b[i] * inverse
                sums[r, g, i] = max(left, 0.0)
                for j in range(i + 1, p):
                    share = a[i, j] * inverse
                    b[j] -= share * b[i]
                    for m in range(j, p):
                        a[j, m] -= share * a[i, m]
    return sums
