# Golden values of periodogram, Whittle fits, FEXP fits and autocovariances, from R's longmemo.
source("golden.R")
library(longmemo)

lags <- 60

refine <- function(parameters, objective) {
  for (restart in 1:5) {
    parameters <- optim(parameters, objective, control = list(reltol = 1e-16, maxit = 5000))$par
  }
  parameters
}

# WhittleEst stops its search at about 1e-4 in H; `refined` minimises the same objective further.
whittle <- function(name, model, ar, ma) {
  x <- read_series(name)
  start <- list(H = 0.7, AR = rep(0.1, ar), MA = rep(0.1, ma))
  fit <- WhittleEst(x, model = model, start = if (model == "fGn") start[1] else start)
  objective <- function(eta) {
    drop(Qeta(eta, model, fit$n, fit$periodogr.x, c(ar, ma), give.B.only = TRUE))
  }
  refined <- if (ar + ma == 0) {
    c(H = optimize(objective, c(0.1, 0.99), tol = 1e-12)$minimum)
  } else {
    refine(coef(fit), objective)
  }
  list(
    series = name, model = model, ar_order = ar, ma_order = ma, n_ordinates = length(fit$periodogr.x),
    coefficients = as.list(coef(fit)), stderr = I(unname(sqrt(diag(vcov(fit))))),
    theta1 = fit$theta1, objective = objective(coef(fit)),
    refined = as.list(refined), refined_objective = objective(refined)
  )
}

fexp <- function(name, order) {
  fit <- FEXPest(read_series(name), order.poly = order, pvalmax = 2)
  list(
    series = name, order = order, hurst = fit$H, coefficients = I(unname(coef(fit))),
    stderr_hurst = fit$coefficients["1 - 2*H", "Std. Error"] / 2,
    stderr = I(unname(fit$coefficients[, "Std. Error"]))
  )
}

ordinates <- function(name) {
  list(series = name, power = per(read_series(name))[2:11])
}

spectrum <- function(hurst) {
  list(
    hurst = hurst, n_obs = 1000, ordinates = c(1, 10, 100, 499),
    fgn = with(specFGN(hurst, 1000), (theta1 * spec)[c(1, 10, 100, 499)]),
    fgn_200_terms = with(
      specFGN(hurst, 1000, k.approx = NA, nsum = 200), (theta1 * spec)[c(1, 10, 100, 499)]
    )
  )
}

hursts <- c(0.2, 0.5, 0.6, 0.75, 0.9, 0.99)
memories <- c(-0.4, -0.2, 0.1, 0.25, 0.4, 0.49)
models <- expand.grid(name = c("nile", "tree7", "arfima"), k = 1:5, stringsAsFactors = FALSE)
kinds <- list(
  list("fGn", 0, 0), list("fARIMA", 0, 0), list("fARIMA", 1, 0), list("fARIMA", 0, 1), list("fARIMA", 1, 1)
)

write_golden(
  "longmemo_r.R", "longmemo",
  list(
    periodogram = "per(x)[2:11]: ordinates j = 1..10, |sum x_t exp(-i t l)|^2 / (2 pi n); j >= 1, so the mean does not matter",
    whittle = "minimises B = (4 pi / n) sum_j I_j / f_j over j = 1..floor((n - 1) / 2), no log f term: fGn's f is scaled so that its log sums to nearly 0 there (theta1 = exp((2 / n) sum log f), 2 / n instead of 2 / (n - 1)), the fARIMA f only so that its log integrates to 0, which differs from the discrete sum: not the profile Whittle estimate (nile, fARIMA(0,d,0): d 0.399 instead of 0.4055)",
    parameters = "H = d + 1/2, searched in (0.1, 0.99) for one parameter: arfima fGn and fARIMA(0,d,0) end at that bound; AR on the right-hand side; MA with plus: statsmodels' signs",
    theta1 = "B / (2 pi), sigma2 / (2 pi) of the fit",
    stderr = "asymptotic, from numerical derivatives of log f at 9999 points",
    fgn_spectrum = "fgn: Paxson's 3-term approximation with its empirical correction (the default, also in WhittleEst), relative error up to 6e-5 for H >= 0.5 and 3e-4 at H = 0.2; fgn_200_terms: the sum cut after 200 terms, up to 6e-2 at H = 0.2: fgn_spectrum.json has the exact values; unit variance, f = theta1 spec",
    fgn_autocovariance = "ckFGN0(n, H): exact, unit variance, lag 0 first",
    arfima_autocovariance = "ckARMA0(n, H): ARFIMA(0, d, 0), unit innovations; exact up to lag 50, the asymptotic power law from lag 51 on, 3e-7 to 6e-5 off (not to be matched)",
    fexp = "FEXPest(order.poly = order, pvalmax = 2: no early stop): gamma regression of the periodogram on log(2 sin(l / 2)) and orthogonal polynomials of l on (0, pi) (not the cosine basis); order 1 uses l itself; stderr with the estimated dispersion, not the limit"
  ),
  list(
    periodogram = lapply(names(series_columns), ordinates),
    whittle = Map(function(name, k) do.call(whittle, c(name, kinds[[k]])), models$name, models$k) |> unname(),
    fexp = unlist(lapply(c("nile", "tree7"), function(name) lapply(0:3, fexp, name = name)), recursive = FALSE),
    fgn_spectrum = lapply(hursts, spectrum),
    fgn_autocovariance = lapply(hursts, function(h) list(hurst = h, autocovariance = ckFGN0(lags, h))),
    arfima_autocovariance = lapply(memories, function(d) list(d = d, autocovariance = ckARMA0(lags, d + 0.5)))
  )
)
