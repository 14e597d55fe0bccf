// What the back row would complain of on the slide that is shown: text too small, cut, covered or out of the sheet.
// Returns sentences. Sizes are those of the canvas of 1280 × 720, whatever the window.
({ smallest, points }) => {
  const slide = Reveal.getCurrentSlide();
  const sheet = slide.querySelector(".sheet");
  const scale = sheet.getBoundingClientRect().width / 1280;
  const faults = [];
  const say = (text) => faults.push(`${slide.id}: ${text}`);
  const short = (node) => (node.textContent.trim().replace(/\s+/g, " ") || node.nodeName).slice(0, 40);
  const frame = sheet.getBoundingClientRect();
  const outside = (box, edge) =>
    box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1;

  // Every piece of text, in shadow roots too: its size, and whether it lies inside the sheet and inside whatever clips it
  const pieces = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.textContent.trim()) pieces.push(node);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return;
    if (["STYLE", "SCRIPT", "NOSCRIPT", "ASIDE", "MJX-ASSISTIVE-MML", "OPTION"].includes(node.nodeName)) return;
    if (node.classList?.contains("heard")) return;
    if (node.shadowRoot) walk(node.shadowRoot);
    for (const child of node.childNodes) walk(child);
  };
  walk(sheet);
  const boxes = [];
  for (const piece of pieces) {
    const range = document.createRange();
    range.selectNodeContents(piece);
    const box = range.getBoundingClientRect();
    if (!box.width || getComputedStyle(piece.parentElement).visibility === "hidden") continue;
    const size = parseFloat(getComputedStyle(piece.parentElement).fontSize);
    if (size < smallest - 0.01) say(`“${short(piece)}” has ${size.toFixed(1)} px`);
    if (outside(box, frame)) say(`“${short(piece)}” leaves the sheet`);
    boxes.push([piece, box]);
  }
  for (const box of [sheet, ...sheet.querySelectorAll(":not(mjx-assistive-mml, mjx-assistive-mml *)")])
    if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === "hidden" && box.clientWidth)
      say(`${box.className || box.nodeName} is cut at the right`);
    else if (box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY === "hidden" && box.clientHeight)
      say(`${box.className || box.nodeName} is cut at the bottom`);

  // Nothing lies on anything else: the parts of a slide, pair by pair
  const parts = [...sheet.querySelectorAll(":scope > :not(.body, .notes), .body > *")].filter((one) => one.getClientRects().length);
  for (const [k, one] of parts.entries())
    for (const other of parts.slice(k + 1)) {
      const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
      const [x, y] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
      if (x > 2 && y > 2 && a.height && b.height) say(`“${short(one)}” and “${short(other)}” overlap`);
    }
  const number = document.querySelector(".reveal .slide-number")?.getBoundingClientRect();
  for (const [piece, box] of boxes)
    if (number && box.right > number.left && box.bottom > number.top && box.left < number.right && box.top < number.bottom)
      say(`“${short(piece)}” lies under the slide's number`);

  // Figures: how large their smallest text comes out
  for (const image of sheet.querySelectorAll("img")) {
    if (!image.alt) say("a picture has no alt text");
    const shown = Math.min(image.clientWidth, (image.clientHeight * image.naturalWidth) / image.naturalHeight);
    const inches = parseFloat(image.getAttribute("width")) / 96;
    const least = (parseFloat(image.dataset.points) / 72) * (shown / inches);
    if (!(least >= smallest - points)) say(`the figure's smallest text has ${least.toFixed(1)} px (${shown.toFixed(0)} px wide)`);
    if (outside(image.getBoundingClientRect(), frame)) say("a picture leaves the sheet");
  }
  if (![...sheet.querySelectorAll(".body > *")].some((one) => one.getBoundingClientRect().height) && !slide.classList.contains("title"))
    say("nothing but its title");
  return faults;
}
