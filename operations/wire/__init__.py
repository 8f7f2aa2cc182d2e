"""Codecs between operations and the outside, one file for each notation."""
