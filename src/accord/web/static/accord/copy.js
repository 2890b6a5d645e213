/* Copy buttons: shown only where there is a clipboard, and they say what they did. */
import { says } from "./says.js";

function say(text) {
  const live = document.querySelector("[data-toasts]");
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = text;
  live.append(line);
  window.setTimeout(() => line.remove(), 4000);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(says("Copied {what}", { what: button.dataset.what }));
  } catch (refused) {
    say(says("The browser did not allow copying: select the {what} by hand", { what: button.dataset.what }));
  }
}

if (navigator.clipboard !== undefined) document.documentElement.classList.add("can-copy");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button !== null) copy(button);
});
