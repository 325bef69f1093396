// @ts-check
// Sentences about numbers: the twin of `zslviz/tasks/base/wording.py`, name by name and character by character. Every number that is
// written or compared is rounded to float32 first, where both languages have the same number; halves are rounded away from zero.

/**
 * A piece of a sentence. index: of the class or attribute that is named. value: of the number that is told.
 * @typedef {{ kind: "text" | "class" | "attribute" | "number", text: string, index: number | null, value: number | null }} Part
 */
/** @typedef {{ text: string, parts: Part[] }} Sentence */

const DECIMALS = [[1, 1], [0.1, 2], [0.01, 3], [0.001, 4]]; // from what size on a number has how many decimals
const MOST = 1e15;
const CHANGE_DECIMALS = [2, 3, 4, 5, 6];

/**
 * @param {Part["kind"]} kind
 * @param {string} text
 * @param {number | null} index
 * @param {number | null} value
 * @returns {Part}
 */
export function part(kind, text, index = null, value = null) {
  return { kind, text, index, value };
}

/**
 * From parts and plain text, with a capital at the beginning unless that is a name; no two pieces of plain text stand side by side.
 * @param {(Part | string)[]} pieces
 * @returns {Sentence}
 */
export function sentenceOf(pieces) {
  /** @type {Part[]} */
  const parts = [];
  for (const piece of pieces) {
    const made = typeof piece === "string" ? part("text", piece) : piece;
    const last = parts.at(-1);
    if (made.kind === "text" && last?.kind === "text") parts[parts.length - 1] = part("text", last.text + made.text);
    else parts.push(made);
  }
  if (parts[0]?.kind === "text") parts[0] = part("text", parts[0].text[0].toUpperCase() + parts[0].text.slice(1));
  return { text: parts.map(({ text }) => text).join(""), parts };
}

/** The size of a number that is not zero, without a sign: "25.9", "2.4", "0.37", "0.048", "less than 0.001"; never "0.0". */
export function sizeText(/** @type {number} */ value) {
  const size = Math.abs(Math.fround(value));
  if (size >= MOST) return `more than ${MOST}`;
  for (const [least, decimals] of DECIMALS) if (size >= least) return size.toFixed(decimals); // exact, of halves the larger one
  return `less than ${DECIMALS[DECIMALS.length - 1][0]}`;
}

/** A value with its sign: "0.50", "−0.20"; of what rounds to nothing "0". */
export function valueText(/** @type {number} */ value, decimals = 2) {
  const size = Math.abs(Math.fround(value));
  const text = size >= MOST ? `more than ${MOST}` : size.toFixed(decimals);
  if (/^[0.]*$/.test(text)) return "0";
  return value < 0 ? `−${text}` : text;
}

/** From where to where: "0.52 → 0.80"; with as many decimals as it takes to tell the two apart, six at most. */
export function changeText(/** @type {number} */ before, /** @type {number} */ after) {
  let told = "";
  for (const decimals of CHANGE_DECIMALS) {
    const [from, to] = [valueText(before, decimals), valueText(after, decimals)];
    told = `${from} → ${to}`;
    if (from !== to) break;
  }
  return told;
}

/** The size of a number as a part. */
export function sizePart(/** @type {number} */ value) {
  return part("number", sizeText(value), null, Math.abs(Math.fround(value)));
}

/** 1 -> "1st", 12 -> "12th". */
export function ordinal(/** @type {number} */ place) {
  const ending = place % 100 > 10 && place % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][place % 10] || "th";
  return `${place}${ending}`;
}

/** 1 -> "1 edit", 2 -> "2 edits"; of words whose plural ends with "s". */
export function counted(/** @type {number} */ count, /** @type {string} */ one) {
  return count === 1 ? `${count} ${one}` : `${count} ${one}s`;
}

/**
 * a, b and c.
 * @param {(Part | string)[][]} items
 */
export function listed(items) {
  return items.flatMap((item, number) => (number ? [number === items.length - 1 ? " and " : ", ", ...item] : item));
}
