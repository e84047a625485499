// Live forms: parts of a page follow what is chosen; without this file the form's button does the same.
//
//   <form data-live="#count #found">       A GET form. On input its address is fetched with its data, and these
//                                          regions become those of the answer. Each must always be on the page,
//                                          if need be empty. A control that is being edited is never replaced.
//   <form data-live="…" data-live-address> also shows the query in the address bar.
//   <ul data-live-link="#times #bill">     The links in it (or a link itself) do the same; the address follows.
//
// A region keeps its element, so one with role="status" is read out when its words change.
const EDITED = "input, select, textarea";
const FOCUSABLE = `a[href], button, summary, ${EDITED}`;
const under = {};

const supersede = (names) => {
  under[names]?.abort();
  under[names] = new AbortController();
  return under[names].signal;
};

/** Whether the regions follow, or something newer does. */
const load = async (url, names, signal, showsAddress) => {
  const find = (page) => names.split(" ").map((name) => page.querySelector(name));
  const regions = find(document);
  const busy = setTimeout(() => regions.forEach((region) => (region.ariaBusy = "true")), 400);
  try {
    const answer = await fetch(url, { signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = find(page);
    if ([...regions, ...fresh].includes(null)) return false;
    regions.forEach((region, n) => refresh(region, fresh[n]));
    document.title = page.title;
    if (showsAddress) history.replaceState(null, "", url);
    return true;
  } catch {
    return signal.aborted;
  } finally {
    clearTimeout(busy);
    regions.forEach((region) => region && (region.ariaBusy = null));
  }
};

const refresh = (region, fresh) => {
  const focused = region.contains(document.activeElement) && document.activeElement;
  const way = [];
  for (let at = focused; at && at !== region; at = at.parentElement) way.unshift([...at.parentElement.children].indexOf(at));
  const { id, name, value } = focused || {};
  const twin = id ? `#${CSS.escape(id)}` : `[name="${name}"][value="${CSS.escape(value)}"]`;
  const isEdited = focused && focused.matches(EDITED);
  swap(region, fresh, isEdited && focused, isEdited && fresh.querySelector(twin));
  if (!focused || focused.isConnected) return;
  const place = way.reduce((at, n) => at.children[n] ?? at, region);
  const same = id ? region.querySelector(twin) : place;
  (same?.matches(FOCUSABLE) ? same : (same ?? region).querySelector(FOCUSABLE))?.focus({ preventScroll: true });
};

/** Makes an element like a fresh one, around `kept` in it, whose counterpart is `twin`. */
const swap = (old, fresh, kept, twin) => {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (name !== "value" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old === kept) return;
  const holder = (all, one) => one && [...all.childNodes].find((node) => node.contains(one));
  const [mine, theirs] = [holder(old, kept), holder(fresh, twin)];
  if (!mine || !theirs) {
    if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
    return;
  }
  const around = [...fresh.childNodes];
  const at = around.indexOf(theirs);
  for (const node of [...old.childNodes]) if (node !== mine) node.remove();
  mine.before(...around.slice(0, at));
  mine.after(...around.slice(at + 1));
  swap(mine, theirs, kept, twin);
};

let pause;
document.addEventListener("input", ({ target }) => {
  const form = target.form;
  const names = form?.dataset.live;
  if (!names) return;
  clearTimeout(pause);
  const signal = supersede(names);
  pause = setTimeout(() => {
    const url = new URL(form.getAttribute("action"), location);
    url.search = new URLSearchParams(new FormData(form));
    load(url, names, signal, "liveAddress" in form.dataset);
  }, 150);
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-live-link] a, a[data-live-link]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const names = link.closest("[data-live-link]").dataset.liveLink;
  if (!(await load(link.href, names, supersede(names), true))) location = link.href;
});
