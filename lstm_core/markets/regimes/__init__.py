"""Which world is this? Detectors, what their alarms are worth, and the spread of a pair."""
