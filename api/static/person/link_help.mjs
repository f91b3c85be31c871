// Links to places that are not read here: what the person can do there, and their own tick for what is done.

import { busy, language, make, shown, t } from "./page.mjs";

/** What stands behind such a link in the list; nothing where the place is read here. */
export function linkHelp({ id, url, state, help }, store, again) {
  if (!help) return [];
  const more = make("a", { href: `/elsewhere?lang=${language}#${help}`, target: "_blank", rel: "noreferrer" }, t("What you can do there"));
  if (typeof store.tickLink !== "function") return [more];
  const tick = make("input", { type: "checkbox", id: `done-${id}`, checked: state === "done" });
  tick.addEventListener("change", () =>
    busy(tick, async () => {
      try {
        await store.tickLink(id, tick.checked);
      } catch (error) {
        tick.checked = !tick.checked; // as it still is
        throw error;
      }
      await shown(again, tick.checked ? t("Ticked off. It stays in what you take along.") : t("Taken back."));
      document.getElementById(tick.id)?.focus();
    }),
  );
  const label = make("label", { htmlFor: tick.id }, t("I have reported it there"));
  label.setAttribute("aria-label", `${t("I have reported it there")}: ${url}`);
  return [more, make("span", { className: "tick" }, tick, label)];
}
