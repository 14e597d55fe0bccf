// The Gate Lab: an LSTM under its four biases, computed and drawn here, in the browser, within a frame of the finger.
// One self-contained ES module: anywidget loads it in notebooks, mount() in plain pages; neither needs a network.
//
//   1  The cell           forward pass, gradients; the same sums as sequence.py and gradient_flow.py, to 1e-12
//   2  The words          the sentence under the picture; the same as reading.py, to the letter
//   3  The state          what Python sends, read and checked
//   4  The lenses         which sliders, panels and equations each of them shows
//   5  The drawing        time panels on a canvas, the cell's valves, the equations
//   6  The lab            controls, keyboard, pointer, play; traits both ways
//   7  Doors              render() for anywidget, mount() for a page without a kernel
//
// Letters: T time, D inputs, H hidden. Arrays are flat, row by row: gates (4H, ·) in the order i, f, g, o; traces (T, H).
// Steps and units count from 1 in what is shown and in the traits, from 0 in the arrays.

// --- 1  The cell

const sigmoid = (z) => 0.5 + 0.5 * Math.tanh(z / 2);

/** Run the cell along x (T, D): {i, f, g, o, c, h}, each (T, H). Twin of sequence.lstm_forward with a batch of one. */
export function lstmForward({ D, H, weight_ih, weight_hh, bias, h: h0, c: c0 }, x, candidate = "tanh") {
  const T = x.length / D;
  const [i, f, g, o, c, h] = Array.from({ length: 6 }, () => new Float64Array(T * H));
  for (let t = 0; t < T; t++) {
    const [before, from] = t ? [h, (t - 1) * H] : [h0, 0]; // h_{t−1}
    for (let k = 0, n = t * H; k < H; k++, n++) {
      let zi = bias[k]; // four sums at once, since each by itself would wait for its last addition
      let zf = bias[H + k];
      let zg = bias[2 * H + k];
      let zo = bias[3 * H + k];
      for (let d = 0, w = k * D; d < D; d++, w++) {
        const value = x[t * D + d];
        zi += weight_ih[w] * value;
        zf += weight_ih[w + H * D] * value;
        zg += weight_ih[w + 2 * H * D] * value;
        zo += weight_ih[w + 3 * H * D] * value;
      }
      for (let m = 0, w = k * H; m < H; m++, w++) {
        const value = before[from + m];
        zi += weight_hh[w] * value;
        zf += weight_hh[w + H * H] * value;
        zg += weight_hh[w + 2 * H * H] * value;
        zo += weight_hh[w + 3 * H * H] * value;
      }
      i[n] = sigmoid(zi);
      f[n] = sigmoid(zf);
      g[n] = candidate === "tanh" ? Math.tanh(zg) : zg;
      o[n] = sigmoid(zo);
      c[n] = f[n] * (t ? c[n - H] : c0[k]) + i[n] * g[n]; // C_t = f ⊙ C_{t−1} + i ⊙ C̃
      h[n] = o[n] * Math.tanh(c[n]);
    }
  }
  return { i, f, g, o, c, h };
}

/** The cell with the sliders' shifts {forget, input, candidate, output} added; `open` holds the output gate at 1. */
export function shiftBiases(cell, { forget, input, candidate, output }, open = false) {
  const { D, H } = cell;
  const bias = Float64Array.from(cell.bias);
  const shifts = [input, forget, candidate, output];
  for (let row = 0; row < 4 * H; row++) bias[row] += shifts[Math.floor(row / H)];
  if (!open) return { ...cell, bias };
  const [weight_ih, weight_hh] = [cell.weight_ih, cell.weight_hh].map((array) => Float64Array.from(array));
  weight_ih.fill(0, 3 * H * D);
  weight_hh.fill(0, 3 * H * H);
  bias.fill(40, 3 * H); // σ(40) is 1 to the last digit
  return { ...cell, weight_ih, weight_hh, bias };
}

/** The cell's own path back from the last step, ∏ f_s over s > t: (T, H). Twin of gradient_flow.cell_path. */
export function cellPath(f, H) {
  const path = new Float64Array(f.length).fill(1);
  for (let n = f.length - H - 1; n >= 0; n--) path[n] = path[n + H] * f[n + H];
  return path;
}

/** The gain of ∂h_T/∂h_t of a tanh RNN along x, for every t: (T,). Twin of gradient_flow.rnn_jacobians and gain. */
export function rnnGains({ D, H, weight_ih, weight_hh, bias }, x) {
  const T = x.length / D;
  const h = new Float64Array(T * H);
  for (let t = 0; t < T; t++) {
    for (let row = 0; row < H; row++) {
      let sum = bias[row];
      for (let d = 0; d < D; d++) sum += weight_ih[row * D + d] * x[t * D + d];
      if (t) for (let k = 0; k < H; k++) sum += weight_hh[row * H + k] * h[(t - 1) * H + k];
      h[t * H + row] = Math.tanh(sum);
    }
  }
  let dh = identity(H); // row s: the gradient of unit s of h_T by h_t
  const gains = new Float64Array(T);
  for (let t = T - 1; t >= 0; t--) {
    gains[t] = gain(dh, H);
    for (let n = 0; n < H * H; n++) dh[n] *= 1 - h[t * H + (n % H)] ** 2; // now the gradient by z_t
    dh = times(dh, weight_hh, H, H);
  }
  return gains;
}

/** The gain of ∂C_T/∂C_t by every route, for every t: (T,). Twin of gradient_flow.lstm_jacobians and gain. */
export function lstmGains(cell, x, candidate = "tanh") {
  const { H, weight_hh, c: c0 } = cell;
  const { i, f, g, o, c } = lstmForward(cell, x, candidate);
  const T = c.length / H;
  const gains = new Float64Array(T);
  const dC = new Float64Array(H * H);
  const dz = new Float64Array(4 * H * H);
  let carry = identity(H);
  let dh = new Float64Array(H * H);
  for (let t = T - 1; t >= 0; t--) {
    for (let s = 0; s < H; s++) {
      for (let k = 0, n = t * H; k < H; k++, n++) {
        const tanhC = Math.tanh(c[n]);
        const at = s * H + k;
        const z = 4 * s * H + k;
        const before = t ? c[n - H] : c0[k];
        dC[at] = carry[at] + dh[at] * o[n] * (1 - tanhC * tanhC);
        dz[z] = dC[at] * g[n] * i[n] * (1 - i[n]);
        dz[z + H] = dC[at] * before * f[n] * (1 - f[n]);
        dz[z + 2 * H] = dC[at] * i[n] * (candidate === "tanh" ? 1 - g[n] * g[n] : 1);
        dz[z + 3 * H] = dh[at] * tanhC * o[n] * (1 - o[n]);
        carry[at] = dC[at] * f[n];
      }
    }
    gains[t] = gain(dC, H);
    dh = times(dz, weight_hh, 4 * H, H);
  }
  return gains;
}

const identity = (H) => new Float64Array(H * H).map((_, n) => (n % (H + 1) ? 0 : 1));

/** ‖J‖_F / √H; divided by the largest entry first, since squares soon leave a float's range. */
function gain(jacobian, H) {
  let most = 0;
  for (const value of jacobian) most = Math.max(most, Math.abs(value));
  if (!most) return 0;
  let sum = 0;
  for (const value of jacobian) sum += (value / most) ** 2;
  return most * Math.sqrt(sum / H);
}

/** The product of A (·, rows) and B (rows, columns). */
function times(A, B, rows, columns) {
  const count = A.length / rows;
  const product = new Float64Array(count * columns);
  for (let s = 0; s < count; s++) {
    for (let row = 0; row < rows; row++) {
      const a = A[s * rows + row];
      for (let k = 0; k < columns; k++) product[s * columns + k] += a * B[row * columns + k];
    }
  }
  return product;
}

