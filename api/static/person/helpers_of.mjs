// Who helps where the person lives, in place of who helps where they look from.

/** Put the people who help there into `place`; where they cannot be fetched it stays as it is. */
export async function helpersOf(place, country, age, language) {
  const wanted = `${country}-${age}`;
  if (place.dataset.of === wanted) return;
  place.dataset.asked = wanted;
  const answer = await fetch(`/helpers?country=${country}&age=${age}&lang=${language}`, { credentials: "omit" }).catch(() => null);
  if (!answer?.ok || place.dataset.asked !== wanted) return; // another country was chosen meanwhile
  const text = await answer.text().catch(() => "");
  if (!text || place.dataset.asked !== wanted) return;
  const read = new DOMParser().parseFromString(text, "text/html"); // our own page; its scripts do not run
  place.replaceChildren(...read.body.children);
  place.dataset.of = wanted;
}
