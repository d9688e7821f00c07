"""Estimators of the memory parameter d: functions that return a MemoryEstimate."""
