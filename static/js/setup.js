// The editors of spaces and floors: what is typed is drawn as it is typed, and a click on the floor says where the
// space stands, or writes the place where somebody types. Without this the form has a button for the preview.
const form = document.querySelector("form[data-setup]");
const area = document.querySelector(form.dataset.setup);
let waiting, latest = 0;

async function draw() {
  const turn = ++latest;
  const body = new URLSearchParams(new FormData(form));
  body.set("then", "preview");
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.querySelector(form.dataset.setup);
  if (turn === latest && drawn) {
    area.replaceChildren(...drawn.childNodes);
    ready();
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(() => draw().catch(() => {}), 350);
}

function ready() {
  area.querySelector("svg.placing")?.classList.add("clickable");
}

form.addEventListener("input", soon);
area.addEventListener("click", (event) => {
  const floor = event.target.closest("svg.placing");
  if (!floor) return;
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(floor.getScreenCTM().inverse());
  const metres = (units) => Math.max(0, Math.round(units / Number(floor.dataset.metre) * 10) / 10);
  const { x, y, lines } = form.elements;
  if (lines) {
    lines.setRangeText(`${metres(point.x)} ${metres(point.y)} `, lines.selectionStart, lines.selectionEnd, "end");
    lines.focus();
  } else {
    x.value = metres(point.x);
    y.value = metres(point.y);
  }
  soon();
});
form.querySelector(".with-script").hidden = false;
ready();
