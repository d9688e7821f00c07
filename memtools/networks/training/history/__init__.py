"""Adjoints of the cells that look back on their own states: MLSTM, RWA, MIST."""
