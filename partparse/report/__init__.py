"""Figures, overlays and tables for people."""
