"""Everyday files in the writing of the programs and offices that make them, with what they hold.

Each is made here of numbers drawn here; none is anybody's data.  `FILES` maps a description to a
`Case`: what is written, how it is asked for, and the series it must give, or what it is refused
with.
"""

from tests.everyday import labels, odd, offices, programs

FILES = programs.FILES | offices.FILES | labels.FILES | odd.FILES
