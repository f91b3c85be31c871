// A Worker: a challenge comes in, its answer goes out. The page stays usable meanwhile.

import { solve } from "./puzzle.mjs";

onmessage = ({ data }) => postMessage(solve(data));
