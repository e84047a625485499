// Booking for somebody: what is typed is read while the caller speaks. The page does the same without this
// file, with Check. Each look asks for the page once more and takes over what is marked as live.
const form = document.querySelector("[data-desk]");
const field = (name) => form.elements.namedItem(name);
const said = document.querySelector("#said");
const PAUSE = 140;
const DRAFT_AFTER = 3000;

form.classList.add("scripted");

let asked = 0;
let timer = null;
let running = null;
let dirty = false;

const query = () => {
  const pairs = new FormData(form);
  pairs.delete("shown");
  return new URLSearchParams(pairs).toString();
};

const unticked = new Set();
const untick = (name, region) => {
  for (const radio of form.querySelectorAll(`[name=${name}]`)) radio.checked = false;
  unticked.add(region);
};

const take = (fresh) => {
  for (const region of form.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(region.id);
    // A tick that was taken away here is not in the markup: what stands there is not what the house says.
    if (!other || (other.innerHTML === region.innerHTML && !unticked.delete(region.id))) continue;
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    // A number that is being typed is not taken away.
    if (focused?.type === "number") continue;
    region.innerHTML = other.innerHTML;
    if (focused?.name) region.querySelector(`[name="${focused.name}"]:checked, [name="${focused.name}"]`)?.focus({ preventScroll: true });
  }
};

const look = async () => {
  clearTimeout(timer);
  timer = null;
  const turn = ++asked;
  running?.abort();
  running = new AbortController();
  try {
    const answer = await fetch(`/admin/bookings/new?${query()}`, { signal: running.signal, redirect: "error" });
    if (!answer.ok || turn !== asked) return;
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    for (const box of boxes) box.refresh();
  } catch (error) {
    if (error.name !== "AbortError") said.textContent = "The connection is lost. Check looks again.";
  } finally {
    if (turn === asked) running = null;
  }
};

const soon = (pause = PAUSE) => {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(look, pause);
  keepSoon();
};

const settled = async () => {
  while (timer || running) {
    if (timer) await look();
    else await new Promise((done) => setTimeout(done, 20));
  }
};

// Drafts are kept while somebody types, so that an interruption loses nothing.
let keeping = null;
const keep = async () => {
  const answer = await fetch("/admin/bookings/drafts?quiet=1", {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    redirect: "error",
  }).catch(() => null);
  if (answer?.ok) field("draft").value = await answer.text();
};
const keepSoon = () => {
  keeping ??= setTimeout(() => {
    keeping = null;
    keep();
  }, DRAFT_AFTER);
};
const keepNoMore = () => {
  clearTimeout(keeping);
  keeping = null;
};
addEventListener("pagehide", () => {
  if (keeping) navigator.sendBeacon("/admin/bookings/drafts?quiet=1", new URLSearchParams(new FormData(form)));
  keepNoMore();
});

