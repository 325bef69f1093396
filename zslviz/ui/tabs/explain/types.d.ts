// The tab *Explain & edit*: its store, and what the server answers.

interface Tabs {
  explain: ExplainStore;
}

type Edits = Record<string, number>; // by attribute

// A class that was made up. told: what it is made of. of: what it can be made of anew, where that is known.
interface Invented {
  name: string;
  values: number[]; // [A], from 0 to 1
  fewShot: boolean; // photos of it were seen
  told: string;
  chips: InventedChip[];
  words?: SaidWord[]; // of the sentence that describes it
  parts?: { base: number | null; parts: InventedPart[] };
}
type InventedPart = [group: string, giver: number, share: number];
// What of a class's description was said, with a value that can be changed; of a class that gives values, null.
interface InventedChip {
  text: string;
  said: string;
  attributes: number[];
  value: number | null;
}
interface SaidWord {
  text: string;
  status: "understood" | "joins" | "unknown" | "between";
  what: string;
}
type Edited = Pick<ExplainState, "image" | "classes" | "invented">;

interface ExplainState {
  attribute: number; // whose maps are shown
  kind: string; // of maps: one of the offers
  opacity: number;
  view: MapView;
  image: Edits; // what the model is to have seen
  classes: Record<string, Edits>; // by class: what it is said to look like
  invented: Invented[]; // classes that were made up, which come after the model's own
  gamma: number;
  unseenOnly: boolean;
  who: "image" | number; // what the editor edits: the photo, or a class
  why: number | null; // the class asked about; null: the first of the ranking
  held: Held | null; // the slider that is held
  cause: Cause | null; // the last edit, if it was one
  news: string; // what became of the edits when the photo changed
  away: Map<number, string>; // how many edits away classes are, in words, as far as it is known
  listed: RankedClass[]; // all classes that compete, once they have been shown
  compared: string; // the model that is compared with, "" while nothing is
  ranking: ClassRanking;
  decimals: number; // of scores
  hardly: { model: string; attributes: Set<number> } | null; // attributes that a model hardly reads, once that was asked
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
  editAll(edits: Record<string, number | null>, who?: "image" | number): void; // as one step; null takes an edit back
  resetEdits(): void;
  invent(invented: Invented[], key?: string, gone?: number): void;
  called(text: string): string; // a class
  classOptions(classes?: { name: string; seen: boolean }[]): HTMLOptionElement[]; // by name; values: where they stand among all
  save(name: string, text: string, type?: string): void; // a file
  joined(invented: Invented[]): void; // before anything is drawn: they are the last ones of the classes
  original(who: "image" | number, attribute: number): number | null; // before any edit; null: of a class that has not been told yet
  value(who: "image" | number, attribute: number): number | null; // with the edits
  knows(answer: ExplainAnswers["class_values"]): void;
  hold(who: "image" | number, attribute: number, pointer: boolean): void;
  release(): void;
  giveBack(): void; // as it was before it was held
  leadOver(who: "image" | number): number | null; // of the first class, over one that is not far down
  history: Steps;
  keeping: KeptEdits;
  places(element: HTMLElement, stack: () => HTMLElement): { begin(): void }; // stack: the photo that is shown now
  taking: {
    (question: import("../../twin/what_would_it_take.js").Question): Promise<TakeAnswer | null>;
    begin(): Promise<void>; // the worker is loaded, so that it is there without network
  };
  films(element: HTMLElement): { forget(): void };
  level(name: string): string; // what the page calls a granularity
  scored(value: number, signed?: boolean): string; // a score, or a part of one, with as many decimals as the model's scores need
  marked(sentence: Sentence, mark?: (part: Sentence["parts"][0]) => HTMLElement): (string | HTMLElement)[];
  coloured(part: Sentence["parts"][0]): HTMLElement;
  // What edits do to the test photos of the model in sight. whole: where the page works it out. null where nothing is known of them.
  testPhotos: { retest(says: (sentence: string) => void): Promise<{ found: Retest; whole: WholeSet | null; edits: object } | null> };
  brush(stack: HTMLElement, how: {
    region(): Region4 | null; // what is covered now
    draws(region: Region4): void; // while it is chosen
    done(): void; // it is chosen
    says(text: string): void;
  }): { show(region: Region4 | null): void };
  comparing: {
    compare(model: string, fail: (sentence: string) => void): Promise<{ answer: ComparisonAnswer; facts: ExplainFacts } | null>;
    beside(model: string, attribute: number, kind: string | null, fail: (sentence: string) => void): Promise<{ answer: BesideAnswer; facts: ExplainFacts } | null>;
  };
  // Draws into a panel what two models make of all test photos; pair: with which model, null while it is not known.
  testing(element: HTMLElement, pair: () => { other: string } | null): { stale(): void };
  tug(box: HTMLElement): {
    draw(way: TakeAnswer["ways"][0], target: number, name: string, steps: { words: string; made: boolean }[]): void;
    hide(): void;
  };
  limits(panel: HTMLElement, changed: () => void): {
    keep(what: number | string): void; // an attribute, or a whole part
    asked(): { locked: number[]; ranges: Record<number, [number, number]> };
    begin(): void;
  };
  ruleWords(rule: ExplainFacts["rule"]): string;
  ruleFigure(element: HTMLElement): (described: number[]) => void; // described: the values of the class that is edited, before any edit
  row(attribute: number, who: () => "image" | number): EditRow; // who is edited in it
  lines(list: HTMLElement, settle?: () => void): { draw(classes: RankedClass[], ranking: ClassRanking): void; forget(): void };
}

