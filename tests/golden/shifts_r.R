# Golden values of Qu's test by LongMemoryTS 0.1.0 and of tests of a shift in the mean by memochange
# 1.1.2, from their sources: LONGMEMORYTS and MEMOCHANGE name the R folders.  Series: R's Nile, and
# waves that need no file.
#   LONGMEMORYTS=... MEMOCHANGE=... Rscript shifts_r.R > shifts_r.json
source("golden.R")
library(longmemo)

theirs <- function(folder, file) {
  lines <- readLines(file.path(Sys.getenv(folder), file))
  eval(parse(text = gsub("LongMemoryTS::", "", lines)), globalenv())
}
invisible(lapply(c("local_W.R", "Qu_test.R"), theirs, folder = "LONGMEMORYTS"))
files <- c("CV_shift.R", "fb_longrun.R", "snwilcoxon.R", "snsupwald.R", "CUSUMLM.R", "fixbsupw.R")
invisible(lapply(files, theirs, folder = "MEMOCHANGE"))
round <- function(x, digits = 0) if (digits == 3) x else base::round(x, digits)  # unrounded
# Of one series LongMemoryTS' G.hat is this mean.
G.hat <- function(X, d, m) mean((2 * pi * 1:m / length(X))^(2 * d) * per(as.vector(X))[2:(m + 1)])

t <- 1:300
series <- list(nile = as.numeric(Nile), waves = cos(0.13 * t) + cos(0.017 * t^2) + (t > 170))

shift <- function(name, d) {
  x <- series[[name]]
  tests <- list(snwilcoxon = snwilcoxon(x, d), snsupwald = snsupwald(x, d),
                CUSUMLM = CUSUMLM(x, d, 0.7), fixbsupw = fixbsupw(x, d, 0.1))
  c(list(series = name, d = d), lapply(tests, function(found) found[["Teststatistic"]]))
}

qu <- function(name, m, epsilon) {
  x <- series[[name]]
  as_it_is <- Qu.test(x, m, epsilon)$W.stat
  d <- local.W(x, m)$d
  # Robinson's objective: the mean over the ordinates that are summed.
  R.lw <<- function(d, peri, m, T, l = 1) {
    lambda <- 2 * pi * (l:m) / T
    log(mean(peri[l:m] * lambda^(2 * d))) - 2 * d * mean(log(lambda))
  }
  assign("optimize", function(...) stats::optimize(..., tol = 1e-10), globalenv())
  found <- list(series = name, m = m, epsilon = epsilon, as_it_is = as_it_is, d_as_it_is = d,
                d = local.W(x, m)$d, W = Qu.test(x, m, epsilon)$W.stat)
  theirs("LONGMEMORYTS", "local_W.R")
  rm(optimize, envir = globalenv())
  found
}

write_golden(
  "shifts_r.R", c("longmemo"),
  list(
    folders = "LONGMEMORYTS and MEMOCHANGE before the command name the R folders; no data files",
    qu = "LongMemoryTS 0.1.0 (github FunWithR/LongMemoryTS 0ffefad): Qu.test(x, m, epsilon) as it is, and with the divisor m - 2 of local.W's objective put right to m",
    shift = "memochange 1.1.2, d given, unrounded: snwilcoxon(x, d), snsupwald(x, d), CUSUMLM(x, d, 0.7), fixbsupw(x, d, 0.1)"
  ),
  list(
    qu = list(qu("nile", 25, 0.05), qu("waves", 54, 0.05), qu("waves", 54, 0.02)),
    shift = list(shift("nile", 0.4), shift("nile", 0), shift("waves", 0.2))
  )
)
