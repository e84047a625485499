// Covers the screen of a shared computer that nobody touches, and lets a PIN go on where one was: the page stays as it
// is beneath. The server does the same by itself at the next request.
const rail = document.querySelector("[data-lock-minutes]");
const AFTER = Number(rail.dataset.lockMinutes) * 60_000;
let last = Date.now();
let told = Date.now();
let cover;
let covered = false;

const touched = () => {
  if (covered) return;
  last = Date.now();
  if (last - told > 30_000) {
    told = last;
    fetch("/admin/activity", { method: "POST", keepalive: true });
  }
};
for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(kind, touched, { passive: true });

const make = () => {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.className = "cover";
  dialog.setAttribute("aria-label", "Who goes on?");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  // A second Escape closes any dialog, whatever the first one was told.
  dialog.addEventListener("close", () => covered && dialog.showModal());
  return dialog;
};

const ask = async () => {
  if (covered) return;
  cover ??= make();
  covered = true;
  cover.textContent = "Covered";
  cover.showModal();
  await fetch("/admin/lock", { method: "POST", redirect: "manual" });
  show(await (await fetch("/admin/switch")).text());
};

const show = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html").querySelector(".switch");
  if (!page) return location.reload();
  cover.replaceChildren(...page.childNodes);
  (cover.querySelector(".pin") ?? cover.querySelector("a"))?.focus();
  cover.querySelector("#switch")?.addEventListener("submit", send);
};

const send = async (event) => {
  event.preventDefault();
  event.stopPropagation();
  const form = event.target;
  const who = form.querySelector("[name=person]:checked")?.parentElement.lastElementChild.textContent;
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.status === 422) return show(await answer.text());
  if (!answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    cover.querySelector("h1").textContent = page.querySelector("main p")?.textContent ?? "Sign in with a password.";
    return;
  }
  // Somebody else sees their own pages, not what lay open before them.
  if (who !== rail.dataset.who) return location.assign("/admin");
  last = told = Date.now();
  covered = false;
  cover.close();
};

setInterval(() => {
  if (Date.now() - last >= AFTER) ask();
}, 1_000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - last >= AFTER) ask();
});
