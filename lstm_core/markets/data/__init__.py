"""Where days come from: bundled series, Yahoo's, the economy's quarters; what is refused; returns, windows."""
