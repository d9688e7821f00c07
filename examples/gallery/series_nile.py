"""
The Nile: memory, or a shift of its level?
==========================================

A hundred years of flow at Aswan: the interval of d is wide, and the level shift of 1899 may be all
there is.
"""

import memtools as mt

portrait = mt.portray(mt.datasets.load("nile"), "nile")
print(portrait.report.answer)
mt.plotting.plot_worlds(portrait.report)

# %%
# The same slow autocorrelations come of either.

mt.plotting.plot_acf(portrait.correlogram)
