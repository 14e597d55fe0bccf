"""A cell as plumbing, for gate_lab.js to draw: a pipe for what it keeps, and a valve for each gate, as open as that is.
SVG paths in a box of 360 by 182; colours and parts go by their letters.

pipes, arrows    [path, colour, width]
flows            by valve, the pipe behind it, which pales as it shuts
boxes            [label, x, y, half its width]
valves           by letter, [x, y, 0 or 90: the way its pipe runs]
words            by letter, [x, y, anchor]: the part's value
"""

__all__ = ["GRU", "LSTM"]

LSTM = {
    "pipes": [["M4 52 H96 M190 52 H350", "c", 5], ["M180 160 V126", "g"], ["M262 54 V78 M262 98 V118", "c"]],
    "flows": {"f": ["M124 52 H170", "c", 5], "i": ["M180 98 V62", "g"], "o": ["M262 146 V158 H350", "h"]},
    "arrows": [["M350 44 l10 8 -10 8 z", "c"], ["M350 150 l10 8 -10 8 z", "h"]],
    "boxes": [["+", 180, 52, 10], ["tanh", 262, 88, 22]],
    "valves": {"f": [110, 52, 0], "i": [180, 112, 90], "o": [262, 132, 90]},
    "words": {"f": [110, 24], "i": [160, 117, "end"], "o": [242, 137, "end"], "g": [180, 172], "h": [356, 137, "end"]},
}
GRU = {  # w is 1 − z: one gate, two valves
    "pipes": [
        ["M4 52 H126 M250 52 H350", "h", 5], ["M46 52 V152 H96", "h"], ["M240 142 V126", "g"],
        ["M336 152 H262", "soft"],
    ],
    "flows": {"z": ["M154 52 H230", "h", 5], "w": ["M240 98 V62", "g"], "r": ["M124 152 H218", "h"]},
    "arrows": [["M350 44 l10 8 -10 8 z", "h"]],
    "boxes": [["+", 240, 52, 10], ["tanh", 240, 152, 22]],
    "valves": {"z": [140, 52, 0], "w": [240, 112, 90], "r": [110, 152, 0]},
    "words": {"z": [140, 24], "w": [220, 117, "end"], "r": [110, 130], "n": [250, 136, "start"], "x": [350, 157]},
}  # fmt: skip
