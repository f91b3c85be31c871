// Who helps in another country than the visitor's own: fetched when it is shown, so that the page stays light.

/** Fill what stands for them as soon as its block is shown; where that fails a link to the first page stays. */
function fill(place) {
  const address = place.dataset.later;
  delete place.dataset.later;
  fetch(address, { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error("not there"))))
    .then((text) => {
      const read = new DOMParser().parseFromString(text, "text/html"); // our own page; its scripts do not run
      place.replaceWith(...read.body.children);
    })
    .catch(() => (place.dataset.later = address));
}

const shown = new MutationObserver((changes) => {
  for (const { target } of changes) {
    const place = target.hidden ? null : target.querySelector("[data-later]");
    if (place) fill(place);
  }
});
for (const block of document.querySelectorAll("[data-helpers]")) {
  shown.observe(block, { attributes: true, attributeFilter: ["hidden"] });
}
