/* Pages that renew themselves. The stream brings ids; what they stand for is asked for like any
   page, so that it is judged and logged like any. What somebody types, has in focus or has scrolled
   past is left alone: there a button says how much is new. */
import { says } from "./says.js";

const RETRY_S = [2, 5, 10, 30, 60];
const HIDDEN_S = 60;
const body = document.body;
const regions = () => [...document.querySelectorAll("[data-live-on]")];
let stream = null, last = body.dataset.liveDrawn, failures = 0, told = false;
let asking = false, waiting = new Set(), hiddenAt = 0;

function toast(text) {
  const line = document.createElement("p");
  line.className = "toast toast--bad";
  line.textContent = text;
  document.querySelector("[data-toasts]").append(line);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  body.addEventListener(name, () => {
    if (!told) toast(says("This page could not be renewed. What it shows may be old: reload it."));
    told = true;
  });
}
body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) told = false;
  if (event.detail.elt.matches("form")) delete event.detail.elt.dataset.sent;
});

function announce(text) {
  document.querySelector("[data-live-said]").textContent = text;
}

function state(text, kind) {
  const line = document.querySelector("[data-live-state]");
  if (line === null) return;
  line.hidden = false;
  line.dataset.liveState = kind;
  line.textContent = text;
}

/* -- renewing -- */
function isSame(region, fresh) {
  const [one, other] = [region, fresh].map((node) => {
    const copy = document.importNode(node, true);
    for (const field of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) field.removeAttribute("value");
    return copy;
  });
  return one.isEqualNode(other);
}

function typedIn(region) {
  return [...region.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
    if (field === document.activeElement) return true;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((o) => o.selected !== o.defaultSelected && o.index > 0);
    return field.value !== field.defaultValue;
  });
}

function isBusy(region) {
  if (typedIn(region) || region.querySelector("dialog[open]") !== null) return true;
  const selection = window.getSelection();
  if (!selection.isCollapsed && region.contains(selection.anchorNode)) return true;
  const list = region.querySelector("[data-item]") !== null;
  return list && (region.contains(document.activeElement) || region.getBoundingClientRect().top < 0);
}

