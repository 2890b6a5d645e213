/* Parts of a page that renew themselves: a failed renewal is said, not hidden. */
let told = false;

function say(text) {
  const line = document.createElement("p");
  line.className = "toast toast--bad";
  line.textContent = text;
  document.querySelector("[data-toasts]").append(line);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, () => {
    if (!told) say("This page could not be renewed. What it shows may be old: reload it.");
    told = true;
  });
}

document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) told = false;
  if (event.detail.elt.matches("form")) delete event.detail.elt.dataset.sent;
});
