// Buttons that copy a field: `<button data-copy="id of the field" data-done="copied" hidden>`.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.getAttribute("data-copy") ?? "");
  if (!(field instanceof HTMLTextAreaElement)) continue;
  const label = button.textContent;
  button.removeAttribute("hidden");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.getAttribute("data-done");
      setTimeout(() => (button.textContent = label), 3000);
    } catch {
      // Without clipboard access, select the text instead.
      field.select();
    }
  });
}
