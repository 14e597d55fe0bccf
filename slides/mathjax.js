// From [{tex, display}, …] on standard input to {style, pictures: [svg, …]}: MathJax's own, each with MathML beside it
// for those who listen. Run by tools/mathjax.py.
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));

require("mathjax")
  .init({
    loader: { load: ["input/tex", "output/svg", "a11y/assistive-mml"] },
    tex: { packages: { "[-]": ["noundefined", "noerrors"] }, formatError: (_, error) => { throw error; } },
    svg: { fontCache: "local" },
  })
  .then((MathJax) => {
    const { adaptor } = MathJax.startup;
    const pictures = given.map(({ tex, display }) => {
      try {
        return adaptor.outerHTML(MathJax.tex2svg(tex, { display }));
      } catch (error) {
        throw new Error(`${tex}: ${error.message}`);
      }
    });
    process.stdout.write(JSON.stringify({ style: adaptor.textContent(MathJax.svgStylesheet()), pictures }));
  })
  .catch((error) => {
    process.stderr.write(String(error.message ?? error));
    process.exit(1);
  });
