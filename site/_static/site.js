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
