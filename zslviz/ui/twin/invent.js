// @ts-check
// Classes that somebody makes up by parts of others, from photos that were seen, or blank: the twin of `making.py` in
// `zslviz/tasks/attributes/invent` and of `zslviz/tasks/attributes/filling.py`, name by name, where it is told what is done and why.

const [NEAREST, LEAST_SPREAD] = [3, 0.02];
const MOST_PHOTOS = 5;

/** @typedef {import("./scoring.js").SemanticSpace} SemanticSpace */
/** @typedef {{ values: number[], told: string, few_shot: boolean }} Made values: [A], fractions */
/** @typedef {[number, number]} Donor the class that gives a part, and how much of it */

/** @type {WeakMap<Float32Array, { mean: Float64Array, std: Float64Array, low: Float64Array, high: Float64Array }>} */
const known = new WeakMap();

// Of each column of a table: mean, standard deviation, and its ends within 0 and 1.
function columns(/** @type {SemanticSpace} */ { table, classes, attributes }) {
  const before = known.get(table);
  if (before) return before;
  const [K, A] = [classes.length, attributes.length];
  const each = (/** @type {(a: number) => number} */ of) => Float64Array.from({ length: A }, (_, a) => of(a));
  const over = (/** @type {number} */ a, /** @type {(total: number, value: number) => number} */ fold, /** @type {number} */ start) => {
    let total = start;
    for (let c = 0; c < K; c += 1) total = fold(total, table[c * A + a]);
    return total;
  };
  const within = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
  const mean = each((a) => over(a, (sum, value) => sum + value, 0) / K);
  const found = {
    mean,
    std: each((a) => Math.sqrt(over(a, (sum, value) => sum + (value - mean[a]) ** 2, 0) / K)),
    low: each((a) => within(over(a, Math.min, Infinity))),
    high: each((a) => within(over(a, Math.max, -Infinity))),
  };
  known.set(table, found);
  return found;
}

/** How far a row [A] is from each class, over what is given of it (not NaN), in standard deviations of the table: [K]. */
export function distances(/** @type {ArrayLike<number>} */ row, /** @type {SemanticSpace} */ space) {
  const { std } = columns(space);
  const A = std.length;
  const given = Array.from(row).flatMap((value, a) => (Number.isNaN(value) ? [] : [a]));
  return Float64Array.from(space.classes, (_, c) => {
    const sum = given.reduce((total, a) => total + ((space.table[c * A + a] - row[a]) / (std[a] + LEAST_SPREAD)) ** 2, 0);
    return Math.sqrt(sum / given.length);
  });
}

/** The classes most like a row, most like it first; of equals the one listed first. */
export function nearest(/** @type {ArrayLike<number>} */ row, /** @type {SemanticSpace} */ space, count = NEAREST) {
  const away = distances(row, space);
  return space.classes.map((_, c) => c).sort((p, q) => away[p] - away[q] || p - q).slice(0, count);
}

/** A row with what is not given (NaN) filled from the known classes, and whose mean that is; of all of them where nothing is given. */
export function filled(/** @type {ArrayLike<number>} */ row, /** @type {SemanticSpace} */ space) {
  const given = Array.from(row, (value) => !Number.isNaN(value));
  if (given.every(Boolean)) return { values: Array.from(row, Math.fround), donors: [] };
  const donors = given.some(Boolean) ? nearest(row, space) : space.classes.map((_, c) => c);
  const A = given.length;
  const mean = (/** @type {number} */ a) => donors.reduce((sum, c) => sum + space.table[c * A + a], 0) / donors.length;
  return { values: Array.from(row, (value, a) => Math.fround(given[a] ? value : mean(a))), donors };
}

/**
 * A class whose groups of attributes are those of others. base: the class of all groups that are not named; null: they are filled.
 * @param {SemanticSpace} space
 * @param {number | null} base
 * @param {[group: string, ...Donor][]} parts
 * @returns {Made}
 */
export function byParts(space, base, parts) {
  const A = space.attributes.length;
  const row = (/** @type {number} */ c, /** @type {number} */ a) => space.table[c * A + a];
  const values = Float64Array.from({ length: A }, (_, a) => (base === null ? NaN : row(base, a)));
  const told = base === null ? [] : [space.class_names[base]];
  for (const [group, giver, given] of parts) {
    const share = base === null ? 1 : given; // with nothing else to be partly of
    space.groups.forEach((own, a) => {
      if (own === group) values[a] = share === 1 ? row(giver, a) : (1 - share) * (base === null ? NaN : row(base, a)) + share * row(giver, a);
    });
    told.push(`${share === 1 ? "" : `${(100 * share).toFixed(0)}% `}${group} of ${space.class_names[giver]}`);
  }
  return whole(space, values, `By parts: ${told.join("; ")}.`);
}

/** A class of which nothing is said yet: the mean of all. */
export function byNumbers(/** @type {SemanticSpace} */ space) {
  return whole(space, new Float64Array(space.attributes.length).fill(NaN), "Blank.");
}

/**
 * A class as the model saw one to five photos of it (few-shot): the mean of their values [A], within the ranges of the table.
 * @param {SemanticSpace} space
 * @param {ArrayLike<number>[]} photos
 * @returns {Made}
 */
export function byPhotos(space, photos) {
  const { low, high } = columns(space);
  const some = photos.slice(0, MOST_PHOTOS);
  const seen = Array.from(low, (_, a) => some.reduce((sum, one) => sum + one[a], 0) / some.length);
  const told = `From ${some.length === 1 ? "1 photo" : `${some.length} photos`} (few-shot, ◇): as the model sees them.`;
  return { values: seen.map((value, a) => Math.fround(Math.min(high[a], Math.max(low[a], value)))), told, few_shot: true };
}

/**
 * @param {SemanticSpace} space
 * @param {Float64Array} row
 * @param {string} told
 * @returns {Made}
 */
function whole(space, row, told) {
  const { values, donors } = filled(row, space);
  if (!donors.length) return { values, told, few_shot: false };
  const names = donors.length === space.classes.length ? "all classes" : donors.map((c) => space.class_names[c]).join(", ");
  const left = row.filter(Number.isNaN).length;
  return { values, told: `${told} ${left} of ${row.length} values are the mean of ${names}.`, few_shot: false };
}

/** The class of the table that is most like a row, and how far it is from it. */
export function mostLike(/** @type {ArrayLike<number>} */ row, /** @type {SemanticSpace} */ space) {
  const [index] = nearest(row, space, 1);
  return { index, distance: distances(row, space)[index] };
}

/**
 * Classes as a table that `--table` and `zslviz extend` read: the twin of `SemanticSpace.to_csv`. A value that is missing stays empty.
 * @param {SemanticSpace} space
 * @param {{ name: string, values: ArrayLike<number> }[]} made
 */
export function toCsv(space, made) {
  const cell = (/** @type {string} */ text) => (/[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const lines = [
    ["class", "seen", ...space.attributes],
    ["#group", "", ...space.groups],
    ...made.map(({ name, values }) => [name, "0", ...space.attributes.map((_, a) => (a < values.length ? shortest(values[a]) : ""))]),
  ];
  return `${lines.map((line) => line.map(cell).join(",")).join("\n")}\n`;
}

// The fewest digits that are read back as the same number in 32 bits.
function shortest(/** @type {number} */ value) {
  const single = Math.fround(value);
  for (let digits = 1; digits < 10; digits += 1) {
    const text = String(Number(single.toPrecision(digits)));
    if (Math.fround(Number(text)) === single && !text.includes("e")) return text;
  }
  return String(single);
}
