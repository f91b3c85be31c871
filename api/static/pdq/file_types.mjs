// What a file is, told by its first bytes as monitor/fingerprints/containers/file_types.py does. Its name and type are ignored.

const HEIC = ["heic", "heix", "heim", "heis", "hevc", "hevx"];
const STILL = [...HEIC, "avif", "avis", "mif1", "msf1", "mif2", "miaf"]; // pictures that live in a film's container
const OLD_MOVIE = ["moov", "mdat", "wide", "free", "skip", "pnot"]; // how QuickTime began before it had brands
const EBML = "\x1a\x45\xdf\xa3"; // WebM

/** video, heic or other of a Blob; "other" may be a picture, or nothing at all. */
export async function kindOf(file) {
  const head = new TextDecoder("latin1").decode(await file.slice(0, 12).arrayBuffer());
  if (head.startsWith(EBML)) return "video";
  const [atom, brand] = [head.slice(4, 8), head.slice(8, 12)];
  if (atom !== "ftyp") return OLD_MOVIE.includes(atom) ? "video" : "other";
  if (HEIC.includes(brand) || ["mif1", "msf1"].includes(brand)) return "heic";
  return STILL.includes(brand) ? "other" : "video";
}
