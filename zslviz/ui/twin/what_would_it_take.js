// @ts-check
// What would it take for a class to be first: the twin of `what_would_it_take/asking.py`.
import { rank } from "./answers.js";
import { Described } from "./take_description.js";
import { FewestSearch } from "./take_fewest.js";
import { gammaAlone } from "./take_gamma.js";
import { leastChange } from "./take_least.js";
import { fallingFirst, Leaves } from "./take_leaves.js";
import { exclusiveGroups, partMoves, roomOf, singleMoves } from "./take_moves.js";
import { Problem } from "./take_problem.js";
import { leastSquares } from "./take_squares.js";
import { strongestSingle } from "./take_singles.js";
import { Told } from "./take_told.js";
import { box } from "./whatifs.js";

/** @typedef {import("./explanation.js").Explanation} Explanation */
/** @typedef {import("./answers.js").RankRequest} RankRequest */
/** @typedef {import("./take_fewest.js").Choice} Choice */
/** @typedef {import("./take_fewest.js").Blocked} Blocked */
/** @typedef {import("./take_told.js").Edit} Edit */
/** @typedef {import("./wording.js").Sentence} Sentence */
/**
 * What is asked. locked: attributes that stay, by number. ranges: ends that attributes must keep to. ways: how many, 5 at most. brief:
 * whether the edits alone are wanted, without the leads between, the strongest single change and gamma alone.
 * @typedef {{
 *   target: number, side?: "photo" | "description", character?: "fewest" | "least" | "gentlest" | "squares" | "natural", by?: "attributes" | "parts", locked?: number[],
 *   ranges?: Record<number, [number, number]>, ways?: number, brief?: boolean,
 * }} Question
 */
/**
 * Edits after which the class is first; proved: that nothing smaller does it.
 * @typedef {{
 *   number: number, edits: Edit[], count: number, groups: string[], proved: boolean, lead_before: number, lead: number,
 *   leads: number[], rank: number, sentence: Sentence,
 * }} Way
 */
/**
 * The strongest single change, which does not do it.
 * @typedef {{ edits: Edit[], group: string | null, share: number, proved: boolean, sentence: Sentence }} NearMiss
 */
/**
 * rank: now. blocking: a rival that stays ahead where nothing was found; impossible: whether that is proved. handicap: gamma alone.
 * @typedef {{
 *   target: number, rank: number, ways: Way[], near_miss: NearMiss | null, blocking: number | null, impossible: boolean,
 *   handicap: number | null, sentence: Sentence,
 * }} Answer
 */

const LED = 12; // changes whose leads are told one by one
const HARDER = 4; // times that a way which rounding took back is looked for with a larger lead

/**
 * What it would take, after the edits of `request`. Throws AskedError if the class does not compete.
 * @param {Explanation} x
 * @param {Question} question
 * @param {RankRequest} request
 * @returns {Answer}
 */
export function whatWouldItTake(x, question, request = {}) {
  return new Asked(x, question, request).answer();
}

class Asked {
  /**
   * @param {Explanation} x
   * @param {Question} question
   * @param {RankRequest} request
   */
  constructor(x, question, request) {
    const { target, side = "photo", by = "attributes", locked = [], ranges = {} } = question;
    this.x = x;
    this.question = question;
    this.request = request;
    this.target = target;
    this.problem = new Problem(x, request, target);
    this.ranked = { request, ranking: this.problem.ranking }; // the request that was ranked last, and how
    /** @type {Leaves | null} */
    this.leaves = null;
    const { space, values } = this.problem;
    this.seen = side === "photo"; // else described
    this.told = new Told(space, target, side, by);
    const width = space.attributes.length;
    this.row = Float64Array.from(space.table.subarray(target * width, (target + 1) * width));
    this.start = this.seen ? values : this.row;
    const key = by === "attributes" && this.seen ? JSON.stringify([locked, ranges]) : ""; // the same for all classes
    const kept = this.problem.start.moves.get(key);
    this.moves = kept || this.movesWithin(roomOf(this.start, box(x), locked, ranges), by);
    if (key) this.problem.start.moves.set(key, this.moves);
  }

  /**
   * @param {import("./take_moves.js").Room} room
   * @param {"attributes" | "parts"} by
   */
  movesWithin(room, by) {
    const { space, values, spread } = this.problem;
    if (by === "parts") return partMoves(space, this.start, this.seen ? this.row : values, room, spread);
    return singleMoves(space, room, spread, exclusiveGroups(this.x.model.space));
  }

  get fewest() {
    return (this.question.character ?? "fewest") === "fewest";
  }

