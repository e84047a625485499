// A screen at a door. It goes by the clock and what it knows, also while the network is away, and says since when.
const RENEW = 60_000;
const BACK = 120_000;

const back = document.querySelector("[data-back]")?.dataset.back;
if (back) setTimeout(() => (location = back), BACK);

const door = document.getElementById("door");
const away = document.getElementById("away");
let known = null;
/** How far the house's clock is ahead of this machine's. */
let ahead = 0;
let heard = Date.now();

const learn = () => {
  known = JSON.parse(document.getElementById("known").value);
  ahead = known.at - Date.now();
  heard = Date.now();
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
  learn();
  tell();
  document.addEventListener("fresh", () => (learn(), tell()));
  setInterval(tell, 5_000);
  setInterval(renew, RENEW);
  addEventListener("online", renew);
  addEventListener("offline", renew);
  const wake = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  wake();
  document.addEventListener("visibilitychange", wake);
}
