"""
Absolute returns of the S&P 500
===============================

The stylised fact: autocorrelations of volatility that do not vanish after hundreds of days, and a
spectrum that rises towards frequency zero.
"""

from matplotlib import pyplot as plt

import memtools as mt

portrait = mt.portray(mt.datasets.load("sp500_abs"), "sp500_abs")
print(portrait.report.answer)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
mt.plotting.plot_acf(portrait.correlogram, ax=left)
mt.plotting.plot_log_periodogram(portrait, ax=right)