interface EditRow {
  a: number;
  node: HTMLElement;
  name: HTMLElement;
  control: HTMLElement;
  slider: HTMLInputElement;
  edited(): number | undefined;
  draw(described: string): boolean;
  drawPull(): void;
  tip(side: "below" | "above", tip: Tip | null): void;
}

interface Held {
  who: "image" | number;
  attribute: number;
  pointer: boolean; // by a pointer, which may turn out to scroll
  pair: { why: number; rival: number }; // the classes that are compared meanwhile
  lead: number; // of the first of them when it was taken hold of
  mark: number; // in the history
  moved: boolean;
  before: Edited;
}
// An edit and the ranking before it. key: "" of all edits off. from: the value before, null if it is not known.
interface Cause {
  key: string;
  who: "image" | number;
  attribute: number;
  from: number | null;
  gesture: number;
  first: string;
  lead: number | null; // of the first class over the next one; null if there is no other
  over: number | null; // of the first class over the one that is edited; null of the photo, the first class, and one far down
}
interface KeptEdits {
  keep(state: Edited & { x: ExplainFacts | null }): void;
  // Those that hold for x when it takes the place of what is shown. same: whether attributes and classes are the ones shown.
  of(x: ExplainFacts, state: Edited & { x: ExplainFacts | null }):
    Edited & { count: number; same: boolean; news: string };
}

interface ExplainFacts extends PhotoFacts {
  gamma: number;
  rule: "dot" | "cosine" | "binary" | "table";
  true_class: number | null;
  space: string;
  classes: { name: string; seen: boolean }[]; // those that were made up the last ones
  own: { name: string; seen: boolean }[]; // the model's
  attributes: string[];
  groups: string[];
  values: number[];
  has_parts: boolean;
  geometry: import("../../twin/maps.js").Geometry; // how maps lie over the photo
  offers: Offer[]; // kinds of maps of an attribute, the one to show first at the front
  tells: { photo: string[]; model: string[] }; // titles of what the model tells besides scores and maps
  unlike: string; // that the photo looks like nothing the model was shown, in words, "" where it does not
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
  hardly_read: { attributes: number[]; text: string }; // attributes hardly better read than by chance; of those that were asked for
  what_ifs: { what_ifs: WhatIf[] };
  tipping: { below: Tip | null; above: Tip | null };
  class_values: { class: number; values: number[] };
  take: TakeAnswer;
  compare: ComparisonAnswer;
  beside: BesideAnswer;
  on_tests: OnTestsAnswer;
  by_parts: MadeClass;
  by_photos: MadeClass;
  blank: MadeClass;
  most_like: { index: number; distance: number };
  invented_csv: { text: string };
  by_words: { name: string; made: MadeClass; words: SaidWord[]; chips: InventedChip[] };
  by_table: { made: (MadeClass & { name: string })[] };
  tested: { address: string | null };
  whole_set: WholeSet;
  retest: Retest;
  whole_curve: Curve;
  maps: AttributeMaps;
  thumbnails: AttributeThumbnails;
  region: Region & { end: number; attributes: { attribute: number; counted: number }[] };
  parts: { rows: { name: string; maps: number[][] }[]; grid: [rows: number, columns: number]; end: number };
  how_read: { text: string }; // how well an attribute is read at all, "" of a model that does not tell
  promise: { region: Region4; scores: number[] };
  deciding: { promise: { region: Region4; scores: number[] } | null; sentence: string };
  tried: Tried;
  prove: { region: Region4; scores: number[] };
  look_again: { scores: number[][] }; // of each look, [G x A]
  wobbled: import("../../twin/wobble.js").Wobbled;
  film: { frames: { share: number; url: string; value: number; first: number; name: string }[] };
  untrained: { maps: AttributeMaps; name: string };
  apart: ReturnType<typeof import("../../twin/apart.js").apartAnswer>;
  insights: ReturnType<typeof import("../../twin/insights.js").insightsAnswer>;
  model_card: {
    title: string; about: string; gamma: number | null; maps: string; data: string; terms: string; citation: string; made: string;
    figures: { name: string; says: string; value: number; interval: [number, number] | null }[];
    worst: { name: string; seen: boolean; right: number; photos: number }[];
    reliable: { low: number; high: number; seen: [photos: number, right: number]; unseen: [photos: number, right: number] }[]; // by lead
    read: { says: string; attributes: { name: string; areas: ReadOn[] }[] } | null; // never trained on, trained on; the worst read first
  };
  download: any;
}

