import { offerCopies } from "./copying.mjs";

// The advocate's pages work without this file; it adds buttons that copy (without them one click selects a text), and
// where the pages' names do not fit beside each other, the one that is shown is in sight.
const names = document.querySelector(".bar .tabs");
const here = names?.querySelector("[aria-current]");
if (here) names.scrollLeft = here.offsetLeft - names.offsetLeft - (names.clientWidth - here.offsetWidth) / 2;
offerCopies();
// A folded text that was opened is counted for whoever opened it: that it was, not which. See "My breaks".
document.addEventListener("toggle", ({ target }) => {
  const token = document.querySelector("input[name=token]")?.value;
  if (!token || !target.open || !target.matches("details[data-caption]")) return;
  fetch("/advocate/rest/opened", { method: "POST", body: new URLSearchParams({ token }), keepalive: true }).catch(() => null);
}, true);
