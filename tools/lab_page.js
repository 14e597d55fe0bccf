// The page around the Gate Lab: what its address says, and back. `read` and `write` know no document; `open` does.
// `scenes` are the three labs of the page as Python's page.state() wrote them: lstm, gru, and gradient.

const TABS = [
  ["forget", "lstm", "forget"],
  ["input", "lstm", "input"],
  ["output", "lstm", "output"],
  ["whole cell", "lstm", "cell"],
  ["gradient", "gradient", "gradient"],
  ["GRU", "gru", "cell"],
];
const GRU_TABS = [
  ["whole GRU", "gru", "cell"],
  ["update", "gru", "update"],
  ["reset", "gru", "reset"],
];
const SWITCHES = ["tied", "open_output"];
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** The traits that the address of a scene can hold, in the order in which it holds them. */
function keysOf(scene, scenes) {
  const { sliders, ranges } = scenes[scene]._cell;
  if (scene === "gradient") return [...ranges.map(([name]) => name), "forget_bias"];
  const switches = scene === "lstm" ? SWITCHES : [];
  return ["preset", "input", ...sliders.map(([name]) => name), ...switches, "step", "unit"];
}

/** Where the controls stand when an address names a preset and an input, and nothing else. */
function defaults(scene, { preset, input }, scenes) {
  const state = scenes[scene];
  if (scene === "gradient") return Object.fromEntries(keysOf(scene, scenes).map((name) => [name, state[name]]));
  const { biases, tied } = state._presets[preset];
  const places = { preset, input, step: Math.ceil(state._inputs[input].T / 2), unit: 1 };
  const moved = Object.fromEntries(state._cell.sliders.map(([name], k) => [name, biases[k]]));
  return { ...places, ...moved, ...(scene === "lstm" && { tied, open_output: false }) };
}

/** Both ends of what a trait can be. */
function endsOf(name, scene, { preset, input }, scenes) {
  const { _cell, _inputs, _presets, _weights } = scenes[scene];
  if (name === "step") return [1, _inputs[input].T];
  if (name === "unit") return [1, _weights[_presets[preset].weights].H];
  const range = new Map(_cell.ranges).get(name);
  return range && scene === "gradient" ? [range.low, range.high] : [-8, 8];
}

const quoted = (text) => `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
const spelt = (value) => String(value).replace("-", "−");

/** {scene, show, traits} of an address's part after the #; `wrong` lists what had to be put right. */
export function read(hash, scenes) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const wrong = [];
  const choose = (name, known, otherwise) => {
    const asked = given.get(name);
    if (asked === null || known.includes(asked)) return asked ?? otherwise;
    wrong.push(`${name} is ${quoted(asked)}, but should be one of ${known.join(", ")}`);
    return otherwise;
  };
  const cell = choose("cell", ["lstm", "gru"], "lstm");
  const show = choose("show", Object.keys(scenes[cell]._cell.lenses), "cell");
  const scene = show === "gradient" ? "gradient" : cell;
  const keys = keysOf(scene, scenes);
  const chosen = { preset: scenes[scene].preset, input: scenes[scene].input };
  if (scene !== "gradient") {
    chosen.preset = choose("preset", Object.keys(scenes[scene]._presets), chosen.preset);
    chosen.input = choose("input", Object.keys(scenes[scene]._inputs), chosen.input);
  }
  const traits = defaults(scene, chosen, scenes);
  for (const name of new Set(given.keys())) {
    if (name === "cell" || name === "show" || (name in chosen && keys.includes(name))) continue;
    if (!keys.includes(name)) wrong.push(`${quoted(name)} means nothing to this lab, which knows ${keys.join(", ")}`);
    else traits[name] = readOne(name, given.get(name), traits[name], endsOf(name, scene, chosen, scenes), wrong);
  }
  if (traits.tied && given.has("input_bias") && !given.has("forget_bias")) traits.forget_bias = -traits.input_bias;
  else if (traits.tied) traits.input_bias = -traits.forget_bias;
  return { scene, show, traits, wrong };
}

function readOne(name, text, otherwise, [low, high], wrong) {
  if (SWITCHES.includes(name)) {
    if (["0", "1"].includes(text)) return text === "1";
    wrong.push(`${name} is ${quoted(text)}, but should be 0 or 1`);
    return otherwise;
  }
  const value = Number(text);
  const whole = name === "step" || name === "unit";
  if (!NUMBER.test(text.trim()) || !Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    wrong.push(`${name} is ${quoted(text)}, but should be a ${whole ? "whole " : ""}number`);
    return otherwise;
  }
  const within = Math.min(high, Math.max(low, value));
  if (within !== value) wrong.push(`${name} is ${quoted(text)}, but should lie between ${spelt(low)} and ${spelt(high)}`);
  return within;
}

/** The address's part from the # on for a scene, its lens and its traits: only what differs from the defaults. */
export function write(scene, show, traits, scenes) {
  const usual = defaults(scene, traits, scenes);
  const said = new URLSearchParams();
  if (scene === "gru") said.set("cell", "gru");
  if (show !== "cell") said.set("show", show);
  for (const name of keysOf(scene, scenes)) {
    const first = name === "preset" || name === "input" ? scenes[scene][name] : usual[name];
    if (traits[name] === first || (name === "input_bias" && traits.tied)) continue;
    said.set(name, SWITCHES.includes(name) ? Number(traits[name]) : traits[name]);
  }
  const text = said.toString();
  return text && `#${text}`;
}