// --- 2  The words

export function fixed(value, digits = 2) {
  const text = value.toFixed(digits);
  return text.replace("-", Number(text) === 0 ? "" : "−");
}

/** A state: two digits, or as many as a small one needs. */
export function number(value) {
  const size = Math.abs(value);
  if (size >= 0.005 || size < 1e-99) return fixed(value);
  return size >= 0.00005 ? fixed(value, 4) : (value < 0 ? "−" : "") + power(size);
}

/** A gate: as a state, with more digits where it is all but open too. */
const gate = (value) => (value > 0.995 && value < 1 ? fixed(value, 4) : number(value));

const percent = (share) => (share >= 0.001 ? `${fixed(100 * share, 1)}%` : "less than 0.1%");

/** One digit and a power of ten, from 1e-99 to 1e99; what lies beyond is only said to. */
function power(value) {
  if (!(value >= 1e-99 && value <= 1e99)) return value < 1 ? "less than 1e-99" : "more than 1e99";
  const [mantissa, exponent] = value.toExponential(0).split("e");
  return `${mantissa}e${Number(exponent)}`;
}

export function steps(factor) {
  const halfLife = factor > 0 && factor < 1 ? Math.log(2) / -Math.log(factor) : factor > 0 ? Infinity : 0;
  if (halfLife >= 1e6) return "more than a million steps";
  return `${fixed(halfLife, halfLife < 100 ? 1 : 0)} steps`;
}

function fateOf(gain) {
  const change = Math.log10(gain);
  if (Math.abs(change) < 0.01) return "stays level";
  return change > 0 ? "explodes" : change > -1 ? "fades" : "vanishes";
}

function sentence(show, at, [i, f, g, o, c, h], left, last, openOutput) {
  const kept = `forget gate ${gate(f)}: half-life ${steps(f)}, if it stayed so`;
  const held = openOutput ? "held open" : gate(o);
  if (show === "forget")
    return `${at}: ${kept}. The cell holds ${number(c)}; ${percent(left)} of that is left at step ${last}.`;
  if (show === "input") {
    const written = `${gate(i)} × ${number(g)} = ${number(i * g)}`;
    return `${at}: input gate × candidate, ${written}, is written. The cell holds ${number(c)}.`;
  }
  if (show === "output") return `${at}: output gate ${held}: the cell holds ${number(c)} and shows ${number(h)}.`;
  const rest = `input gate ${gate(i)}, candidate ${number(g)}, output gate ${held}`;
  return `${at}: ${kept}; ${rest}. The cell holds ${number(c)} and shows ${number(h)}.`;
}

function varianceSentence(forget, input, candidateBias) {
  const omega = input * candidateBias;
  const memory = forget + input;
  if (Math.abs(memory - 1) < 1e-9 && omega === 0) {
    const whose = Math.abs(forget - 0.94) < 0.0005 ? "RiskMetrics'" : "an";
    return `This is ${whose} EWMA with λ = ${fixed(forget, 3)}: α + β = 1, so a forecast never returns to a mean.`;
  }
  const numbers = `ω = ${fixed(omega, 3)}, α = ${fixed(input, 3)}, β = ${fixed(forget, 3)}`;
  if (omega < 0) {
    return `With ${numbers} this is no GARCH(1,1): a negative ω can make a variance negative.`;
  }
  if (omega === 0 && memory < 1) {
    return `With ${numbers} nothing holds the variance up: a forecast fades to 0, by half in ${steps(memory)}.`;
  }
  const name = `This is a GARCH(1,1) with ${numbers}`;
  const lasting = memory < 1 ? steps(memory) : memory < 1 + 1e-9 ? "without end" : "none, a shock grows";
  return `${name}: half-life along the cell (β) ${steps(forget)}, of a forecast (α + β) ${lasting}.`;
}

function gradientSentence(rho, inputScale, rnn, forget, lstm, lag) {
  const setting = `ρ = ${fixed(rho)}, input scale ${fixed(inputScale)}`;
  const fate = `the RNN's gradient ${fateOf(rnn)}, ${power(rnn)} is left after ${lag} steps`;
  return `${setting}: ${fate}. The LSTM's, b_f at ${fixed(forget)}, ${fateOf(lstm)}: ${power(lstm)} is left.`;
}

// --- 3  The state

const BIASES = ["forget_bias", "input_bias", "candidate_bias", "output_bias"];
const NUMBERS = [...BIASES, "rho", "input_scale", "step", "unit"];
const TRAITS = [...NUMBERS, "tied", "open_output", "preset", "input", "show"];
const SCENE = ["_presets", "_weights", "_inputs", "_rnn"];

const demand = (holds, complaint) => {
  if (!holds) throw new Error(complaint);
};

/** A list of `length` finite numbers as a Float64Array, or a complaint that says what came instead. */
function numbers(name, list, length) {
  demand(
    Array.isArray(list) && list.length === length,
    `${name} should be ${length} numbers, and is ${describe(list)}`,
  );
  const bad = list.findIndex((value) => !Number.isFinite(value));
  demand(bad < 0, `${name} holds ${describe(list[bad])} at place ${bad + 1}, where a finite number should be`);
  return Float64Array.from(list);
}

const describe = (value) =>
  Array.isArray(value) ? `${value.length} of them` : (JSON.stringify(value) ?? String(value));

const pick = (kind, table, name) => {
  demand(
    table && Object.hasOwn(table, name),
    `there is no ${kind} "${name}"; there are ${Object.keys(table ?? {}).join(", ")}`,
  );
  return table[name];
};

function readWeights(name, { D, H, ...arrays }, rows) {
  const sizes = { weight_ih: rows * H * D, weight_hh: rows * H * H, bias: rows * H, h: H, c: H };
  const read = Object.keys(arrays).map((key) => [key, numbers(`${key} of ${name}`, arrays[key], sizes[key])]);
  for (const key of ["weight_ih", "weight_hh", "bias"]) demand(key in arrays, `${name} has no ${key}`);
  return { D, H, ...Object.fromEntries(read) };
}

/** The traits as they stand, checked. */
function readState(model) {
  const traits = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const name of NUMBERS) {
    demand(Number.isFinite(traits[name]), `${name} is ${describe(traits[name])}, where a finite number should be`);
  }
  return traits;
}

/** The chosen preset with its cell, the chosen input, and the RNN if there is one, checked. */
function readScene(model, { preset: name, input: inputName }) {
  const preset = pick("preset", model.get("_presets"), name);
  const cell = readWeights(name, pick("cell", model.get("_weights"), preset.weights), 4);
  const input = pick("input", model.get("_inputs"), inputName);
  const x = numbers(`input ${inputName}`, input.x, input.T * input.D);
  demand(input.D === cell.D, `the cell reads ${cell.D} inputs a step, and ${inputName} has ${input.D}`);
  const rnn = model.get("_rnn");
  const columns = input.names.map((_, d) => x.filter((_, n) => n % input.D === d));
  return { preset, cell, input, x, columns, rnn: rnn && rnn.H ? readWeights("the RNN", rnn, 1) : null };
}

// --- 4  The lenses

