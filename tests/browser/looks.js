// What is wrong with this page as it stands. arguments[0] says whether to look at its markup too, and
// what axe is to run.
const [{ markup, axe: wanted }, done] = arguments;
const faults = [];
const nameOf = (element) => {
  const words = (element.innerText || element.ariaLabel || element.name || "").trim().slice(0, 40);
  return `<${element.localName} class="${element.getAttribute("class") ?? ""}"> “${words}”`;
};

if (markup) {
  for (const element of document.querySelectorAll("style, script:not([src], [type='application/ld+json']), [style]")) {
    faults.push(`inline: ${nameOf(element)}`);
  }
  for (const element of document.querySelectorAll("*")) {
    const handler = [...element.attributes].find((attribute) => attribute.name.startsWith("on"));
    if (handler) faults.push(`handler: ${nameOf(element)}`);
  }
}

const { scrollWidth } = document.scrollingElement;
if (scrollWidth > innerWidth) {
  const wide = [...document.body.querySelectorAll("*")].filter((element) => {
    const { right, width } = element.getBoundingClientRect();
    return width > 0 && right > innerWidth + 0.5;
  });
  faults.push(`sideways: ${scrollWidth} px in ${innerWidth}: ${wide.slice(-3).map(nameOf).join(", ")}`);
}

// A link within a sentence may be as high as its line; a choice is as large as its label.
const isInSentence = (element) =>
  getComputedStyle(element).display === "inline" &&
  [...element.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
const controls = "a[href], button, summary, select, textarea, input:not([type=hidden])";
for (const element of document.querySelectorAll(controls)) {
  if (!element.checkVisibility() || isInSentence(element) || element.matches(".skip")) continue;
  const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
  if (width < 24 || height < 24) {
    faults.push(`small: ${nameOf(element)} is ${Math.round(width)} × ${Math.round(height)} px`);
  }
}

axe.run({ runOnly: wanted, resultTypes: ["violations"], preload: false }).then(({ violations }) => {
  for (const { id, nodes } of violations) {
    for (const { target, failureSummary } of nodes.slice(0, 3)) {
      faults.push(`axe ${id}: ${target.join(" ")}: ${failureSummary.replace(/\s+/g, " ").slice(0, 200)}`);
    }
  }
  done(faults);
}, (error) => done([`axe: ${error}`]));
