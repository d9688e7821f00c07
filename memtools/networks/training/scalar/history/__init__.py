"""Cells that look back on their own states: MLSTM, MIST, RWA."""