// --- the page

const REST = 400; // milliseconds between two changes of the address: Safari allows a hundred in half a minute

/** Put the labs into their places, tabs above them, and hold the address and what is shown together. */
export function open(scenes, mount, css) {
  const at = (selector) => document.querySelector(selector);
  const models = {};
  for (const [scene, state] of Object.entries(scenes)) {
    const place = at(`#${scene}`);
    models[scene] = mount(place, state);
    const style = document.createElement("style");
    style.textContent = css;
    place.shadowRoot.append(style);
    for (const name of [...keysOf(scene, scenes), "show"]) models[scene].on(`change:${name}`, moved);
  }
  const [bar, gruBar] = document.querySelectorAll("nav");
  const links = [bar, gruBar].flatMap((nav, k) =>
    [TABS, GRU_TABS][k].map(([text, scene, show]) => {
      const link = Object.assign(document.createElement("a"), { textContent: text });
      nav.append(link);
      return { link, scene, show, nav };
    }),
  );
  let [now, busy, timer] = ["lstm", false, 0];

  const traitsOf = (scene) => Object.fromEntries(keysOf(scene, scenes).map((name) => [name, models[scene].get(name)]));
  const addressOf = (scene, show) => write(scene, show, traitsOf(scene), scenes);

  /** What the address says is shown; what it says wrong is said. */
  function follow() {
    clearTimeout(timer);
    timer = 0;
    const { scene, show, traits, wrong } = read(location.hash, scenes);
    const { preset, input, ...rest } = traits;
    busy = true;
    const first = scene === "gradient" ? {} : { preset, input }; // then what depends on them
    for (const [name, value] of Object.entries({ ...first, ...rest, show })) models[scene].set(name, value);
    busy = false;
    now = scene;
    for (const name of Object.keys(scenes)) at(`#${name}`).hidden = name !== scene;
    const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : "";
    at("#wrong").textContent = wrong.length ? `The address cannot be followed to the letter: ${wrong[0]}${more}.` : "";
    at("#wrong").hidden = !wrong.length;
    at("#copied").hidden = true;
    label();
  }

  function moved() {
    if (busy) return;
    at("#wrong").hidden = at("#copied").hidden = true;
    timer ||= setTimeout(record, REST);
  }

  /** What is shown goes into the address, in the place of what was shown before: the back button leads out of it. */
  function record() {
    clearTimeout(timer);
    timer = 0;
    const address = addressOf(now, models[now].get("show"));
    if (address !== location.hash) history.replaceState(null, "", address || location.pathname + location.search);
    label();
  }

  /** The links lead to the other lenses on the same cell, and say where one is. */
  function label() {
    const shown = models[now].get("show");
    gruBar.hidden = now !== "gru";
    for (const { link, scene, show, nav } of links) {
      link.href = addressOf(scene, show) || "#";
      const here = scene === now && (show === shown || (nav === bar && scene === "gru"));
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  async function copy() {
    record();
    const said = at("#copied");
    said.hidden = false;
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = "The link is copied.";
    } catch {
      const field = Object.assign(document.createElement("input"), { value: location.href, readOnly: true });
      field.setAttribute("aria-label", "the link, to be copied by hand");
      said.replaceChildren("This browser lets no page copy. Here is the link:", field);
      field.select();
    }
  }

  at("#copy").addEventListener("click", copy);
  addEventListener("hashchange", follow);
  addEventListener("pagehide", () => timer && record());
  follow();
}
