// Everything works without this file; it only removes waiting and a stray tap.
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A second press while a form is under way does nothing; the browser still sends the first one itself.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.ariaBusy === "true") event.preventDefault();
  else form.ariaBusy = "true";
});

// Coming back with the Back button shows the page as it was left: let its forms be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.ariaBusy = null;
});

// After a refused form, reading starts at the list of what to mend.
document.querySelector(".errors")?.focus();

// A page with data-stream follows the house: told of a change, it fetches itself anew and takes from the answer
// every region with data-fresh and an id. A region in which something is moved or typed is left alone.
const kept = new WeakMap();
const regions = () => document.querySelectorAll("[data-fresh]");
for (const region of regions()) kept.set(region, region.innerHTML);

const isAtWork = (region) => {
  const active = region.contains(document.activeElement) && document.activeElement;
  return region.querySelector(".moving, .saving, form[aria-busy=true]") || (active && active.matches("input:not([type=hidden]), select, textarea"));
};

/**
 * The way to what has the focus, to find the same again. Where it is gone, its place in the list gets the focus on a
 * link, never on a button: a key that was meant for one person must do nothing to another.
 */
const bearings = (region) => {
  const active = region.contains(document.activeElement) && document.activeElement;
  if (!active) return () => {};
  const name = ({ dataset, id, href, form, value }) => dataset.ref ?? (id || href || `${form?.action} ${value}`);
  const wanted = name(active);
  const rows = () => [...region.querySelectorAll("li")];
  const nth = rows().indexOf(active.closest("li"));
  return () => {
    const same = [...region.querySelectorAll("a[href], button, summary")].find((one) => name(one) === wanted);
    const row = rows()[nth] ?? rows().at(-1) ?? region;
    (same ?? row.querySelector("a[href]"))?.focus({ preventScroll: true });
  };
};

/** Something was left alone, and is behind what the house says. */
let behind = false;

const take = (page) => {
  behind = false;
  for (const region of regions()) {
    const fresh = page.getElementById(region.id);
    // What another script replaces as well is compared as it stands.
    const before = region.dataset.fresh === "always" ? region.innerHTML : kept.get(region);
    if (!fresh || fresh.innerHTML === before) continue;
    if (isAtWork(region)) {
      behind = true;
      continue;
    }
    kept.set(region, fresh.innerHTML);
    const refocus = bearings(region);
    region.className = fresh.className;
    region.replaceChildren(...fresh.childNodes);
    refocus();
  }
  document.dispatchEvent(new CustomEvent("fresh", { detail: page }));
};

document.addEventListener("page", ({ detail }) => {
  document.querySelector(".flash")?.remove();
  const flash = detail.querySelector(".flash");
  if (flash) document.querySelector("main").prepend(flash);
  take(detail);
});

// What is pressed in a region that follows the house is done without leaving the page.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("[data-fresh]")) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
    if (new URL(answer.url).pathname !== location.pathname) return void (location = answer.url);
    const detail = new DOMParser().parseFromString(await answer.text(), "text/html");
    form.ariaBusy = null;
    document.dispatchEvent(new CustomEvent("page", { detail }));
  } catch {
    location.reload();
  }
});

const stream = document.querySelector("[data-stream]")?.dataset.stream;
let source = null;
let lost = false;
let busy = false;
let again = false;

const renew = async () => {
  if (busy) return void (again = true);
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { "x-renew": "1" } });
    if (answer.ok && !answer.redirected) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    lost = true;
  }
  busy = false;
  if (again) {
    again = false;
    renew();
  }
};

const follow = () => {
  if (!stream || source || document.hidden) return;
  source = new EventSource(stream);
  source.addEventListener("change", renew);
  source.addEventListener("bye", () => location.reload());
  source.addEventListener("open", () => {
    if (lost) renew();
    lost = false;
  });
  source.addEventListener("error", () => {
    lost = true;
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(follow, 5000);
  });
};

const part = () => {
  source?.close();
  source = null;
  lost = true;
};

for (const name of ["settled", "focusout"]) document.addEventListener(name, () => behind && setTimeout(renew, 100));
addEventListener("load", () => setTimeout(follow));
addEventListener("pagehide", part);
addEventListener("pageshow", ({ persisted }) => persisted && follow());
document.addEventListener("visibilitychange", () => (document.hidden ? part() : follow()));
