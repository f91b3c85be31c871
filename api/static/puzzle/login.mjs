// The log-in form of an advocate while very many ask: this device solves the puzzle while the advocate types.

import { solve } from "./work.mjs";

const field = document.getElementById("work");
const form = field.form;
const working = document.getElementById("working");
let wanted = false;

form.addEventListener("submit", (event) => {
  if (field.value) return;
  event.preventDefault(); // it is sent as soon as the work is done
  wanted = true;
});
working.hidden = false;
field.value = await solve(field.dataset.challenge);
working.hidden = true;
document.getElementById("worked").hidden = false;
if (wanted) form.requestSubmit();
