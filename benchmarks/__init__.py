"""Measurements: ``benchmarks.quality`` judges, ``benchmarks.speed`` times. Neither is a test."""
