import { offerCopies } from "./copying.mjs";

// The advocate's pages work without this file; it adds buttons that copy (without them one click selects a text), and
// where the pages' names do not fit beside each other, the one that is shown is in sight.
const names = document.querySelector(".bar .tabs");
const here = names?.querySelector("[aria-current]");
if (here) names.scrollLeft = here.offsetLeft - names.offsetLeft - (names.clientWidth - here.offsetWidth) / 2;
offerCopies();
// A form is sent once however often its button is pressed: words that are shown once would be drawn twice. What answers
// with a file leaves the page as it is, so after a while the same can be asked for again.
const SENT_FOR = 10_000; // milliseconds
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  const what = `${submitter?.formAction ?? ""} ${submitter?.name ?? ""} ${submitter?.value ?? ""}`;
  if (form.dataset.sent === what) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = what;
  form.setAttribute("aria-busy", "true");
  setTimeout(() => free(form), SENT_FOR);
});
// By Back a page comes as it was left.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

function free(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

// A folded text that was opened is counted for whoever opened it: that it was, not which. See "My breaks".
document.addEventListener("toggle", ({ target }) => {
  const token = document.querySelector("input[name=token]")?.value;
  if (!token || !target.open || !target.matches("details[data-caption]")) return;
  fetch("/advocate/rest/opened", { method: "POST", body: new URLSearchParams({ token }), keepalive: true }).catch(() => null);
}, true);
