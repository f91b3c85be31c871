// What only an open case shows: a script of its own, fetched when a case is about to be opened.

import { Addresses } from "./addresses.mjs";
import { Joint } from "./joint.mjs";
import { CentreList } from "./list.mjs";
import { Mine } from "./mine.mjs";
import { Names } from "./names.mjs";
import { OwnPages } from "./own.mjs";
import { Transfers } from "./transfers.mjs";

export { Addresses, CentreList, Joint, Mine, Names, OwnPages, Transfers };
