"""Method notes: what each number of a report is, and its source."""

from __future__ import annotations

from memtools.reports.page import Note

_SHIMOTSU_PHILLIPS = (
    "Shimotsu, K. and Phillips, P. C. B. (2005). Exact local Whittle estimation of fractional "
    "integration. Annals of Statistics 33, 1890-1933."
)
_SHIMOTSU = (
    "Shimotsu, K. (2010). Exact local Whittle estimation of fractional integration with unknown "
    "mean and time trend. Econometric Theory 26, 501-540."
)
_ROBINSON_GAUSSIAN = (
    "Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence. Annals "
    "of Statistics 23, 1630-1661."
)
_ZHAO = "Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML."

ESTIMATORS = {
    "gph": Note(
        "gph",
        "Regression of the log periodogram on log frequency.",
        (
            "Geweke, J. and Porter-Hudak, S. (1983). The estimation and application of long "
            "memory time series models. Journal of Time Series Analysis 4, 221-238.",
        ),
    ),
    "smoothed_gph": Note(
        "smoothed_gph",
        "The same regression on a smoothed periodogram.",
        (
            "Reisen, V. A. (1994). Estimation of the fractional difference parameter in the "
            "ARIMA(p, d, q) model using the smoothed periodogram. Journal of Time Series "
            "Analysis 15, 335-350.",
        ),
    ),
    "bias_reduced_gph": Note(
        "bias_reduced_gph",
        "The same regression with even powers of the frequency, which take up short-run dynamics.",
        (
            "Andrews, D. W. K. and Guggenberger, P. (2003). A bias-reduced log-periodogram "
            "regression estimator for the long-memory parameter. Econometrica 71, 675-712.",
        ),
    ),
    "local_whittle": Note(
        "local_whittle",
        "Gaussian likelihood of the lowest Fourier frequencies.",
        (_ROBINSON_GAUSSIAN,),
    ),
    "local_whittle_hc": Note(
        "local_whittle_hc",
        "The same with a taper, which holds for nonstationary series.",
        (
            "Hurvich, C. M. and Chen, W. W. (2000). An efficient taper for potentially "
            "overdifferenced long-memory time series. Journal of Time Series Analysis 21, 155-180.",
        ),
    ),
    "exact_local_whittle": Note(
        "exact_local_whittle",
        "Local Whittle on the fractionally differenced series: holds for any d.",
        (_SHIMOTSU_PHILLIPS,),
    ),
    "two_step_local_whittle": Note(
        "two_step_local_whittle",
        "Exact local Whittle from a tapered first step, with an estimated mean.",
        (_SHIMOTSU,),
    ),
    "fully_extended_local_whittle": Note(
        "fully_extended_local_whittle",
        "Local Whittle with the periodogram extended beyond stationarity.",
        (
            "Abadir, K. M., Distaso, W. and Giraitis, L. (2007). Nonstationarity-extended local "
            "Whittle estimation. Journal of Econometrics 141, 1353-1384.",
        ),
    ),
    "local_whittle_plus_noise": Note(
        "local_whittle_plus_noise",
        "Local Whittle for a signal with added noise.",
        (
            "Frederiksen, P., Nielsen, F. S. and Nielsen, M. O. (2012). Local polynomial Whittle "
            "estimation of perturbed fractional processes. Journal of Econometrics 167, 426-447.",
        ),
    ),
    "contaminated_local_whittle": Note(
        "contaminated_local_whittle",
        "Local Whittle that allows for level shifts and trends.",
        (
            "Hou, J. and Perron, P. (2014). Modified local Whittle estimator for long memory "
            "processes in the presence of low frequency (and other) contaminations. Journal of "
            "Econometrics 182, 309-328.",
        ),
    ),
}

WORLDS = Note(
    "weighed explanations",
    "Models of short, long, wandering and antipersistent memory, each under a constant level, "
    "trends and one to five shifts, held against each other by Whittle's likelihood; margins "
    "between them feed a logistic rule trained on simulated series of known kind. The headline d "
    "is the median over the models of the likeliest verdict, its interval has the spread between "
    "all of them.",
    (
        "Beran, J., Bhansali, R. J. and Ocker, D. (1998). On unified model selection for "
        "stationary and nonstationary short- and long-memory autoregressive processes. "
        "Biometrika 85, 921-934.",
    ),
)

SERIES = (
    Note(
        "Autocorrelations",
        "Bands: of white noise, of Bartlett's formula, and under long memory. Curves: what the "
        "best model with long and the best with short memory let one expect of sample "
        "autocorrelations at this length.",
        ("Beran, J. (1994). Statistics for Long-Memory Processes, sections 2.1 and 4.3.",),
    ),
    Note(
        "d over the bandwidth",
        "The simultaneous band holds d at all bandwidths at once.",
        (
            _ROBINSON_GAUSSIAN,
            "Montiel Olea, J. L. and Plagborg-Moller, M. (2019). Simultaneous confidence bands: "
            "theory, implementation, and an application to SVARs. Journal of Applied "
            "Econometrics 34, 1-17.",
        ),
    ),
    Note(
        "Scaling",
        "Variance of block means, rescaled range, detrended fluctuation: the slope on "
        "logarithmic scales tells d. Descriptive: slower and less efficient than the estimators "
        "above.",
        (
            "Taqqu, M. S., Teverovsky, V. and Willinger, W. (1995). Estimators for long-range "
            "dependence: an empirical study. Fractals 3, 785-798.",
            "Hurst, H. E. (1951). Long-term storage capacity of reservoirs. Transactions of the "
            "ASCE 116, 770-799.",
            "Kantelhardt, J. W. et al. (2001). Detecting long-range correlations with detrended "
            "fluctuation analysis. Physica A 295, 441-454.",
        ),
    ),
)

NETWORK = (
    Note(
        "Impulse weights",
        "Weights A_k of the output on inputs k steps back. Long memory: they decay as a power "
        "of k, not exponentially (definition 3).",
        (_ZHAO,),
    ),
    Note(
        "Theorem",
        "A network process that contracts is geometrically ergodic and so has short memory, "
        "whatever its data.",
        (_ZHAO,),
    ),
    Note(
        "Memory of outputs and residuals",
        "Local Whittle estimates of d for white noise in, and of what the network leaves "
        "unexplained.",
        (
            "Greaves-Tunnell, A. and Harchaoui, Z. (2019). A statistical investigation of long "
            "memory in language and music. ICML.",
            _ROBINSON_GAUSSIAN,
        ),
    ),
)
