# Golden values for ARFIMA: exact likelihoods, fits, forecasts, from R's arfima, ltsa, SuperGauss,
# fracdiff and forecast. Exact maximum likelihood fits are in arfima_fits_r.R.
source("golden.R")
source("arfima_exact.R")
suppressPackageStartupMessages(library(SuperGauss))

long_series <- c("nile", "tree7", "arfima")
series <- lapply(setNames(nm = long_series), read_series)
given <- list(
  list(ar = numeric(), d = 0.3, ma = numeric()),
  list(ar = numeric(), d = -0.2, ma = numeric()),
  list(ar = numeric(), d = 0.45, ma = 0.3),
  list(ar = 0.066, d = 0.355, ma = numeric()),
  list(ar = 0.5, d = 0.2, ma = -0.3),
  list(ar = 0.995, d = -0.594, ma = numeric()),
  list(ar = 0.99, d = 0.1, ma = numeric()),
  list(ar = c(1.5, -0.55), d = -0.35, ma = -0.7)
)

at_given <- function(name, parameters, gls) {
  x <- series[[name]]
  value <- do.call(exact, c(list(x), parameters, gls = gls))
  r <- do.call(unit_autocovariance, c(parameters, n = length(x)))
  centered <- x - value$mean
  residuals <- DLResiduals(r, centered, StandardizedQ = FALSE)
  c(
    list(series = name), parameters_as_arrays(parameters), list(mean_by = if (gls) "gls" else "sample"), value,
    list(
      loglik_trench = TrenchLoglikelihood(r, centered) - length(x) / 2 * (1 + log(2 * pi)),
      loglik_supergauss = NormalToeplitz$new(length(x))$logdens(centered, value$sigma2 * r),
      residuals_first = head(residuals, 5), residuals_last = tail(residuals, 5)
    )
  )
}

approximate_fit <- function(name, p, q, standardised) {
  x <- series[[name]] - mean(series[[name]])
  if (standardised) x <- x / sd(x)
  fit <- suppressWarnings(fracdiff::fracdiff(x, nar = p, nma = q))
  list(
    series = name, p = p, q = q, standardised = standardised, d = fit$d, ar = many(fit$ar),
    ma = many(-as.numeric(fit$ma)), sigma = fit$sigma, loglik = fit$log.likelihood,
    stderr = many(fit$stderror.dpq), message = unname(fit$msg)[[1]]
  )
}

approximate_fits <- function(standardised) {
  orders <- list(c(0, 0), c(1, 0), c(0, 1), c(1, 1), c(2, 1))
  unlist(lapply(long_series, function(name) {
    lapply(orders, function(order) approximate_fit(name, order[[1]], order[[2]], standardised))
  }), recursive = FALSE)
}

forecast_fit <- function(name) {
  fit <- suppressWarnings(forecast::arfima(series[[name]]))
  list(
    series = name, d = fit$d, ar = many(fit$ar), ma = many(-as.numeric(fit$ma)), sigma = fit$sigma,
    loglik = fit$log.likelihood
  )
}

forecasts <- function(name, parameters, steps = 10) {
  x <- series[[name]]
  n <- length(x)
  value <- do.call(exact, c(list(x), parameters, gls = FALSE))
  r <- do.call(unit_autocovariance, c(parameters, n = n + steps))
  path <- TrenchForecast(x, r, mean(x), n, steps)
  c(
    list(series = name), parameters_as_arrays(parameters),
    list(mean = mean(x), sigma2 = value$sigma2, forecast = c(path$Forecasts),
         stderr = c(path$SDForecasts) * sqrt(value$sigma2))
  )
}

autocovariances <- function(parameters) {
  r <- do.call(unit_autocovariance, c(parameters, n = 1001))
  c(parameters_as_arrays(parameters), list(first = r[1:21], lags = c(50, 100, 1000), at_lags = r[c(51, 101, 1001)]))
}

write_golden(
  "arfima_r.R", c("arfima", "ltsa", "SuperGauss", "fracdiff", "forecast"),
  list(
    signs = "AR on the right-hand side, MA with plus (signs of arfima, ltsa and fracdiff changed)",
    autocovariance = "tacvfARFIMA, unit innovations, with maxlag 2^13: at the default maxlag it is wrong near a unit root (phi = 0.99, d = 0.1, maxlag 40: 0.6% of the variance)",
    loglik = "exact Gaussian, n/2 (1 + log 2 pi) included (arfima and ltsa leave it out), sigma2 concentrated out (S / n)",
    mean_by = "sample: x - mean(x); gls: the exact likelihood's own mean under the same autocovariance",
    loglik_supergauss = "superfast Toeplitz log-density with the concentrated sigma2: independent of Durbin-Levinson",
    residuals = "one-step prediction errors x_t - E(x_t | past), not standardised",
    fracdiff_fits = "fracdiff(x - mean(x)), drange (0, 0.5), M = 100; standardised: also divided by sd(x). With p + q > 0 the answer depends on the scale",
    forecast_fits = "forecast::arfima with its defaults: d from fracdiff, ARMA order by AICc on the differenced series",
    forecasts = "exact finite-sample predictors at given parameters and sample mean; stderr with the concentrated sigma2"
  ),
  list(
    autocovariance = lapply(given, autocovariances),
    given = unlist(lapply(long_series, function(name) {
      unlist(lapply(given, function(p) lapply(c(FALSE, TRUE), at_given, name = name, parameters = p)), recursive = FALSE)
    }), recursive = FALSE),
    forecasts = lapply(given, function(p) forecasts("nile", p)),
    fracdiff_fits = unlist(lapply(c(FALSE, TRUE), approximate_fits), recursive = FALSE),
    forecast_fits = lapply(long_series, forecast_fit)
  )
)
