// The puzzle of api/work.py: which number below SIZE gives, behind the challenge's own text, its SHA-256 digest?
// The text has at most 43 letters, so that one block of SHA-256 holds it: FIPS 180-4, sections 5 and 6.2.

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));

const schedule = new Int32Array(64);
const state = new Int32Array(8);

/** The digest of one padded block, left in `state`. */
function compress() {
  const w = schedule;
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = START[0];
  let b = START[1];
  let c = START[2];
  let d = START[3];
  let e = START[4];
  let f = START[5];
  let g = START[6];
  let h = START[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = a + START[0];
  state[1] = b + START[1];
  state[2] = c + START[2];
  state[3] = d + START[3];
  state[4] = e + START[4];
  state[5] = f + START[5];
  state[6] = g + START[6];
  state[7] = h + START[7];
}

/** A challenge with the number that answers it. */
export function solve(challenge) {
  const [id, size, until, digest] = challenge.split(":");
  const prefix = new TextEncoder().encode(`${id}:${size}:${until}:`);
  const wanted = Int32Array.from({ length: 8 }, (_, i) => Number.parseInt(digest.slice(i * 8, i * 8 + 8), 16) | 0);
  const block = new Uint8Array(64);
  block.set(prefix);
  for (let number = 0; number < Number(size); number += 1) {
    let length = prefix.length;
    const digits = String(number);
    for (let i = 0; i < digits.length; i += 1) block[length++] = digits.charCodeAt(i);
    block[length] = 0x80;
    for (let i = 0; i < 15; i += 1) {
      const at = i * 4;
      schedule[i] = (block[at] << 24) | (block[at + 1] << 16) | (block[at + 2] << 8) | block[at + 3];
    }
    schedule[15] = length * 8;
    compress();
    if (state[0] === wanted[0] && state.every((word, i) => word === wanted[i])) return `${challenge}:${number}`;
  }
  throw new Error("this challenge has no answer");
}
