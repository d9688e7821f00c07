# Narrow-band least squares by LongMemoryTS 0.1.0 (github FunWithR/LongMemoryTS 0ffefad), whose
# folder R is the first argument, the CSV of the series (columns y, x1, x2) the second:
#   Rscript cointegration.R LongMemoryTS/R series.csv > cointegration.json
arguments <- commandArgs(TRUE)
source(file.path(arguments[1], "FDLS.R"))
data <- as.matrix(read.csv(arguments[2]))
y <- data[, "y"]; x <- data[, c("x1", "x2")]
shown <- function(v) paste0("[", paste(sprintf("%.12g", v), collapse = ", "), "]")
cat("{\n \"program\": \"R ", paste(R.version$major, R.version$minor, sep = "."),
    ", LongMemoryTS 0.1.0\",\n", sep = "")
cat(" \"command\": \"Rscript tests/golden/cointegration.R LongMemoryTS/R series.csv\",\n")
cat(" \"series\": \"golden_series of tests/inference/test_cointegration.py: y, x1, x2\",\n")
cat(" \"FDLS, m = 20\": ", shown(FDLS(x, y, m = 20)), ",\n", sep = "")
cat(" \"FDLS, x1 alone, m = 20\": ", shown(FDLS(x[, 1], y, m = 20)), "\n}\n", sep = "")
