// The page /demo: applies the selected attributes to the widget and to the HTML to copy.

const choices = document.querySelector("#attributes");
const widget = document.querySelector("#demo");
const snippet = document.querySelector("#snippet");
const copy = document.querySelector("#copy");

if (choices && widget && snippet && copy instanceof HTMLElement) {
  const head = (snippet.textContent ?? "").split("\n")[0];

  choices.addEventListener("input", () => {
    let attributes = "";
    for (const field of choices.querySelectorAll("select, input")) {
      if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) continue;
      const { name, value } = field;
      if (value) {
        widget.setAttribute(name, value);
        attributes += ` ${name}="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
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
      // Without clipboard access, select the HTML instead.
      getSelection()?.selectAllChildren(snippet);
    }
  });
}
