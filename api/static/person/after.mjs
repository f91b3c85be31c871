// What only an open case shows: a script of its own, fetched when a case is about to be opened.

import { Addresses } from "./addresses.mjs";
import { Joint } from "./joint.mjs";
import { Mine } from "./mine.mjs";

export { Addresses, Joint, Mine };