  /** @returns {Answer} */
  answer() {
    const { target, problem } = this;
    const now = problem.ranking.ranks[target];
    /** @type {Answer} */
    const found = {
      target,
      rank: now,
      ways: [],
      near_miss: null,
      blocking: null,
      impossible: false,
      handicap: null,
      sentence: this.told.firstAlready(),
    };
    if (now === 1) return found;
    if (!this.question.brief) found.handicap = gammaAlone(this.x, this.request, target);
    const lead = this.lead(this.request);
    /** @type {Choice[]} */
    const used = [];
    /** @type {Choice | Blocked | null} */
    let first = null;
    while (used.length < (this.question.ways ?? 1)) {
      const next = this.next(used);
      first ||= "choice" in next ? next.choice : next;
      if (!("choice" in next)) {
        if (used.length) break;
        found.blocking = problem.rivals[next.rival];
        found.impossible = next.proved;
        const { locked = [], ranges = {} } = this.question;
        found.sentence = this.told.nothing(found.blocking, next.proved, locked.length + Object.keys(ranges).length > 0);
        break;
      }
      used.push(next.choice);
      found.ways.push(this.way(used.length, next.choice, next.request, next.edits, lead));
    }
    if (found.ways.length) found.sentence = found.ways[0].sentence;
    if (this.fewest && !this.question.brief && (!found.ways.length || found.ways[0].count > 1)) {
      found.near_miss = this.nearMiss(lead, Boolean(first?.proved || first?.noSingle));
    }
    return found;
  }

  /**
   * The next way, with the request that has it made and the edits that this takes.
   * @param {Choice[]} used
   * @returns {{ choice: Choice, request: RankRequest, edits: Edit[] } | Blocked}
   */
  next(used) {
    const { moves, problem } = this;
    const earlier = used.map(({ chosen }) => new Set(chosen.map((j) => moves.groups[j])));
    const taken = new Set(used.flatMap(({ chosen }) => chosen.map((j) => moves.main[j])));
    let allowed = moves.main.map((_, j) => j).filter((j) => !taken.has(moves.main[j]));
    if (!this.fewest || !this.seen) {
      used.forEach(({ chosen, amounts }, i) => { // these searches know no groups
        const kept = moves.groups[chosen[fallingFirst(chosen.map((j, place) => moves.costs[j] * amounts[place]))[0]]];
        allowed = allowed.filter((j) => moves.groups[j] === kept || !earlier[i].has(moves.groups[j]));
      });
    }
    const { least } = problem;
    try {
      for (let turn = 0; turn < HARDER; turn += 1) {
        const found = this.search(allowed, earlier);
        if ("rival" in found) return found;
        const confirmed = this.confirmed(found);
        if (confirmed) return { choice: found, ...confirmed };
        problem.least *= 10;
      }
      return { rival: new Leaves(problem, moves).hardest[0], proved: false, noSingle: false };
    } finally {
      problem.least = least;
    }
  }

  described() {
    return new Described(this.x.rule, this.problem, this.moves, this.row);
  }

  /** For the lead that is looked for now. */
  leavesNow() {
    if (this.leaves?.least !== this.problem.least) this.leaves = new Leaves(this.problem, this.moves);
    return this.leaves;
  }

  /**
   * @param {number[]} allowed
   * @param {Set<number>[]} earlier
   */
  search(allowed, earlier) {
    if (!this.seen) return this.described().fewest(allowed);
    const leaves = this.leavesNow();
    const { character, brief } = this.question;
    if (character === "least" || character === "gentlest") return leastChange(leaves, allowed, character);
    if (character === "squares" || character === "natural") return leastSquares(this.x.model.space, leaves, allowed, character);
    const found = new FewestSearch(leaves, allowed, earlier, brief).run();
    if (!("rival" in found) || found.proved || this.moves.whole || earlier.length) return found;
    const other = leastChange(leaves, allowed, "least");
    return "rival" in other ? found : { ...other, proved: false, noSingle: found.noSingle };
  }

