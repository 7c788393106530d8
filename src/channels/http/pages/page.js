// Scripts of pages: buttons that copy, and the verdict on an entry. Without them, nothing of it shows.

/**
 * Shows a button that copies a text, and says for a moment that it was copied.
 * @param {Element} button
 * @param {() => string} text
 * @param {() => void} otherwise runs without access to the clipboard
 */
function copies(button, text, otherwise) {
  const label = button.textContent;
  button.removeAttribute("hidden");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = button.getAttribute("data-done");
      setTimeout(() => (button.textContent = label), 3000);
    } catch {
      otherwise();
    }
  });
}

// `<button data-copy="id of the field" data-done="copied" hidden>`.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.getAttribute("data-copy") ?? "");
  if (field instanceof HTMLTextAreaElement) copies(button, () => field.value, () => field.select());
}

// Pages without HTTPS have no clipboard; the address bar has the address.
for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copy-link]") : []) {
  const canonical = document.querySelector('link[rel="canonical"]')?.getAttribute("href");
  copies(button, () => canonical ?? location.href.split("#")[0], () => {});
}

const vote = document.querySelector("[data-entry]");
if (vote instanceof HTMLElement) askWhetherItHelped(vote);

/** @param {HTMLElement} vote */
function askWhetherItHelped(vote) {
  const { entry, question = "", api, link = "", desk = "", contact, failed } = vote.dataset;
  const language = document.documentElement.lang;
  const buttons = vote.querySelectorAll("button");
  const status = vote.querySelector('[role="status"]');

  /** @param {string} path @param {object} body */
  const post = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${api}${path}`, { method: "POST", headers, body: JSON.stringify({ ...body, language }) });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };

  /** @param {string} href @param {string | undefined} text */
  const anchor = (href, text) => {
    const anchor = document.createElement("a");
    anchor.href = href;
    anchor.textContent = text ?? "";
    return anchor;
  };

  /** Shows the reply to the verdict: thanks, or other entries and the desk. @param {any} reply */
  const show = (reply) => {
    const message = document.createElement("p");
    message.textContent = reply.message;
    const list = document.createElement("ul");
    list.className = "entries";
    for (const { id, question, titles } of reply.suggestions) {
      const title = titles?.[language];
      const item = anchor(link.replace("{id}", id), title ?? question);
      item.lang = title ? language : "ja";
      list.append(document.createElement("li"));
      list.lastElementChild?.append(item);
    }
    status?.replaceChildren(message);
    if (list.children.length) status?.append(list);
    if (!reply.escalation) return;
    const way = document.createElement("p");
    way.append(anchor(desk, contact));
    status?.append(way);
  };

  /** @param {HTMLButtonElement | null} chosen */
  const mark = (chosen) => {
    for (const button of buttons) {
      // Not `disabled`, which would lose the focus.
      button.setAttribute("aria-disabled", String(chosen !== null));
      button.setAttribute("aria-pressed", String(button === chosen));
    }
  };

  vote.hidden = false;
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      mark(button);
      try {
        // A verdict belongs to an answer, as in the widget: the answer is this entry.
        const asked = await post("ask", { question: [...question].slice(0, 500).join(""), entry });
        const { answer_id, conversation } = asked;
        show(await post("feedback", { answer_id, conversation, helpful: button.value === "yes" }));
      } catch {
        mark(null);
        if (status) status.textContent = failed ?? "";
      }
    });
  }
}
