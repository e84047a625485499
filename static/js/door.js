// A screen at a door. It goes by the clock and what it knows, also while the network is away, and says since when.
const RENEW = 60_000;
const BACK = 120_000;
const WATCH = 5_000;
const DUSK = 30 * 60_000;

const beside = document.querySelector("[data-back]");
if (beside) {
  const { back, watch } = beside.dataset;
  const leave = () => (location = back);
  if (watch === undefined) setTimeout(leave, BACK);
  // What is held was taken, or has ended: the room says so itself.
  else setInterval(() => fetch(location.href).then((answer) => answer.redirected && leave(), () => {}), WATCH);
}

const door = document.getElementById("door");
const away = document.getElementById("away");
let known = null;
/** How far the house's clock is ahead of this machine's. */
let ahead = 0;
let heard = Date.now();

/** A page that was kept is older than it says: the furthest that was ever heard is how far the clock is ahead. */
const learn = (fresh) => {
  known = JSON.parse(document.getElementById("known").value);
  const far = known.at - Date.now();
  ahead = fresh ? far : Math.max(far, Number(localStorage.getItem("ahead") ?? far));
  localStorage.setItem("ahead", ahead);
  heard = known.at - ahead;
};

/** The local clock of the room, whatever this machine's is. */
const clock = (at) => new Date(at + known.zone * 60_000).toISOString().slice(11, 16);

const say = (name, words) => {
  const place = door.querySelector(`[data-${name}]`);
  if (place.textContent !== words) place.textContent = words;
};

/** As the page itself says it when it is fetched. */
const standing = (now) => {
  const runs = ({ from, until }) => from <= now && now < until;
  const taken = known.taken.find(runs);
  if (taken) return ["busy", "Taken", `${taken.words} until ${taken.ends}`];
  const shut = known.shut.find(runs);
  if (shut) return ["shut", "Closed", shut.words];
  const open = known.open.find(runs);
  if (!open) return ["shut", "Closed", ""];
  const next = known.taken.find(({ from }) => from > now);
  return ["free", "Free", `until ${next && next.from < open.until ? next.begins : open.ends}`];
};

const tell = () => {
  const now = Date.now() + ahead;
  const [key, word, line] = standing(now);
  if (!door.classList.contains(key)) door.className = `door ${key}`;
  say("clock", clock(now));
  say("word", word);
  say("line", line);
  const isLight = known.open.some(({ from, until }) => from - DUSK <= now && now < until + DUSK);
  document.body.classList.toggle("night", !isLight);
  const next = known.taken.find(({ from }) => from > now);
  const soon = next && next.from - now < 12 * 3_600_000;
  if (soon) say("next", `Next: ${next.begins}–${next.ends}: ${next.words}`);
  else if (!next) say("next", "Nothing else is booked.");
};

const renew = async () => {
  try {
    const answer = await fetch(location.href, { headers: { "x-renew": "1" }, signal: AbortSignal.timeout(20_000) });
    if (answer.status === 404) return void location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const detail = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.dispatchEvent(new CustomEvent("page", { detail }));
    document.body.classList.remove("away");
    away.hidden = true;
  } catch {
    document.body.classList.add("away");
    away.textContent = `No connection. This is what was known at ${clock(heard + ahead)}.`;
    away.hidden = false;
  }
};

if (door) {
  learn(false);
  tell();
  document.addEventListener("fresh", () => (learn(true), tell()));
  // Once it is looked after, all that it is made of is fetched again, to be kept.
  navigator.serviceWorker?.addEventListener("controllerchange", () => {
    const pieces = performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.startsWith("/static/"));
    for (const { name } of pieces) fetch(name).catch(() => {});
    renew();
  });
  navigator.serviceWorker?.register(door.dataset.worker, { scope: "/display/" }).catch(() => {});
  renew();
  setInterval(tell, 5_000);
  setInterval(renew, RENEW);
  addEventListener("online", renew);
  addEventListener("offline", renew);
  const wake = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  wake();
  document.addEventListener("visibilitychange", wake);
}
