# Shared by the R scripts of this folder: read a series, write a golden file.
# MEMTOOLS_DATA names the folder with nile.csv, tree7.csv, arfima.csv, DJI.csv and traffic.csv.

series_columns <- c(nile = "nile", tree7 = "x", arfima = "x", DJI = "x", traffic = "x")

read_series <- function(name) {
  folder <- Sys.getenv("MEMTOOLS_DATA")
  if (folder == "") stop("set MEMTOOLS_DATA to the folder of the CSV files")
  as.numeric(read.csv(file.path(folder, paste0(name, ".csv")))[[series_columns[[name]]]])
}

# jsonlite stops at 15 significant digits; 17 identify a double. A named list is an object,
# any other list or a vector of length other than one an array; NA, NaN and infinities are null.
as_json <- function(value, indent = "") {
  deeper <- paste0(indent, " ")
  lines <- function(items, open, close) {
    if (length(items) == 0) return(paste0(open, close))
    paste0(open, "\n", paste0(deeper, items, collapse = ",\n"), "\n", indent, close)
  }
  if (is.null(value)) return("null")
  if (is.list(value)) {
    items <- vapply(value, as_json, "", indent = deeper)
    if (is.null(names(value))) return(lines(items, "[", "]"))
    return(lines(paste0(quoted(names(value)), ": ", items), "{", "}"))
  }
  items <- if (is.character(value)) quoted(value)
    else if (is.logical(value)) ifelse(is.na(value), "null", ifelse(value, "true", "false"))
    else number(value)
  if (length(items) == 1 && !inherits(value, "AsIs")) items else paste0("[", paste(items, collapse = ", "), "]")
}

number <- function(value) {
  short <- sprintf("%.15g", value)
  exact <- suppressWarnings(as.numeric(short)) == value
  ifelse(!is.finite(value), "null", ifelse(exact, short, sprintf("%.17g", value)))
}

quoted <- function(text) paste0('"', gsub('"', '\\\\"', text), '"')

# A birth certificate first, then the values.
write_golden <- function(script, packages, conventions, values) {
  versions <- lapply(setNames(nm = packages), function(p) as.character(packageVersion(p)))
  golden <- list(
    program = c(list(R = as.character(getRversion())), versions),
    command = paste0("MEMTOOLS_DATA=FOLDER Rscript ", script),
    date = format(Sys.Date()),
    conventions = conventions,
    values = values
  )
  writeLines(as_json(golden), sub("[.]R$", ".json", script))
}
