"""Colours and line styles, told apart by all kinds of colour vision and in black and white."""

# Okabe, M. and Ito, K. (2008), Color Universal Design.
BLUE, VERMILLION, GREEN, ORANGE, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7"
GREY = "0.55"
DASHED, DOTTED, DASH_DOT = (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5))