const GATES = { forget_bias: "f", input_bias: "i", candidate_bias: "g", output_bias: "o" };
const SLIDERS = {
  forget_bias: {
    label: "forget bias b_f",
    low: -8,
    high: 8,
    step: 0.1,
    about: (f) => `forget gate ${gate(f)}, half-life ${steps(f)}`,
  },
  input_bias: { label: "input bias b_i", low: -8, high: 8, step: 0.1, about: (i) => `input gate ${gate(i)}` },
  candidate_bias: { label: "candidate bias b_C", low: -8, high: 8, step: 0.1, about: (g) => `candidate ${number(g)}` },
  output_bias: { label: "output bias b_o", low: -8, high: 8, step: 0.1, about: (o) => `output gate ${gate(o)}` },
  rho: { label: "ρ of the RNN's weights", low: 0.5, high: 2, step: 0.05 },
  input_scale: { label: "scale of the RNN's inputs", low: 0, high: 2, step: 0.05 },
};
// One dash and, in the style sheet below, one colour for each gate, as in plots.py; its letter stands beside it.
const DASH = { f: [], i: [7, 4], o: [9, 3, 2, 3], g: [2, 3], c: [], h: [6, 3], x: [], rnn: [7, 4], lstm: [] };
const NAME = { f: "f", i: "i", g: "C̃", o: "o", c: "C", h: "h", rnn: "RNN", lstm: "LSTM" };
const INK = { path: "f", rnn: "o", lstm: "f", x: "soft" }; // whose colour those have that have none of their own
const VARIANCE_SLIDERS = BIASES.slice(0, 3);

const LENSES = {
  cell: { sliders: BIASES, lines: "figcoh" },
  forget: { sliders: ["forget_bias"], lines: "fc" },
  input: { sliders: ["input_bias", "candidate_bias"], lines: "igc" },
  output: { sliders: ["output_bias"], lines: "oh" },
  gradient: { sliders: ["rho", "input_scale", "forget_bias"], lines: "" },
};

/** The panels of a lens over time, the first at the top. */
function panelsOf({ show }, scene, run) {
  const { preset } = scene;
  if (show === "gradient") return [gainsPanel(run)];
  const gates = { cell: "fio", forget: "f", input: "i", output: "o" }[show];
  const states = preset.variance ? "c" : { cell: "gch", forget: "c", input: "gc", output: "ch" }[show];
  const name = { cell: "gates", forget: "forget gate f", input: "input gate i", output: "output gate o" }[show];
  const held = preset.variance
    ? "cell C, here a variance σ²"
    : {
        cell: "candidate C̃, cell C, hidden state h",
        forget: "cell C",
        input: "candidate C̃ and cell C",
        output: "cell C, and what is shown of it, h",
      }[show];
  const panels = [
    { title: inputTitle(scene), kind: "input", weight: 0.75 },
    { title: `${name}: 0 shut, 1 open`, series: gates, low: 0, high: 1, ticks: [0, 0.5, 1], weight: 1 },
    { title: held, series: states, ...niceRange(states, run), weight: 1.25 },
  ];
  if (show === "cell" || show === "forget") panels.push(pathPanel(run));
  return panels;
}

function inputTitle({ input: { names }, columns }) {
  if (names.length === 1) return /^input \d/.test(names[0]) ? "input" : `input: ${names[0]}`;
  const marks = columns[names.indexOf("mark")] ?? [];
  const said = [marks.some((mark) => mark > 0) && "▼ take note", marks.some((mark) => mark < 0) && "▲ answer now"];
  return ["input", said.filter(Boolean).join(", ")].filter(Boolean).join(": ");
}

function pathPanel(run) {
  const decades = Math.min(16, Math.max(1, Math.ceil(-Math.log10(Math.max(run.leastPath, 1e-300)))));
  const low = -4 * Math.ceil(decades / 4);
  return {
    title: "gradient along the cell: ∏ f from each step to the last",
    short: "gradient along the cell, ∏ f",
    series: ["path"],
    log: true,
    low,
    high: 0,
    ticks: [low, low / 2, 0],
    weight: 0.9,
  };
}

function gainsPanel(run) {
  const logs = [...run.rnn, ...run.lstm].map((value) => Math.log10(Math.max(value, 1e-300)));
  const low = Math.max(-40, 10 * Math.floor(Math.min(-10, ...logs) / 10));
  const high = Math.max(5, 5 * Math.ceil(Math.max(...logs) / 5));
  const ticks = Array.from({ length: Math.floor((high - low) / 5) + 1 }, (_, k) => low + 5 * k).filter(
    (k) => k % (high - low > 30 ? 10 : 5) === 0,
  );
  return {
    title: "what is left of the last step's gradient, step by step back",
    short: "gradient left, step by step back",
    series: ["rnn", "lstm"],
    log: true,
    low,
    high,
    ticks,
    weight: 1,
  };
}

/** The least and the greatest of some numbers, 0 among them. */
function extent(values) {
  let [low, high] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    if (values[n] < low) low = values[n];
    if (values[n] > high) high = values[n];
  }
  return [low, high];
}

/** A range with round ends and three or more ticks around everything the named series reach. */
function niceRange(series, run) {
  const [low, high] = extent([...series].flatMap((key) => extent(run[key])));
  const rough = Math.max(high - low, 0.5) / 3;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const size = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough);
  const [from, to] = [Math.floor(low / size + 1e-9), Math.ceil(high / size - 1e-9)];
  const ticks = Array.from({ length: Math.max(to, from + 1) - from + 1 }, (_, k) => (from + k) * size);
  return { low: ticks[0], high: ticks.at(-1), ticks };
}

// --- 5  The drawing

