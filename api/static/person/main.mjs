// The person's page from the door to the case.

import { Addresses } from "./addresses.mjs";
import { Answers } from "./answers.mjs";
import { ahead, Api } from "./api.mjs";
import { Entered } from "./entered.mjs";
import { Joint } from "./joint.mjs";
import { CentreList } from "./list.mjs";
import { Mine } from "./mine.mjs";
import { Names } from "./names.mjs";
import { OwnPages } from "./own.mjs";
import { language, onSubmit, show, t, tell, the } from "./page.mjs";
import { Pictures } from "./pictures.mjs";
import { Places } from "./places.mjs";
import { Draft, OpenCase } from "./stores.mjs";
import { Vouching } from "./vouching.mjs";

const VIEWS = ["door", "come-back", "begin", "keys", "mine"];
const STEPS = ["step-you", "step-pictures", "step-places", "step-notice", "step-open"];

let store = new Draft();
const answers = new Answers(() => answers.showHelpers());
const pictures = new Pictures(() => store);
const places = new Places(() => store);
const mine = new Mine(refreshParts);
const entered = new Entered(() => store, () => mine.refresh());
const addresses = new Addresses(() => store, () => addresses.refresh());
const joint = new Joint(() => store, () => joint.refresh());
const ownPages = new OwnPages(() => store, () => mine.refresh());
const names = new Names(() => store);
const list = new CentreList(() => store);
const vouching = new Vouching(() => store, () => mine.refresh());

/** What the case view shows below the overview. */
async function refreshParts(summary) {
  await Promise.all([pictures.refresh(), places.refresh()]);
  answers.write(await store.intake());
  answers.showHelpers();
  await entered.refresh();
  await addresses.refresh();
  await joint.refresh();
  await vouching.refresh(summary);
  await list.refresh();
  await ownPages.refresh();
  await names.refresh();
}

/** Show one step of the new case. */
function step(id) {
  show(id, STEPS);
  for (const mark of the("steps").children) {
    if (mark.dataset.step === id) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  }
}

/** The case view holds the same parts as the new case, all of them at once. */
async function enter(api, caseId) {
  store = new OpenCase(api, caseId);
  the("parts").append(...["step-pictures", "step-places", "step-you", "step-notice"].map(the));
  for (const id of STEPS) the(id).hidden = id === "step-open";
  for (const next of document.querySelectorAll("[data-next]")) next.closest("p").hidden = true;
  the("save-notice").hidden = false;
  the("save-you").textContent = t("Keep");
  await mine.open(store);
  show("mine", VIEWS);
}

function sameWords(one, other) {
  const plain = (text) => text.normalize("NFKC").toLowerCase().replaceAll("-", " ").split(/\s+/).filter(Boolean).join(" ");
  return plain(one) === plain(other);
}

/** Show the keys once, and go on only when they were typed back. */
function handOver(opened, api, refused) {
  the("new-case-id").textContent = opened.case_id;
  the("new-passphrase").textContent = opened.passphrase;
  show("keys", VIEWS);
  if (refused.length > 0) tell(`${t("Some of it could not be kept:")} ${refused.join(" ")}`, "warn");
  the("keys-shown").hidden = false;
  the("type-back").hidden = true;
  the("wrote-down").onclick = () => {
    the("keys-shown").hidden = true;
    the("type-back").hidden = false;
    the("typed").focus();
  };
  the("see-again").onclick = () => {
    the("keys-shown").hidden = false;
    the("type-back").hidden = true;
  };
  onSubmit(the("type-back"), async () => {
    if (!sameWords(the("typed").value, opened.passphrase)) {
      return tell(t("That is not the passphrase yet. You can look at it again."), "warn");
    }
    the("typed").value = "";
    the("new-passphrase").textContent = "";
    await enter(api, opened.case_id);
    return tell(t("Your case is open. You can close this page and come back at any time."));
  });
}

async function openCase(form) {
  const code = form.get("code").trim();
  const wanted = { language, any_centre: form.get("any_centre") !== null };
  const opened = await new Api().post("/cases", code ? { ...wanted, code } : wanted);
  const api = new Api(opened.token);
  const refused = await store.moveTo(new OpenCase(api, opened.case_id));
  handOver(opened, api, refused);
}

async function comeBack(form) {
  const caseId = form.get("case_id").trim().toLowerCase();
  const { token } = await new Api().post("/log-ins/person", { case_id: caseId, passphrase: form.get("passphrase") });
  the("come-back").querySelector("form").reset();
  await enter(new Api(token), caseId);
}

async function summarise() {
  const [kept, sources, links] = await Promise.all([store.pictures(), store.sources(), store.links()]);
  the("summary").textContent = t("Photos and videos: %(pictures)s. Places: %(places)s. Links: %(links)s.", {
    pictures: kept.length,
    places: new Set(sources.map(({ platform, source }) => `${platform} ${source}`)).size,
    links: links.length,
  });
}

the("start").addEventListener("click", () => {
  ahead.begin();
  show("begin", VIEWS);
  step("step-you");
});
the("return").addEventListener("click", () => {
  ahead.begin();
  show("come-back", VIEWS);
});
for (const back of document.querySelectorAll("[data-door]")) back.addEventListener("click", () => show("door", VIEWS));

onSubmit(the("you"), async () => {
  if (store instanceof OpenCase) return save();
  return step("step-pictures");
});
onSubmit(the("come-back").querySelector("form"), comeBack);
onSubmit(the("open"), openCase);
onSubmit(the("notice"), async () => {
  if (store instanceof OpenCase) return save();
  await store.saveIntake(answers.read(language));
  ahead.begin(); // what was begun at the first step may be too old by now
  await summarise();
  return step("step-open");
});
for (const next of document.querySelectorAll("button[type=button][data-next]")) {
  next.addEventListener("click", async () => {
    if (next.dataset.next === "step-places" && pictures.busy) {
      return tell(t("Your device is still making fingerprints. Please wait, or stop it."), "warn");
    }
    if (next.dataset.next === "step-places" && pictures.waiting > 0) {
      return tell(t("Please say for each photo or video what it is, and keep it or leave it out."), "warn");
    }
    tell("");
    return step(next.dataset.next);
  });
}

async function save() {
  const kept = await store.saveIntake(answers.read(language));
  const notes = [
    kept.notices_stopped && t("Notices that were stopped: %(count)s", { count: kept.notices_stopped }),
    kept.steps_stopped && t("Prepared next steps that were stopped: %(count)s", { count: kept.steps_stopped }),
    kept.notices_sent_before &&
      t("Notices that had been sent as for an adult: %(count)s. An advocate is told, to put that right.", { count: kept.notices_sent_before }),
    kept.notices_held && t("Notices that now wait for the police: %(count)s", { count: kept.notices_held }),
    kept.notices_lifted && t("Notices that are now on their way: %(count)s", { count: kept.notices_lifted }),
  ].filter(Boolean);
  await entered.refresh();
  tell([t("Kept."), ...notes].join(" "));
}

answers.tidy();
await Promise.all([pictures.refresh(), places.refresh()]);
the("app").hidden = false;
