// The tab *Compose*: its store, and what the server answers.

interface Tabs {
  compose: ComposeStore;
}

type Pair = [state: string, object: string];
type Multiples = "queries" | "states" | "objects" | "pairs";

interface ComposeState {
  added: { states: string[]; objects: string[] }; // words typed by the visitor
  openWorld: boolean;
  threshold: number;
  bias: number;
  before: boolean; // the matrix with the embedding before its refinement
  space: PairSpace; // heads of the matrix, and what is known of each pair whatever the photo
  ranking: PairRanking;
  pair: Pair; // whose maps are shown
  chosen: boolean; // by the visitor; else it is the winner of the ranking, whichever that is
  other: Pair | null; // the one to compare with; null: the best one besides it
  stretch: boolean | null; // maps on a scale of their own; null: those that are weak
  grey: boolean; // the photo under maps
  kin: Record<string, Kin>; // of words that were typed, by "state,WORD" or "object,WORD"
  multiples: Multiples;
  opacity: number;
}

// What a cell of the matrix looks like. share: of the heat's scale, in per cent; hot: so that marks on it are light.
type PairLook = "idle" | { seen: boolean; share: number; hot: boolean };

interface ComposeStore extends Store<ComposeState, ComposeAnswers>, Opening {
  state: ComposeState & { x: ComposeFacts };
  truth(x: ComposeFacts): string;
  explained(x: ComposeFacts): void;
  heat(table: HTMLTableElement, canvas: HTMLCanvasElement): { anew(): void; paint(looks: PairLook[][]): void };
  change(values: Partial<ComposeState>): void;
  refresh(): Promise<void>;
  select(pair: Pair): Promise<void>;
  compare(pair: Pair | null): Promise<void> | void;
  explainWinner(): Promise<void>;
  stretching(stretch: boolean): Promise<void>;
  showMultiples(kind: Multiples): Promise<void>;
  add(kind: "state" | "object", name: string, fail: (sentence: string) => void): Promise<boolean>;
  remove(kind: "states" | "objects", name: string): void;
  same(a: Pair | null, b: Pair | null): boolean;
  at(pair: Pair): [row: number, column: number]; // in the matrix; -1 where a word is not there
  ordinal(n: number): string;
}

interface ComposeFacts extends PhotoFacts {
  space: PairSpace;
  true: Pair | null;
  bias: number;
  threshold: number;
  biting: number; // a threshold at which one sees what it does
  moved: number;
  refining: import("../../twin/pairs.js").Refining | null; // what the model calls its two answers; null: it answers once
  remark: string; // on what is not as usual in its system, "" if nothing is
  tells: { photo: string[]; model: string[] }; // titles of what the model tells besides scores and maps
  counts: boolean; // whether it counts places, so that maps add up
  words: string;
  has_queries: boolean;
  has_familiarity: boolean;
  has_texts: boolean;
  stages: string[]; // of a model that adds up by them: "low", "high"
  ranking: PairRanking;
  pair: PairMaps;
}

interface ComposeAnswers {
  rank: { ranking: PairRanking; space?: PairSpace; pair: PairMaps };
  add: { states_added: string[]; objects_added: string[]; space: PairSpace; ranking: PairRanking; pair: PairMaps; kin: Kin };
  typed: { bundle: string };
  pair: PairMaps;
  multiples: SmallMaps;
  insights: InsightsAnswer;
  download: any;
}

interface PairSpace {
  states: Head[];
  objects: Head[];
  seen: number[][]; // [state][object], as the next two
  listed: number[][];
  feasibility: number[][];
}
// own: the data set's name of it.
interface Head {
  name: string;
  own: string;
  added: boolean;
}
interface PairRanking {
  scores: number[][];
  ranks: number[][]; // 0: does not compete
  other_ranks: number[][];
  pairs: RankedPair[];
  competing: number;
  competing_unseen: number;
  floor: number;
  ceiling: number;
  open_world: boolean;
  threshold: number;
  bias: number;
  before: boolean;
}
interface RankedPair {
  state: string;
  object: string;
  name: string;
  seen: boolean;
  rank: number;
  other_rank: number;
  score: number;
  biased: number;
  feasibility: number;
}
type TermOfPair = "places" | `${string} places` | "rest" | "logit" | "heads" | "familiarity" | "bias" | "score" | "before";
type Terms = Record<TermOfPair, number>;
type MapOfPair = "state" | "object" | "pair" | "evidence" | "other" | "difference" | `${string}-state` | `${string}-object`; // and a stage
interface PairMaps {
  pair: Pair;
  other: Pair | null;
  terms: Terms;
  other_terms: Terms | null;
  // missing if they are on the page
  maps?: Partial<Record<MapOfPair, string>>;
  same: Partial<Record<MapOfPair, MapOfPair[]>>; // what else a map shows: those are the same picture
  contours: Partial<Record<MapOfPair, Contours>>;
  where: Partial<Record<MapOfPair, string>>;
  legends: Partial<Record<string, Legend | null>>; // null: there is nothing but zeros
  scaling: { attention?: Scaling; evidence?: Scaling };
}
interface SmallMaps {
  kind: Multiples;
  maps: { things: { name: string; key: string[] }[]; url: string }[]; // those of one picture together
  legend: Legend;
}