const STYLE = `
:host { display: block; color-scheme: light; --ink: #1a1a1a; --soft: #595e64; --paper: #ffffff; --line: #d5d8dc;
  --raised: #f4f6f8; --focus: #0057b8; --f: #0072b2; --i: #00785a; --o: #b84a00; --g: #a03a78; --c: #1a1a1a; --h: #8a5a00; }
:host([data-theme="dark"]) { color-scheme: dark; --ink: #f0f0f0; --soft: #b4b9bf; --paper: #16181b; --line: #43484e;
  --raised: #22262a; --focus: #7cc4ff; --f: #5ab8f0; --i: #2fcf9f; --o: #ff9152; --g: #eaa6cf; --c: #f4f4f4; --h: #f2b632; }
.lab { container-type: inline-size; font: var(--gate-lab-size, 14px)/1.4 system-ui, "Segoe UI", Roboto, Arial, sans-serif;
  color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 0.8em; margin: 2px; }
.lab * { box-sizing: border-box; }
.grid { display: grid; grid-template: auto auto auto 1fr / minmax(15em, 19em) minmax(0, 1fr); gap: 0.6em 1.2em; }
.menus, .knobs { display: flex; flex-direction: column; gap: 0.55em; }
.main { grid-area: 1 / 2 / span 4; }
label, .name { display: block; font-weight: 600; }
.name { display: flex; justify-content: space-between; gap: 0.6em; }
.readout { font-variant-numeric: tabular-nums; font-weight: 600; }
.about { color: var(--soft); font-size: 0.9em; min-height: 1.3em; }
select, button { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--soft); border-radius: 5px;
  padding: 0.3em 0.5em; min-height: 2.1em; max-width: 100%; }
select { flex: 1; min-width: 0; }
button { min-width: 2.4em; cursor: pointer; }
input[type="range"] { width: 100%; height: 1.9em; margin: 0; cursor: pointer; touch-action: pan-y; accent-color: var(--own, var(--focus)); }
.check { display: flex; gap: 0.5em; align-items: center; font-weight: 400; min-height: 1.9em; }
.check input { width: 1.2em; height: 1.2em; margin: 0; }
:is(select, button, input):focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
input[type="range"]:focus-visible { outline-offset: -3px; }
.time { display: block; width: 100%; touch-action: pan-y; cursor: crosshair; }
.row, .play { display: flex; gap: 0.5em; align-items: center; }
.play input { flex: 1; min-width: 4em; }
.play .readout { min-width: 6.5em; text-align: right; }
.cellpic { width: 100%; max-width: 24em; display: block; margin: 0 auto; }
.equations { font-family: "STIX Two Text", "Cambria", Georgia, serif; font-size: 1.05em; font-variant-numeric: tabular-nums; margin: 0.4em 0 0; }
.equations div { padding-left: 1.2em; text-indent: -1.2em; min-height: 1.4em; overflow-wrap: anywhere; }
.says { margin: 0.5em 0 0; min-height: 2.8em; }
.note { color: var(--soft); margin: 0; font-size: 0.95em; }
.alert { border-left: 4px solid var(--o); padding: 0.6em 0.8em; margin: 0.6em 0; background: var(--raised); }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 40em) { /* a phone: the picture above the thumbs that move it */
  .grid { display: flex; flex-direction: column; }
  .main, .shown { display: contents; }
  .knobs { order: 1; } .words { order: 2; } .cellpic { order: 3; }
  .about { display: none; }
  .play { flex-wrap: wrap; }
}
[hidden] { display: none !important; }
`;

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: attributes, "on…" listeners and children in one go. */
function make(tag, attributes = {}, ...children) {
  const element = tag.startsWith("svg:") ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A symbol for a button, drawn, since fonts differ in the ones they have. */
const icon = (d) =>
  make(
    "svg:svg",
    { viewBox: "0 0 16 16", width: "1em", height: "1em", "aria-hidden": "true" },
    make("svg:path", { d, fill: "currentColor" }),
  );
const ICONS = {
  back: "M3 2h2v12H3z M14 2v12L6 8z",
  play: "M3 1l11 7-11 7z",
  pause: "M3 2h4v12H3z M9 2h4v12H9z",
  on: "M11 2h2v12h-2z M2 2l8 6-8 6z",
};

const setText = (element, text) => element.textContent === text || (element.textContent = text);
const subscript = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

/** The time panels. Knows pixels and colours; what to draw comes in as panels, a run and a place. */
class TimePanels {
  constructor(canvas) {
    this.canvas = canvas;
    this.ink = canvas.getContext("2d");
  }

  /** Lay out and draw; remembers where things are, for the pointer. */
  draw(panels, scene, run, { step, unit, colours }) {
    const { canvas, ink } = this;
    const width = canvas.clientWidth;
    this.drawn = width > 0;
    if (!width) return; // in a closed tab there is nothing to see
    const em = parseFloat(getComputedStyle(canvas).fontSize);
    const narrow = width < 30 * em;
    const ratio = globalThis.devicePixelRatio || 1;
    for (const panel of panels) if (narrow && panel.short) panel.title = panel.short;
    const total = panels.reduce((sum, panel) => sum + panel.weight, 0);
    const unitHeight = em * (panels.length === 1 ? 18 : narrow ? 4.9 : 6.4);
    const head = 1.7 * em;
    const foot = 1.9 * em;
    const height = Math.round(total * unitHeight + panels.length * head + foot);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.style.height = `${height}px`;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, width, height);
    Object.assign(this, {
      em,
      ratio,
      colours,
      scene,
      run,
      step,
      unit,
      left: em * (narrow ? 2.6 : 3.2),
      right: width - em * (panels[0].series?.includes("rnn") ? 6.8 : narrow ? 5.4 : 5.9),
    });
    ink.font = `${em * 0.86}px system-ui, "Segoe UI", Roboto, Arial, sans-serif`;
    ink.lineJoin = "round";
    this.places = [];
    let top = 0;
    for (const panel of panels) {
      const box = { panel, top: top + head, bottom: top + head + panel.weight * unitHeight - 0.5 * em };
      this.places.push(box);
      this.drawPanel(box);
      top += head + panel.weight * unitHeight;
    }
    this.drawSteps(top + 0.2 * em);
  }

  colour(key) {
    return this.colours[INK[key] ?? key];
  }

  x(t) {
    return this.left + ((this.right - this.left) * t) / Math.max(1, this.scene.input.T - 1);
  }

  drawPanel(box) {
    const { panel } = box;
    const { ink, em } = this;
    ink.fillStyle = this.colours.ink;
    ink.textAlign = "left";
    ink.textBaseline = "alphabetic";
    ink.fillText(panel.title, this.left, box.top - 0.45 * em);
    if (panel.kind === "input") this.drawInput(box);
    else this.drawSeries(box);
    ink.strokeStyle = this.colours.soft;
    ink.setLineDash([]);
    ink.lineWidth = 1;
    this.segment(this.x(this.step), box.top, this.x(this.step), box.bottom);
  }

  segment(x1, y1, x2, y2) {
    this.ink.beginPath();
    this.ink.moveTo(x1, y1);
    this.ink.lineTo(x2, y2);
    this.ink.stroke();
  }

  frame(box, low, high, ticks, spell) {
    const { ink, em } = this;
    const y = (value) => box.bottom - ((box.bottom - box.top) * (value - low)) / (high - low);
    ink.setLineDash([]);
    ink.lineWidth = 1;
    ink.textAlign = "right";
    ink.textBaseline = "middle";
    for (const tick of ticks) {
      ink.strokeStyle = this.colours.line;
      this.segment(this.left, y(tick), this.right, y(tick));
      ink.fillStyle = this.colours.soft;
      ink.fillText(spell(tick), this.left - 0.4 * em, y(tick));
    }
    return y;
  }

  drawSeries(box) {
    const { panel } = box;
    const { ink, run, unit } = this;
    const labels = [];
    const spell = (tick) =>
      panel.log ? (tick ? `10${superscript(tick)}` : "1") : String(Number(tick.toPrecision(6))).replace("-", "−");
    const y = this.frame(box, panel.low, panel.high, panel.ticks, spell);
    ink.save();
    ink.beginPath();
    ink.rect(this.left - 2, box.top - 2, this.right - this.left + 4, box.bottom - box.top + 4);
    ink.clip();
    for (const key of panel.series) {
      const values = run[key];
      const H = values.length / this.scene.input.T;
      const own = Math.min(unit, H - 1);
      const height = panel.log ? (value) => y(Math.max(Math.log10(Math.max(value, 1e-300)), panel.low - 1)) : y;
      ink.strokeStyle = this.colour(key);
      this.drawOthers(values, H, own, height);
      ink.globalAlpha = 1;
      ink.lineWidth = 1; // hairlines side by side are drawn many times faster than one thick line
      ink.setLineDash(DASH[key] ?? []);
      const shifts = this.scene.input.T > 256 ? [0] : key === "c" ? [-0.7, 0, 0.7] : [-0.4, 0.4];
      for (const shift of shifts) this.line(values, H, own, (value) => height(value) + shift);
      const value = values[this.step * H + own];
      ink.setLineDash([]);
      ink.fillStyle = this.colour(key);
      ink.beginPath();
      ink.arc(this.x(this.step), height(value), 3.2, 0, 7);
      ink.fill();
      labels.push({ key, value, y: Math.min(box.bottom, Math.max(box.top, height(value))) });
    }
    ink.restore();
    box.height = y;
    this.drawLabels(box, labels, panel.log);
  }

  /** The units that are not chosen: each a faint line, or, where there are many points, one faint band from end to end. */
  drawOthers(values, H, own, height) {
    const { ink } = this;
    const T = values.length / H;
    ink.setLineDash([]);
    ink.globalAlpha = 0.35;
    ink.lineWidth = 0.8;
    if (H * T <= 4096) {
      for (let k = 0; k < H; k++) if (k !== own) this.line(values, H, k, height);
      return;
    }
    ink.globalAlpha = 0.14;
    ink.fillStyle = ink.strokeStyle;
    const half = (this.x(1) - this.x(0)) / 2;
    for (let t = 0; t < T; t++) {
      let [low, high] = [Infinity, -Infinity];
      for (let n = t * H; n < (t + 1) * H; n++) {
        if (values[n] < low) low = values[n];
        if (values[n] > high) high = values[n];
      }
      const [from, to] = [-half, half].map((by) => Math.round((this.x(t) + by) * this.ratio) / this.ratio); // no seams
      ink.fillRect(from, height(high), to - from, Math.max(1, height(low) - height(high)));
    }
  }

  line(values, H, k, height) {
    const T = values.length / H;
    const { ink } = this;
    ink.beginPath();
    for (let t = 0; t < T; t++) ink.lineTo(this.x(t), height(values[t * H + k]));
    ink.stroke();
  }

  /** Each series' letter and its value at the chosen step, at the right, no closer than a line of text. */
  drawLabels(box, labels, log) {
    const { ink, em } = this;
    const gap = 1.15 * em;
    labels.sort((a, b) => a.y - b.y);
    for (let k = 1; k < labels.length; k++) labels[k].y = Math.max(labels[k].y, labels[k - 1].y + gap);
    for (let k = labels.length - 1; k >= 0; k--) {
      labels[k].y = Math.min(labels[k].y, box.bottom - (labels.length - 1 - k) * gap);
    }
    for (const { key, value, y } of labels) {
      ink.strokeStyle = this.colour(key);
      ink.lineWidth = 2;
      ink.setLineDash(DASH[key] ?? []);
      this.segment(this.right + 0.35 * em, y, this.right + 1.35 * em, y);
      const said = log ? power(value).replace("less than ", "<") : "fio".includes(key) ? gate(value) : number(value);
      this.text(NAME[key] ? `${NAME[key]} ${said}` : said, this.right + 1.6 * em, y, key);
    }
    ink.setLineDash([]);
  }

  drawInput(box) {
    const { em, scene, right } = this;
    const { names } = scene.input;
    const marked = names.includes("mark");
    const drawn = [...names.keys()].filter((d) => !marked || !["mark", "value²"].includes(names[d])).slice(0, 6);
    const [low, high] = extent(drawn.flatMap((d) => extent(scene.columns[d])));
    const room = (marked ? 0.25 : 0.08) * (high - low || 1);
    const ticks = [low, 0, high].filter((tick, k) => k === 1 || Math.abs(tick) > 0.3 * Math.max(-low, high));
    const y = this.frame(box, low - room, high + room, ticks, (tick) => fixed(tick, Math.abs(tick) < 100 ? 1 : 0));
    drawn.forEach((d, k) => {
      this.ink.strokeStyle = this.colour("x");
      this.ink.lineWidth = 1;
      this.ink.setLineDash([[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]][k]);
      this.line(scene.columns[d], 1, 0, y);
      const value = scene.columns[d][this.step];
      const level = box.top + (0.5 + 1.15 * k) * em;
      if (drawn.length === 1) this.text(fixed(value), right + 0.5 * em, y(value), "x");
      if (drawn.length === 1 || k > 2) return;
      this.segment(right + 0.35 * em, level, right + 1.35 * em, level);
      this.text(names[d], right + 1.6 * em, level, "x");
    });
    this.ink.setLineDash([]);
    const marks = marked ? scene.columns[names.indexOf("mark")] : [];
    marks.forEach((mark, t) => mark && this.triangle(this.x(t), mark > 0 ? box.top : box.bottom, Math.sign(mark)));
  }

  text(text, x, y, key) {
    this.ink.fillStyle = this.colour(key);
    this.ink.textAlign = "left";
    this.ink.textBaseline = "middle";
    this.ink.fillText(text, x, y, Math.max(1, this.canvas.clientWidth - x)); // a long name is condensed
  }

  /** ▼ from above for "take note", ▲ from below for "you are asked". */
  triangle(x, y, way) {
    const { ink, em } = this;
    ink.fillStyle = this.colour(way > 0 ? "i" : "o");
    ink.beginPath();
    ink.moveTo(x, y + way * 0.75 * em);
    ink.lineTo(x - 0.38 * em, y);
    ink.lineTo(x + 0.38 * em, y);
    ink.fill();
  }

  drawSteps(y) {
    const { ink, em } = this;
    const { T, dates } = this.scene.input;
    const room = (this.right - this.left) / em;
    const count = Math.min(T - 1, dates.length ? (room > 34 ? 4 : room > 19 ? 2 : 1) : room > 26 ? 4 : 2);
    ink.fillStyle = this.colours.soft;
    ink.textBaseline = "top";
    for (let k = 0; k <= count; k++) {
      const t = count ? Math.round((k * (T - 1)) / count) : 0;
      ink.textAlign = k === 0 ? "left" : k === count ? "right" : "center";
      ink.fillText(dates.length ? dates[t] : k === 0 ? `step ${t + 1}` : String(t + 1), this.x(t), y);
    }
  }

  /** The step and the unit nearest to a point of the canvas; the unit stays where the point is on no panel of units. */
  at(px, py) {
    const T = this.scene.input.T;
    const step = Math.round(((px - this.left) / (this.right - this.left)) * (T - 1));
    const found = { step: Math.min(T - 1, Math.max(0, step)), unit: this.unit };
    const box = this.places.find(({ top, bottom, panel }) => py >= top && py <= bottom && panel.series && !panel.log);
    let nearest = Infinity;
    for (const key of box ? box.panel.series : []) {
      const values = this.run[key];
      const H = values.length / T;
      for (let k = 0; k < H; k++) {
        const distance = Math.abs(box.height(values[found.step * H + k]) - py);
        if (distance >= nearest) continue;
        nearest = distance;
        found.unit = k;
      }
    }
    return found;
  }
}

