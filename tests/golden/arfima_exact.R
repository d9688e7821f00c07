# Shared by arfima_r.R and arfima_fits_r.R: the exact likelihood from R's arfima and ltsa.
# arfima and ltsa write (1 - theta B): every MA value here has its sign changed to (1 + ma B).
suppressPackageStartupMessages({
  library(arfima)
  library(ltsa)
})

many <- function(values) I(as.numeric(values))
parameters_as_arrays <- function(p) list(ar = many(p$ar), d = p$d, ma = many(p$ma))

# arfima's tacvfARFIMA cuts its convolution at 2 * max(128, nextn(maxlag)) lags, wrong near a unit
# root: the long maxlag removes that.
unit_autocovariance <- function(ar, d, ma, n) {
  r <- tacvfARFIMA(phi = ar, theta = -ma, dfrac = d, maxlag = max(n - 1, 2^13))
  if (is.null(r)) NULL else r[1:n]
}

gls_mean <- function(r, x) {
  ones <- DLResiduals(r, rep(1, length(x)))
  sum(ones * DLResiduals(r, x)) / sum(ones^2)
}

# The Gaussian log-likelihood, constant included, sigma2 concentrated out.
exact <- function(x, ar, d, ma, gls) {
  r <- unit_autocovariance(ar, d, ma, length(x))
  if (is.null(r)) return(NULL)
  center <- if (gls) gls_mean(r, x) else mean(x)
  sigma2 <- mean(DLResiduals(r, x - center)^2)
  constant <- length(x) / 2 * (1 + log(2 * pi))
  list(mean = center, sigma2 = sigma2, loglik = DLLoglikelihood(r, x - center) - constant)
}
