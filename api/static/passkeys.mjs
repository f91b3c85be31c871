// Passkeys: what the device signed goes into a hidden field of the form around the button, and the form is sent.
// Without scripts, or where the browser knows no passkeys, the part stays hidden and one-time codes do.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const named = (all) => (all ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function make(options) {
  const user = { ...options.user, id: toBytes(options.user.id) };
  const publicKey = { ...options, user, challenge: toBytes(options.challenge) };
  publicKey.excludeCredentials = named(options.excludeCredentials);
  return answerOf(await navigator.credentials.create({ publicKey }), ["attestationObject"]);
}

async function sign(options) {
  const publicKey = { ...options, challenge: toBytes(options.challenge) };
  publicKey.allowCredentials = named(options.allowCredentials);
  return answerOf(await navigator.credentials.get({ publicKey }), ["authenticatorData", "signature", "userHandle"]);
}

function answerOf(credential, parts) {
  const response = {};
  for (const part of ["clientDataJSON", ...parts]) {
    const value = credential.response[part];
    if (value) response[part] = toText(value);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

for (const part of document.querySelectorAll("[data-passkey-part]")) {
  if (!window.PublicKeyCredential) break;
  part.hidden = false;
  const button = part.querySelector("button[data-passkey]");
  const said = part.querySelector("[data-passkey-said]");
  button.addEventListener("click", async () => {
    const form = button.form;
    const make_one = button.dataset.passkey === "create";
    if (make_one && !form.reportValidity()) return;
    button.disabled = true;
    try {
      const options = JSON.parse(button.dataset.options);
      form.elements.passkey.value = make_one ? await make(options) : await sign(options);
    } catch {
      said.textContent = said.dataset.failed;
      button.disabled = false;
      return;
    }
    form.noValidate = true; // the password and the code may stay empty now
    form.requestSubmit();
  });
}