// A text field with a list of what it may mean (APG: list autocomplete with automatic selection).
class Box {
  constructor(name, options, choose) {
    this.input = field(name);
    this.options = options;
    this.choose = choose;
    this.list = document.createElement("ul");
    this.list.className = "popup";
    this.list.id = `${name}-list`;
    this.list.role = "listbox";
    this.list.ariaLabel = this.input.labels[0].firstChild.textContent.trim();
    this.list.hidden = true;
    // A list that scrolls would be a stop on the way.
    this.list.tabIndex = -1;
    this.input.after(this.list);
    this.input.role = "combobox";
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.ariaExpanded = "false";
    this.active = -1;
    this.wanted = false;
    this.input.addEventListener("input", () => {
      this.typing = true;
      this.wanted = false;
      this.choose(null);
      soon();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const at = [...this.list.children].indexOf(event.target.closest("li"));
      if (at >= 0) this.pick(at);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  refresh() {
    const options = this.options();
    this.found = options;
    if (this.wanted) {
      this.wanted = false;
      this.typing = false;
      if (options.length) this.pick(0);
      return;
    }
    if (!this.typing || document.activeElement !== this.input || !this.input.value.trim()) return this.close();
    this.list.replaceChildren(
      ...options.map((option, at) => {
        const item = document.createElement("li");
        item.id = `${this.list.id}-${at}`;
        item.role = "option";
        item.innerHTML = option.html;
        return item;
      }),
    );
    if (!options.length) return this.close();
    this.list.hidden = false;
    this.input.ariaExpanded = "true";
    this.mark(0);
  }

  mark(at) {
    this.active = at;
    [...this.list.children].forEach((item, index) => (item.ariaSelected = String(index === at)));
    const item = this.list.children[at];
    if (!item) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  pick(at) {
    const option = this.found?.[at];
    if (!option) return;
    this.input.value = option.value;
    this.typing = false;
    this.close();
    this.choose(option);
    soon(0);
  }

  close() {
    this.list.hidden = true;
    this.input.ariaExpanded = "false";
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) {
        this.typing = true;
        return this.refresh();
      }
      this.mark((this.active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      this.typing = false;
      this.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (timer || running) {
        // What the letters mean is still on its way: the first of it is taken when it comes.
        this.wanted = this.typing && this.input.value.trim() !== "";
      } else if (this.isOpen) {
        this.pick(Math.max(this.active, 0));
      }
      if (document.activeElement === this.input) onwards(this.input);
    }
  }
}

// To the field that callers usually say next.
const order = ["what", "when", "who", "people", "title"];
const onwards = (input) => {
  const next = order.slice(order.indexOf(input.name) + 1).map(field).find((one) => !one.value) ?? field("people");
  next.focus();
};

// Whom nobody knows is a new guest, whose name is typed already.
const newcomer = () =>
  [...document.querySelectorAll("[data-newcomer]")].map((button) => ({ value: "", html: button.innerHTML, newcomer: button.dataset.newcomer }));
const welcome = (name) => {
  // Whoever has typed on is not called back.
  const here = document.querySelector("#who-choices").parentElement.contains(document.activeElement);
  untick("member", "who-choices");
  const into = name.includes("@") ? "guest_email" : /^[+\d ()-]+$/.test(name) ? "guest_phone" : "guest_name";
  field("who").value = "";
  field(into).value ||= name;
  document.querySelector("#guest").open = true;
  said.textContent = `New guest: ${name}.`;
  if (!here) return;
  const next = ["guest_name", "guest_phone"].map(field).find((one) => !one.value) ?? field("guest_email");
  next.focus();
  next.scrollIntoView({ block: "nearest" });
};

const boxes = [
  new Box(
    "what",
    () => [...document.querySelectorAll("#what-choices li")].map((item) => ({ value: item.textContent, html: item.innerHTML })),
    () => untick("space", "rooms"),
  ),
  new Box(
    "who",
    () =>
      [...document.querySelectorAll("#who-choices [name=member][data-name]")].map((radio) => ({
        value: radio.dataset.name,
        html: radio.nextElementSibling.innerHTML,
        id: radio.value,
      })).concat(newcomer()),
    (option) => {
      if (option?.newcomer) return welcome(option.newcomer);
      untick("member", "who-choices");
      for (const radio of form.querySelectorAll("[name=member]")) radio.checked = radio.value === option?.id;
    },
  ),
];

form.addEventListener("input", (event) => {
  if (event.target.name === "what" || event.target.name === "who") return;
  soon(event.target.matches("[type=radio], select") ? 0 : PAUSE);
});

form.addEventListener("click", (event) => {
  const stranger = event.target.closest("[data-newcomer]");
  if (stranger) {
    event.preventDefault();
    welcome(stranger.dataset.newcomer);
    return soon(0);
  }
  const other = event.target.closest("[data-when]");
  if (!other || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  field("when").value = other.dataset.when;
  field("what").value = other.dataset.what;
  soon(0);
});

form.addEventListener("keydown", async (event) => {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    said.textContent = "Booking.";
    await settled();
    form.requestSubmit(document.querySelector("#book"));
  } else if (event.target.matches("input:not([type=radio], [type=checkbox])") && !event.defaultPrevented) {
    event.preventDefault();
    onwards(event.target);
  }
});
form.addEventListener("submit", keepNoMore);