// How well an attribute is read on photos of some classes: null where nothing can be told.
interface ReadOn {
  auc: number | null;
  with: number;
  photos: number;
}

interface MadeClass {
  values: number[];
  told: string;
  few_shot: boolean;
}

// A place of the photo: left, top, right, bottom as fractions of its sides.
type Region4 = [x0: number, y0: number, x1: number, y1: number];
// What is said of a place without which the map promises something, and of the network's proof.
interface Outcome {
  value: number;
  before: number;
  first: number;
  sentence: Sentence;
}
type Tried = { promise: Outcome; proof: null } & { kept?: undefined; sentence?: undefined }
  | { promise: Outcome; proof: Outcome; kept: boolean; same_class: boolean; same_value: boolean; sentence: Sentence };
// One try: scores as promised and as proved. asked: the network is running; failed: why it gave no answer.
interface Try {
  region: Region4;
  promise: number[] | null;
  proof: number[] | null;
  told: Tried | null;
  asked?: boolean;
  failed?: string;
}

// Two models on one photo, and over all test photos.
type ComparisonAnswer = ReturnType<typeof import("../../twin/comparing.js").comparisonAnswer>;
type BesideAnswer = ReturnType<typeof import("../../twin/comparing.js").mapsBeside>;
interface Interval {
  estimate: number;
  low: number;
  high: number;
}
type Who<T> = Record<"both" | "only_one" | "only_other" | "neither", T>;
interface OnTestsAnswer {
  names: string[];
  sentences: string[];
  kinds: { kind: "seen" | "unseen"; photos: number; classes: number; counts: Who<number>; shares: Who<Interval>; difference: Interval }[];
  classes: (Who<number> & { index: number; name: string; seen: boolean })[];
  photos: { labels: number[]; leads: [number[], number[]]; who: number[] }; // leads: of the true class over the best other one
}

// What it would take for a class to be first.
type TakeAnswer = import("../../twin/what_would_it_take.js").Answer;
type TakeEdit = import("../../twin/take_told.js").Edit;

// The whole test set after edits. In words, called: how many are called the class that was asked about; may_be: what the photo in sight
// may be.
type WholeSet = import("../../twin/whole_set.js").WholeSet;
type Figures = import("../../twin/whole_set.js").Figures;
type Curve = ReturnType<WholeSet["curve"]>;
type Retest = import("../../twin/whole_set.js").Retest & { called: Sentence; may_be: Sentence };

interface ClassRanking {
  classes: RankedClass[];
  competing: number;
  floor: number;
  ceiling: number;
  edited: boolean;
  gamma: number;
  alone: number | null; // the class that would be first without the handicap, where that decides
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
  absent: number[]; // attributes that count by not being there
  sources: { places: number; rest: number; edits: number; called: string } | null; // of the margin without the handicap
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
  amounts: string; // of less and more, from where to where; else ""
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
// Numbers of maps are of the value that they add to (0 absent, 1 fully there), of attention shares; values are rows of a map, one
// after the other, that `mapcard.paint` draws.
interface AttributeMaps {
  attribute: number;
  kind: string;
  visible: boolean; // whether a photo can show it: no map is drawn of one that it cannot
  absent: boolean; // it is called "not hunter"
  value: number;
  places: number | null; // what of the value comes from places, and from none; null of maps that are not exact
  rest: number | null;
  equation: string; // that in words
  held: string; // what was held as in this photo so that it adds up, in a sentence; "" if nothing
  says: string[]; // what one has to know before one reads the map, in sentences
  grid: [rows: number, columns: number];
  end: number; // of the photo's one scale; 0 if all its maps are empty
  special_end: number;
  layers: MapLayer[]; // all granularities together, then, of several, each
  special: MapLayer & { says: string }; // how it differs from where this photo's attributes are counted on average
  common: { count: number; of: number } | null; // so many are strongest at this one's place, where that is most of them
}
interface MapLayer {
  name: string;
  share: number | null; // how much of the map of all together it is; null of that itself
  counted: boolean; // whether it counts for the ranking
  values: number[];
  places: number; // their sum
  reach: number; // of its strongest place on the photo's one scale
  weak: boolean; // almost nothing
  where: string; // it is strongest, in words; "" of an empty map
}
// How a map is drawn. layer: of `layers`, or "special".
interface MapView {
  layer: number | "special";
  stretched: boolean; // to its own scale
  smooth: boolean;
  grey: boolean; // the photo under it
}
interface AttributeThumbnails {
  kind: string;
  grid: [rows: number, columns: number];
  end: number;
  thumbnails: { attribute: number; absent: boolean; values: number[]; weak: boolean }[];
}
