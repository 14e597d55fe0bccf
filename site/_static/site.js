// Equations wider than their column can be scrolled; this lets the keyboard do it too.
function reachable() {
  for (const equation of document.querySelectorAll('mjx-container[display="true"]'))
    if (equation.scrollWidth > equation.clientWidth) equation.tabIndex = 0;
    else equation.removeAttribute("tabindex");
}

addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  reachable();
  addEventListener("resize", reachable);
});

// Paper is white: a dark page is printed in its light colours, and goes back to its own.
const paper = matchMedia("print");
let worn;

paper.addEventListener("change", () => {
  const { dataset } = document.documentElement;
  if (paper.matches) [worn, dataset.theme] = [dataset.theme, "light"];
  else if (worn) dataset.theme = worn;
});

// A figure whose pictures Python drew beforehand, one for each position of its sliders, the last slider fastest.
function setMoving(figure) {
  const { folder, labels, sentences } = JSON.parse(figure.querySelector("script").textContent);
  const sliders = [...figure.querySelectorAll("input")];
  const [image, says] = figure.querySelectorAll("img, .says");
  const source = (frame) => `${folder}/${frame}.png`;

  // All are fetched when a slider is first touched: a drag passes through many.
  const fetched = [];
  const fetchAll = () => {
    if (!fetched.length) fetched.push(...sentences.map((_, frame) => Object.assign(new Image(), { src: source(frame) })));
  };

  const show = () => {
    const places = sliders.map((slider) => slider.valueAsNumber);
    const frame = places.reduce((before, place, k) => before * labels[k].length + place, 0);
    sliders.forEach((slider, k) => {
      slider.ariaValueText = slider.nextElementSibling.textContent = labels[k][places[k]];
    });
    image.src = source(frame);
    image.alt = says.textContent = sentences[frame];
  };

  for (const slider of sliders) {
    slider.parentElement.hidden = false;
    for (const touch of ["pointerenter", "focus"]) slider.addEventListener(touch, fetchAll);
    slider.addEventListener("input", show);
  }
}

addEventListener("DOMContentLoaded", () => document.querySelectorAll(".frames").forEach(setMoving));
