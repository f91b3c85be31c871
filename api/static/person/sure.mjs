// What cannot be undone by whoever picks up the phone asks for the passphrase once more. The server checks it too.

import { button, make, onSubmit, t } from "./page.mjs";

let last = 0;

/** A button that opens a question: why, the passphrase, and `sure` that does `act(passphrase)`. */
export function surely({ ask, why, sure, act }) {
  const id = `sure-${(last += 1)}`;
  const field = make("input", { id, name: "passphrase", type: "text", maxLength: 300, required: true, spellcheck: false });
  field.setAttribute("autocomplete", "off");
  field.setAttribute("autocapitalize", "none");
  const form = make(
    "form",
    { className: "stack", autocomplete: "off", hidden: true },
    make("p", {}, why),
    make("p", {}, make("label", { htmlFor: id }, t("Your passphrase, to be sure that it is you")), field),
  );
  const close = () => {
    const here = form.contains(document.activeElement);
    form.hidden = true;
    form.reset();
    opener.hidden = false;
    if (here) opener.focus(); // else what was done has put it where it is wanted
  };
  form.append(make("p", { className: "row" }, make("button", { className: "danger" }, sure), button(t("Rather not"), close, "quiet")));
  const opener = button(ask, () => {
    form.hidden = false;
    opener.hidden = true;
    field.focus();
  }, "danger");
  onSubmit(form, async (given) => {
    try {
      await act(given.get("passphrase"));
    } catch (error) {
      if (!error.done) throw error; // it stands there for another try
      close(); // what it was given for is done: nobody else reads it
      throw error;
    }
    close();
  });
  return make("div", { className: "surely" }, opener, form);
}
