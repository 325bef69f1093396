// @ts-check
// What would it take for a class to be first: the twin of `what_would_it_take/asking.py` for what the model would have to have seen.
import { rank } from "./answers.js";
import { FewestSearch } from "./take_fewest.js";
import { gammaAlone } from "./take_gamma.js";
import { leastChange } from "./take_least.js";
import { fallingFirst, Leaves } from "./take_leaves.js";
import { exclusiveGroups, partMoves, roomOf, singleMoves } from "./take_moves.js";
import { Problem } from "./take_problem.js";
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
 * What is asked. locked: attributes that stay, by number. ranges: ends that attributes must keep to. ways: how many, 5 at most.
 * @typedef {{
 *   target: number, character?: "fewest" | "least" | "gentlest", by?: "attributes" | "parts", locked?: number[],
 *   ranges?: Record<number, [number, number]>, ways?: number,
 * }} Question
 */
/**
 * Edits after which the class is first; proved: that nothing smaller does it.
 * @typedef {{
 *   number: number, edits: Edit[], count: number, groups: string[], proved: boolean, lead_before: number, lead: number, rank: number,
 *   sentence: Sentence,
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
    const { target, by = "attributes", locked = [], ranges = {} } = question;
    this.x = x;
    this.question = question;
    this.request = request;
    this.target = target;
    this.problem = new Problem(x, request, target);
    this.ranked = { request, ranking: this.problem.ranking }; // the request that was ranked last, and how
    /** @type {Leaves | null} */
    this.leaves = null;
    const { space, values, spread } = this.problem;
    this.told = new Told(space, target, "photo", by);
    const room = roomOf(values, box(x), locked, ranges);
    if (by === "parts") {
      const width = space.attributes.length;
      const goal = Float64Array.from(space.table.subarray(target * width, (target + 1) * width));
      this.moves = partMoves(space, values, goal, room, spread);
    } else this.moves = singleMoves(space, room, spread, exclusiveGroups(x.space));
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
    found.handicap = gammaAlone(this.x, this.request, target);
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
        found.sentence = this.told.nothing(found.blocking, next.proved);
        break;
      }
      used.push(next.choice);
      found.ways.push(this.way(used.length, next.choice, next.request, next.edits, lead));
    }
    if (found.ways.length) found.sentence = found.ways[0].sentence;
    if (this.fewest && (!found.ways.length || found.ways[0].count > 1)) {
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
    if (!this.fewest) {
      used.forEach(({ chosen, amounts }, i) => { // this search knows no groups
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
    const leaves = this.leavesNow();
    const { character } = this.question;
    if (character === "least" || character === "gentlest") return leastChange(leaves, allowed, character);
    const found = new FewestSearch(leaves, allowed, earlier).run();
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
    const { moves, problem: { values } } = this;
    const change = moves.change(choice.chosen, choice.amounts);
    const changed = [...change.keys()].filter((a) => change[a]);
    const own = (/** @type {number} */ j) => moves.changes[j].steps[0] * change[moves.main[j]] > 0; // else others lower it by more
    const named = new Set(moves.whole ? changed : choice.chosen.filter(own).map((j) => moves.main[j]));
    const size = (/** @type {number} */ a) => Math.fround(Math.abs(change[a]) / moves.spread[a]);
    changed.sort((p, q) => Number(!named.has(p)) - Number(!named.has(q)) || size(q) - size(p) || p - q);
    return changed.map((a) => {
      const [before, up] = [values[a], change[a] > 0];
      let value = before + change[a];
      if (decimals !== null && !moves.whole) {
        const scale = 10 ** decimals;
        value = (up ? Math.ceil(value * scale - 1e-6) : Math.floor(value * scale + 1e-6)) / scale + 0;
        value = up ? Math.min(value, before + moves.room.highest[a]) : Math.max(value, before + moves.room.lowest[a]);
      }
      return { attribute: a, before, value, along: !named.has(a) };
    });
  }

  /** The edits in the roundest numbers after which the ranking has the class first. */
  confirmed(/** @type {Choice} */ choice) {
    for (const decimals of this.fewest ? [2, 3, 4, null] : [4, 5, null]) {
      const edits = this.edits(choice, decimals);
      const values = Object.fromEntries(edits.map(({ attribute, value }) => [attribute, value]));
      const request = { ...this.request, image_edits: { ...this.request.image_edits, ...values } };
      if (this.rank(request).ranks[this.target] === 1 && this.lead(request) > 0) return { request, edits };
    }
    return null;
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
    return {
      number,
      edits,
      count: groups.length || edits.filter(({ along }) => !along).length,
      groups,
      proved: choice.proved,
      lead_before: before,
      lead: this.lead(request),
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
    const strongest = strongestSingle(this.leavesNow(), this.moves.main.map((_, j) => j));
    if (!strongest || !(lead < 0)) return null;
    const choice = { chosen: [strongest.move], amounts: [strongest.amount], proved: false, noSingle: false };
    const share = Math.min(Math.max(1 - strongest.lead / lead, 0), 0.99);
    const [group = null] = this.groups(choice);
    const edits = this.edits(choice, 2);
    return { edits, group, share, proved, sentence: this.told.near(edits, group, share, proved) };
  }
}
