// The page /demo: puts the chosen attributes on the widget and into the lines to copy.

/** @type {HTMLFormElement | null} */
const form = document.querySelector("#attributes");
const widget = document.querySelector("#demo");
const snippet = document.querySelector("#snippet");
const copy = document.querySelector("#copy");

if (form && widget && snippet && copy instanceof HTMLElement) {
  const head = (snippet.textContent ?? "").split("\n")[0];

  form.addEventListener("change", () => {
    let attributes = "";
    for (const [name, value] of new FormData(form)) {
      if (value) {
        widget.setAttribute(name, String(value));
        attributes += ` ${name}="${value}"`;
      } else {
        widget.removeAttribute(name);
      }
    }
    snippet.textContent = `${head}\n<madoguchi-widget${attributes}></madoguchi-widget>`;
  });

  const label = copy.textContent;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(snippet.textContent ?? "");
      copy.textContent = copy.dataset.done ?? label;
      setTimeout(() => (copy.textContent = label), 2000);
    } catch {
      // Without the right to copy, the lines are at least selected.
      getSelection()?.selectAllChildren(snippet);
    }
  });
}
