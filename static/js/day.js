// The day's timeline under the hand: drag a booking to another time or space, its edge to lengthen it, a gap
// to book it; by keyboard the same. Each booking and each gap is a link without this file, and a booking's
// page has the same as forms. What is dropped is sent to that page's form, which decides.
const day = document.querySelector("#day");
const said = document.querySelector("#said");
const tell = document.querySelector("#tell");
const { begins, hours, letters, date } = day.dataset;
const quarters = hours * 4;

document.querySelector("#tell-box").hidden = false;

/** Once the picture of what the hand did is on the screen: what follows from it may take its time. */
const later = (work) => requestAnimationFrame(() => setTimeout(work));

/** To be read out, and for a moment to be read as well. */
let quiet;
let words;
const say = (text) => {
  if (words === undefined) {
    later(() => {
      said.textContent = words;
      said.classList.toggle("told", Boolean(words));
      words = undefined;
    });
  }
  words = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => move || said.classList.remove("told"), 4000);
};
const here = () => location.pathname + location.search;
const clock = (quarter) => {
  const minutes = (+begins + quarter * 15) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
};

// Positions are classes, aN for the start and zN for the end in quarter hours, as no style may be inline.
const position = (item) => {
  const at = [0, 0];
  for (const name of item.classList) {
    if (/^a\d+$/.test(name)) at[0] = +name.slice(1);
    if (/^z\d+$/.test(name)) at[1] = +name.slice(1);
  }
  return at;
};
/** How much room the words have: s1, s2 and s3 for up to two, four and seven quarters of a day of twelve hours. */
const room = (length) => ["s1", "s2", "s3"][[2, 4, 7].findIndex((most) => length * 12 <= most * hours)];
const place = (item, [from, until]) => {
  const [a, z] = position(item);
  item.classList.remove(`a${a}`, `z${z}`, "s1", "s2", "s3");
  item.classList.add(`a${from}`, `z${until}`, room(until - from) ?? "s4");
};

const tracks = () => [...day.querySelectorAll(".track")].filter((track) => !track.closest("details:not([open])"));
const links = (track) => [...track.querySelectorAll(".cell > a")].sort((one, other) => position(one.parentElement)[0] - position(other.parentElement)[0]);
const nameOf = (track) => track.closest(".lane").querySelector("h3").textContent;
const stepOf = (track) => Math.max(1, Math.round(track.dataset.step / 15));
const whoIs = (link) => link.querySelector(".full")?.textContent;

/** What stands in the way of a time on a track, in words; nothing if it looks free. */
const obstacle = (track, [from, until], own) => {
  if (from < 0 || until > quarters) return "outside the day";
  for (const item of track.querySelectorAll(".cell:not(.gap)")) {
    const [a, z] = position(item);
    if (item === own || from >= z || until <= a || isOf(item, own)) continue;
    if (item.classList.contains("turn")) return `in the ${item.textContent.toLowerCase()} of another booking`;
    return item.classList.contains("shut") ? "shut then" : `clashes with ${whoIs(item.firstElementChild)}`;
  }
};
/** Its own set-up or clearing, which goes where it goes. */
const isOf = (turn, item) => Boolean(turn.dataset.of) && turn.dataset.of === item?.firstElementChild.dataset.ref;
const turnsOf = (item) => day.querySelectorAll(`.turn[data-of="${item.firstElementChild.dataset.ref}"]`);

// One tab stop: the link that was at hand last.
let stop;
const rove = (link, focus = true) => {
  if (stop !== link) {
    if (stop) stop.tabIndex = -1;
    link.tabIndex = 0;
    stop = link;
  }
  if (focus) link.focus();
};
const settle = () => {
  const focused = day.contains(document.activeElement) && document.activeElement.matches(".cell > a") && document.activeElement;
  const current = focused || (matchMedia("(max-width: 46rem)").matches ? null : day.querySelector(".bk") || day.querySelector(".cell > a"));
  if (!current) return;
  for (const other of day.querySelectorAll('a:not([tabindex="-1"])')) if (other !== current) other.tabIndex = -1;
  rove(current, false);
};

