"""What is stored: instruments, series, bars, actions, coverage spans, candles kept ready."""
