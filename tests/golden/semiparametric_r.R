# Golden values of the primitives and of log-periodogram regression, from R's fracdiff and stats.
source("golden.R")
library(fracdiff)

all_series <- names(series_columns)
exponents <- c(0.4, 0.5, 0.6, 0.65, 0.7, 0.8)
lag_exponents <- c(0.5, 0.7, 0.9)

gph <- function(name) {
  x <- read_series(name)
  lapply(exponents, function(b) {
    c(list(series = name, n_obs = length(x), bandw_exp = b, m = trunc(length(x)^b)), fdGPH(x, b))
  })
}

smoothed_gph <- function(name) {
  x <- read_series(name)
  n <- length(x)
  grid <- expand.grid(beta = lag_exponents, b = exponents)
  Map(function(b, beta) {
    c(
      list(series = name, n_obs = n, bandw_exp = b, m = trunc(n^b), beta = beta, n_lags = trunc(n^beta)),
      fdSperio(x, b, beta)
    )
  }, grid$b, grid$beta)
}

differences <- function(d) {
  x <- read_series("nile")
  dx <- diffseries(x, d)
  list(
    series = "nile", d = d, first = head(dx, 20), last = tail(dx, 20),
    sum = sum(dx), sum_of_squares = sum(dx^2)
  )
}

ordinates <- function(name) {
  x <- read_series(name)
  pgram <- spec.pgram(x, taper = 0, detrend = FALSE, demean = TRUE, fast = FALSE, plot = FALSE)
  list(
    series = name, n_obs = length(x), frequencies = 2 * pi * pgram$freq[1:10],
    power = pgram$spec[1:10] / (2 * pi)
  )
}

correlations <- function(name) {
  x <- read_series(name)
  list(
    series = name, n_lags = 40,
    autocovariance = c(acf(x, 40, type = "covariance", plot = FALSE)$acf),
    autocorrelation = c(acf(x, 40, plot = FALSE)$acf),
    partial_autocorrelation = c(1, pacf(x, 40, plot = FALSE)$acf)
  )
}

ar_spectrum <- function(order) {
  x <- read_series("nile")
  spectrum <- spec.ar(x, n.freq = 11, order = order, method = "yule-walker", plot = FALSE)
  fit <- ar(x, aic = FALSE, order.max = order, method = "yule-walker")
  list(
    series = "nile", order = order, ar = c(fit$ar), var_pred = fit$var.pred,
    frequencies = 2 * pi * c(spectrum$freq), power = c(spectrum$spec) / (2 * pi)
  )
}

write_golden(
  "semiparametric_r.R", "fracdiff",
  list(
    m = "number of Fourier ordinates j = 1..m, m = trunc(n_obs^bandw_exp)",
    gph = "fdGPH: regressor 2 log(2 sin(l/2)), the regression keeps its intercept; sd.as uses pi^2/6, sd.reg divides the squared residuals by m - 1 (two coefficients are estimated)",
    smoothed_gph = "fdSperio: Parzen lag window with n_lags = trunc(n_obs^beta) on the biased autocovariance; ordinates where the smoothed value is not positive are left out; sd.as^2 = 0.539285 n_lags / n_obs / sum of squared centred regressors",
    diffseries = "the sample mean is removed before differencing: compare with fracdiff(x - mean(x), d)",
    periodogram = "spec.pgram(taper = 0, detrend = FALSE, demean = TRUE, fast = FALSE) / (2 pi), angular frequencies: |sum x_t exp(-i t l)|^2 / (2 pi n)",
    autocovariance = "divided by n_obs, mean removed, lag 0 first",
    partial_autocorrelation = "Durbin-Levinson on the biased autocovariance; lag 0 (= 1) is put in front here, R starts at lag 1",
    ar_spectrum = "spec.ar / (2 pi), angular frequencies, spectrum = var_pred / (2 pi |1 - sum ar exp(-i l k)|^2); var_pred is the Durbin-Levinson innovation variance times n_obs / (n_obs - order - 1)"
  ),
  list(
    gph = unlist(lapply(all_series, gph), recursive = FALSE),
    smoothed_gph = unlist(lapply(all_series, smoothed_gph), recursive = FALSE),
    diffseries = lapply(c(-0.3, 0.4, 1.2), differences),
    periodogram = lapply(all_series, ordinates),
    correlation = lapply(c("nile", "tree7"), correlations),
    ar_spectrum = lapply(c(1, 4, 10), ar_spectrum)
  )
)