const superscript = (number) => String(number).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

/** The cell as plumbing: a pipe for C, a valve for each gate, turned as far as its gate is open. */
class CellPicture {
  constructor() {
    const line = (d, key, width = 4) =>
      make("svg:path", { d, fill: "none", stroke: `var(--${key})`, "stroke-width": width });
    const text = (x, y, anchor, key, size = 13) =>
      make("svg:text", { x, y, "text-anchor": anchor, fill: `var(--${key})`, "font-size": size });
    this.valves = { f: this.valve(110, 52, "f"), i: this.valve(180, 112, "i"), o: this.valve(262, 132, "o") };
    this.flows = { f: line("M124 52 H170", "c", 5), i: line("M180 98 V62", "g"), o: line("M262 146 V158 H350", "h") }; // behind the valves
    this.words = {
      before: text(4, 40, "start", "c"),
      after: text(356, 40, "end", "c"),
      f: text(110, 24, "middle", "f"),
      i: text(160, 117, "end", "i"),
      o: text(242, 137, "end", "o", 12),
      g: text(180, 172, "middle", "g"),
      h: text(356, 137, "end", "h"),
    };
    const tanh = make(
      "svg:g",
      {},
      make("svg:rect", { x: 240, y: 78, width: 44, height: 20, rx: 6, fill: "var(--raised)", stroke: "var(--soft)" }),
      text(262, 92, "middle", "ink", 12),
    );
    tanh.lastChild.textContent = "tanh";
    const plus = make(
      "svg:g",
      {},
      make("svg:circle", { cx: 180, cy: 52, r: 10, fill: "var(--raised)", stroke: "var(--soft)", "stroke-width": 1.5 }),
      text(180, 57, "middle", "ink", 15),
    );
    plus.lastChild.textContent = "+";
    const arrow = (d, key) => make("svg:path", { d, fill: `var(--${key})` });
    this.svg = make(
      "svg:svg",
      { viewBox: "0 0 360 182", class: "cellpic", role: "img" },
      line("M4 52 H96 M190 52 H350", "c", 5),
      line("M180 160 V126", "g"),
      line("M262 54 V78 M262 98 V118", "c"),
      ...Object.values(this.flows),
      arrow("M350 44 l10 8 -10 8 z", "c"),
      arrow("M350 150 l10 8 -10 8 z", "h"),
      plus,
      tanh,
      ...Object.values(this.valves).map((valve) => valve.group),
      ...Object.values(this.words),
    );
  }

