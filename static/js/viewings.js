// Cards of the viewings board are moved by drag, or with M and the arrow keys. Either fills in the card's
// own form and sends it: without this file the form does the same.
const board = document.querySelector("[data-board]");
const columns = [...board.querySelectorAll("[data-stage]")];
const said = document.querySelector("#said");
const label = (column) => column.querySelector("h2").firstChild.textContent.trim();

const send = (card, column) => {
  const form = card.querySelector("form.move");
  if (column === card.closest("[data-stage]")) return;
  form.elements.to.value = column.dataset.stage;
  form.requestSubmit();
};

const mark = (column) => {
  for (const one of columns) one.classList.toggle("target", one === column);
};

let dragged = null;
for (const card of board.querySelectorAll(".vcard")) {
  card.draggable = true;
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector(".name").textContent);
    card.classList.add("lifted");
  });
  card.addEventListener("dragend", () => {
    dragged = null;
    card.classList.remove("lifted");
    mark(null);
  });
}

for (const column of columns) {
  column.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    mark(column);
  });
  column.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged) send(dragged, column);
  });
}

// M lifts the card that has the focus; arrows choose a column, Enter puts it down, Escape leaves it.
let lifted = null;
let target = null;

const leave = (words) => {
  lifted?.classList.remove("lifted");
  lifted = target = null;
  mark(null);
  said.textContent = words;
};

board.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const card = event.target.closest(".vcard");
  if (!lifted) {
    if (!card || event.key.toLowerCase() !== "m") return;
    event.preventDefault();
    [lifted, target] = [card, card.closest("[data-stage]")];
    card.classList.add("lifted");
    mark(target);
    said.textContent = `${card.querySelector(".name").textContent}, in ${label(target)}. Choose a stage with the arrows, Enter to move, Escape to leave.`;
    return;
  }
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) {
    event.preventDefault();
    target = columns[Math.min(Math.max(columns.indexOf(target) + step, 0), columns.length - 1)];
    mark(target);
    said.textContent = label(target);
  } else if (event.key === "Enter") {
    event.preventDefault();
    const [moved, to] = [lifted, target];
    leave(`Moved to ${label(to)}.`);
    send(moved, to);
  } else if (event.key === "Escape") {
    leave("Left where it was.");
  }
});
