// Keeps a screen at a door alive while the network is away: its page as it was last heard, and all that the page is
// made of. Nothing is sent from here, and nothing but that page is kept.
const KEPT = "door";
const PATIENCE = 5_000;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const isScreen = (url) => /^\/display\/[^/]+$/.test(url.pathname);

/** Fresh where it can be had, else as it was kept. */
const screen = async (request, url) => {
  const kept = await caches.open(KEPT);
  const renews = request.headers.has("x-renew");
  try {
    const answer = await fetch(request, renews ? undefined : { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok && !answer.redirected) await kept.put(url.pathname, answer.clone());
    if (answer.status === 404) await kept.delete(url.pathname);
    // A server that is starting anew says so with an error: what is known goes on meanwhile.
    if (answer.status >= 500 && !renews) return (await kept.match(url.pathname)) ?? answer;
    return answer;
  } catch (error) {
    const known = renews ? undefined : await kept.match(url.pathname);
    if (known) return known;
    throw error;
  }
};

/** What never changes under its address. */
const piece = async (request) => {
  const kept = await caches.open(KEPT);
  const known = await kept.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone());
  return answer;
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (isScreen(url)) event.respondWith(screen(request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(piece(request));
});
