// The Gate Lab: an LSTM or a GRU under its biases, computed and drawn in the browser, within a frame of the finger.
// One self-contained ES module: anywidget loads it in notebooks, mount() in plain pages; neither needs a network.
// It computes what sequence.py and gradient_flow.py do, to 1e-12, and says what reading.py says, to the letter; which
// sliders, panels and pipes a lens has comes with the state, from kinds.py.
//
// Letters: T time, D inputs, H hidden. Arrays are flat, row by row: gates in the order i, f, g, o or r, z, n; traces
// (T, H). Steps and units count from 1 in what is shown and in the traits, from 0 in the arrays.

// --- 1  The cells

const sigmoid = (z) => 0.5 + 0.5 * Math.tanh(z / 2);
const zeros = (count, length) => Array.from({ length: count }, () => new Float64Array(length));

/** sums (rows) += W·v, v being `columns` entries of `vector` from `from` on. */
function hear(sums, W, columns, vector, from) {
  const [rows, two, three] = [sums.length, 2 * columns, 3 * columns];
  for (let row = 0; row < rows; row += 4) {
    let [a, b, c, d] = [0, 0, 0, 0]; // four sums at once, since each by itself would wait for its last addition
    for (let m = 0, w = row * columns; m < columns; m++, w++) {
      const value = vector[from + m];
      a += W[w] * value;
      b += W[w + columns] * value; // what lies beyond the last row is never written
      c += W[w + two] * value;
      d += W[w + three] * value;
    }
    sums[row] += a;
    sums[row + 1] += b;
    sums[row + 2] += c;
    sums[row + 3] += d;
  }
}

/** Run the cell along x (T, D): {i, f, g, o, c, h}, each (T, H). Twin of sequence.lstm_forward with a batch of one. */
export function lstmForward({ D, H, weight_ih, weight_hh, bias, h: h0, c: c0 }, x, candidate = "tanh") {
  const T = x.length / D;
  const [i, f, g, o, c, h] = zeros(6, T * H);
  const z = new Float64Array(4 * H);
  for (let t = 0; t < T; t++) {
    z.set(bias);
    hear(z, weight_ih, D, x, t * D);
    hear(z, weight_hh, H, t ? h : h0, t && (t - 1) * H); // h_{t−1}
    for (let k = 0, n = t * H; k < H; k++, n++) {
      i[n] = sigmoid(z[k]);
      f[n] = sigmoid(z[H + k]);
      g[n] = candidate === "tanh" ? Math.tanh(z[2 * H + k]) : z[2 * H + k];
      o[n] = sigmoid(z[3 * H + k]);
      c[n] = f[n] * (t ? c[n - H] : c0[k]) + i[n] * g[n]; // C_t = f ⊙ C_{t−1} + i ⊙ C̃
      h[n] = o[n] * Math.tanh(c[n]);
    }
  }
  return { i, f, g, o, c, h };
}

/** Run the cell along x (T, D): {r, z, n, h}, twin of sequence.gru_forward, and u = U_n·h + c_n, which r scales. */
export function gruForward({ D, H, weight_ih, weight_hh, bias_ih, bias_hh, h: h0 }, x) {
  const T = x.length / D;
  const [r, z, n, h, u] = zeros(5, T * H);
  const [ofX, ofH] = zeros(2, 3 * H);
  for (let t = 0; t < T; t++) {
    ofX.set(bias_ih);
    hear(ofX, weight_ih, D, x, t * D);
    ofH.set(bias_hh);
    hear(ofH, weight_hh, H, t ? h : h0, t && (t - 1) * H);
    for (let k = 0, m = t * H; k < H; k++, m++) {
      r[m] = sigmoid(ofX[k] + ofH[k]);
      z[m] = sigmoid(ofX[H + k] + ofH[H + k]);
      u[m] = ofH[2 * H + k];
      n[m] = Math.tanh(ofX[2 * H + k] + r[m] * u[m]);
      h[m] = (1 - z[m]) * n[m] + z[m] * (t ? h[m - H] : h0[k]);
    }
  }
  return { r, z, n, h, u };
}

/** The cell with the shifts {forget, input, …} added to its biases; `open` holds an LSTM's output gate at 1. */
export function shiftBiases(cell, shifts, open = false) {
  const { D, H } = cell;
  const [name, rows] = cell.bias ? ["bias", "input forget candidate output"] : ["bias_ih", "reset update candidate"];
  const bias = Float64Array.from(cell[name], (value, row) => value + shifts[rows.split(" ")[Math.floor(row / H)]]);
  if (!open) return { ...cell, [name]: bias };
  const [weight_ih, weight_hh] = [cell.weight_ih, cell.weight_hh].map((array) => Float64Array.from(array));
  weight_ih.fill(0, 3 * H * D);
  weight_hh.fill(0, 3 * H * H);
  bias.fill(40, 3 * H); // σ(40) is 1 to the last digit
  return { ...cell, weight_ih, weight_hh, bias };
}

/** The cell's own path back from the last step, ∏ f_s or ∏ z_s over s > t: (T, H), as gradient_flow.cell_path. */
export function cellPath(f, H) {
  const path = new Float64Array(f.length).fill(1);
  for (let n = f.length - H - 1; n >= 0; n--) path[n] = path[n + H] * f[n + H];
  return path;
}