  /**
   * The values that change, those that changes are called after first, largest first; rounded away from what they are now.
   * @param {Choice} choice
   * @param {number | null} decimals
   * @returns {Edit[]}
   */
  edits(choice, decimals) {
    const { moves, start } = this;
    const change = choice.change || moves.change(choice.chosen, choice.amounts);
    const changed = [...change.keys()].filter((a) => change[a]);
    const own = (/** @type {number} */ j) => moves.changes[j].steps[0] * change[moves.main[j]] > 0; // else others lower it by more
    const named = new Set(moves.whole ? changed : choice.chosen.filter(own).map((j) => moves.main[j]));
    const size = (/** @type {number} */ a) => Math.fround(Math.abs(change[a]) / moves.spread[a]);
    changed.sort((p, q) => Number(!named.has(p)) - Number(!named.has(q)) || size(q) - size(p) || p - q);
    /** @type {Map<number, number>} */
    const owners = new Map(choice.chosen.map((j) => [moves.main[j], j]));
    for (const j of choice.chosen) {
      const same = choice.change ? moves.changes.filter(({ unit }) => unit === moves.units[j]) : [moves.changes[j]];
      for (const { members } of same) for (const a of members) if (!owners.has(a)) owners.set(a, j);
    }
    const steps = [...new Set(changed.map((a) => owners.get(a)))]; // changes, as they come
    return changed.map((a) => {
      const [before, up] = [start[a], change[a] > 0];
      let value = before + change[a];
      if (decimals !== null && !moves.whole) {
        const scale = 10 ** decimals;
        value = (up ? Math.ceil(value * scale - 1e-6) : Math.floor(value * scale + 1e-6)) / scale + 0;
        value = up ? Math.min(value, before + moves.room.highest[a]) : Math.max(value, before + moves.room.lowest[a]);
      }
      return { attribute: a, before, value, along: !named.has(a), step: steps.indexOf(owners.get(a)) };
    });
  }

  /** The edits in the roundest numbers after which the ranking has the class first. */
  confirmed(/** @type {Choice} */ choice) {
    for (const decimals of this.fewest ? [2, 3, 4, null] : [4, 5, null]) {
      const edits = this.edits(choice, decimals);
      const request = this.with(edits);
      if (this.rank(request).ranks[this.target] === 1 && this.lead(request) > 0) return { request, edits };
    }
    return null;
  }

  /**
   * @param {Edit[]} edits
   * @returns {RankRequest}
   */
  with(edits) {
    const values = Object.fromEntries(edits.map(({ attribute, value }) => [attribute, value]));
    const { image_edits: seen, class_edits: rows } = this.request;
    if (this.seen) return { ...this.request, image_edits: { ...seen, ...values } };
    return { ...this.request, class_edits: { ...rows, [this.target]: { ...rows?.[this.target], ...values } } };
  }

  rank(/** @type {RankRequest} */ request) {
    if (this.ranked.request !== request) this.ranked = { request, ranking: rank(this.x, request) };
    return this.ranked.ranking;
  }

  /** Of the class over the best other one, as the ranking has it. */
  lead(/** @type {RankRequest} */ request) {
    const { order, calibrated } = this.rank(request);
    const other = order.slice(0, 2).find((c) => c !== this.target);
    return other === undefined ? Infinity : calibrated[this.target] - calibrated[other];
  }

  groups(/** @type {{ chosen: number[] }} */ { chosen }) {
    if (this.question.by !== "parts") return [];
    return chosen.map((j) => this.problem.space.groups[this.moves.main[j]]);
  }

  /**
   * @param {number} number
   * @param {Choice} choice
   * @param {RankRequest} request
   * @param {Edit[]} edits
   * @param {number} before
   * @returns {Way}
   */
  way(number, choice, request, edits, before) {
    const groups = this.groups(choice);
    const [count, last] = [Math.max(...edits.map(({ step }) => step)) + 1, this.lead(request)];
    const between = Array.from({ length: count <= LED && !this.question.brief ? count - 1 : 0 }, (_, step) =>
      this.lead(this.with(edits.filter((edit) => edit.step <= step))));
    return {
      number,
      edits,
      count: groups.length || edits.filter(({ along }) => !along).length,
      groups,
      proved: choice.proved,
      lead_before: before,
      lead: last,
      leads: [before, ...between, last],
      rank: this.rank(request).ranks[this.target],
      sentence: this.told.way(edits, groups),
    };
  }

  /**
   * How far the strongest single change gets; null if none gets anywhere.
   * @param {number} lead
   * @param {boolean} proved
   * @returns {NearMiss | null}
   */
  nearMiss(lead, proved) {
    const everything = this.moves.main.map((_, j) => j);
    const strongest = this.seen ? strongestSingle(this.leavesNow(), everything) : this.described().strongest(everything);
    if (!strongest || !(lead < 0)) return null;
    const choice = { chosen: [strongest.move], amounts: [strongest.amount], proved: false, noSingle: false };
    const share = Math.min(Math.max(1 - strongest.lead / lead, 0), 0.99);
    const [group = null] = this.groups(choice);
    const edits = this.edits(choice, 2);
    return { edits, group, share, proved, sentence: this.told.near(edits, group, share, proved) };
  }
}
