// @ts-check
// The lines of Python that make what a tab shows, with the package as it is; tests/links executes them.

/** @typedef {{ model: string, path: string, file: string }} Head path: below the shipped examples, "" of one's own photo, which is `file` */

const text = (/** @type {string} */ value) => JSON.stringify(value);
const number = (/** @type {number} */ value) => (Number.isInteger(value) ? `${value}.0` : String(value));
const texts = (/** @type {string[]} */ values) => values.map(text).join(", ");
/** @param {[name: string, value: string | null][]} given */
const named = (...given) => given.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`])).join(", ");
const numberOr = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? null : number(value));
const flag = (/** @type {unknown} */ value) => (value ? "True" : null);

/** @param {Head} head */
function opened({ model, path, file }) {
  return [
    "from zslviz import Explainer",
    ...(path ? ["from zslviz.runtime.places import examples_folder"] : []),
    "",
    `explainer = Explainer.from_pretrained(${text(model)})`,
    `explanation = explainer.explain(${path ? `examples_folder() / ${text(path)}` : text(file || "photo.jpg")})`,
  ];
}
const shown = (/** @type {string} */ score) => ["for line in ranking[:5]:", `    print(f"{line.rank:3} {line.name:30} {line.${score}:.2f}")`];

/**
 * Classes by attributes. linked: what a link holds of the tab.
 * @param {Head} head
 * @param {Record<string, any>} linked
 * @param {{ attributes: string[], classes: { name: string }[], strongest: number[], offers: { name: string }[] }} x
 */
export function explainLines(head, { image = {}, classes = {}, invented = [], gamma, unseenOnly, why, attribute: shownOf, kind, view = [] }, x) {
  const attribute = (/** @type {string} */ i) => `space.attribute_index(${text(x.attributes[Number(i)])})`;
  const called = (/** @type {string | number} */ i) => `space.class_index(${text(x.classes[Number(i)].name)})`;
  const seen = Object.entries(image).map(([a, value]) => `    ${attribute(a)}: ${number(value)},`);
  const said = Object.entries(classes).flatMap(([c, some]) =>
    Object.entries(some).map(([a, value]) => `    (${called(c)}, ${attribute(a)}): ${number(/** @type {number} */ (value))},`));
  const asked = why !== null && why !== undefined;
  const offer = kind || x.offers[0]?.name;
  const part = view.map((/** @type {string} */ one) => /^part-(\d)$/.exec(one)?.[1]).find(Boolean);
  const drawn = view.includes("special") ? `explanation.shown(${text(offer)}).special(attribute)`
    : `explanation.map(${text(offer)}, attribute${part ? `, granularity=${Number(part) - 1}` : ""}).values`;
  const made = /** @type {{ name: string, values: number[] }[]} */ (invented).map(({ name, values }) =>
    `space = space.with_class(${text(name)}, [${values.map(number).join(", ")}])  # it is made up`);
  const described = said.length ? "described" : made.length ? "space" : null;
  const edits = named(["gamma", numberOr(gamma)], ["image_edits", seen.length ? "image_edits" : null], ["space", described]);
  return [
    ...opened(head),
    "space = explanation.space",
    ...made,
    ...(seen.length ? ["image_edits = {  # what the model is to have seen", ...seen, "}"] : []),
    ...(said.length ? ["described = space.with_values({  # what classes are to be said to look like", ...said, "})"] : []),
    `ranking = explanation.rank(${[named(["unseen_only", flag(unseenOnly)]), edits].filter(Boolean).join(", ")})`,
    ...shown("score"),
    ...(asked ? [`lead = explanation.contributions(${called(why)}, ranking.best.index${edits && `, ${edits}`})`, "print(lead.margin, lead.strongest(5))"] : []),
    ...(offer ? [`attribute = ${attribute(String(shownOf ?? x.strongest[0]))}`, `drawn = ${drawn}  # the map, [H, W]`, "print(drawn.sum(), drawn.max())"] : []),
  ].join("\n");
}

/**
 * Labels.
 * @param {Head} head
 * @param {Record<string, any>} linked
 * @param {{ map: { name: string } }} x
 */
export function labelLines(head, { label, added = [], strength, first, gamma, unseenOnly, overlaid }, x) {
  const rank = named(["gamma", numberOr(gamma)], ["unseen_only", flag(unseenOnly)], ["strength", numberOr(strength)], ["first", first ? String(first) : null]);
  return [
    ...opened(head),
    ...(added.length ? [`explanation = explainer.add(explanation, ${texts(added)})`] : []),
    `ranking = explanation.rank(${rank})`,
    ...shown("calibrated"),
    `for name in [${texts(overlaid?.length ? overlaid : [label || x.map.name])}]:  # what is over the photo`,
    "    label = explanation.space.label_index(name)",
    "    print(name, explanation.region_scores[label])  # its map",
  ].join("\n");
}

/**
 * Pairs.
 * @param {Head} head
 * @param {Record<string, any>} linked
 * @param {{ biting: number, counts: boolean }} x
 */
export function pairLines(head, { pair, other, openWorld, threshold, bias, before, states = [], objects = [] }, x) {
  const rank = named(["open_world", flag(openWorld)], ["threshold", openWorld ? number(threshold ?? x.biting) : null], ["bias", numberOr(bias)], ["before", flag(before)]);
  const indices = (/** @type {string[]} */ [state, object]) => `explanation.space.state_index(${text(state)}), explanation.space.object_index(${text(object)})`;
  const words = named(["states", states.length ? `[${texts(states)}]` : null], ["objects", objects.length ? `[${texts(objects)}]` : null]);
  return [
    ...opened(head),
    ...(words ? [`explanation = explainer.add(explanation, ${words})`] : []),
    `ranking = explanation.rank(${rank})`,
    ...shown("biased"),
    pair ? `pair = ${indices(pair)}` : "pair = ranking[0].state, ranking[0].object",
    "print(explanation.logits.pairs[pair])",
    ...(other ? [`other = ${indices(other)}`, "print(explanation.logits.pairs[pair] - explanation.logits.pairs[other])"] : []),
    ...(other && x.counts ? ["print(explanation.difference(pair, other))  # place by place, [H, W]"] : []),
  ].join("\n");
}
