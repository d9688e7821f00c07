# Golden values of tempered models: exact fits and autocovariances of artfima, whose theta has the
# opposite sign and whose mean is the sample's.  Its search depends on the unit: in hundreds.

source("golden.R")
suppressMessages(library(artfima))

fit <- function(name, p) {
  found <- artfima(read_series(name) / 100, arimaOrder = c(p, 0, 0), likAlg = "exact")
  list(
    series = name, p = p, mean = found$constant, d = found$dHat, tempering = found$lambdaHat,
    ar = I(as.numeric(found$phiHat)), sigma2 = found$sigmaSq, llf = found$LL
  )
}

autocovariance <- function(d, tempering, ar, ma) {
  found <- artfimaTACVF(d = d, lambda = tempering, phi = ar, theta = -ma, maxlag = 5)
  list(d = d, tempering = tempering, ar = I(ar), ma = I(ma), values = found)
}

write_golden(
  "artfima_r.R", c("artfima"),
  list(
    fits = "artfima(x / 100, arimaOrder = c(p, 0, 0), likAlg = 'exact')",
    autocovariances = "artfimaTACVF(d, lambda, phi, -theta, maxlag = 5), variance of the innovations 1"
  ),
  list(
    fits = list(fit("nile", 0), fit("nile", 1)),
    autocovariances = list(
      autocovariance(0.4, 0.1, numeric(0), numeric(0)), autocovariance(1.2, 0.3, 0.5, -0.4)
    )
  )
)
