// The advocate's pages work without this file; it adds buttons that copy (without them one click selects a text), and
// where the pages' names do not fit beside each other, the one that is shown is in sight.
const names = document.querySelector(".bar .tabs");
const here = names?.querySelector("[aria-current]");
if (here) names.scrollLeft = here.offsetLeft - names.offsetLeft - (names.clientWidth - here.offsetWidth) / 2;
const said = document.getElementById("copy-said");
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break; // only offered where the browser allows it
  // A long text stands once, before its button.
  const shown = button.closest(".copyable")?.querySelector("pre, code");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.dataset.copy || shown.textContent;
    said.textContent = ""; // so that the same words are announced a second time
    try {
      await navigator.clipboard.writeText(text);
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
  });
}
// A folded text that was opened is counted for whoever opened it: that it was, not which. See "My breaks".
const token = document.querySelector("input[name=token]")?.value;
for (const folded of document.querySelectorAll("details[data-caption]")) {
  folded.addEventListener("toggle", () => {
    if (!folded.open || !token) return;
    fetch("/advocate/rest/opened", { method: "POST", body: new URLSearchParams({ token }), keepalive: true }).catch(() => null);
  });
}
