// The answers of an open case are kept, and what that did to its notices is said.

import { language, shown, t } from "./page.mjs";

/** Nothing leaves by what the person said: somebody looks at each notice first. */
function toSend({ notices_lifted: lifted, notices_prepared: prepared }) {
  return lifted + prepared && t("Notices that your centre now looks at and sends: %(count)s", { count: lifted + prepared });
}

/** Keep what stands in both forms. `typed` says whether somebody typed on meanwhile: that stays. */
export async function saveAnswers(store, answers, entered, typed) {
  const whole = answers.over(await store.intake(), language);
  const kept = await store.saveIntake(whole);
  const notes = [
    answers.takeOut(),
    kept.notices_stopped && t("Notices that were stopped: %(count)s", { count: kept.notices_stopped }),
    kept.steps_stopped && t("Prepared next steps that were stopped: %(count)s", { count: kept.steps_stopped }),
    kept.notices_sent_before &&
      t("Notices that had been sent as for an adult: %(count)s. An advocate is told, to put that right.", { count: kept.notices_sent_before }),
    kept.notices_held && t("Notices that now wait for the police: %(count)s", { count: kept.notices_held }),
    toSend(kept),
  ].filter(Boolean);
  if (!typed()) answers.write(whole);
  await shown(() => entered.refresh(), [t("Kept."), ...notes].join(" "));
}
