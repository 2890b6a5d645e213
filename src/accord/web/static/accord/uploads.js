/* Sending files: in pieces by tus, so that a broken line, a reload or a restart loses nothing.

   What the browser remembers of a file is the address of its upload under a hash of the file's name,
   size and date: no name stands in its storage. Small files are hashed here as well, and the server
   compares. */
import { says } from "./says.js";

const PIECE_BYTES = 8 * 1024 * 1024;
const HASHED_HERE_BYTES = 64 * 1024 * 1024;
const RETRY_AFTER_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000];
const KEPT = "accord-upload-";

const zone = document.querySelector("[data-uploads]");
const list = document.querySelector("[data-upload-list]");

const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
const digest = async (data) => hex(await crypto.subtle.digest("SHA-256", data));
const unit = (bytes) => (bytes < 1e3 ? `${bytes} bytes` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`);

/* The addresses of unfinished uploads, by fingerprint; nothing else is kept. */
const remembered = {
  async findAllUploads() {
    return [];
  },
  async findUploadsByFingerprint(fingerprint) {
    const found = localStorage.getItem(KEPT + fingerprint);
    if (found === null) return [];
    return [{ ...JSON.parse(found), metadata: {}, urlStorageKey: fingerprint }];
  },
  async removeUpload(key) {
    localStorage.removeItem(KEPT + key);
  },
  async addUpload(fingerprint, upload) {
    const { size, uploadUrl, creationTime } = upload;
    localStorage.setItem(KEPT + fingerprint, JSON.stringify({ size, uploadUrl, creationTime }));
    return fingerprint;
  },
};

const fingerprint = (file) =>
  digest(new TextEncoder().encode([zone.dataset.uploads, file.name, file.type, file.size, file.lastModified].join("\n")));

function button(text, name, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "link-button";
  made.textContent = text;
  const whose = document.createElement("span");
  whose.className = "visually-hidden";
  whose.textContent = ` ${name}`;
  made.append(whose);
  made.addEventListener("click", onClick);
  return made;
}

function row(file) {
  const item = document.createElement("li");
  item.className = "upload";
  const name = document.createElement("p");
  name.className = "upload__name";
  const size = document.createElement("span");
  size.className = "muted";
  size.textContent = unit(file.size);
  const called = document.createElement("bdi");
  called.textContent = file.name;
  name.append(called, " ", size);
  const bar = document.createElement("progress");
  bar.className = "progress__bar";
  bar.max = file.size;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const said = document.createElement("p");
  said.className = "upload__said";
  said.setAttribute("role", "status");
  const controls = document.createElement("div");
  controls.className = "row";
  item.append(name, bar, said, controls);
  list.prepend(item);
  const none = document.querySelector("[data-no-uploads]");
  if (none !== null) none.hidden = true;
  return { item, bar, said, controls };
}

const id = (url) => url.split("/").pop();

function whole(upload, drawn, discard) {
  drawn.bar.hidden = true;
  const link = document.createElement("a");
  link.className = "button button--primary";
  link.href = `${zone.dataset.uploads}/${id(upload.url)}/acquire`;
  link.textContent = says("Here whole. Say what it is");
  drawn.said.textContent = "";
  drawn.controls.replaceChildren(link, discard);
}

/* A refusal comes with its words, and asking again changes nothing; a piece at the wrong place comes without. */
const isBroken = (status, body) => status === 0 || status >= 500 || status === 423 || (status === 409 && !body);

const why = (error) => (error.originalResponse && error.originalResponse.getBody()) || says("the server does not answer");

async function send(file) {
  const drawn = row(file);
  const metadata = { filename: file.name, filetype: file.type || "application/octet-stream" };
  if (file.size <= HASHED_HERE_BYTES) {
    drawn.said.textContent = says("Working out its SHA-256 …");
    try {
      metadata.sha256 = await digest(await file.arrayBuffer());
    } catch {
      drawn.bar.hidden = true;
      drawn.said.textContent = says("Not sent: {why}", { why: says("it cannot be read; choose the files of a folder one by one") });
      return;
    }
  }
  let percent = 0;
  let state = "";
  const upload = new window.tus.Upload(file, {
    endpoint: zone.dataset.uploads,
    chunkSize: PIECE_BYTES,
    retryDelays: RETRY_AFTER_MS,
    metadata,
    fingerprint: () => fingerprint(file),
    urlStorage: remembered,
    removeFingerprintOnSuccess: true,
    headers: { "X-CSRFToken": zone.querySelector("[name=csrfmiddlewaretoken]").value },
    onShouldRetry: (error, _attempt, _options) => {
      const answer = error.originalResponse;
      const again = answer ? isBroken(answer.getStatus(), answer.getBody()) : true;
      if (again) drawn.said.textContent = says("The line broke; trying again …");
      return again;
    },
    onProgress: (sent, total) => {
      percent = Math.floor((sent * 100) / total);
      drawn.bar.value = sent;
      drawn.said.textContent = says("{percent} percent, {sent} of {total}", { percent, sent: unit(sent), total: unit(total) });
    },
    onUploadUrlAvailable: () => {
      const shown = list.querySelector(`[data-upload="${CSS.escape(id(upload.url))}"]`);
      if (shown !== null) shown.remove();
    },
    onError: (error) => {
      drawn.said.textContent = says("Not sent: {why}", { why: why(error) });
      drawn.controls.replaceChildren(button(says("Go on"), file.name, go), button(says("Discard"), file.name, discard));
    },
    onAfterResponse: (_request, response) => {
      state = response.getHeader("Accord-Upload-State") ?? state;
    },
    onSuccess: () => {
      const thrown = button(says("Discard"), file.name, discard);
      if (state !== "failed") return whole(upload, drawn, thrown);
      drawn.said.textContent = says("What arrived is not what was sent; discard it and send it again");
      drawn.controls.replaceChildren(thrown);
    },
  });
  const pause = async () => {
    await upload.abort();
    drawn.said.textContent = says("Paused at {percent} percent", { percent });
    drawn.controls.replaceChildren(button(says("Go on"), file.name, go), button(says("Discard"), file.name, discard));
  };
  const discard = async () => {
    await upload.abort(true);
    drawn.said.textContent = says("Discarded");
    drawn.bar.hidden = true;
    drawn.controls.replaceChildren();
  };
  const go = () => {
    drawn.controls.replaceChildren(button(says("Pause"), file.name, pause), button(says("Discard"), file.name, discard));
    upload.start();
  };
  const before = await upload.findPreviousUploads();
  if (before.length > 0) upload.resumeFromPreviousUpload(before[0]);
  go();
}

function take(files) {
  for (const file of files) send(file);
}

if (zone !== null) {
  const input = zone.querySelector("input[type=file]");
  input.addEventListener("change", () => {
    take(Array.from(input.files));
    input.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("dropzone--over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("dropzone--over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("dropzone--over");
    take(Array.from(event.dataTransfer.files));
  });
}
