// Texts that the person can send to a platform themselves while they wait: fetched when they ask for them, like all links.

import { language, make, t, tell, the } from "./page.mjs";

/** The texts, one for each link and each place that takes one. */
export class SelfNotices {
  #calls;

  constructor(calls) {
    this.#calls = calls;
  }

  async load() {
    const [{ notices }, { links }] = await Promise.all([this.#calls().get("/self-notices"), this.#calls().get("/links")]);
    const written = new Set(notices.map(({ link_id: id }) => id));
    const others = links.filter(({ link_id: id }) => !written.has(id));
    the("no-self-notices").hidden = links.length > 0;
    the("self-notice-list").replaceChildren(...notices.map(notice), ...others.map(without));
  }

  close() {
    the("self-notice-list").replaceChildren();
  }
}

/** A link for which there is no text, and what can be done instead. */
function without({ url, help }) {
  const steps = help && make("a", { href: `/elsewhere?lang=${language}#${help}`, target: "_blank", rel: "noreferrer" }, t("What you can do there"));
  return make("li", { className: "card" }, make("p", {}, make("code", {}, url)), make("p", {}, t("There is no text for this link: whoever can remove it takes reports in another way."), " ", steps));
}

/** A text to copy, and where it goes. */
function notice({ url, address, language: written, subject, body, minor }, number) {
  const form = address.startsWith("https://");
  const text = make("textarea", { id: `self-${number}`, readOnly: true, rows: 8, value: body, lang: written });
  const copy = make("button", { type: "button", className: "second" }, t("Copy the text"));
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(body);
      tell(t("Copied."));
    } catch {
      text.focus();
      text.select();
      tell(t("It could not be copied. The text is selected: copy it with your keyboard or its menu."), "warn");
    }
  });
  return make(
    "li",
    { className: "card" },
    make("p", {}, make("code", {}, url)),
    make("p", {}, t("Where it goes:"), " ", form ? make("a", { href: address, rel: "noreferrer" }, address) : make("code", {}, address)),
    written === language ? null : make("p", { className: "hint" }, written === "ko" ? t("It is in Korean, because whoever gets it reads Korean.") : t("It is in English, because whoever gets it reads English.")),
    minor ? make("p", { className: "hint" }, t("Because you may have been under age in the picture, only the link stands in it: no name and no address of yours is needed. If you can, let somebody you trust or one of the people above send it.")) : null,
    make("p", {}, make("label", { htmlFor: text.id, lang: written }, subject), text),
    make("p", {}, copy),
  );
}
