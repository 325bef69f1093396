// The tab *Explain & edit*: its store, and what the server answers.

interface Tabs {
  explain: ExplainStore;
}

type Edits = Record<string, number>; // by attribute

interface ExplainState {
  attribute: number; // whose maps are shown
  kind: string; // of maps: one of the offers
  opacity: number;
  image: Edits; // what the model is to have seen
  classes: Record<string, Edits>; // by class: what it is said to look like
  gamma: number;
  unseenOnly: boolean;
  why: number | null; // the class asked about; null: the first of the ranking
  ranking: ClassRanking;
}

interface ExplainStore extends Store<ExplainState, ExplainAnswers>, Opening {
  state: ExplainState & { x: ExplainFacts };
  truth(x: ExplainFacts): string;
  prepare(x: ExplainFacts): Promise<void>;
  explained(x: ExplainFacts): void;
  rank(): Promise<void>;
  select(attribute: number, kind?: string): Promise<void>;
  edited(): boolean;
  edit(who: "image" | number, attribute: number, value: number | null): void; // null takes the edit back
  resetEdits(): void;
  history: Steps;
}

interface ExplainFacts extends PhotoFacts {
  gamma: number;
  true_class: number | null;
  space: string;
  classes: { name: string; seen: boolean }[];
  attributes: string[];
  groups: string[];
  values: number[];
  has_parts: boolean;
  offers: Offer[]; // kinds of maps of an attribute, the one to show first at the front
  maps_worth: string; // what the model's maps have been measured to be worth, "" if nothing
  strongest: number[];
  ranking: ClassRanking;
  described: ExplainAnswers["class_values"]; // of the first class
  maps: AttributeMaps | null; // null of a model without maps
  thumbnails: AttributeThumbnails | null;
}

interface ExplainAnswers {
  rank: ClassRanking;
  class_values: { class: number; values: number[] };
  maps: AttributeMaps;
  thumbnails: AttributeThumbnails;
  region: Region & { attributes: { attribute: number; above_average: number }[] };
  parts: { rows: { name: string; maps: string[] }[] };
  download: any;
}

interface ClassRanking {
  classes: RankedClass[];
  competing: number;
  floor: number;
  ceiling: number;
  edited: boolean;
  gamma: number;
  why: Why;
}
interface RankedClass {
  index: number;
  name: string;
  seen: boolean;
  rank: number;
  score: number;
  probability: number;
  before: number;
  rank_before: number;
  true: boolean;
}
interface Why {
  class: number;
  rival: number;
  class_name: string;
  rival_name: string;
  margin: number;
  calibration: number;
  terms: { attribute: number; term: number }[];
  others: number;
  other_count: number;
  pull: number[];
}
interface AttributeMaps {
  attribute: number;
  kind: string;
  maps: { name: string; url: string; share: number | null }[]; // share of the last one, which is of all; null of that itself
  legend: Legend;
}
interface AttributeThumbnails {
  kind: string;
  thumbnails: { attribute: number; url: string }[];
}
