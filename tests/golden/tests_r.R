# Golden values of tests of memory: Martins and Rodrigues' ratios of memochange at a given d, and
# Beran's T of longmemo.  MEMOCHANGE names the R folder of memochange's sources: of the package
# only MR() is called, with LongMemoryTS' fdiff as the plain recursion.
source("golden.R")
library(longmemo)

sources <- readLines(file.path(Sys.getenv("MEMOCHANGE"), "MR_test.R"))
sources <- gsub("LongMemoryTS::fdiff", "difference", gsub("fracdiff::fdGPH", "no_estimate", sources))
sources <- gsub("stats::coef\\(longmemo::WhittleEst\\(x\\)\\)-.5", "given_d", sources)
eval(parse(text = sources))

difference <- function(x, d) {
  w <- cumprod(c(1, (seq_along(x)[-1] - 2 - d) / (seq_along(x)[-1] - 1)))
  sapply(seq_along(x), function(t) sum(w[1:t] * x[t:1]))
}
no_estimate <- function(x, exponent) list(d = 0)

ratios <- function(name, d) {
  given_d <<- d
  found <- MR(read_series(name), "none", FALSE, 0.2)
  places <- c(1, 11, length(found$i))
  list(
    series = name, d = d, dates = found$i[places],
    forward = found$tstat1[places], backward = found$tstat2[places],
    increase = min(found$tstat1), decrease = min(found$tstat2),
    change = max(found$tstat1^2, found$tstat2^2)
  )
}

fit <- function(name, H) {
  x <- read_series(name)
  found <- Qeta(H, "fGn", length(x), per(x)[2:((length(x) + 1) %/% 2)], c(0, 0))
  list(series = name, hurst = H, T = found$Tn, z = found$z, pvalue = found$pval)
}

write_golden(
  "tests_r.R", c("longmemo"),
  list(
    memory_change = "memochange 1.1.1, MEMOCHANGE=ITS_R_FOLDER before the command: MR(x, 'none', FALSE, 0.2), d given; dates are numbers of observations",
    goodness = "Qeta(H, 'fGn', n, per(x)[2:((n + 1) %/% 2)], c(0, 0)): Tn, z and pval"
  ),
  list(
    memory_change = list(ratios("nile", 0.4), ratios("nile", 0), ratios("arfima", 0.3)),
    goodness = list(fit("nile", 0.9), fit("arfima", 0.8), fit("tree7", 0.6))
  )
)
