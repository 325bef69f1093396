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
  who: "image" | number; // what the editor edits: the photo, or a class
  why: number | null; // the class asked about; null: the first of the ranking
  held: Held | null; // the slider that is held
  cause: Cause | null; // the last edit, if it was one
  news: string; // what became of the edits when the photo changed
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
  original(who: "image" | number, attribute: number): number | null; // before any edit; null: of a class that has not been told yet
  value(who: "image" | number, attribute: number): number | null; // with the edits
  knows(answer: ExplainAnswers["class_values"]): void;
  hold(who: "image" | number, attribute: number, pointer: boolean): void;
  release(): void;
  giveBack(): void; // as it was before it was held
  history: Steps;
  keeping: KeptEdits;
}

interface Held {
  who: "image" | number;
  attribute: number;
  pointer: boolean; // by a pointer, which may turn out to scroll
  pair: { why: number; rival: number }; // the classes that are compared meanwhile
  lead: number; // of the first of them when it was taken hold of
  mark: number; // in the history
  moved: boolean;
  before: Pick<ExplainState, "image" | "classes">;
}
// An edit and the ranking before it. key: "" of all edits off. from: the value before, null if it is not known.
interface Cause {
  key: string;
  who: "image" | number;
  attribute: number;
  from: number | null;
  at: number;
  first: string;
  lead: number | null; // of the first class over the next one; null if there is no other
}
interface KeptEdits {
  keep(state: Pick<ExplainState, "image" | "classes"> & { x: ExplainFacts | null }): void;
  // Those that hold for x when it takes the place of what is shown. same: whether attributes and classes are the ones shown.
  of(x: ExplainFacts, state: Pick<ExplainState, "image" | "classes"> & { x: ExplainFacts | null }):
    Pick<ExplainState, "image" | "classes"> & { count: number; same: boolean; news: string };
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
  said: Sentence;
  what_ifs: { what_ifs: WhatIf[] };
  tipping: { below: Tip | null; above: Tip | null };
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
interface Sentence {
  text: string;
  parts: { kind: "text" | "class" | "attribute" | "number"; text: string; index: number | null; value: number | null }[];
}
interface WhatIf {
  attribute: number;
  value: number;
  before: number;
  move: string;
  steps: number;
  winner: number;
  lead: number;
  changes: boolean;
}
interface Tip {
  value: number;
  rival: number;
  bound: string;
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
