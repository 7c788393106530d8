// The scripts of the staff desk. Every page also works without them.

/** Milliseconds without a key after which the preview is renewed. */
const PREVIEW_DELAY = 300;

/** Loads the page again while a draft is being checked. */
function reloadWhileChecking() {
  const waiting = document.querySelector("[data-reload]");
  if (waiting) setTimeout(() => location.reload(), Number(waiting.dataset.reload) * 1000);
}

/** Shows the answer of the form as members see it while it is being written. */
function renewPreview() {
  const preview = document.querySelector(".preview");
  const answer = document.querySelector("#answer");
  const csrf = document.querySelector(".entry-form [name=csrf]");
  if (!preview || !answer || !csrf) return;
  const shown = preview.querySelector(".preview-answer");
  let timer;
  let last = 0;
  const renew = async () => {
    const turn = ++last;
    const body = new URLSearchParams({ csrf: csrf.value, answer: answer.value });
    const response = await fetch(preview.dataset.url, { method: "POST", body }).catch(() => null);
    // An older response must not replace a newer one; without a connection the last preview stays.
    if (!response?.ok || turn !== last) return;
    // Our own server has sanitized it.
    shown.innerHTML = await response.text();
  };
  answer.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(renew, PREVIEW_DELAY);
  });
}

reloadWhileChecking();
renewPreview();
