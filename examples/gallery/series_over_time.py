"""
Memory that changes, and the bandwidth
======================================

Absolute returns of the S&P 500 again: d in a moving window, beside the range that one constant d
allows.
"""

import memtools as mt

size = mt.datasets.load("sp500_abs")
rolling = mt.rolling_memory(size, name="sp500_abs")
print(rolling.summary())
mt.plotting.plot_rolling_memory(rolling)

# %%
# The more Fourier frequencies are read, the more of the noise in absolute returns leaks in.

mt.plotting.plot_bandwidth_curve(mt.memory_by_bandwidth(size))
