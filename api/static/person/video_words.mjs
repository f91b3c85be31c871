// Why a video gave no fingerprint: fetched with the script that makes one.

import { t, videoLimits } from "./page.mjs";

/** In words, by the code of frames.mjs. */
export function videoWords(code) {
  return {
    "video-unreadable": t("Your browser cannot read this video: it is damaged, or stored in a way that this browser does not know. Please try another browser, or save it as MP4 (H.264)."),
    "video-stuck": t("Your browser did not get any further in this video. Please try once more, with another browser, or with a shorter piece of it."),
    "video-long": t("This video is too long. %(minutes)s minutes at most work. Please cut it shorter on your device and choose the piece in which you are seen.", { minutes: videoLimits.seconds / 60 }),
    "video-large": t("This file is too large: videos up to 1 GB work. Please cut it shorter on your device and choose the piece in which you are seen."),
    "video-pixels": t("The picture of this video is larger than 4K. Please save it in a smaller size, such as 1080p, and choose that."),
    "video-plain": t("No frame of this video has enough detail: its fingerprint would fit many other videos. Please choose one in which more is seen."),
  }[code];
}
