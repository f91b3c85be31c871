// Where photos, videos, places, links and answers are kept: before a case is open in its draft (draft.mjs), then in the
// case. Both stores have the same methods, so that the parts of the page need not know which one they fill.

import { t } from "./page.mjs";

/** A case that is open. */
export class OpenCase {
  #api;
  #path;
  /** What is asked once more before it is removed: in an open case it is gone for good then. */
  why = {
    picture: t("Its fingerprint is destroyed here, and copies are not looked for with it any more. To take it up again you need the photo or video itself. What was found already stays with your centre."),
    box: t("What was made of the box is destroyed here. To draw it again you need the photo itself."),
    link: t("The link is forgotten here for good, and pictures that were read there are not looked for any more. What your centre found already stays with it."),
  };

  constructor(api, caseId) {
    this.#api = api;
    this.#path = `/cases/${caseId}`;
  }

  /** Anything else of the case, by its path below it. */
  call(method, path, body) {
    const ask = { GET: () => this.#api.get(this.#path + path), DELETE: () => this.#api.delete(this.#path + path) };
    return ask[method]?.() ?? this.#api[method.toLowerCase()](this.#path + path, body);
  }

  async pictures() {
    const { fingerprints } = await this.#api.get(`${this.#path}/fingerprints`);
    return fingerprints.map(({ fingerprint_id: id, ...rest }) => ({ id, ...rest }));
  }

  addPicture(picture) {
    return this.#api.post(`${this.#path}/fingerprints`, picture);
  }

  removePicture(id) {
    return this.#api.delete(`${this.#path}/fingerprints/${id}`);
  }

  /**
   * Take out a photo that may be kept, since the answer to that was lost. `before`: the ids of what was kept before it was
   * sent. Returns what became of it, in words; "" where it had not arrived.
   */
  async leaveOut(picture, before) {
    const now = (await this.pictures()).map(({ id }) => id);
    if (now.every((id) => before.includes(id))) return "";
    // Sent again it is the same one: so the server says which of them it is.
    const { fingerprint_id: id } = await this.addPicture({ ...picture, cut_out: null });
    if (before.includes(id) || !before.every((one) => now.includes(one))) {
      // It is, or may be, one that was kept before: that is not destroyed by leaving this one out.
      return t("This one stands among what is kept, because it may have been kept before. If you want, remove it there.");
    }
    await this.removePicture(id);
    return t("Removed.");
  }

  /** Take the box around the face back; the photo stays. */
  removeCutOut(id) {
    return this.#api.delete(`${this.#path}/fingerprints/${id}/cut-out`);
  }

  /** How old the person was in it; null: as answered for all. */
  tellAge(id, age) {
    return this.#api.put(`${this.#path}/fingerprints/${id}/age`, { age_group: age });
  }

  /** The person's own name for it; empty: none. */
  tellLabel(id, label) {
    return this.#api.put(`${this.#path}/fingerprints/${id}/label`, { label });
  }

  async sources() {
    const { consents } = await this.#api.get(`${this.#path}/consents`);
    return consents.filter(({ live }) => live).map(({ consent_id: id, ...rest }) => ({ id, ...rest }));
  }

  addSource(source) {
    return this.#api.post(`${this.#path}/consents`, source);
  }

  /** How many notices were stopped with it. */
  async removeSource(id) {
    return (await this.#api.delete(`${this.#path}/consents/${id}`)).stopped_notices;
  }

  async links() {
    const { links } = await this.#api.get(`${this.#path}/links`);
    return links.map(({ link_id: id, ...rest }) => ({ id, ...rest }));
  }

  addLink(link) {
    return this.#api.post(`${this.#path}/links`, link);
  }

  /** Whether the person has done what can be done there. */
  tickLink(id, done) {
    return this.#api.put(`${this.#path}/links/${id}/done`, { done });
  }

  /** Take it out of the case. */
  removeLink(id) {
    return this.#api.delete(`${this.#path}/links/${id}`);
  }

  async intake() {
    const { permission_to_send_at: _, ...intake } = await this.#api.get(`${this.#path}/intake`);
    return intake;
  }

  /** Notices that ask for the person's own address. */
  addresses() {
    return this.#api.get(`${this.#path}/addresses`);
  }

  agreeAddress(id, address) {
    return this.#api.post(`${this.#path}/addresses/${id}/agree`, { address });
  }

  declineAddress(id) {
    return this.#api.post(`${this.#path}/addresses/${id}/decline`);
  }

  /** What the person is asked for of a joint report. */
  jointParts() {
    return this.#api.get(`${this.#path}/joint-parts`);
  }

  agreePart(id, signature, statement) {
    return this.#api.post(`${this.#path}/joint-parts/${id}/agree`, { signature, statement });
  }

  declinePart(id) {
    return this.#api.post(`${this.#path}/joint-parts/${id}/decline`);
  }

  /** What an advocate entered for the person, and the mandates. */
  entries() {
    return this.#api.get(`${this.#path}/entries`);
  }

  /** Answer what was seen: `at` is when it was entered, so that what was changed since is not answered unseen. */
  confirmEntry(matter, at, passphrase = "") {
    return this.#api.post(`${this.#path}/entries/${matter}/confirm`, { entered_at: at, passphrase });
  }

  rejectEntry(matter, at) {
    return this.#api.post(`${this.#path}/entries/${matter}/reject`, { entered_at: at });
  }

  revokeMandate(id) {
    return this.#api.delete(`${this.#path}/mandates/${id}`);
  }

  saveIntake(intake) {
    return this.#api.put(`${this.#path}/intake`, intake);
  }

  summary() {
    return this.#api.get(this.#path);
  }

  /** The centre that has the case in hand is not in touch. */
  handBack() {
    return this.#api.delete(`${this.#path}/in-hand`);
  }

  /** Whether any centre may take the case from those that wait. */
  allowAnyCentre(allowed) {
    return this.#api.put(`${this.#path}/any-centre`, { allowed });
  }

  /** Whether identical re-uploads may be reported with no further question: both halves. */
  resending() {
    return this.#api.get(`${this.#path}/resending`);
  }

  /** Switch one's own half on or off. */
  setResending(on) {
    return this.#api.put(`${this.#path}/resending`, { on });
  }

  async copies(limit, offset) {
    const { sightings: rows, total } = await this.#api.get(`${this.#path}/sightings?limit=${limit}&offset=${offset}`);
    return { rows, total };
  }

  async notices(limit, offset) {
    const { notices: rows, total } = await this.#api.get(`${this.#path}/notices?limit=${limit}&offset=${offset}`);
    return { rows, total };
  }

  async receipts() {
    return this.#api.get(`${this.#path}/receipts`);
  }

  /** What the person takes to the police or another body: "text" or "pdf". */
  handOff(kind, language) {
    return this.#api.file(`${this.#path}/hand-off/${kind}?language=${language}`);
  }

  /** Erase the whole case: the person gives the passphrase again. */
  erase(passphrase) {
    return this.#api.post(`${this.#path}/erasure`, { passphrase });
  }

  /** Take back every yes to a place: the person gives the passphrase again. */
  withdrawAll(passphrase) {
    return this.#api.post(`${this.#path}/consents/withdrawal`, { passphrase });
  }

  keep() {
    return this.#api.delete(`${this.#path}/erasure`);
  }
}
