// A button with data-print prints the page; without scripts it stays hidden, and the browser's menu prints.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
