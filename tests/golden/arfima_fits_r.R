# Golden ARFIMA fits by exact maximum likelihood, from R's arfima and ltsa. Runs for about ten minutes.
source("golden.R")
source("arfima_exact.R")

flat <- function(parameters, p, q) {
  list(ar = parameters[seq_len(p)], d = parameters[[p + q + 1]], ma = parameters[p + seq_len(q)])
}

# The optimum near `start`, for the sample mean or with the mean concentrated out by GLS.
refine <- function(x, start, gls) {
  p <- length(start$ar)
  q <- length(start$ma)
  objective <- function(parameters) {
    loglik <- tryCatch({
      r <- do.call(unit_autocovariance, c(flat(parameters, p, q), n = length(x)))
      DLLoglikelihood(r, x - if (gls) gls_mean(r, x) else mean(x))
    }, error = function(e) -1e10)
    if (is.finite(loglik)) -loglik else 1e10
  }
  best <- c(start$ar, start$ma, start$d)
  if (p + q == 0) {
    best <- optimize(objective, c(-0.99, 0.49999), tol = 1e-10)$minimum
  } else if (gls) {
    control <- list(reltol = 1e-15, ndeps = rep(1e-5, length(best)))
    best <- optim(best, objective, method = "BFGS", control = control)$par
  } else {
    gain <- Inf
    while (gain > 1e-8) {
      step <- optim(best, objective, control = list(reltol = 1e-14, maxit = 2000))
      gain <- objective(best) - step$value
      best <- step$par
    }
  }
  estimate <- flat(best, p, q)
  c(parameters_as_arrays(estimate), do.call(exact, c(list(x), estimate, gls = gls)))
}

exact_fit <- function(name, p, q, dmean) {
  x <- read_series(name)
  fit <- suppressWarnings(
    arfima::arfima(x, order = c(p, 0, q), numeach = c(2, if (p + q) 2 else 1), dmean = dmean, quiet = TRUE)
  )
  constant <- length(x) / 2 * (1 + log(2 * pi))
  modes <- lapply(fit$modes, function(mode) {
    list(
      ar = many(mode$phi), d = unname(mode$dfrac), ma = many(-as.numeric(mode$theta)), mean = mode$muHat,
      sigma2 = mode$sigma2, loglik = mode$loglik - constant, stderr = many(mode$se)
    )
  })
  chosen <- if (name == "nile") modes else head(modes, if (p == 1) 2 else 1)
  starts <- lapply(chosen, function(mode) lapply(mode[1:3], as.numeric))
  if (p == 1) starts <- c(starts, list(list(ar = 0.995, d = -0.594, ma = numeric())))
  sample <- if (dmean) list() else lapply(starts, refine, x = x, gls = FALSE)
  gls <- lapply(sample, function(mode) refine(x, lapply(mode[1:3], as.numeric), TRUE))
  list(
    series = name, p = p, q = q, dmean = dmean, modes = modes,
    refined_sample_mean = distinct(sample), refined_gls_mean = distinct(gls)
  )
}

distinct <- function(modes) {
  loglik <- vapply(modes, function(mode) mode$loglik, 0)
  modes <- modes[order(-loglik)]
  modes[!duplicated(round(sort(loglik, decreasing = TRUE), 4))]
}

orders <- list(c(0, 0), c(1, 0), c(2, 1))
fits <- list()
for (name in c("nile", "tree7", "arfima")) {
  for (order in orders) fits <- c(fits, list(exact_fit(name, order[[1]], order[[2]], FALSE)))
}
for (order in orders) fits <- c(fits, list(exact_fit("nile", order[[1]], order[[2]], TRUE)))

write_golden(
  "arfima_fits_r.R", c("arfima", "ltsa"),
  list(
    signs = "AR on the right-hand side, MA with plus (signs of arfima changed)",
    loglik = "exact Gaussian, n/2 (1 + log 2 pi) included (arfima leaves it out), sigma2 concentrated out (S / n)",
    modes = "arfima(numeach = c(2, 2); c(2, 1) without ARMA part, where more starts of d fail) as it prints them, best first; mean fixed at the sample mean (dmean false) or searched (dmean true: hardly moves). It stops early and lists unconverged points of ridges as modes; its stderr: ar, ma, d",
    refined_sample_mean = "the distinct optima that the same likelihood, at the sample mean, reaches from these modes (from the two best at order (1, d, 0), the best one at (2, d, 1) for tree7 and arfima) and, for p = 1, from (d, phi) = (-0.594, 0.995), best first; d, ar and ma good to about 1e-5, loglik to 1e-8; empty with dmean",
    refined_gls_mean = "the same with the mean concentrated out by generalised least squares: the full exact maximum likelihood"
  ),
  fits
)
