# Narrow-band least squares by LongMemoryTS 0.1.0 (github FunWithR/LongMemoryTS 0ffefad), whose
# folder R is the first argument, the CSV of the series (columns y, x1, x2) the second:
#   Rscript cointegration.R LongMemoryTS/R series.csv > cointegration.json
arguments <- commandArgs(TRUE)
for (file in c("FDLS.R", "FMNBLS.R")) source(file.path(arguments[1], file))
data <- as.matrix(read.csv(arguments[2]))
y <- data[, "y"]; x <- data[, c("x1", "x2")]
shown <- function(v) paste0("[", paste(sprintf("%.12g", v), collapse = ", "), "]")
# Given numbers in place of its estimates of d: first that of the error, then of each regressor.
given <- function(d) function(data, m) { found <- d[1]; d <<- c(d[-1], d[1]); list(d = found) }
local.W <- given(c(0.1, 0.4, 0.3))
both <- FMNBLS(x, y, m0 = 20, m1 = 60, m2 = 150, m3 = 20)
local.W <- given(c(0.1, 0.4))
one <- FMNBLS(x[, 1], y, m0 = 20, m1 = 60, m2 = 150, m3 = 20)
cat("{\n \"program\": \"R ", paste(R.version$major, R.version$minor, sep = "."),
    ", LongMemoryTS 0.1.0\",\n", sep = "")
cat(" \"command\": \"Rscript tests/golden/cointegration.R LongMemoryTS/R series.csv\",\n")
cat(" \"series\": \"golden_series of tests/inference/test_cointegration.py: y, x1, x2\",\n")
cat(" \"FDLS, m = 20\": ", shown(FDLS(x, y, m = 20)), ",\n", sep = "")
cat(" \"FDLS, x1 alone, m = 20\": ", shown(FDLS(x[, 1], y, m = 20)), ",\n", sep = "")
cat(" \"FMNBLS, d 0.1 of 0.4, 0.3, m0 = m3 = 20, m2 = 150\": ", shown(both), ",\n", sep = "")
cat(" \"FMNBLS, x1 alone\": ", shown(one), "\n}\n", sep = "")
