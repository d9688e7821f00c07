"""
The VIX, and its next quarter
=============================

Power at low frequencies that an AR(1) explains about as well as long memory: *undecided*.
"""

import memtools as mt

vix = mt.datasets.load("vix")
portrait = mt.portray(vix, "vix")
print(portrait.report.answer)
mt.plotting.plot_log_periodogram(portrait)

# %%
# A forecast needs no verdict: ARFIMA's intervals widen slowly.

fit = mt.ARFIMA(vix, order=(1, 0)).fit(method="whittle")
mt.plotting.plot_forecast(fit.get_forecast(60), vix[-250:])
