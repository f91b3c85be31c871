// Leaving at once: the button, or Shift pressed three times. The page is blank before anything else happens.

const leave = document.getElementById("leave");
const QUICK = 2000; // milliseconds for the three presses

function go() {
  document.body.replaceChildren();
  document.title = " ";
  location.replace(leave.href); // replaces this page in the history; earlier pages stay there
}

leave.addEventListener("click", (event) => {
  event.preventDefault();
  go();
});

let presses = [];
document.addEventListener("keydown", ({ key, repeat }) => {
  if (key !== "Shift") {
    presses = [];
    return;
  }
  if (repeat) return;
  const now = performance.now();
  presses = [...presses.filter((at) => now - at < QUICK), now];
  if (presses.length === 3) go();
});
