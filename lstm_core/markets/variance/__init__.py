"""Tomorrow's variance: ranges, losses, GARCH's memory, econometric models, networks that correct them, contests."""
