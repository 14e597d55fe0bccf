// The deck's own manners: theme, address, timing. reveal.js does the rest.
(() => {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);
  const remembered = () => { try { return localStorage.getItem("lecture-theme"); } catch { return null; } };

  /** Light unless the lecturer chose dark: most halls have a projector and a lamp somewhere. */
  function theme(name) {
    root.dataset.theme = name;
    try { localStorage.setItem("lecture-theme", name); } catch { /* a page from disk may have no memory */ }
  }
  root.dataset.theme = asked.get("theme") ?? (asked.has("print-pdf") ? "light" : (remembered() ?? "light"));

  // The appendix counts by itself: whoever calls for a slide should be able to say which.
  const sheets = [...document.querySelectorAll(".slides > section")];
  const apart = sheets.filter((slide) => slide.classList.contains("appendix"));
  const number = (slide = Reveal.getCurrentSlide()) =>
    apart.includes(slide)
      ? [`A${apart.indexOf(slide) + 1}`]
      : [sheets.indexOf(slide) + 1, "/", sheets.length - apart.length];

  Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: number, transition: "none",
    backgroundTransition: "none", controls: false, viewDistance: 2, pdfSeparateFragments: false, totalTime: 3600,
    plugins: [RevealNotes],
  }).then(() => {
    Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Dark or light" }, () =>
      theme(root.dataset.theme === "dark" ? "light" : "dark"));
    return document.fonts.ready;
  }).then(() => {
    if (asked.has("print-pdf")) // on paper a link to the disk on which it was printed leads nowhere
      for (const link of document.querySelectorAll('a[href]:not([href^="http"])')) link.removeAttribute("href");
  }).then(() => requestAnimationFrame(() => requestAnimationFrame(() => { root.dataset.ready = "yes"; performance.mark("ready"); })));
})();