  valve(x, y, key) {
    const along = key === "f" ? 0 : 90; // the pipe runs across at f, up and down at i and o
    const blade = make("svg:path", {
      d: "M-12 0 H12",
      stroke: `var(--${key})`,
      "stroke-width": 5,
      "stroke-linecap": "round",
    });
    const ring = make("svg:circle", { r: 14, fill: "var(--paper)", stroke: `var(--${key})`, "stroke-width": 2 });
    return { blade, along, group: make("svg:g", { transform: `translate(${x} ${y})` }, ring, blade) };
  }

  draw(t, { i, f, g, o, c, h }, before) {
    for (const [key, open] of Object.entries({ f, i, o })) {
      const { blade, along } = this.valves[key];
      blade.setAttribute("transform", `rotate(${along + 90 * (1 - open)})`);
      this.flows[key].setAttribute("stroke-opacity", 0.12 + 0.88 * open);
    }
    const said = {
      before: `C${subscript(t - 1)} = ${number(before)}`,
      after: `C${subscript(t)} = ${number(c)}`,
      f: `f ${gate(f)}`,
      i: `i ${gate(i)}`,
      o: `o ${gate(o)}`,
      g: `C̃ ${number(g)}`,
      h: `h ${number(h)}`,
    };
    for (const [key, text] of Object.entries(said)) setText(this.words[key], text);
    const openness = Object.entries({ forget: f, input: i, output: o }).map(
      ([name, open]) => `${name} valve ${fixed(100 * open, 0)}% open`,
    );
    this.svg.setAttribute(
      "aria-label",
      `The cell at step ${t}: ${openness.join(", ")}; C goes from ${number(before)} to ${number(c)}, h is ${number(h)}.`,
    );
  }
}

/** The equations with the numbers of one step and unit filled in: letter → text. */
function equations(cell, scene, run, { step, unit, open_output: open }) {
  const { D, H, weight_ih, weight_hh, bias, h: h0, c: c0 } = cell;
  const n = step * H + unit;
  const t = subscript(step + 1);
  const weighed = (gate) => {
    const row = "ifgo".indexOf(gate) * H + unit;
    let sum = 0;
    for (let d = 0; d < D; d++) sum += weight_ih[row * D + d] * scene.x[step * D + d];
    for (let k = 0; k < H; k++) sum += weight_hh[row * H + k] * (step ? run.h[(step - 1) * H + k] : h0[k]);
    return `${fixed(sum)} ${bias[row] < 0 ? "−" : "+"} ${fixed(Math.abs(bias[row]))}`;
  };
  const [i, f, g, o, c, h] = ["i", "f", "g", "o", "c", "h"].map((key) => run[key][n]);
  const before = step ? run.c[n - H] : c0[unit];
  const sign = (value) => (value < 0 ? `(${number(value)})` : number(value));
  return {
    f: `f${t} = σ(${weighed("f")}) = ${gate(f)}: half-life ${steps(f)}, if f stayed so`,
    i: `i${t} = σ(${weighed("i")}) = ${gate(i)}`,
    g:
      scene.preset.candidate === "tanh"
        ? `C̃${t} = tanh(${weighed("g")}) = ${number(g)}`
        : `C̃${t} = ${weighed("g")} = ${number(g)}, its tanh taken off`,
    c: `C${t} = f·C${subscript(step)} + i·C̃ = ${gate(f)}·${sign(before)} + ${gate(i)}·${sign(g)} = ${number(c)}`,
    o: open ? `o${t} = 1, held open` : `o${t} = σ(${weighed("o")}) = ${gate(o)}`,
    h: `h${t} = o·tanh(C) = ${gate(o)}·tanh(${number(c)}) = ${number(h)}`,
  };
}

// --- 6  The lab

let labs = 0; // ids must differ between the labs of one page

class Lab {
  constructor(model, el) {
    Object.assign(this, {
      model,
      el,
      id: `gate-lab-${++labs}-${Math.floor(performance.now())}`,
      timers: {},
      ahead: {},
    });
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the arrow keys away
    this.root = el.shadowRoot ?? el.attachShadow({ mode: "open" });
    this.box = make("section", { class: "lab", "aria-label": "Gate Lab", onkeydown: (event) => this.keepKeys(event) });
    this.root.replaceChildren(make("style", {}, STYLE), this.box);
    this.watched = [...TRAITS, ...SCENE].map((name) => [`change:${name}`, () => this.changed(name)]);
    for (const [name, listener] of this.watched) model.on(name, listener);
    this.sizes = new ResizeObserver(() => this.retheme() || this.refresh()); // the first time when it is put in the page
    this.sizes.observe(el);
    this.themes = new MutationObserver(() => this.retheme());
    for (const node of [document.documentElement, document.body]) {
      this.themes.observe(node, {
        attributes: true,
        attributeFilter: ["class", "style", "theme", "data-theme", "data-jp-theme-light", "data-jp-theme-name"],
      });
    }
    this.systemTheme = matchMedia("(prefers-color-scheme: dark)");
    this.systemTheme.addEventListener("change", (this.rethemed = () => this.retheme()));
    this.retheme();
    this.build();
  }

