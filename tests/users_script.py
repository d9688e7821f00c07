"""Thirty calls of a user, as an editor and a type checker see them."""

import numpy as np

import memtools as mt
from memtools.estimators import local_whittle

x = mt.simulate(mt.ARFIMAProcess(d=0.3), 400, rng=1)
report = mt.estimate(x, bandwidth=0.6, name="x")
verdict: str = report.verdict
table = report.table()
d: float = report.d
low, high = report.confidence_interval(0.9)
text: str = report.summary()
page: str | None = report.to_html()
estimate: mt.MemoryEstimate = mt.gph(x)
hurst: float = estimate.hurst
pvalue: float = estimate.test(0.0, alternative="greater").pvalue
spread: float = estimate.confidence_interval(level=0.9).high - estimate.d
exact = mt.exact_local_whittle(x, bandwidth=40, mean="weighted")
plain = local_whittle(x, taper="hc")
scaling = mt.detrended_fluctuation(x, order=2)
slope: float = scaling.slope
m: int = mt.adaptive_bandwidth(x, mt.local_whittle)
curve = mt.memory_by_bandwidth(x)
frame = curve.to_frame()
rolling = mt.rolling_memory(x, window=100)
alarms: int = int(rolling.alarms.sum())
power: float = float(mt.periodogram(x).power[0])
rho = mt.autocorrelation(x, n_lags=20)
weights = mt.fracdiff_weights(0.3, n_lags=10)
back = mt.fracint(mt.fracdiff(x, 0.3), 0.3)
fit = mt.ARFIMA(x, order=(1, 0)).fit(method="whittle")
forecast = fit.get_forecast(5)
ends = forecast.conf_int(alpha=0.1)
best = mt.select_arfima(x, max_p=1, max_q=0, method="css").best
criterion: float = best.bic
network = mt.networks.LSTM.initialise(1, 2, 1, rng=0)
outputs, _ = network.forward(np.zeros((5, 1)))
trained = mt.train(network, x[:50, None], x[:50, None], n_epochs=2)
epoch: int = trained.best_epoch
decay = mt.classify_decay(mt.fracdiff_weights(-0.3, 200))
counts: dict[str, int] = mt.estimate_panel({"a": x}, n_jobs=1).counts()
try:
    mt.datasets.load("nil")
except mt.MemtoolsError as error:
    message = str(error)
