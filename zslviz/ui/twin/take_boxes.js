// @ts-check
// Proofs that choices of moves cannot win, of cosine rules: the boxes of `what_would_it_take/leaves.py`, name by name.

/** @typedef {import("./take_leaves.js").Leaves} Leaves */
/** Amounts of k moves between two ends. @typedef {{ members: number[], low: number[], high: number[] }} Box */

const BOXES = 640;
const HALVINGS = 12;
const FIRST = 16; // rivals of a first look

export class Boxes {
  constructor(/** @type {Leaves} */ leaves) {
    this.leaves = leaves;
  }

  /** Whether it is proved that none of these choices wins, whatever their amounts. For cosine rules. */
  impossible(/** @type {number[][]} */ choices) {
    let boxes = choices.map((members) => this.wholeBox(members));
    for (let turn = 0; turn < HALVINGS; turn += 1) {
      boxes = boxes.filter((box) => this.open(box));
      if (!boxes.length) return true;
      if (boxes.length > BOXES || this.leaves.moves.whole) return false;
      const halves = boxes.map(({ members, low, high }) => {
        let [longest, most] = [0, -1];
        members.forEach((j, i) => {
          const size = Math.fround((high[i] - low[i]) * this.leaves.moves.costs[j]);
          if (size > most) [longest, most] = [i, size];
        });
        const middle = (low[longest] + high[longest]) / 2;
        const replaced = (/** @type {number[]} */ ends) => ends.map((end, i) => (i === longest ? middle : end));
        return [{ members, low, high: replaced(high) }, { members, low: replaced(low), high }];
      });
      boxes = [...halves.map(([one]) => one), ...halves.map(([, other]) => other)];
    }
    return false;
  }

  /** Whether a look at the whole box of a choice and some rivals does not rule it out. For cosine rules. */
  possible(/** @type {number[]} */ members) {
    return this.open(this.wholeBox(members), FIRST);
  }

  /**
   * @param {number[]} members
   * @returns {Box}
   */
  wholeBox(members) {
    return { members, low: members.map(() => (this.leaves.moves.whole ? 1 : 0)), high: members.map(() => 1) };
  }

  /**
   * Whether no rival, nor the mixture, is known to stay ahead all over a box: the hardest rivals first, at most so many.
   * @param {Box} box
   * @param {number} most
   */
  open({ members, low, high }, most = Infinity) {
    const { problem, norms, mixed, hardest } = this.leaves;
    const [granularities, count] = [problem.weights.length, members.length];
    const [short, long] = [new Float64Array(granularities), new Float64Array(granularities)]; // of 1 over the norms the ends
    for (let g = 0; g < granularities; g += 1) {
      let [least, most] = [problem.squares[g], problem.squares[g]];
      for (let i = 0; i < count; i += 1) {
        const [down, up] = norms.span(g, members[i], low[i], high[i]);
        least += down;
        most += up;
      }
      short[g] = norms.factor(g, most);
      long[g] = norms.factor(g, least);
    }
    // Where nothing need be changed, only rivals that are ahead now can stay ahead of all there is.
    const rivals = Math.min(low.some(Boolean) ? hardest.length : this.leaves.ahead, most);
    for (let place = mixed ? -1 : 0; place < rivals; place += 1) {
      const r = hardest[place];
      const added = place < 0 && mixed ? mixed.added : this.leaves.added(r);
      const fixed = place < 0 && mixed ? mixed.fixed : problem.fixed[r];
      const base = place < 0 && mixed ? mixed.base : problem.base.map((row) => row[r]);
      let beats = false;
      if (count < granularities) { // fewer corners of the amounts; at each, every norm takes the end that helps
        for (let corner = (1 << count) - 1; corner >= 0 && !beats; corner -= 1) {
          let lead = fixed;
          for (let g = 0; g < granularities; g += 1) {
            let product = base[g];
            for (let i = 0; i < count; i += 1) product += added[g][members[i]] * ((corner >> i) & 1 ? high[i] : low[i]);
            lead += product * (product > 0 ? long[g] : short[g]);
          }
          beats = lead >= problem.least;
        }
      } else {
        for (let corner = 0; corner < 1 << granularities && !beats; corner += 1) {
          let lead = fixed;
          for (let g = 0; g < granularities; g += 1) lead += ((corner >> g) & 1 ? long[g] : short[g]) * base[g];
          for (let i = 0; i < count; i += 1) {
            let slope = 0;
            for (let g = 0; g < granularities; g += 1) slope += ((corner >> g) & 1 ? long[g] : short[g]) * added[g][members[i]];
            lead += Math.max(slope * low[i], slope * high[i]);
          }
          beats = lead >= problem.least;
        }
      }
      if (!beats) return false;
    }
    return true;
  }
}
