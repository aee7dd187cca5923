"""Bars that people bring themselves: a file is uploaded, checked, and then collected chunk by chunk like any source."""
