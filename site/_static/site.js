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