/** Sends a change to the booking's own form; true if the house agreed. */
const send = async (link, verb, fields) => {
  const body = new URLSearchParams({ version: link.dataset.version, back: here(), ...fields });
  if (tell.checked && !("mark" in fields)) body.set("tell", "yes");
  const { ref } = link.dataset;
  link.parentElement.classList.add("saving");
  try {
    const answer = await fetch(`/admin/bookings/${ref}/${verb}`, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    link.parentElement.classList.remove("saving");
    if (answer.ok && page.querySelector("#day")) {
      document.dispatchEvent(new CustomEvent("page", { detail: page }));
      const problem = page.querySelector(".flash .bad p");
      say((problem ?? page.querySelector(".flash p"))?.textContent ?? "Done.");
      day.querySelector(`[data-ref="${ref}"]`)?.focus();
      return !problem;
    }
    if (answer.redirected && !page.querySelector(".errors")) location.reload();
    const why = page.querySelector(".errors li")?.textContent ?? page.querySelector("main p")?.textContent ?? "The server gave no reason.";
    refuse(why, link, verb === "change" ? fields : {}, page);
  } catch {
    refuse("It could not be sent. Look at your connection and try again.", link, {});
  } finally {
    link.parentElement.classList.remove("saving");
  }
  return false;
};

/** Says why nothing moved, with what is asked back, and the way to finish it by hand. */
const refuse = (why, link, fields, page) => {
  say(`Nothing moved. ${why}`);
  document.querySelector("#refused")?.remove();
  const box = document.createElement("div");
  box.id = "refused";
  box.className = "desk-wrap banner bad";
  const words = document.createElement("p");
  words.textContent = `${whoIs(link)}: nothing moved. ${why} `;
  const more = document.createElement("a");
  more.href = `/admin/bookings/${link.dataset.ref}?${new URLSearchParams(fields)}#change`;
  more.textContent = "Do it on its page";
  words.append(more);
  box.append(words);
  const shown = page?.querySelector("#price [name=shown]")?.value;
  for (const label of page?.querySelectorAll("#price label") ?? []) {
    const choice = document.createElement("button");
    choice.className = "btn";
    choice.textContent = `The price ${label.textContent.trim().replace(/^./, (first) => first.toLowerCase())}`;
    const price = label.querySelector("input").value;
    choice.addEventListener("click", () => box.remove() ?? send(link, "change", { ...fields, price, shown }));
    box.append(choice);
  }
  // It pushes the whole day down: not before the booking is seen back in its place.
  later(() => {
    day.closest(".day-wrap").before(box);
    box.querySelector("button")?.focus();
  });
};

// A move under way, by pointer or keys.
let move = null;

const begin = (link) => {
  if (!("move" in link.dataset)) {
    say(`${whoIs(link)} cannot be moved here: it is over or goes by whole days. Enter opens it.`);
    return false;
  }
  const item = link.parentElement;
  document.querySelector("#refused")?.remove();
  move = { link, item, home: item.parentElement, next: item.nextSibling, was: position(item) };
  item.classList.add("moving");
  for (const turn of turnsOf(item)) turn.classList.add("aside");
  return true;
};

/** To another row, without losing the focus on the way where the browser knows how. */
const carry = (item, track, next) => {
  if (track.moveBefore && item.isConnected) return track.moveBefore(item, next);
  const held = item.contains(document.activeElement);
  track.insertBefore(item, next);
  if (held) item.firstElementChild.focus();
};

const put = (track, at) => {
  const { item } = move;
  if (track !== item.parentElement) carry(item, track, null);
  place(item, at);
  const clash = obstacle(track, at, item);
  item.classList.toggle("clash", Boolean(clash));
  return clash;
};

const nudge = (shift, stretch, lanes) => {
  const { item } = move;
  let track = item.parentElement;
  if (lanes) {
    const all = tracks();
    track = all[all.indexOf(track) + lanes] ?? track;
  }
  const step = stepOf(track);
  const [a, z] = position(item);
  const at = [a + shift * step, z + (shift + stretch) * step];
  if (at[0] < 0 || at[1] > quarters || at[1] - at[0] < 1) return say("The day ends here.");
  const clash = put(track, at);
  later(() => item.scrollIntoView({ block: "nearest", inline: "nearest" }));
  say(`${nameOf(track)}, ${clock(at[0])} to ${clock(at[1])}${clash ? `, ${clash}` : ""}`);
};

const back = ({ item, home, next, was }) => {
  item.classList.remove("moving", "clash");
  for (const turn of turnsOf(item)) turn.classList.remove("aside");
  if (item.parentElement !== home) carry(item, home, next?.parentElement === home ? next : null);
  place(item, was);
};

const leave = (words) => {
  const { link } = move;
  back(move);
  move = null;
  if (document.activeElement !== link) link.focus();
  if (words) say(words);
  later(() => document.dispatchEvent(new Event("settled")));
};

const save = async () => {
  const { link, item, home, was } = move;
  const track = item.parentElement;
  const at = position(item);
  if (track === home && at[0] === was[0] && at[1] === was[1]) return leave("Left where it was.");
  const clash = obstacle(track, at, item);
  if (clash) return say(`Not there: ${clash}. Choose another time, or press Escape.`);
  item.classList.remove("moving");
  const fields = { space: track.dataset.space, date, from: clock(at[0]), until: clock(at[1]) };
  // What was not touched keeps its exact minutes.
  if (at[0] === was[0]) delete fields.from;
  if (at[1] === was[1]) delete fields.until;
  const pending = move;
  move = null;
  if (!(await send(link, "change", fields)) && item.isConnected) {
    back(pending);
    link.focus();
    document.dispatchEvent(new Event("settled"));
  }
};

// Keys.
const toward = (link, rows) => {
  const all = tracks();
  const [start] = position(link.parentElement);
  for (let n = all.indexOf(link.closest(".track")) + rows; all[n]; n += rows) {
    const found = links(all[n]);
    if (found.length) return found.reduce((best, one) => (Math.abs(position(one.parentElement)[0] - start) < Math.abs(position(best.parentElement)[0] - start) ? one : best));
  }
};

const moving = (event) => {
  const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const row = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (side && event.shiftKey) nudge(0, side, 0);
  else if (side) nudge(side, 0, 0);
  else if (row) nudge(0, 0, row);
  else if (event.key === "Enter") save();
  else if (event.key === "Escape") leave("Left where it was.");
  else if (event.key === "Tab") return leave("Left where it was.");
  else return;
  event.preventDefault();
};

const walk = (link, event) => {
  const row = links(link.closest(".track"));
  const at = row.indexOf(link);
  const whole = event.ctrlKey && tracks().map(links).flat();
  switch (event.key) {
    case "ArrowLeft": return row[at - 1];
    case "ArrowRight": return row[at + 1];
    case "ArrowUp": return toward(link, -1);
    case "ArrowDown": return toward(link, 1);
    case "Home": return whole ? whole[0] : row[0];
    case "End": return whole ? whole.at(-1) : row.at(-1);
  }
};

/** Half an hour more, or one step where that is longer. */
const extend = (link) => {
  if (!begin(link)) return;
  const { item, home, was } = move;
  const at = [was[0], was[1] + Math.max(2, stepOf(home))];
  const clash = obstacle(home, at, item);
  if (clash) return leave(`Not longer: ${clash}.`);
  put(home, at);
  save();
};

const act = (link, key) => {
  const booked = link.matches(".bk");
  if (key === "n" && !booked) link.click();
  else if (!booked) return false;
  else if (key === "m") begin(link) && say(`Moving ${whoIs(link)}. Arrows choose time and space, Shift and arrows the length, Enter saves, Escape leaves it.`);
  else if (key === "e") extend(link);
  else if (key === "c") send(link, "attendance", { mark: "arrive" });
  else if (key === "x") location = `${link.href}#cancel`;
  else return false;
  return true;
};

day.addEventListener("keydown", (event) => {
  const link = event.target.closest(".cell > a");
  if (!link) return;
  if (move) return moving(event);
  const next = walk(link, event);
  if (event.key === " " && link.matches(".bk") && wide.matches) {
    inspect(link);
    event.preventDefault();
  } else if (next) {
    rove(next);
    event.preventDefault();
  } else if (letters === "on" && !event.ctrlKey && !event.metaKey && !event.altKey && act(link, event.key.toLowerCase())) {
    event.preventDefault();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  // From nowhere the arrows lead into the day.
  const first = event.target === document.body && /^Arrow/.test(event.key) && day.querySelector('.cell > a[tabindex="0"]');
  if (first) {
    first.focus();
    return event.preventDefault();
  }
  if (letters !== "on") return;
  const to = { "[": "a[rel=prev]", "]": "a[rel=next]", t: "#today", u: ".flash form button", n: ".btn.go[href^='/admin/bookings/new']" }[event.key.toLowerCase()];
  if (to) document.querySelector(to)?.click();
  else if (event.key === "/") document.querySelector("#find").focus();
  else return;
  event.preventDefault();
});

// On a wide screen the booking at hand stands beside the day, from its own page, with what can be done there.
const panel = document.querySelector("#inspector");
const wide = matchMedia("(min-width: 75rem)");
let asked;

/** A class and no :has(), which would look at the whole day again with each booking that is moved. */
const unfold = (open) => {
  panel.hidden = !open;
  panel.parentElement.classList.toggle("beside-open", open);
};

const inspect = async (link) => {
  const { ref } = link.dataset;
  asked = ref;
  const answer = await fetch(`${link.pathname}?${new URLSearchParams({ back: here() })}`).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page && page.querySelector("#essentials");
  if (asked !== ref) return;
  if (!found) return (location = link.href);
  day.querySelector("[aria-current]")?.removeAttribute("aria-current");
  link.ariaCurrent = "true";
  panel.replaceChildren(found);
  unfold(true);
  say(`${whoIs(link)} stands beside the day. Tab goes there.`);
};

const follow = (link) => {
  if (panel.hidden || !wide.matches || asked === link.dataset.ref) return;
  asked = link.dataset.ref;
  setTimeout(() => asked === link.dataset.ref && inspect(link), 150);
};

day.addEventListener("click", (event) => {
  const link = event.target.closest(".bk");
  if (!link || !wide.matches || event.defaultPrevented || event.detail !== 1 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.focus();
  inspect(link);
});
day.addEventListener("dblclick", (event) => {
  const link = event.target.closest(".bk");
  if (link && wide.matches) location = link.href;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || panel.hidden || move || drag || event.target.closest("dialog")) return;
  unfold(false);
  day.querySelector("[aria-current]")?.removeAttribute("aria-current");
  day.querySelector(`[data-ref="${asked}"]`)?.focus();
  asked = undefined;
});

// The pointer: a mouse or a pen; a finger scrolls, and taps lead to the page.
let drag = null;

/** The tracks as they lie on the screen when the drag begins. */
const surfaces = () => tracks().map((track) => ({ track, box: track.parentElement.getBoundingClientRect() }));
const under = (event) => {
  const rise = window.scrollY - drag.scroll;
  return drag.surfaces.find(({ box }) => event.clientY + rise >= box.top && event.clientY + rise < box.bottom);
};

day.addEventListener("pointerdown", (event) => {
  const link = event.target.closest(".cell > a");
  if (!link || event.button || event.pointerType === "touch" || move || "whole" in link.dataset) return;
  const box = link.getBoundingClientRect();
  const track = link.closest(".track");
  const lane = track.getBoundingClientRect();
  const booked = link.matches(".bk");
  drag = {
    link, booked, track,
    edge: booked && box.right - event.clientX < 9,
    x: event.clientX,
    y: event.clientY,
    width: lane.width / quarters,
    grip: Math.floor((event.clientX - lane.left) / (lane.width / quarters)),
    scroll: window.scrollY,
    begun: false,
  };
});

const reach = (event) => {
  const [a, z] = position(drag.link.parentElement);
  const step = stepOf(drag.track);
  const now = Math.max(a, Math.min(z - 1, Math.floor(drag.grip + (event.clientX - drag.x) / drag.width)));
  const low = a + Math.floor((Math.min(drag.grip, now) - a) / step) * step;
  const high = Math.min(z, a + Math.ceil((Math.max(drag.grip, now) + 1 - a) / step) * step);
  return [low, high];
};

const start = () => {
  drag.begun = true;
  drag.surfaces = surfaces();
  if (drag.booked) return begin(drag.link);
  drag.ghost = document.createElement("li");
  drag.ghost.className = "ghost a0 z1";
  drag.track.append(drag.ghost);
  return true;
};

const draw = (event) => {
  if (!drag.booked) {
    const at = reach(event);
    place(drag.ghost, at);
    drag.ghost.textContent = `${clock(at[0])}–${clock(at[1])}`;
    return;
  }
  const { was, item } = move;
  const track = drag.edge ? drag.track : (under(event)?.track ?? item.parentElement);
  const step = stepOf(track);
  const shift = Math.round((event.clientX - drag.x) / drag.width / step) * step;
  const length = was[1] - was[0];
  const from = drag.edge ? was[0] : Math.max(0, Math.min(quarters - length, was[0] + shift));
  const until = drag.edge ? Math.max(was[0] + 1, Math.min(quarters, was[1] + shift)) : from + length;
  const [a, z] = position(item);
  if (a !== from || z !== until || track !== item.parentElement) put(track, [from, until]);
};

let frame = 0;
addEventListener("pointermove", (event) => {
  if (!drag || (!drag.begun && Math.hypot(event.clientX - drag.x, drag.booked ? event.clientY - drag.y : 0) < 5)) return;
  if (!drag.begun && !start()) return (drag = null);
  drag.last = event;
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (drag?.begun) draw(drag.last);
  });
});

