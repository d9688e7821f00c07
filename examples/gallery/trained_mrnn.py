"""
An MRNN that has been trained
=============================

The same series; a power law, straight on two logarithmic axes, up to the length of the filter, here
K = 100 lags.
"""

from matplotlib import pyplot as plt

import memtools as mt

series = mt.simulate(mt.ARFIMAProcess(d=0.4), 600, rng=1)
start = mt.networks.MRNN.initialise(1, 1, 1, rng=2, filter_length=100)
network = mt.train(start, series[:-1, None], series[1:, None], n_epochs=200).network
report = mt.diagnose(network, series, n_lags=150)
print(f"{report.verdict}; weights decay: {report.decay.verdict}")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
mt.plotting.plot_impulse_weights(report, "semilog", ax=left)
mt.plotting.plot_impulse_weights(report, "loglog", ax=right)
