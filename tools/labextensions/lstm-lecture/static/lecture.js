// Two things that JupyterLab lacks, for the lecture's own server (tools/lecture.py names this folder to it). Written by
// hand in the form of a prebuilt extension: a container of webpack's module federation, with one module.
(() => {
  // Read at once: JupyterLab's router writes over the address.
  const HEADING = decodeURIComponent(location.hash.match(/^#at=(.+)/)?.[1] ?? "");
  const PATH = decodeURIComponent(location.pathname.split("/tree/")[1] ?? "");
  const LATE = "Error displaying widget: model not found"; // the widget manager's own words

  // An address that ends in #at=… opens its notebook at that heading, with its cell selected ("Run All Above Selected
  // Cell" catches up). Figures and labs above it grow while they are drawn, so it is held at the top until the reader
  // takes over.
  async function openAtHeading(panel) {
    await panel.context.ready;
    const notebook = panel.content;
    const lines = [...panel.model.cells].map((cell) => cell.type === "markdown" && cell.sharedModel.source.split("\n"));
    const index = lines.findIndex((cell) => cell && cell.some((line) => /^#+ /.test(line) && titleOf(line) === HEADING));
    if (index < 0) return console.warn(`No heading “${HEADING}” in ${panel.context.path}`);
    notebook.activeCellIndex = index;
    const { node } = notebook.widgets[index];
    const toTop = () => ([...node.querySelectorAll("h1, h2, h3, h4")].find(isIt) ?? node).scrollIntoView();
    const growth = new ResizeObserver(toTop);
    for (const cell of notebook.widgets) growth.observe(cell.node);
    for (const sign of ["wheel", "pointerdown", "keydown"]) {
      window.addEventListener(sign, () => growth.disconnect(), { once: true, capture: true });
    }
    await notebook.scrollToItem(index, "start");
    toTop();
  }

  const titleOf = (line) => line.replace(/^#+ /, "").trim();
  const isIt = (heading) => heading.textContent.replace(/¶$/, "").trim() === HEADING; // it ends in a link, "¶"

  function* within(widget) {
    yield widget;
    for (const child of widget.children?.() ?? []) yield* within(child);
  }

  // An output asks the widget manager for its saved widget for two seconds, looking every tenth of one, and does not
  // look again when they are over (jupyterlab_widgets 3.0.17). A widget that came in that last tenth is there, but the
  // output has said "not found", and nobody asks it a second time. We do, once.
  const tried = new WeakSet();
  function showAgain(shell, node) {
    if (tried.has(node)) return;
    tried.add(node);
    for (const panel of shell.widgets("main")) {
      for (const area of panel.node.contains(node) ? within(panel) : []) {
        if (!area.node.classList.contains("jp-OutputArea") || !area.node.contains(node)) continue;
        area.widgets.forEach((row, index) => {
          const output = [...within(row)].find((widget) => widget.node === node);
          output?.renderModel(area.model.get(index));
        });
      }
    }
  }

  const plugin = {
    id: "lstm-lecture:plugin",
    autoStart: true,
    activate: ({ shell }) => {
      new MutationObserver((records) => {
        for (const { addedNodes, target } of records) if (addedNodes[0]?.data === LATE) showAgain(shell, target);
      }).observe(document.body, { childList: true, subtree: true });
      if (!HEADING) return;
      const look = () => {
        const panel = [...shell.widgets("main")].find((one) => one.model?.cells && one.context.path === PATH);
        if (panel) shell.layoutModified.disconnect(look), openAtHeading(panel);
      };
      shell.layoutModified.connect(look);
    },
  };

  (window._JUPYTERLAB ??= {})["lstm-lecture"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