  destroy() {
    for (const [name, listener] of this.watched) this.model.off(name, listener);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.systemTheme.removeEventListener("change", this.rethemed);
    this.pause();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timers.say);
    if (this.timers.set || this.timers.place) this.tell();
  }

  /** Dark or light is read off the page's own background, so that every host's theme will do. */
  retheme() {
    let node = this.el;
    let colour;
    do {
      colour = getComputedStyle(node)
        .backgroundColor.match(/[\d.]+/g)
        ?.map(Number) ?? [0, 0, 0, 0];
      node = node.parentElement ?? node.getRootNode().host;
    } while (node && colour[3] === 0);
    const system =
      colour[3] === 0 &&
      this.systemTheme.matches &&
      getComputedStyle(document.documentElement).colorScheme.includes("dark");
    const dark = colour[3] === 0 ? system : 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2] < 110;
    if (this.dark === dark && this.colours.ink) return false; // out of the page there are no colours yet
    this.dark = dark;
    this.el.dataset.theme = dark ? "dark" : "light";
    const style = getComputedStyle(this.el);
    const names = ["f", "i", "o", "g", "c", "h", "soft", "line", "ink"];
    this.colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)]));
    this.refresh();
    return true;
  }

  // Controls

  build() {
    this.pause();
    const show = this.get("show");
    const lens = Object.hasOwn(LENSES, show) ? LENSES[show] : LENSES.cell;
    this.builtFor = show;
    this.sliders = {};
    const gradient = show === "gradient";
    const wanted = gradient ? lens.sliders : [...new Set([...lens.sliders, ...VARIANCE_SLIDERS])];
    const menus = make("div", { class: "menus" });
    const knobs = make("div", { class: "knobs" });
    const reset = make(
      "button",
      { type: "button", onclick: () => this.choosePreset(this.presets.select.value) },
      "reset",
    );
    reset.title = "put the sliders back where this cell has them";
    this.presets = this.menu("cell", "preset", (name) => this.choosePreset(name), reset);
    this.inputs = this.menu("input", "input", (name) =>
      this.set({ input: name, step: Math.ceil(this.get("_inputs")[name].T / 2) }),
    );
    this.note = make("p", { class: "note" });
    if (!gradient) menus.append(this.presets.box, this.note, this.inputs.box);
    for (const name of wanted) knobs.append(this.slider(name));
    this.tied = this.checkbox("", (on) =>
      this.set(on ? { tied: true, input_bias: -this.get("forget_bias") } : { tied: false }),
    );
    this.opened = this.checkbox("hold the output gate open", (on) => this.set({ open_output: on }));
    if (!gradient) knobs.append(this.tied.box);
    if (show === "cell" || show === "output") knobs.append(this.opened.box);
    const canvas = make("canvas", {
      class: "time",
      role: "img",
      onpointermove: (e) => this.point(e),
      onpointerdown: (e) => this.point(e),
    });
    this.panels = new TimePanels(canvas);
    this.picture = show === "cell" ? new CellPicture() : null;
    this.lines = Object.fromEntries(
      [...lens.lines].map((key) => [key, make("div", { style: `color: var(--${key})` })]),
    );
    this.says = make("p", { class: "says" });
    this.heard = make("p", { class: "heard", role: "status", "aria-live": "polite" });
    this.alert = make("p", { class: "alert", role: "alert", hidden: true });
    const words = make(
      "div",
      { class: "words" },
      ...(gradient ? [] : [this.placeControls()]),
      this.says,
      make("div", { class: "equations" }, ...Object.values(this.lines)),
    );
    this.shown = make("div", { class: "shown" }, canvas, words);
    const pipes = this.picture ? [this.picture.svg] : [];
    this.box.replaceChildren(
      make("div", { class: "grid" }, menus, make("div", { class: "main" }, this.alert, this.shown), knobs, ...pipes),
      this.heard,
    );
    this.scene = null;
    this.refresh(true);
  }

  menu(label, trait, choose, ...more) {
    const id = `${this.id}-${trait}`;
    const select = make("select", { id, onchange: () => choose(select.value) });
    return {
      select,
      box: make("div", {}, make("label", { for: id }, label), make("div", { class: "row" }, select, ...more)),
    };
  }

  slider(name) {
    const { label, low, high } = SLIDERS[name];
    const id = `${this.id}-${name}`;
    const colour = GATES[name] ? `--own: var(--${GATES[name]})` : "";
    const input = make("input", {
      type: "range",
      id,
      min: low,
      max: high,
      step: 0.01,
      style: colour,
      "data-trait": name,
      oninput: () => this.slide(name, Number(input.value)),
      onkeydown: (event) => this.nudge(event, name),
    });
    const value = make("span", { class: "readout", "aria-hidden": "true" });
    const about = make("div", { class: "about", "aria-hidden": "true" });
    const box = make("div", {}, make("div", { class: "name" }, make("label", { for: id }, label), value), input, about);
    this.sliders[name] = { input, value, about, box };
    return box;
  }

  checkbox(label, change) {
    const input = make("input", { type: "checkbox", onchange: () => change(input.checked) });
    const text = make("span", {}, label);
    return { input, text, box: make("label", { class: "check" }, input, text) };
  }

  placeControls() {
    const button = (symbol, label, click) =>
      make("button", { type: "button", "aria-label": label, title: label, onclick: click }, icon(ICONS[symbol]));
    this.playing = button("play", "play through time", () => (this.timer ? this.pause() : this.play()));
    this.time = this.placeSlider("step", "step in time");
    this.units = this.placeSlider("unit", "unit");
    const step = (by) => () => this.place({ step: this.get("step") + by });
    const row = make(
      "div",
      { class: "play" },
      button("back", "one step back", step(-1)),
      this.playing,
      button("on", "one step on", step(1)),
      this.time.input,
      this.time.value,
    );
    this.unitRow = make(
      "div",
      { class: "play" },
      make("label", { for: this.units.input.id }, "unit"),
      this.units.input,
      this.units.value,
    );
    return make("div", {}, row, this.unitRow);
  }

  placeSlider(trait, label) {
    const id = `${this.id}-${trait}`;
    const value = make("span", { class: "readout", "aria-hidden": "true" });
    const input = make("input", {
      type: "range",
      id,
      min: 1,
      step: 1,
      "aria-label": label,
      "data-trait": trait,
      oninput: () => this.place({ [trait]: Number(input.value) }),
    });
    return { input, value };
  }

  // What the student does

  slide(name, value) {
    const changes = { [name]: value };
    if (this.get("tied") && name === "forget_bias") changes.input_bias = -value;
    if (this.get("tied") && name === "input_bias") changes.forget_bias = -value;
    this.set(changes);
  }

  /** Arrow keys move to the next tenth, with shift or by page to the next whole, Home and End to the ends. */
  nudge(event, name) {
    const { low, high, step } = SLIDERS[name];
    const now = this.get(name);
    const large = 10 * step;
    const way = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!way && event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    const size = event.shiftKey || event.key.startsWith("Page") ? large : step;
    const next = way > 0 ? (Math.floor(now / size + 1e-9) + 1) * size : (Math.ceil(now / size - 1e-9) - 1) * size;
    const value = event.key === "Home" ? low : event.key === "End" ? high : Math.min(high, Math.max(low, next));
    this.slide(name, Number(value.toFixed(10)));
  }

  /** Plain keys belong to the control that has the focus, not to the notebook or the slides around it. */
  keepKeys(event) {
    if (!event.ctrlKey && !event.metaKey && event.key !== "Escape" && event.key !== "Tab") event.stopPropagation();
  }

  choosePreset(name) {
    const {
      biases: [forget_bias, input_bias, candidate_bias, output_bias],
      tied,
    } = pick("preset", this.get("_presets"), name);
    this.set({ preset: name, forget_bias, input_bias, candidate_bias, output_bias, tied, open_output: false, unit: 1 });
  }

  point(event) {
    if (!this.run || this.get("show") === "gradient" || (event.pointerType === "touch" && !event.buttons)) return;
    this.pause();
    const box = this.panels.canvas.getBoundingClientRect();
    const { step, unit } = this.panels.at(event.clientX - box.left, event.clientY - box.top);
    this.place({ step: step + 1, unit: unit + 1 });
  }

  play() {
    const slow = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const last = this.scene?.input.T;
    if (!last) return;
    if (this.get("step") >= last) this.place({ step: 1 });
    this.label(this.playing, "pause", "pause");
    this.timer = setInterval(
      () => {
        if (this.get("step") >= last) return this.pause();
        this.place({ step: this.get("step") + 1 });
      },
      slow ? 1000 : 80,
    );
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    if (!this.playing) return;
    this.label(this.playing, "play", "play through time");
  }

  label(button, symbol, text) {
    button.replaceChildren(icon(ICONS[symbol]));
    for (const attribute of ["aria-label", "title"]) button.setAttribute(attribute, text);
  }

  /** A trait as it stands here: the model may be behind by as much as is still to be told. */
  get(name) {
    return this.ahead[name] ?? this.model.get(name);
  }

  /** Change traits, draw at once, and tell Python soon: a host redraws itself at each message, and that takes its time. */
  set(changes) {
    this.write(changes);
    this.timers.set ||= setTimeout(() => this.tell(), 100);
  }

  write(changes) {
    Object.assign(this.ahead, changes);
    this.refresh();
  }

  /** Into the model only now, with the message: Python's echo of an earlier one would take back what is set before. */
  tell() {
    for (const name of ["set", "place"]) this.timers[name] = clearTimeout(this.timers[name]);
    this.telling = true;
    for (const [name, value] of Object.entries(this.ahead)) this.model.set(name, value);
    this.telling = false;
    this.ahead = {};
    this.model.save_changes();
  }

  /** Step and unit: drawn at once, told to Python when they have come to rest. */
  place({ step = this.get("step"), unit = this.get("unit") }) {
    const { T } = this.scene.input;
    const { H } = this.scene.cell;
    const whole = { step: Math.min(T, Math.max(1, step)), unit: Math.min(H, Math.max(1, unit)) };
    if (whole.step === this.get("step") && whole.unit === this.get("unit")) return;
    this.write(whole);
    clearTimeout(this.timers.place);
    this.timers.place = setTimeout(() => this.tell(), 150);
  }

  // What is drawn

  changed(name) {
    if (this.telling) return;
    if (name === "show" && this.get("show") !== this.builtFor) return this.build();
    if (SCENE.includes(name)) this.scene = null;
    this.refresh();
  }

  /** Draw now if this frame has seen no drawing yet, else once more in the next one: never late, never twice. */
  refresh(now = false) {
    if (!this.shown) return;
    this.stale = true;
    if (this.frame && !now) return;
    this.draw();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.stale) this.refresh();
      else if (!this.panels.drawn) this.draw(); // a host may hide a page for less than a frame, and no observer hears of it
    });
  }

  draw() {
    this.stale = false;
    try {
      const state = readState(this);
      this.readScene(state);
      this.compute(state);
      this.showPicture(state); // before the controls, whose new texts would have the page laid out once more
      this.showControls(state);
      this.alert.hidden = true;
      this.shown.hidden = false;
    } catch (error) {
      this.run = null;
      setText(
        this.alert,
        `The Gate Lab cannot draw this: ${error.message}. Choose another setting, or run the cell again.`,
      );
      this.alert.hidden = false;
      this.shown.hidden = true;
      console.error(error);
    }
  }

  readScene(state) {
    demand(
      Object.hasOwn(LENSES, state.show),
      `there is no lens "${state.show}"; there are ${Object.keys(LENSES).join(", ")}`,
    );
    if (this.scene && this.sceneOf === `${state.preset}/${state.input}`) return;
    this.scene = null;
    this.scene = readScene(this, state);
    this.sceneOf = `${state.preset}/${state.input}`;
    this.computed = {};
  }

  compute(state) {
    const { cell, x, preset, rnn } = this.scene;
    const shifts = {
      forget: state.forget_bias,
      input: state.input_bias,
      candidate: state.candidate_bias,
      output: state.output_bias,
    };
    const key = JSON.stringify([shifts, state.open_output]);
    if (state.show === "gradient") {
      demand(rnn, "the lens gradient needs an RNN beside the LSTM, and none was sent");
      this.run = {
        rnn: this.once("rnn", [state.rho, state.input_scale].join(), () => {
          const scaled = {
            ...rnn,
            weight_ih: rnn.weight_ih.map((w) => state.input_scale * w),
            weight_hh: rnn.weight_hh.map((w) => state.rho * w),
          };
          return rnnGains(scaled, x);
        }),
        lstm: this.once("lstm", key, () =>
          lstmGains(shiftBiases(cell, shifts, state.open_output), x, preset.candidate),
        ),
      };
      return;
    }
    this.run = this.once("run", key, () => {
      const shifted = shiftBiases(cell, shifts, state.open_output);
      const trace = lstmForward(shifted, x, preset.candidate);
      const path = cellPath(trace.f, cell.H);
      return { ...trace, path, leastPath: path.reduce((least, value) => Math.min(least, value), 1), shifted };
    });
  }

  /** The last result of its kind, if it was made from the same key. */
  once(kind, key, compute) {
    if (this.computed[kind]?.key !== key) this.computed[kind] = { key, result: compute() };
    return this.computed[kind].result;
  }

  showControls(state) {
    const { preset, cell, input } = this.scene;
    const gradient = state.show === "gradient";
    this.fillMenu(this.presets.select, this.get("_presets"), state.preset);
    this.fillMenu(this.inputs.select, this.get("_inputs"), state.input);
    setText(this.note, preset.note + (preset.candidate === "linear" ? " The candidate's tanh is taken off." : ""));
    const at = Math.min(state.step, input.T) - 1;
    const unit = Math.min(state.unit, cell.H) - 1;
    for (const [name, { input: range, value, about, box }] of Object.entries(this.sliders)) {
      const { about: explain } = SLIDERS[name];
      box.hidden = !LENSES[state.show].sliders.includes(name) && !(preset.variance && VARIANCE_SLIDERS.includes(name));
      if (Number(range.value) !== state[name]) range.value = state[name];
      const sign = state[name] > 0 && GATES[name] ? "+" : "";
      const meaning = explain && !gradient ? explain(this.run[GATES[name]][at * cell.H + unit]) : "";
      setText(value, sign + fixed(state[name]));
      setText(about, meaning);
      range.setAttribute("aria-valuetext", meaning ? `${fixed(state[name])}: ${meaning}` : fixed(state[name]));
    }
    this.tied.input.checked = state.tied;
    this.tied.box.hidden = ["forget_bias", "input_bias"].some((name) => this.sliders[name]?.box.hidden ?? true);
    setText(this.tied.text, preset.variance ? "tie b_i = −b_f, so that i = 1 − f" : "tie b_i = −b_f");
    this.opened.input.checked = state.open_output;
    if (gradient) return;
    const date = input.dates[at] ? ` · ${input.dates[at]}` : "";
    this.showPlace(
      this.time,
      at + 1,
      input.T,
      `step ${at + 1} of ${input.T}${date}`,
      input.dates[at] ?? `${at + 1} / ${input.T}`,
    );
    this.showPlace(this.units, unit + 1, cell.H, `unit ${unit + 1} of ${cell.H}`, `${unit + 1} / ${cell.H}`);
    this.unitRow.hidden = cell.H === 1;
  }

  showPlace({ input, value }, now, last, spoken, written) {
    if (Number(input.max) !== last) input.max = last;
    if (Number(input.value) !== now) input.value = now;
    input.setAttribute("aria-valuetext", spoken);
    setText(value, written);
  }

  fillMenu(select, table, chosen) {
    const names = Object.keys(table).sort((a, b) => table[a].order - table[b].order); // a saved notebook sorts them
    if (select.dataset.names !== names.join()) {
      select.replaceChildren(...names.map((name) => make("option", { value: name }, table[name].title)));
      select.dataset.names = names.join();
    }
    if (select.value !== chosen) select.value = chosen;
  }

  showPicture(state) {
    const { cell, input, preset } = this.scene;
    const { run } = this;
    const gradient = state.show === "gradient";
    const step = Math.min(state.step, input.T) - 1;
    const unit = Math.min(state.unit, cell.H) - 1;
    const n = step * cell.H + unit;
    this.panels.draw(panelsOf(state, this.scene, run), this.scene, run, {
      step: gradient ? 0 : step,
      unit,
      colours: this.colours,
    });
    let said;
    if (gradient) {
      said = gradientSentence(state.rho, state.input_scale, run.rnn[0], state.forget_bias, run.lstm[0], input.T - 1);
    } else {
      const date = input.dates.length ? ` (${input.dates[step]})` : "";
      const at = `Step ${step + 1}${date}${cell.H > 1 ? `, unit ${unit + 1}` : ""}`;
      const values = ["i", "f", "g", "o", "c", "h"].map((key) => run[key][n]);
      said = sentence(state.show, at, values, run.path[n], input.T, state.open_output);
      if (preset.variance) said += ` ${varianceSentence(values[1], values[0], state.candidate_bias)}`;
      const texts = equations(run.shifted, this.scene, run, { step, unit, open_output: state.open_output });
      for (const [key, line] of Object.entries(this.lines)) setText(line, texts[key]);
      this.picture?.draw(
        step + 1,
        { i: values[0], f: values[1], g: values[2], o: values[3], c: values[4], h: values[5] },
        step ? run.c[n - cell.H] : cell.c[unit],
      );
    }
    setText(this.says, said);
    this.panels.canvas.setAttribute("aria-label", said);
    clearTimeout(this.timers.say); // a screen reader hears the last of many sentences
    this.timers.say = setTimeout(() => setText(this.heard, said), 500);
  }
}

// --- 7  Doors

export default {
  /** anywidget's door: one view of one model. */
  render({ model, el }) {
    const lab = new Lab(model, el);
    return () => lab.destroy();
  },
};

/** A page's door, with no kernel behind it: put a lab into `el`, its state as Python's page.state() wrote it. */
export function mount(el, state) {
  const listeners = {};
  const values = { ...state };
  const model = {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
    },
    on: (name, listener) => (listeners[name] ??= []).push(listener),
    off: (name, listener) => (listeners[name] = (listeners[name] ?? []).filter((other) => other !== listener)),
    save_changes() {}, // there is nobody to tell
  };
  new Lab(model, el);
  return model;
}
