// The scripts of the staff desk. Every page also works without them.

/** Milliseconds without a key after which the preview is renewed. */
const PREVIEW_DELAY = 300;

/** Loads the page again while a draft is being checked. */
function reloadWhileChecking() {
  const waiting = document.querySelector("[data-reload]");
  if (waiting) setTimeout(() => location.reload(), Number(waiting.dataset.reload) * 1000);
}

/** Shows the answer of the form as members see it, and what variants stand for, while they are being written. */
function renewPreview() {
  const preview = document.querySelector(".preview");
  const answer = document.querySelector("#answer");
  const variants = document.querySelector("#variants");
  const csrf = document.querySelector(".entry-form [name=csrf]");
  if (!preview || !answer || !variants || !csrf) return;
  const shown = {
    answer: preview.querySelector(".preview-answer"),
    variants: document.querySelector(".expansions"),
  };
  let timer;
  let last = 0;
  const renew = async () => {
    const turn = ++last;
    const body = new URLSearchParams({ csrf: csrf.value, answer: answer.value, variants: variants.value });
    const response = await fetch(preview.dataset.url, { method: "POST", body }).catch(() => null);
    // An older response must not replace a newer one; without a connection the last preview stays.
    if (!response?.ok || turn !== last) return;
    // Our own server has sanitized it.
    const parts = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const [name, place] of Object.entries(shown)) {
      const open = [...place.querySelectorAll("details")].map((details) => details.open);
      place.innerHTML = parts.querySelector(`[data-part=${name}]`)?.innerHTML ?? "";
      place.querySelectorAll("details").forEach((details, index) => (details.open = open[index] ?? false));
    }
  };
  for (const field of [answer, variants]) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(renew, PREVIEW_DELAY);
    });
  }
}

/** Shows the buttons that write Markdown into the answer. */
function showToolbar() {
  const toolbar = document.querySelector(".toolbar");
  const answer = document.querySelector("#answer");
  if (!toolbar || !answer) return;
  answer.before(toolbar);
  toolbar.hidden = false;
  const write = (text, start, end) => {
    answer.focus();
    // This keeps the browser's undo, which changing the value would not.
    if (!document.execCommand("insertText", false, text)) {
      answer.setRangeText(text);
      answer.dispatchEvent(new Event("input", { bubbles: true }));
    }
    answer.setSelectionRange(start, end);
  };
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { before, after, line, block, text } = button.dataset;
    const at = answer.selectionStart;
    const chosen = answer.value.slice(at, answer.selectionEnd);
    // A list and a table begin on a line of their own, after an empty one.
    const head = answer.value.slice(0, at);
    const gap = head === "" || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
    if (block) {
      write(`${gap}${block}\n`, at + gap.length, at + gap.length + block.length);
    } else if (line) {
      const lines = (chosen || text).split("\n").map((part) => line + part).join("\n");
      write(gap + lines, at + gap.length, at + gap.length + lines.length);
    } else {
      const inner = chosen || text;
      const start = at + before.length;
      write(before + inner + after, start, start + inner.length);
    }
  });
}

/** Milliseconds after which the numbers of a page are renewed. */
const LIVE_INTERVAL = 30_000;

/** Renews the numbers of a page that someone looks at. */
function renewNumbers() {
  const region = document.querySelector("[data-live]");
  if (!region) return;
  const renew = async () => {
    // Replacing the part that has the keyboard focus would move the focus to the start of the page.
    if (document.hidden || region.contains(document.activeElement)) return;
    const response = await fetch(region.dataset.live).catch(() => null);
    if (response?.redirected) clearInterval(timer);
    else if (response?.ok && !region.contains(document.activeElement)) region.innerHTML = await response.text();
  };
  const timer = setInterval(renew, LIVE_INTERVAL);
}

/** Sends a file to import, and shows what it would change; then takes it into the draft. */
function importFile() {
  const form = document.querySelector("form.import");
  const result = document.querySelector(".import-result");
  if (!form || !result) return;
  const button = form.querySelector("button[type=submit]");
  /** The turn of the last request or change of the form: an older response is dropped. */
  let last = 0;
  const show = (...nodes) => {
    result.replaceChildren(...nodes);
    result.focus();
  };
  const fail = (message) => {
    const text = document.createElement("p");
    text.className = "error";
    text.textContent = message;
    show(text);
  };
  const buttons = () => [button, ...result.querySelectorAll("button")];
  const finish = () => {
    result.removeAttribute("aria-busy");
    for (const button of buttons()) button.disabled = false;
  };
  const send = async (then) => {
    const file = form.querySelector("[type=file]").files[0];
    if (!file) return;
    if (file.size > Number(form.dataset.maxBytes)) return fail(form.dataset.tooLarge);
    const turn = ++last;
    const url = new URL(form.action);
    const fields = [...new FormData(form), ["name", file.name], ["then", then]];
    for (const [name, value] of fields) if (typeof value === "string" && value) url.searchParams.set(name, value);
    const headers = { "content-type": "application/octet-stream", "x-csrf-token": form.dataset.csrf };
    result.setAttribute("aria-busy", "true");
    for (const button of buttons()) button.disabled = true;
    try {
      const response = await fetch(url, { method: "POST", body: file, headers });
      // To the draft, or to sign in again.
      if (response.redirected) return location.assign(response.url);
      const text = await response.text();
      if (turn !== last) return;
      const page = new DOMParser().parseFromString(text, "text/html");
      const main = page.querySelector("main");
      if (main) show(...main.childNodes);
      // A proxy may accept less than the service.
      else fail(response.status === 413 ? form.dataset.tooLarge : form.dataset.failed);
    } catch {
      if (turn === last) fail(form.dataset.failed);
    } finally {
      if (turn === last) finish();
    }
  };
  button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send("");
  });
  // The result belongs to the form as it was sent: only what was looked at may be taken.
  for (const kind of ["input", "change", "reset"]) {
    form.addEventListener(kind, () => {
      last += 1;
      result.replaceChildren();
      finish();
    });
  }
  result.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLElement && target.dataset.then) send(target.dataset.then);
  });
}

reloadWhileChecking();
showToolbar();
renewPreview();
importFile();
renewNumbers();