function links(region) {
  return new Set([...region.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")));
}

function swap(region, fresh) {
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const mark = focused && (focused.id ? `#${CSS.escape(focused.id)}` : focused.getAttribute("href") && `a[href="${CSS.escape(focused.getAttribute("href"))}"]`);
  const top = focused && focused.getBoundingClientRect().top;
  const open = [...region.querySelectorAll("details[open]")].map((d, i) => [d.id, i]);
  const now = document.importNode(fresh, true);
  region.replaceWith(now);
  window.htmx.process(now);
  for (const [id] of open) if (id && document.getElementById(id)) document.getElementById(id).open = true;
  const again = mark ? now.querySelector(mark) : null;
  if (again !== null) {
    again.focus({ preventScroll: true });
    window.scrollBy(0, again.getBoundingClientRect().top - top);
  }
}

function offer(region, fresh) {
  const before = links(region);
  const count = [...links(fresh)].filter((href) => !before.has(href)).length;
  let button = region.previousElementSibling;
  if (button === null || !button.matches("[data-live-offer]")) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "live-offer";
    button.dataset.liveOffer = "";
    region.before(button);
  }
  button.textContent = count > 0 ? says("{count} new. Show", { count }) : says("Changed. Show");
  button.onclick = () => {
    button.remove();
    swap(document.getElementById(region.id) ?? region, fresh);
    document.getElementById(region.id)?.querySelector("[data-item], a[href]")?.focus();
  };
}

function renew(page, wanted) {
  const said = [];
  for (const region of regions()) {
    if (!wanted.has(region.id)) continue;
    const fresh = page.getElementById(region.id);
    if (fresh === null || isSame(region, fresh)) continue;
    if (region.dataset.liveName) said.push(region.dataset.liveName);
    if (isBusy(region)) offer(region, fresh);
    else {
      if (region.previousElementSibling?.matches("[data-live-offer]")) region.previousElementSibling.remove();
      swap(region, fresh);
    }
  }
  const head = page.querySelector(".nav"), nav = document.querySelector(".nav");
  if (head && nav && !nav.contains(document.activeElement)) nav.replaceChildren(...document.importNode(head, true).childNodes);
  if (said.length > 0) announce(says("Renewed: {names}", { names: said.filter(Boolean).join(", ") }));
}

async function ask() {
  if (asking) return;
  asking = true;
  while (waiting.size > 0) {
    const wanted = waiting;
    waiting = new Set();
    try {
      const answer = await fetch(window.location.href, { headers: { "Accord-Live": "1" }, redirect: "manual" });
      if (answer.status === 404 || answer.type === "opaqueredirect") window.location.reload();
      else if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"), wanted);
      else throw new Error(String(answer.status));
    } catch (failed) {
      state(says("Could not be renewed. Reload to see what is new."), "off");
    }
  }
  asking = false;
}

function shown() {
  const found = new Set();
  for (const region of regions()) {
    for (const href of links(region)) {
      const id = /\/records\/([0-9a-f-]{36})(?:$|[/?#])/.exec(href);
      if (id) found.add(id[1]);
    }
    if (region.dataset.liveRecord) found.add(region.dataset.liveRecord);
  }
  return [...found].slice(0, 60);
}

function onTick(event) {
  failures = 0;
  last = event.lastEventId;
  state(says("Live"), "on");
  const news = JSON.parse(event.data);
  if (!news.anew && news.changed.length === 0 && news.gone.length === 0) return;
  const topics = new Set(news.changed.map((change) => change[0]));
  for (const region of regions()) {
    const on = region.dataset.liveOn.split(" ");
    if (news.anew || news.gone.length > 0 || on.some((topic) => topics.has(topic))) waiting.add(region.id);
  }
  ask();
}

/* -- the stream -- */
function address() {
  const where = body.dataset.live;
  const base = where.startsWith(":") ? `${window.location.protocol}//${window.location.hostname}${where}` : where;
  const topics = [...new Set(regions().flatMap((r) => r.dataset.liveOn.split(" ")))];
  const asked = new URLSearchParams({ context: body.dataset.liveContext, topics: topics.join(","), records: shown().join(","), after: last });
  return `${base}?${asked}`;
}

function close() {
  if (stream !== null) stream.close();
  stream = null;
}

function open() {
  close();
  stream = new EventSource(address(), { withCredentials: true });
  stream.addEventListener("tick", onTick);
  stream.addEventListener("end", (event) => {
    close();
    state(says("No longer live: your session or your access ended."), "off");
    announce(says("This page is no longer live."));
    if (JSON.parse(event.data).why !== "") waiting = new Set(regions().map((r) => r.id));
    ask();
  });
  stream.addEventListener("error", () => {
    state(says("Not live now. Reload to see what is new."), "off");
    if (stream === null || stream.readyState !== EventSource.CLOSED) return;
    close();
    const pause = RETRY_S[Math.min(failures, RETRY_S.length - 1)] * (1 + Math.random() / 4);
    failures += 1;
    window.setTimeout(() => { if (stream === null && !document.hidden) open(); }, pause * 1000);
  });
}

function isLight() {
  const line = navigator.connection;
  return line !== undefined && (line.saveData || /(^|-)2g$/.test(line.effectiveType));
}

if (body.dataset.live !== undefined && regions().length > 0 && window.EventSource !== undefined) {
  if (isLight()) state(says("Not live on a slow connection. Reload to see what is new."), "off");
  else open();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      window.setTimeout(() => { if (document.hidden && Date.now() - hiddenAt >= HIDDEN_S * 900) close(); }, HIDDEN_S * 1000);
    } else if (stream === null && !isLight()) open();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
}
