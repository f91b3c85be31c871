// What only an open case shows: a script of its own, fetched when a case is about to be opened.

import { Addresses } from "./addresses.mjs";
import { Entered } from "./entered.mjs";
import { Joint } from "./joint.mjs";
import { linkWords } from "./link_words.mjs";
import { CentreList } from "./list.mjs";
import { Mine } from "./mine.mjs";
import { Names } from "./names.mjs";
import { OwnPages } from "./own.mjs";
import { Police } from "./police.mjs";
import { saveAnswers } from "./saving.mjs";
import { Transfers } from "./transfers.mjs";
import { Waiting } from "./waiting.mjs";

export { Addresses, CentreList, Entered, Joint, linkWords, Mine, Names, OwnPages, Police, saveAnswers, Transfers, Waiting };
