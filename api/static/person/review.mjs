// Everything that was entered, on one page, before the case is opened; each part leads back to where it can be corrected.

import { button, make, say, t, the } from "./page.mjs";

const AGES = {
  adult: () => t("An adult in every picture"),
  minor: () => t("Younger in at least one of them"),
  unsure: () => t("I am not sure"),
};
const GUARDIANS = {
  agreed: () => t("A parent or guardian agreed"),
  centre: () => t("A centre gave a code"),
};

/** How many of each kind: "2 x an intimate picture, 1 x a faked one". */
function counted(words) {
  const found = new Map();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return [...found].map(([word, count]) => `${word}: ${count}`);
}

/** Lines for each part of what is kept. */
async function parts(store, answers, countryWords) {
  const told = await store.intake();
  const [pictures, places, links] = await Promise.all([store.pictures(), store.sources(), store.links()]);
  const named = [...new Map(places.map((place) => [place.id, place])).values()];
  const nothing = t("empty");
  const place = ({ platform, source, days }) => [say("platforms", platform), source, t("for %(days)s days", { days })].join(" · ");
  const notice = answers.noticeAsked
    ? [
        [t("In whose name?"), told.sender_role === "agent" ? t("An advocate signs for me") : t("I sign myself")],
        told.sender_role === "agent" ? null : [t("Signature"), told.signature],
        [t("How the platform can answer"), told.contact],
        [t("What the picture shows"), told.content_identification],
        [t("That I did not agree"), told.good_faith_facts],
        [t("When?"), told.timing === "wait-for-police" ? t("After the police have seen it") : t("As soon as a copy is confirmed")],
        [t("Notices may be sent"), told.permission_to_send ? t("Yes") : t("No")],
      ].filter(Boolean).map(([name, value]) => `${name.replace(/\?$/, "")}: ${value || nothing}`)
    : [t("No notice is sent from here, so nothing was asked.")];
  const kinds = pictures.map(({ set, kind }) => say(set === "frames" ? "video_kinds" : "kinds", kind));
  const own = pictures.filter(({ age_group: age }) => age).length;
  return [
    [t("You"), "step-agree", [countryWords, GUARDIANS[told.agreement.guardian]?.() ?? t("Old enough to agree alone")]],
    [t("How old I am in the pictures"), "step-you", [AGES[told.age_group]?.() ?? t("not answered yet")]],
    [t("Photos and videos"), "step-pictures", [...counted(kinds), own ? t("with an age of their own: %(count)s", { count: own }) : ""]],
    [t("Places to watch"), "step-places", named.map(place)],
    [t("Links that I know already"), "step-places", links.map(({ url }) => url)],
    [t("Notices"), "step-notice", notice],
  ];
}

/** Show it. Returns what it says, so that a later look can tell whether something changed. */
export async function review(store, answers, { countryWords, go }) {
  const found = await parts(store, answers, countryWords);
  the("review").replaceChildren(
    ...found.map(([name, step, lines]) => {
      const change = button(t("Change"), () => go(step), "quiet");
      change.setAttribute("aria-label", t("Change: %(name)s", { name }));
      const said = lines.filter(Boolean);
      const told = said.length > 0 ? said.map((line) => make("span", {}, line)) : [make("span", { className: "hint" }, t("Nothing yet."))];
      return make("div", {}, make("dt", {}, name), make("dd", {}, ...told), make("dd", { className: "change" }, change));
    }),
  );
  const [pictures, places, links] = [await store.pictures(), await store.sources(), await store.links()];
  the("summary").textContent = t("Photos and videos: %(pictures)s. Places: %(places)s. Links: %(links)s.", {
    pictures: pictures.length,
    places: new Set(places.map(({ id }) => id)).size,
    links: links.length,
  });
  the("empty-case").hidden = pictures.length + places.length + links.length > 0;
  return JSON.stringify(found);
}
