// The page /demo: applies the selected attributes to the widget and to the HTML to copy.

const choices = document.querySelector("#attributes");
const widget = document.querySelector("#demo");
const snippet = document.querySelector("#snippet");
const copy = document.querySelector("#copy");

if (choices && widget && snippet && copy instanceof HTMLElement) {
  const head = (snippet.textContent ?? "").split("\n")[0];

  choices.addEventListener("change", () => {
    let attributes = "";
    for (const { name, value } of choices.querySelectorAll("select")) {
      if (value) {
        widget.setAttribute(name, value);
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
      // Without clipboard access, select the HTML instead.
      getSelection()?.selectAllChildren(snippet);
    }
  });
}
