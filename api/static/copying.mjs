// Buttons that copy a text; without this file one click selects it.

/** Buttons that copy are offered where the browser allows it. Call it again when a part of the page is new. */
export function offerCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
}

async function copy(button) {
  const said = document.getElementById("copy-said");
  // A long text stands once, before its button.
  const shown = button.closest(".copyable")?.querySelector("pre, code");
  said.textContent = ""; // so that the same words are announced a second time
  try {
    await navigator.clipboard.writeText(button.dataset.copy || shown.textContent);
  } catch {
    if (shown) window.getSelection().selectAllChildren(shown);
    said.textContent = said.dataset.failed;
    return;
  }
  said.textContent = said.dataset.copied;
  button.classList.add("copied");
  const word = button.textContent;
  if (word === "✓") return;
  button.textContent = "✓";
  setTimeout(() => { button.textContent = word; }, 1500);
}

// By the document, since parts of the page come anew: what is bound to them would go with them.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-copy]");
  if (button) copy(button);
});
