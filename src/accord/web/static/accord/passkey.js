/* Passkeys: a form with `data-passkey` holds what to ask the authenticator for; its answer goes with
   the form. `create` makes a key, `get` answers a challenge. Nothing is sent before somebody acts. */
import { says } from "./says.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const keys = (list = []) => list.map((key) => ({ ...key, id: bytes(key.id) }));

async function made(options) {
  const found = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: keys(options.excludeCredentials),
    },
  });
  return {
    attestationObject: text(found.response.attestationObject),
    clientDataJSON: text(found.response.clientDataJSON),
    credential: found,
  };
}

async function given(options) {
  const found = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: keys(options.allowCredentials) },
  });
  const answer = {
    authenticatorData: text(found.response.authenticatorData),
    clientDataJSON: text(found.response.clientDataJSON),
    signature: text(found.response.signature),
    credential: found,
  };
  if (found.response.userHandle !== null) answer.userHandle = text(found.response.userHandle);
  return answer;
}

async function ask(form) {
  const options = JSON.parse(form.dataset.options);
  const { credential, ...response } = await (form.dataset.passkey === "create" ? made(options) : given(options));
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function send(form) {
  const field = form.querySelector("[data-answer]");
  const line = form.querySelector("[data-passkey-says]");
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  line.textContent = says("Waiting for your passkey …");
  try {
    field.value = await ask(form);
    form.submit();
  } catch (refused) {
    button.disabled = false;
    line.textContent =
      refused.name === "InvalidStateError"
        ? says("This device holds a passkey of yours already.")
        : says("Nothing was sent: the passkey was not used, or it took too long. Try again.");
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (window.PublicKeyCredential === undefined) {
    form.querySelector("[data-passkey-says]").textContent = says("This browser has no passkeys.");
    form.querySelector("button[type=submit]").disabled = true;
    continue;
  }
  form.addEventListener("submit", (event) => {
    if (!form.reportValidity()) return event.preventDefault();
    event.preventDefault();
    send(form);
  });
}