const book = (link, at) => {
  const url = new URL(link.href);
  url.searchParams.set("from", clock(at[0]));
  url.searchParams.set("until", clock(at[1]));
  location = url;
};

addEventListener("pointerup", (event) => {
  if (!drag) return;
  if (drag.begun) {
    // The press that ends a drag opens nothing.
    const swallow = (click) => (click.preventDefault(), click.stopPropagation());
    addEventListener("click", swallow, { once: true, capture: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
    draw(event);
    if (drag.booked) {
      const { item, was } = move;
      const clash = obstacle(item.parentElement, position(item), item);
      if (clash) {
        const { link } = move;
        const [from, until] = position(item);
        const lane = nameOf(item.parentElement);
        leave("");
        refuse(`${lane}, ${clock(from)} to ${clock(until)}: ${clash}.`, link, {});
      } else if (was) later(() => move && save());
    } else {
      const { link, ghost } = drag;
      later(() => book(link, position(ghost)));
    }
  }
  drag = null;
});

// A click into a gap books from the quarter under the pointer, for an hour or as long as there is.
day.addEventListener("click", (event) => {
  const link = event.target.closest(".gap > a");
  if (!link || !event.detail || "whole" in link.dataset || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const track = link.closest(".track");
  const lane = track.getBoundingClientRect();
  const [a, z] = position(link.parentElement);
  const step = stepOf(track);
  const at = a + Math.floor((Math.floor(((event.clientX - lane.left) / lane.width) * quarters) - a) / step) * step;
  event.preventDefault();
  book(link, [Math.max(a, at), Math.min(z, Math.max(a, at) + 4)]);
});

const cancel = () => {
  if (!drag) return;
  drag.ghost?.remove();
  if (move) leave("Left where it was.");
  drag = null;
};
addEventListener("pointercancel", cancel);
addEventListener("keydown", (event) => event.key === "Escape" && drag?.begun && cancel());
day.addEventListener("dragstart", (event) => event.preventDefault());
day.addEventListener("focusin", ({ target }) => {
  if (!target.matches(".cell > a")) return;
  if (target.tabIndex) rove(target, false);
  if (target.matches(".bk") && !drag) follow(target);
});

// The line of now moves with the minutes, in whole quarters.
const opened = performance.now();
const [hour, minute] = (day.dataset.now ?? "").split(":").map(Number);
setInterval(() => {
  if (!day.dataset.now) return;
  const minutes = hour * 60 + minute + Math.floor((performance.now() - opened) / 60000);
  const at = Math.floor((minutes - begins) / 15);
  for (const line of day.querySelectorAll(".now")) place(line, [Math.min(at, quarters), 0]);
  const label = day.querySelector(".clock .now");
  if (label) label.textContent = clock((minutes - begins) / 15);
}, 60000);

document.addEventListener("fresh", ({ detail }) => {
  const drawn = detail.querySelector("#day")?.dataset;
  // Other hours are another grid.
  if (drawn && (drawn.begins !== begins || drawn.hours !== hours)) location.reload();
  settle();
});
settle();