/** The gain of ∂h_T/∂h_t of a tanh RNN along x, for every t: (T,). Twin of gradient_flow.rnn_jacobians and gain. */
export function rnnGains({ D, H, weight_ih, weight_hh, bias }, x) {
  const T = x.length / D;
  const [h, z] = [new Float64Array(T * H), new Float64Array(H)];
  for (let t = 0; t < T; t++) {
    z.set(bias);
    hear(z, weight_ih, D, x, t * D);
    if (t) hear(z, weight_hh, H, h, (t - 1) * H);
    h.set(z.map(Math.tanh), t * H);
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

/** A (·, rows) times B (rows, columns). */
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

/** A gate or a state, by its letter. */
const spell = (key, value) => ("fiozrw".includes(key) ? gate(value) : number(value));

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

const kept = (name, value) => `${name} gate ${gate(value)}: half-life ${steps(value)}, if it stayed so`;

function lstmSentence(show, at, { i, f, g, o, c, h }, left, last, openOutput) {
  const held = openOutput ? "held open" : gate(o);
  if (show === "forget")
    return `${at}: ${kept(show, f)}. The cell holds ${number(c)}; ${percent(left)} of that is left at step ${last}.`;
  if (show === "input") {
    const written = `${gate(i)} × ${number(g)} = ${number(i * g)}`;
    return `${at}: input gate × candidate, ${written}, is written. The cell holds ${number(c)}.`;
  }
  if (show === "output") return `${at}: output gate ${held}: the cell holds ${number(c)} and shows ${number(h)}.`;
  const rest = `input gate ${gate(i)}, candidate ${number(g)}, output gate ${held}`;
  return `${at}: ${kept("forget", f)}; ${rest}. The cell holds ${number(c)} and shows ${number(h)}.`;
}

function gruSentence(show, at, { r, z, n, h, u }, left, last) {
  if (show === "update")
    return `${at}: ${kept(show, z)}. The state is ${number(h)}; by way of z ${percent(left)} of that is left at step ${last}.`;
  if (show === "reset") {
    const heard = `${gate(r)} × ${number(u)} = ${number(r * u)}`;
    return `${at}: reset gate × what the old state says, ${heard}, reaches the candidate, which is ${number(n)}.`;
  }
  return `${at}: ${kept("update", z)}; reset gate ${gate(r)}, candidate ${number(n)}. The state is ${number(h)}.`;
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

const lstmVariance = ({ f, i }, candidateBias) => ` ${varianceSentence(f, i, candidateBias)}`;

/** Its gates add up to 1, so an EWMA it is, unless the candidate has a constant. */
const gruVariance = ({ z }, candidateBias) => (candidateBias ? "" : ` ${varianceSentence(z, 1 - z, 0)}`);

function gradientSentence(rho, inputScale, rnn, forget, lstm, lag) {
  const setting = `ρ = ${fixed(rho)}, input scale ${fixed(inputScale)}`;
  const fate = `the RNN's gradient ${fateOf(rnn)}, ${power(rnn)} is left after ${lag} steps`;
  return `${setting}: ${fate}. The LSTM's, b_f at ${fixed(forget)}, ${fateOf(lstm)}: ${power(lstm)} is left.`;
}

// --- 3  The state

const BIASES = ["forget", "input", "candidate", "output", "reset", "update"].map((name) => `${name}_bias`);
const NUMBERS = [...BIASES, "rho", "input_scale", "step", "unit"];
const TRAITS = [...NUMBERS, "tied", "open_output", "preset", "input", "show"];
const SCENE = ["_cell", "_presets", "_weights", "_inputs", "_rnn"];

const demand = (holds, complaint) => {
  if (!holds) throw new Error(complaint);
};

/** A list of `length` finite numbers as a Float64Array, or a complaint. */
function numbers(name, list, length) {
  const right = Array.isArray(list) && list.length === length;
  demand(right, `${name} should be ${length} numbers, and is ${describe(list)}`);
  const bad = list.findIndex((value) => !Number.isFinite(value));
  demand(bad < 0, `${name} holds ${describe(list[bad])} at place ${bad + 1}, where a finite number should be`);
  return Float64Array.from(list);
}

const describe = (value) =>
  Array.isArray(value) ? `${value.length} of them` : (JSON.stringify(value) ?? String(value));

const pick = (kind, table, name) => {
  const found = table && Object.hasOwn(table, name);
  demand(found, `there is no ${kind} "${name}"; there are ${Object.keys(table ?? {}).join(", ")}`);
  return table[name];
};

function readWeights(name, { D, H, ...arrays }, rows, fields = ["bias"]) {
  const size = { weight_ih: rows * H * D, weight_hh: rows * H * H, h: H, c: H };
  for (const key of ["weight_ih", "weight_hh", ...fields]) demand(key in arrays, `${name} has no ${key}`);
  const checked = ([key, array]) => [key, numbers(`${key} of ${name}`, array, size[key] ?? rows * H)];
  const read = Object.entries(arrays).map(checked);
  return { D, H, ...Object.fromEntries(read) };
}

function readState(model) {
  const traits = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const name of NUMBERS) {
    demand(Number.isFinite(traits[name]), `${name} is ${describe(traits[name])}, where a finite number should be`);
  }
  return traits;
}

/** The chosen preset with its cell, the chosen input, and the RNN if there is one. */
function readScene(model, { preset: name, input: inputName }) {
  const told = model.get("_cell");
  const kind = { ...told, ...pick("kind of cell", KINDS, told?.name) };
  const preset = pick("preset", model.get("_presets"), name);
  const cell = readWeights(name, pick("cell", model.get("_weights"), preset.weights), kind.rows, kind.biases);
  const input = pick("input", model.get("_inputs"), inputName);
  const x = numbers(`input ${inputName}`, input.x, input.T * input.D);
  demand(input.D === cell.D, `the cell reads ${cell.D} inputs a step, and ${inputName} has ${input.D}`);
  const rnn = model.get("_rnn");
  const columns = input.names.map((_, d) => x.filter((_, n) => n % input.D === d));
  return { kind, preset, cell, input, x, columns, rnn: rnn && rnn.H ? readWeights("the RNN", rnn, 1) : null };
}

// --- 4  The lenses

const BIAS = { low: -8, high: 8, step: 0.1 };
// One dash and, in the style sheet below, one colour for each gate, as in plots.py; its letter stands beside it.
const DASH = { f: [], i: [7, 4], o: [9, 3, 2, 3], g: [2, 3], c: [], h: [6, 3], x: [], rnn: [7, 4], lstm: [] };
const ALIKE = { z: "f", w: "f", r: "o", n: "g" }; // a GRU's have those of what they stand in for
const INK = { ...ALIKE, path: "f", rnn: "o", lstm: "f", x: "soft" };
const NAME = { g: "C̃", c: "C", rnn: "RNN", lstm: "LSTM", w: "1−z", path: "" };
const ink = (key) => INK[key] ?? key;
const dash = (key) => DASH[ALIKE[key] ?? key] ?? [];
const named = (key) => NAME[key] ?? key;

const KINDS = {
  lstm: { forward: lstmForward, sentence: lstmSentence, equations: lstmEquations, variance: lstmVariance },
  gru: { forward: gruForward, sentence: gruSentence, equations: gruEquations, variance: gruVariance },
};

/** What a slider's gate or candidate comes to. */
const meaning = ({ words, keeps }, key, value) =>
  `${words[key]} ${spell(key, value)}${key === keeps ? `, half-life ${steps(value)}` : ""}`;

/** The sums W·x and W·h of one row of the weights at one step. */
function heard({ D, H, weight_ih, weight_hh, h: h0 }, { x }, { h }, step, row) {
  let [ofX, ofH] = [0, 0];
  for (let d = 0; d < D; d++) ofX += weight_ih[row * D + d] * x[step * D + d];
  for (let k = 0; k < H; k++) ofH += weight_hh[row * H + k] * (step ? h[(step - 1) * H + k] : h0[k]);
  return [ofX, ofH];
}

const plus = (value, text = fixed(Math.abs(value))) => `${value < 0 ? "−" : "+"} ${text}`;
const sign = (value) => (value < 0 ? `(${number(value)})` : number(value));

/** The equations with the numbers of one step and unit filled in: letter → text. */
function lstmEquations(cell, scene, run, { i, f, g, o, c, h }, before, { step, unit, open_output: open }) {
  const t = subscript(step + 1);
  const weighed = (key) => {
    const row = "ifgo".indexOf(key) * cell.H + unit;
    const [ofX, ofH] = heard(cell, scene, run, step, row);
    return `${fixed(ofX + ofH)} ${plus(cell.bias[row])}`;
  };
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

function gruEquations(cell, scene, run, { r, z, n, h, u }, before, { step, unit }) {
  const [t, t0] = [step + 1, step].map(subscript);
  const { H, bias_ih, bias_hh } = cell;
  const [[rx, rh], [zx, zh], [nx]] = [0, 1, 2].map((block) => heard(cell, scene, run, step, block * H + unit));
  const b = (block) => plus(bias_ih[block * H + unit] + bias_hh[block * H + unit]);
  return {
    z: `z${t} = σ(${fixed(zx + zh)} ${b(1)}) = ${gate(z)}: half-life ${steps(z)}, if z stayed so`,
    r: `r${t} = σ(${fixed(rx + rh)} ${b(0)}) = ${gate(r)}`,
    n: `n${t} = tanh(${fixed(nx)} ${plus(bias_ih[2 * H + unit])} + ${gate(r)}·${sign(u)}) = ${number(n)}`,
    h: `h${t} = (1 − z)·n + z·h${t0} = ${gate(1 - z)}·${sign(n)} + ${gate(z)}·${sign(before)} = ${number(h)}`,
  };
}

/** The panels of a lens over time, the first at the top. */
function panelsOf({ show }, scene, run, hall) {
  if (show === "gradient") return [gainsPanel(run)];
  const { kind, preset } = scene;
  const { gates, states, path, scale, title: given } = kind.lenses[show];
  const shown = preset.variance ? kind.state : states;
  const spelt = (key) => `${kind.words[key]} ${named(key)}`;
  const what = gates.length > 1 ? "gates" : spelt(gates);
  const short = scale.length > 20 ? `${what}: ${scale.split(",")[0]}` : undefined; // beside a narrow panel's labels
  const title = preset.variance ? `${spelt(shown)}, here a variance σ²` : given || [...shown].map(spelt).join(", ");
  const panels = [
    { title: inputTitle(scene), kind: "input", weight: 0.75 },
    { title: `${what}: ${scale}`, short, series: gates, low: 0, high: 1, ticks: [0, 0.5, 1], weight: 1 },
    { title, series: shown, ...niceRange(shown, run, preset.variance ? 1e-9 : 0.5), weight: 1.25 },
  ];
  if (path && !hall) panels.push(pathPanel(run, kind.keeps));
  return panels;
}

function inputTitle({ input: { names }, columns }) {
  if (names.length === 1) return /^input \d/.test(names[0]) ? "input" : `input: ${names[0]}`;
  const marks = columns[names.indexOf("mark")] ?? [];
  const said = [marks.some((mark) => mark > 0) && "▼ take note", marks.some((mark) => mark < 0) && "▲ answer now"];
  return ["input", said.filter(Boolean).join(", ")].filter(Boolean).join(": ");
}

function pathPanel(run, keeps) {
  const decades = Math.min(16, Math.max(1, Math.ceil(-Math.log10(Math.max(run.leastPath, 1e-300)))));
  const low = -4 * Math.ceil(decades / 4);
  const title = `gradient along the cell: ∏ ${keeps} from each step to the last`;
  const short = `gradient along the cell, ∏ ${keeps}`;
  return { title, short, series: ["path"], log: true, low, high: 0, ticks: [low, low / 2, 0], weight: 0.9 };
}

function gainsPanel(run) {
  const logs = [...run.rnn, ...run.lstm].map((value) => Math.log10(Math.max(value, 1e-300)));
  const low = Math.max(-40, 10 * Math.floor(Math.min(-10, ...logs) / 10));
  const high = Math.max(5, 5 * Math.ceil(Math.max(...logs) / 5));
  const apart = high - low > 30 ? 10 : 5;
  const ticks = Array.from({ length: Math.floor((high - low) / 5) + 1 }, (_, k) => low + 5 * k);
  return {
    title: "what is left of the last step's gradient, step by step back",
    short: "gradient left, step by step back",
    ...{ series: ["rnn", "lstm"], log: true, low, high, weight: 1 },
    ticks: ticks.filter((tick) => tick % apart === 0),
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
function niceRange(series, run, least) {
  const [low, high] = extent([...series].flatMap((key) => extent(run[key])));
  const rough = Math.max(high - low, least) / 3;
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
.lab { container-type: inline-size; font: var(--gate-lab-size, 14px)/1.4
  var(--gate-lab-font, system-ui, "Segoe UI", Roboto, Arial, sans-serif);
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
.heard, .hall .menus label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 40em) { /* a phone: the picture above the thumbs that move it */
  .grid { display: flex; flex-direction: column; }
  .main, .shown { display: contents; }
  .knobs { order: 1; } .words { order: 2; } .cellpic { order: 3; }
  .about { display: none; }
  .play { flex-wrap: wrap; }
}
/* In a hall: on a slide of 1280 by 720 pixels, scaled to the screen; no text below 24 of them. */
:host([data-hall]) { height: 600px; --soft: #383d42; --line: #c3c8cd; }
:host([data-hall][data-theme="dark"]) { --soft: #d6dade; --line: #50565d; }
.hall { font-size: 24px; line-height: 1.25; height: calc(100% - 4px); padding: 10px 14px; box-sizing: border-box; }
.hall .grid { height: 100%; grid-template: minmax(0, 1fr) auto auto / 400px minmax(0, 1fr); gap: 8px 24px; }
.hall .left { grid-area: 1 / 1 / 3; display: flex; flex-direction: column; gap: 8px; }
.hall :is(.main, .shown) { display: contents; }
.hall :is(.sheet, .alert) { grid-area: 1 / 2; position: relative; align-self: stretch; }
.hall .time { position: absolute; inset: 0; height: 100%; font-size: 1.17em; }
.hall :is(.menus, .knobs) { gap: 6px; }
.hall .words { grid-column: 1 / 3; }
.hall .left .words { margin-top: auto; }
.hall :is(.menus:empty, .note, .about) { display: none; }
.hall :is(select, button) { padding: 2px 8px; height: 46px; }
.hall .check { min-height: 40px; gap: 12px; }
.hall .check input { width: 28px; height: 28px; }
.hall .equations { font-size: 1.1em; margin: 0 0 4px; }
.hall .says { margin: 0; min-height: 2.5em; }
.hall .place { grid-area: 2 / 2; }
.hall .play { gap: 10px; }
.hall .play > :first-child { width: var(--before); }
.hall .play .readout { width: var(--after); min-width: 0; font-weight: 400; }
.hall input[type="range"] { appearance: none; background: none; height: 32px; }
${["webkit-slider-runnable", "moz-range"].map((kind) => `
.hall input::-${kind}-track { height: 10px; border-radius: 5px;
  background: linear-gradient(90deg, var(--own, var(--focus)) calc(16px + var(--share) * (100% - 32px)), var(--line) 0); }`).join("")}
${["webkit-slider", "moz-range"].map((kind) => `.hall input::-${kind}-thumb { appearance: none; box-sizing: border-box;
  width: 32px; height: 32px; margin-top: -11px; border: 4px solid var(--paper); border-radius: 50%;
  background: var(--own, var(--focus)); outline: 3px solid var(--own, var(--focus)); outline-offset: -3px; }`).join("")}
[hidden] { display: none !important; }
`;

const SVG = "http://www.w3.org/2000/svg";
const div = (name, ...children) => make("div", { class: name }, ...children);

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
  reset: "M8 3a5 5 0 1 1-5 5h2a3 3 0 1 0 3-3v2.6L3.4 4 8 .4z",
};

const setText = (element, text) => element.textContent === text || (element.textContent = text);
const subscript = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

/** The time panels. Knows pixels and colours; what to draw comes in as panels, a run and a place. */
class TimePanels {
  constructor(canvas, hall) {
    this.canvas = canvas;
    this.ink = canvas.getContext("2d");
    this.hall = hall;
    this.bold = hall ? 2.5 : 1; // how many times as thick a line is
  }

  /** The screen's pixels to one of the page's, which a slide may be scaled by as well. */
  sharpness() {
    const { canvas, hall } = this;
    const scale = hall ? canvas.getBoundingClientRect().width / canvas.clientWidth : 1;
    return (globalThis.devicePixelRatio || 1) * Math.min(4, Math.max(0.25, Math.round(100 * scale) / 100));
  }

  /** Lay out and draw; remembers where things are, for the pointer. */
  draw(panels, scene, run, { step, unit, colours }) {
    const { canvas, ink, hall } = this;
    const width = canvas.clientWidth;
    this.drawn = width > 0;
    if (!width) return; // in a closed tab there is nothing to see
    const { fontSize, fontFamily } = getComputedStyle(canvas);
    const em = parseFloat(fontSize);
    const narrow = hall || width < 30 * em;
    const ratio = this.sharpness();
    for (const panel of panels) if (narrow && panel.short) panel.title = panel.short;
    const total = panels.reduce((sum, panel) => sum + panel.weight, 0);
    const head = (hall ? 1.5 : 1.7) * em;
    const foot = (hall && panels.length > 1 ? 0.1 : 1.9) * em; // there the slider through time is the axis
    const fitting = (canvas.clientHeight - panels.length * head - foot) / total;
    const unitHeight = hall ? Math.max(em, fitting) : em * (panels.length === 1 ? 18 : narrow ? 4.9 : 6.4);
    const height = Math.round(total * unitHeight + panels.length * head + foot);
    const [w, h] = [width, height].map((size) => Math.round(size * ratio));
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    if (!hall) canvas.style.height = `${height}px`;
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, width, height);
    const left = em * (hall ? 3.65 : narrow ? 2.6 : 3.2);
    const words = panels[0].series?.includes("rnn") ? (hall ? 7.2 : 6.8) : hall ? 6.2 : narrow ? 5.4 : 5.9;
    const right = width - em * words;
    Object.assign(this, { em, ratio, colours, scene, run, step, unit, left, right });
    ink.font = `${em * 0.86}px ${fontFamily}`;
    ink.lineJoin = "round";
    this.places = [];
    let top = 0;
    for (const panel of panels) {
      const box = { panel, top: top + head, bottom: top + head + panel.weight * unitHeight - 0.5 * em };
      this.places.push(box);
      this.drawPanel(box);
      top += head + panel.weight * unitHeight;
    }
    if (foot > em) this.drawSteps(top + 0.2 * em);
  }

  colour(key) {
    return this.colours[ink(key)];
  }

  pen(key, width = 1, pattern = []) {
    this.ink.strokeStyle = this.colour(key);
    this.ink.lineWidth = width * this.bold;
    this.ink.setLineDash(pattern.map((length) => length * this.bold ** 0.5));
  }

  x(t) {
    return this.left + ((this.right - this.left) * t) / Math.max(1, this.scene.input.T - 1);
  }

  drawPanel(box) {
    const { panel } = box;
    const end = this.hall ? this.right + this.em : undefined; // the labels' place begins there
    this.text(panel.title, this.left, box.top - 0.45 * this.em, "ink", "left", "alphabetic", end);
    if (panel.kind === "input") this.drawInput(box);
    else this.drawSeries(box);
    const x = this.x(this.step);
    this.pen("soft");
    this.segment(x, box.top, x, box.bottom);
  }

  segment(x1, y1, x2, y2) {
    this.ink.beginPath();
    this.ink.moveTo(x1, y1);
    this.ink.lineTo(x2, y2);
    this.ink.stroke();
  }

  frame(box, low, high, ticks, spell) {
    const y = (value) => box.bottom - ((box.bottom - box.top) * (value - low)) / (high - low);
    this.pen("line", 1 / this.bold);
    let last = Infinity;
    for (const tick of ticks) {
      this.segment(this.left, y(tick), this.right, y(tick));
      if (this.hall && last - y(tick) < 0.9 * this.em) continue; // no number over another
      last = y(tick);
      this.text(spell(tick), this.left - 0.4 * this.em, y(tick), "soft", "right");
    }
    return y;
  }

  drawSeries(box) {
    const { panel } = box;
    const { ink, run, unit } = this;
    const labels = [];
    const spell = (tick) =>
      panel.log ? (tick ? `10${superscript(tick)}` : "1") : this.hall && tick && Math.abs(tick) < 0.001 ? number(tick)
        : String(Number(tick.toPrecision(6))).replace("-", "−");
    const y = this.frame(box, panel.low, panel.high, panel.ticks, spell);
    ink.save();
    ink.beginPath();
    const edge = this.hall ? 8 : 2;
    ink.rect(this.left - edge, box.top - edge, this.right - this.left + 2 * edge, box.bottom - box.top + 2 * edge);
    ink.clip();
    for (const key of panel.series) {
      const values = run[key];
      const H = values.length / this.scene.input.T;
      const own = Math.min(unit, H - 1);
      const height = panel.log ? (value) => y(Math.max(Math.log10(Math.max(value, 1e-300)), panel.low - 1)) : y;
      this.pen(key, 0.8 / this.bold);
      this.drawOthers(values, H, own, height);
      ink.globalAlpha = 1;
      const thick = key === this.scene.kind.state;
      this.pen(key, this.hall && thick ? 1.6 : 1, dash(key));
      // hairlines side by side are drawn many times faster than one thick line
      const shifts = this.hall || this.scene.input.T > 256 ? [0] : thick ? [-0.7, 0, 0.7] : [-0.4, 0.4];
      for (const shift of shifts) this.line(values, H, own, (value) => height(value) + shift);
      const value = values[this.step * H + own];
      ink.fillStyle = this.colour(key);
      ink.beginPath();
      ink.arc(this.x(this.step), height(value), edge === 8 ? 7 : 3.2, 0, 7);
      ink.fill();
      labels.push({ key, value, y: Math.min(box.bottom, Math.max(box.top, height(value))) });
    }
    ink.restore();
    box.height = y;
    this.drawLabels(box, labels, panel.log);
  }

  /** The units that are not chosen: each a faint line, or, where there are many points, one faint band. */
  drawOthers(values, H, own, height) {
    const { ink } = this;
    const T = values.length / H;
    ink.globalAlpha = 0.35;
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
    const { em } = this;
    const gap = 1.15 * em;
    labels.sort((a, b) => a.y - b.y);
    for (let k = 1; k < labels.length; k++) labels[k].y = Math.max(labels[k].y, labels[k - 1].y + gap);
    for (let k = labels.length - 1; k >= 0; k--) {
      labels[k].y = Math.min(labels[k].y, box.bottom - (labels.length - 1 - k) * gap);
    }
    for (const { key, value, y } of labels) {
      this.pen(key, 2, dash(key));
      this.segment(this.right + 0.35 * em, y, this.right + 1.35 * em, y);
      const said = log ? power(value).replace("less than ", "<") : spell(key, value);
      this.text(`${named(key)} ${said}`.trim(), this.right + 1.6 * em, y, key);
    }
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
      this.pen("x", 1, [[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]][k]);
      this.line(scene.columns[d], 1, 0, y);
      const value = scene.columns[d][this.step];
      const level = box.top + (0.5 + 1.15 * k) * em;
      if (drawn.length === 1) this.text(fixed(value), right + 0.5 * em, y(value), "x");
      if (drawn.length === 1 || k > 2) return;
      this.segment(right + 0.35 * em, level, right + 1.35 * em, level);
      this.text(names[d], right + 1.6 * em, level, "x");
    });
    const marks = marked ? scene.columns[names.indexOf("mark")] : [];
    marks.forEach((mark, t) => mark && this.triangle(this.x(t), mark > 0 ? box.top : box.bottom, Math.sign(mark)));
  }

  text(text, x, y, key, align = "left", baseline = "middle", end = this.canvas.clientWidth) {
    Object.assign(this.ink, { fillStyle: this.colour(key), textAlign: align, textBaseline: baseline });
    this.ink.fillText(text, x, y, Math.max(1, end - x)); // a long name is condensed
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
    const { T, dates } = this.scene.input;
    const room = (this.right - this.left) / this.em;
    const count = Math.min(T - 1, dates.length ? (room > 34 ? 4 : room > 19 ? 2 : 1) : room > 26 ? 4 : 2);
    for (let k = 0; k <= count; k++) {
      const t = count ? Math.round((k * (T - 1)) / count) : 0;
      const said = dates.length ? dates[t] : k === 0 ? `step ${t + 1}` : String(t + 1);
      this.text(said, this.x(t), y, "soft", k === 0 ? "left" : k === count ? "right" : "center", "top");
    }
  }

  /** The step and the unit nearest to a point; the unit stays where the point is on no panel of units. */
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

/** The cell as plumbing: a pipe for its state, a valve for each gate, turned as far as its gate is open. */
class CellPicture {
  constructor({ state, words: names, plumbing: { pipes, flows, arrows, boxes, valves, words } }) {
    const line = ([d, key, width = 4]) =>
      make("svg:path", { d, fill: "none", stroke: `var(--${key})`, "stroke-width": width });
    const text = (key, x, y, anchor = "middle", size = 13) =>
      make("svg:text", { x, y, "text-anchor": anchor, fill: `var(--${ink(key)})`, "font-size": size });
    const filled = { fill: "var(--raised)", stroke: "var(--soft)" };
    const each = (table, build) =>
      Object.fromEntries(Object.entries(table).map(([key, spec]) => [key, build(spec, key)]));
    Object.assign(this, { state, names });
    this.flows = each(flows, line);
    this.valves = each(valves, ([x, y, along], key) => this.valve(x, y, along, ink(key)));
    this.words = each(words, (spec, key) => text(key, ...spec));
    this.before = text(state, 4, 40, "start");
    this.after = text(state, 356, 40, "end");
    this.svg = make(
      "svg:svg",
      { viewBox: "0 0 360 182", class: "cellpic", role: "img" },
      ...pipes.map(line),
      ...Object.values(this.flows),
      ...arrows.map(([d, key]) => make("svg:path", { d, fill: `var(--${key})` })),
      ...boxes.flatMap(([label, x, y, half]) => {
        const name = text("ink", x, y + 4);
        name.textContent = label;
        return [make("svg:rect", { x: x - half, y: y - 10, width: 2 * half, height: 20, rx: 10, ...filled }), name];
      }),
      ...Object.values(this.valves).map((valve) => valve.group),
      ...Object.values(this.words),
      this.before,
      this.after,
    );
  }

  valve(x, y, along, key) {
    const stroke = `var(--${key})`;
    const blade = make("svg:path", { d: "M-12 0 H12", stroke, "stroke-width": 5, "stroke-linecap": "round" });
    const ring = make("svg:circle", { r: 14, fill: "var(--paper)", stroke, "stroke-width": 2 });
    return { blade, along, group: make("svg:g", { transform: `translate(${x} ${y})` }, ring, blade) };
  }

  draw(t, values, before) {
    const { state, names, valves, words } = this;
    for (const [key, { blade, along }] of Object.entries(valves)) {
      blade.setAttribute("transform", `rotate(${along + 90 * (1 - values[key])})`);
      this.flows[key].setAttribute("stroke-opacity", 0.12 + 0.88 * values[key]);
    }
    const said = (key) => (key === "x" ? key : `${named(key)} ${spell(key, values[key])}`);
    for (const key of Object.keys(words)) setText(words[key], said(key));
    setText(this.before, `${named(state)}${subscript(t - 1)} = ${number(before)}`);
    setText(this.after, `${named(state)}${subscript(t)} = ${number(values[state])}`);
    const opens = (key) => `${names[key].replace("gate", "valve")} ${fixed(100 * values[key], 0)}% open`;
    const shown = state === "h" ? "" : `, h is ${number(values.h)}`;
    const kept = `${named(state)} goes from ${number(before)} to ${number(values[state])}${shown}`;
    this.svg.setAttribute("aria-label", `The cell at step ${t}: ${Object.keys(valves).map(opens).join(", ")}; ${kept}.`);
  }
}

// --- 6  The lab

let labs = 0; // ids must differ between the labs of one page

class Lab {
  constructor(model, el) {
    Object.assign(this, { model, el, id: `gate-lab-${++labs}-${Math.floor(performance.now())}`, timers: {}, ahead: {} });
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the arrow keys away
    this.root = el.shadowRoot ?? el.attachShadow({ mode: "open" });
    this.hall = el.hasAttribute("data-hall");
    const onkeydown = (event) => this.keepKeys(event);
    this.box = make("section", { class: this.hall ? "lab hall" : "lab", "aria-label": "Gate Lab", onkeydown });
    this.root.replaceChildren(make("style", {}, STYLE), this.box);
    this.watched = [...TRAITS, ...SCENE].map((name) => [`change:${name}`, () => this.changed(name)]);
    for (const [name, listener] of this.watched) model.on(name, listener);
    this.sizes = new ResizeObserver(() => this.retheme() || this.refresh());
    this.sizes.observe(el);
    this.themes = new MutationObserver(() => this.retheme());
    const attributeFilter = ["class", "style", "theme", "data-theme", "data-jp-theme-light", "data-jp-theme-name"];
    const watch = { attributes: true, attributeFilter };
    for (const node of [document.documentElement, document.body]) this.themes.observe(node, watch);
    this.systemTheme = matchMedia("(prefers-color-scheme: dark)");
    this.systemTheme.addEventListener("change", (this.rethemed = () => this.retheme()));
    if (this.hall) this.enterHall(watch);
    this.retheme();
    this.build();
  }

  destroy() {
    for (const [name, listener] of this.watched) this.model.off(name, listener);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.systemTheme.removeEventListener("change", this.rethemed);
    this.leaving?.abort();
    this.pause();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timers.say);
    if (this.timers.set || this.timers.place) this.tell();
  }

  /** On slides: their data-theme counts, no drag turns them, and what they scale is drawn anew. */
  enterHall(watch) {
    this.el.setAttribute("data-prevent-swipe", "");
    this.themes.observe(this.el, watch);
    const { signal } = (this.leaving = new AbortController());
    const look = () => this.panels.drawn && this.panels.sharpness() !== this.panels.ratio && this.refresh();
    addEventListener("resize", () => requestAnimationFrame(look), { signal }); // by then they have scaled themselves
    document.addEventListener("transitionend", look, { signal });
    document.fonts.addEventListener("loadingdone", () => this.refresh(), { signal });
  }

  /** Dark or light is read off the page's own background, so that every host's theme will do; slides may set it. */
  retheme() {
    const { theme } = this.el.dataset;
    this.given ||= this.hall && theme && theme !== this.wrote;
    const dark = this.given ? theme === "dark" : this.isDarkAround();
    if (this.dark === dark && this.colours.ink) return false; // out of the page there are no colours yet
    this.dark = dark;
    if (!this.given) this.el.dataset.theme = this.wrote = dark ? "dark" : "light";
    const style = getComputedStyle(this.el);
    const names = ["f", "i", "o", "g", "c", "h", "soft", "line", "ink"];
    this.colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)]));
    this.refresh();
    return true;
  }

  isDarkAround() {
    let node = this.el;
    let colour;
    do {
      colour = getComputedStyle(node).backgroundColor.match(/[\d.]+/g) ?? [0, 0, 0, 0];
      colour = colour.map(Number);
      node = node.parentElement ?? node.getRootNode().host;
    } while (node && colour[3] === 0);
    const scheme = getComputedStyle(document.documentElement).colorScheme;
    const system = this.systemTheme.matches && scheme.includes("dark");
    return colour[3] === 0 ? system : 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2] < 110;
  }

  // Controls

  build() {
    this.pause();
    const { hall } = this;
    const show = this.get("show");
    const gradient = show === "gradient";
    const { state, lenses, sliders, of_variance, ranges } = this.get("_cell");
    const lens = lenses[show] ?? lenses.cell;
    this.moves = Object.fromEntries(sliders); // trait → letter
    this.ranges = Object.fromEntries(gradient ? ranges : []);
    this.builtFor = show;
    this.sliders = {};
    const keys = lens.moves + (gradient ? "" : of_variance);
    const biases = Object.keys(this.moves).filter((name) => keys.includes(this.moves[name]));
    const wanted = [...Object.keys(this.ranges), ...biases];
    const [menus, knobs] = [div("menus"), div("knobs")];
    const again = () => this.choosePreset(this.presets.select.value);
    const title = "put the sliders back where this cell has them";
    const reset = make("button", { type: "button", title, onclick: again }, hall ? icon(ICONS.reset) : "reset");
    if (hall) reset.setAttribute("aria-label", "reset");
    this.presets = this.menu("cell", "preset", (name) => this.choosePreset(name), reset);
    this.inputs = this.menu("input", "input", (name) =>
      this.set({ input: name, step: Math.ceil(this.get("_inputs")[name].T / 2) }),
    );
    this.note = make("p", { class: "note" });
    if (!gradient) menus.append(this.presets.box, this.note, this.inputs.box);
    for (const name of wanted) knobs.append(this.slider(name));
    this.tied = this.checkbox("", (on) => this.set({ tied: on, ...(on && { input_bias: -this.get("forget_bias") }) }));
    this.opened = this.checkbox("hold the output gate open", (on) => this.set({ open_output: on }));
    if (!gradient) knobs.append(this.tied.box);
    if (this.sliders.output_bias && !gradient) knobs.append(this.opened.box);
    const point = (event) => this.point(event);
    const canvas = make("canvas", { class: "time", role: "img", onpointermove: point, onpointerdown: point });
    this.panels = new TimePanels(canvas, hall);
    this.picture = show === "cell" && !hall ? new CellPicture(this.get("_cell")) : null;
    const line = (key) => [key, make("div", { style: `color: var(--${ink(key)})` })];
    const matters = lens.lines.includes(state) ? state : lens.lines.slice(-1);
    this.lines = Object.fromEntries([...(hall ? matters : lens.lines)].map(line));
    this.says = make("p", { class: "says" });
    this.heard = make("p", { class: "heard", role: "status", "aria-live": "polite" });
    this.alert = make("p", { class: "alert", role: "alert", hidden: true });
    const place = gradient ? [] : [this.placeControls()];
    const equations = div("equations", ...Object.values(this.lines));
    this.words = hall ? div("words", equations, this.says) : div("words", ...place, this.says, equations);
    this.shown = hall ? div("shown", div("sheet", canvas), ...place) : div("shown", canvas, this.words);
    const pipes = this.picture ? [this.picture.svg] : [];
    const main = div("main", this.alert, this.shown);
    this.left = div("left", menus, knobs);
    this.grid = hall ? div("grid", this.left, main) : div("grid", menus, main, knobs, ...pipes);
    this.box.replaceChildren(this.grid, this.heard);
    if (hall) this.sizes.observe(canvas.parentElement);
    this.scene = null;
    this.refresh(true);
  }

  menu(label, trait, choose, ...more) {
    const id = `${this.id}-${trait}`;
    const select = make("select", { id, onchange: () => choose(select.value) });
    return { select, box: make("div", {}, make("label", { for: id }, label), div("row", select, ...more)) };
  }

  slider(name) {
    const { low: min, high: max, label } = this.ranges[name] ?? BIAS;
    const key = this.moves[name];
    const style = key ? `--own: var(--${ink(key)})` : "";
    const oninput = () => this.slide(name, Number(input.value));
    const onkeydown = (event) => this.nudge(event, name);
    const { input, value, id } = this.range(name, { min, max, step: 0.01, style, oninput, onkeydown });
    const about = make("div", { class: "about", "aria-hidden": "true" });
    const text = label ?? `${name.replace("_", " ")} b_${key === "g" ? "C" : key}`;
    const box = make("div", {}, div("name", make("label", { for: id }, text), value), input, about);
    this.sliders[name] = { input, value, about, box };
    return box;
  }

  /** A slider with the place for its read-out. */
  range(trait, attributes) {
    const id = `${this.id}-${trait}`;
    const input = make("input", { type: "range", id, "data-trait": trait, ...attributes });
    return { id, input, value: make("span", { class: "readout", "aria-hidden": "true" }) };
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
    const [back, on] = [button("back", "one step back", step(-1)), button("on", "one step on", step(1))];
    const name = make("label", { for: this.units.id }, "unit");
    this.unitRow = div("play", name, this.units.input, this.units.value);
    const buttons = this.hall ? [make("div", {}, this.playing)] : [back, this.playing, on];
    return div("place", div("play", ...buttons, this.time.input, this.time.value), this.unitRow);
  }

  placeSlider(trait, label) {
    const oninput = () => this.place({ [trait]: Number(made.input.value) });
    const made = this.range(trait, { min: 1, step: 1, "aria-label": label, oninput });
    return made;
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
    const { low, high, step } = this.ranges[name] ?? BIAS;
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
    if (this.hall && event.key === "Escape") this.root.activeElement?.blur(); // the next key is the slides' again
  }

  choosePreset(name) {
    const { biases, tied } = pick("preset", this.get("_presets"), name);
    const moved = Object.keys(this.moves).map((slider, k) => [slider, biases[k]]);
    this.set({ preset: name, ...Object.fromEntries(moved), tied, open_output: false, unit: 1 });
  }

  point(event) {
    if (!this.run || this.get("show") === "gradient" || (event.pointerType === "touch" && !event.buttons)) return;
    this.pause();
    const box = this.panels.canvas.getBoundingClientRect();
    const { clientWidth, clientHeight } = this.panels.canvas; // the box may be scaled, and then these are not
    const x = ((event.clientX - box.left) / box.width) * clientWidth;
    const { step, unit } = this.panels.at(x, ((event.clientY - box.top) / box.height) * clientHeight);
    this.place({ step: step + 1, unit: unit + 1 });
  }

  play() {
    const slow = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const last = this.scene?.input.T;
    if (!last) return;
    if (this.get("step") >= last) this.place({ step: 1 });
    this.label(this.playing, "pause", "pause");
    const on = () => (this.get("step") < last ? this.place({ step: this.get("step") + 1 }) : this.pause());
    this.timer = setInterval(on, slow ? 1000 : 80);
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

  /** Change traits, draw at once, and tell Python soon: a host takes its time over each message. */
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
    if (name === "_cell" || (name === "show" && this.get("show") !== this.builtFor)) return this.build();
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
      else if (!this.panels.drawn) this.draw(); // hidden for less than a frame, unobserved
    });
  }

  draw() {
    this.stale = false;
    try {
      const state = readState(this);
      this.readScene(state);
      const { cell, input } = this.scene;
      const place = { step: Math.min(state.step, input.T) - 1, unit: Math.min(state.unit, cell.H) - 1 }; // from 0
      const now = { ...state, ...place, gradient: state.show === "gradient" };
      this.compute(now);
      this.showPicture(now); // before the controls, whose new texts would have the page laid out once more
      this.showControls(now);
      this.alert.hidden = true;
      this.shown.hidden = this.words.hidden = false;
    } catch (error) {
      this.run = null;
      const advice = "Choose another setting, or run the cell again.";
      setText(this.alert, `The Gate Lab cannot draw this: ${error.message}. ${advice}`);
      this.alert.hidden = false;
      this.shown.hidden = this.words.hidden = true;
      console.error(error);
    }
  }

  readScene(state) {
    pick("lens", this.get("_cell")?.lenses, state.show);
    if (this.scene && this.sceneOf === `${state.preset}/${state.input}`) return;
    this.scene = null;
    this.scene = readScene(this, state);
    this.sceneOf = `${state.preset}/${state.input}`;
    this.computed = {};
  }

  compute(state) {
    const { kind, cell, x, preset, rnn } = this.scene;
    const shifts = Object.fromEntries(BIASES.map((name) => [name.slice(0, -5), state[name]]));
    const key = JSON.stringify([shifts, state.open_output]);
    if (state.gradient) {
      demand(rnn, "the lens gradient needs an RNN beside the LSTM, and none was sent");
      const rescaled = () => {
        const weight_ih = rnn.weight_ih.map((w) => state.input_scale * w);
        return rnnGains({ ...rnn, weight_ih, weight_hh: rnn.weight_hh.map((w) => state.rho * w) }, x);
      };
      const shifted = () => lstmGains(shiftBiases(cell, shifts, state.open_output), x, preset.candidate);
      this.run = {
        rnn: this.once("rnn", [state.rho, state.input_scale].join(), rescaled),
        lstm: this.once("lstm", key, shifted),
      };
      return;
    }
    this.run = this.once("run", key, () => {
      const shifted = shiftBiases(cell, shifts, state.open_output);
      const trace = kind.forward(shifted, x, preset.candidate);
      const path = cellPath(trace[kind.keeps], cell.H);
      return { ...trace, path, leastPath: path.reduce((least, value) => Math.min(least, value), 1), shifted };
    });
  }

  /** The last result of its kind, if it was made from the same key. */
  once(kind, key, compute) {
    if (this.computed[kind]?.key !== key) this.computed[kind] = { key, result: compute() };
    return this.computed[kind].result;
  }

  showControls(state) {
    const { kind, preset, cell, input } = this.scene;
    const { step, unit, gradient } = state;
    this.fillMenu(this.presets.select, this.get("_presets"), state.preset);
    this.fillMenu(this.inputs.select, this.get("_inputs"), state.input);
    setText(this.note, preset.note + (preset.candidate === "linear" ? " The candidate's tanh is taken off." : ""));
    for (const [name, { input: range, value, about, box }] of Object.entries(this.sliders)) {
      const key = this.moves[name];
      box.hidden = key && !(kind.lenses[state.show].moves + (preset.variance ? kind.of_variance : "")).includes(key);
      if (Number(range.value) !== state[name]) range.value = state[name];
      if (this.hall) this.fillTrack(range);
      const means = key && !gradient ? meaning(kind, key, this.run[key][step * cell.H + unit]) : "";
      setText(value, (state[name] > 0 && key ? "+" : "") + fixed(state[name]));
      setText(about, means);
      range.setAttribute("aria-valuetext", means ? `${fixed(state[name])}: ${means}` : fixed(state[name]));
    }
    this.tied.input.checked = state.tied;
    this.tied.box.hidden = ["forget_bias", "input_bias"].some((name) => this.sliders[name]?.box.hidden ?? true);
    setText(this.tied.text, preset.variance && !this.hall ? "tie b_i = −b_f, so that i = 1 − f" : "tie b_i = −b_f");
    this.opened.input.checked = state.open_output;
    this.opened.box.hidden = this.hall && Object.values(this.sliders).every(({ box }) => !box.hidden); // no room
    const beside = state.show === "cell" || preset.variance ? this.grid : this.left; // where there is room for words
    if (this.hall && this.words.parentElement !== beside) beside.append(this.words);
    if (gradient) return;
    this.showPlace("step", this.time, step + 1, input.T, input.dates[step]);
    this.showPlace("unit", this.units, unit + 1, cell.H);
    this.unitRow.hidden = cell.H === 1;
  }

  showPlace(what, { input, value }, now, last, date) {
    if (Number(input.max) !== last) input.max = last;
    if (Number(input.value) !== now) input.value = now;
    if (this.hall) this.fillTrack(input);
    input.setAttribute("aria-valuetext", `${what} ${now} of ${last}${date ? ` · ${date}` : ""}`);
    setText(value, date ?? `${now} / ${last}`);
  }

  fillTrack({ style, min, max, value }) {
    style.setProperty("--share", (value - min) / Math.max(1e-9, max - min));
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
    const { kind, cell, input, preset } = this.scene;
    const { run } = this;
    const { step, unit, gradient } = state;
    const n = step * cell.H + unit;
    const place = { step: gradient ? 0 : step, unit, colours: this.colours };
    this.panels.draw(panelsOf(state, this.scene, run, this.hall), this.scene, run, place);
    const { left, right } = this.panels;
    if (this.hall && right) {
      const { style } = this.box; // the slider through time lies under the panels: less half a thumb and a gap
      style.setProperty("--before", `${left - 26}px`);
      style.setProperty("--after", `${this.panels.canvas.clientWidth - right - 26}px`);
    }
    let [said, more] = ["", ""];
    if (gradient) {
      said = gradientSentence(state.rho, state.input_scale, run.rnn[0], state.forget_bias, run.lstm[0], input.T - 1);
    } else {
      const date = input.dates.length ? ` (${input.dates[step]})` : "";
      const at = `Step ${step + 1}${date}${cell.H > 1 ? `, unit ${unit + 1}` : ""}`;
      const values = Object.fromEntries(Object.keys(run).map((key) => [key, run[key][n]]));
      const before = step ? run[kind.state][n - cell.H] : cell[kind.state][unit];
      said = kind.sentence(state.show, at, values, run.path[n], input.T, state.open_output);
      if (preset.variance) more = kind.variance(values, state.candidate_bias);
      const texts = kind.equations(run.shifted, this.scene, run, values, before, state);
      for (const [key, line] of Object.entries(this.lines)) setText(line, texts[key]);
      this.picture?.draw(step + 1, { ...values, w: 1 - values.z }, before);
    }
    setText(this.says, this.hall && more ? more.slice(1) : said + more); // on a slide there is room for one
    said += more;
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

/** A page's door, with no kernel behind it: a lab in `el`, its state as Python's page.state() wrote it. */
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
