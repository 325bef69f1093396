// The tab *Multi-label*: its store, and what the server answers.

interface Tabs {
  multilabel: LabelStore;
}

interface LabelState {
  added: string[]; // labels typed by the visitor
  gamma: number;
  by: "strength" | "first"; // what counts as found: what is at least as strong, or the `first` of the ranking
  strength: number;
  first: number;
  unseenOnly: boolean;
  label: string; // whose map is large
  several: boolean; // several labels hatched over each other, instead of the map of one
  overlaid: string[];
  area: string;
  filter: string; // of the list of all labels
  part: string | null; // the part of the model whose map of the label is large; null: all together
  stretch: boolean | null; // the large map on its own scale; null: if it is weak
  grey: boolean; // the photo under maps
  kin: Record<string, Kin>; // of labels typed by the visitor
  opacity: number;
  ranking: LabelRanking;
}

interface LabelStore extends Store<LabelState, LabelAnswers>, Opening {
  state: LabelState & { x: LabelFacts };
  truth(x: LabelFacts): string;
  explained(x: LabelFacts): void;
  rank(): Promise<void>;
  select(label: string, stretch?: boolean | null): Promise<void>;
  showPart(part: string | null): void;
  choose(label: string): void; // shows it alone, or lays it over the others
  setSeveral(several: boolean): void;
  outline(): Promise<void>;
  showSmall(): Promise<void>;
  add(name: string, fail: (sentence: string) => void): Promise<boolean>;
  remove(name: string): void;
  strength(score: number, seen: boolean): number; // of a score, or of what a place gives
  strengthOf(calibrated: number, seen: boolean): number;
  isSeen(name: string): boolean;
}

interface LabelFacts extends PhotoFacts {
  gamma: number;
  labels: { name: string; own: string; seen: boolean }[]; // own: the data set's name of it
  there: string[]; // what is known to be in the photo
  strength: { zero: number; seen: number; unseen: number }; // calibrated scores: of strength 0, and of 100 by whether it was trained on
  words: string;
  remark: string; // on what is not as usual in the model's system, "" if nothing is
  has_attention: boolean;
  tells: { photo: string[]; model: string[] }; // titles of what the model tells besides scores and maps
  parts: { name: string; title: string }[]; // whose sum a label's score is; none of most models
  ranking: LabelRanking;
  map: LabelMap;
}

interface LabelAnswers {
  rank: LabelRanking;
  add: { added: string[]; ranking: LabelRanking; map: LabelMap; kin: Kin };
  typed: { added: string[]; region_scores: number[][]; part_scores: number[][][] };
  map: LabelMap;
  thumbnails: { thumbnails: LabelThumbnail[] };
  outlines: Outlines;
  region: Region & { labels: { name: string; seen: boolean; score: number; height: number }[] };
  attention: { url: string; legend: Legend };
  insights: InsightsAnswer;
  download: any;
}

interface LabelRanking {
  labels: RankedLabel[];
  found: number;
  found_unseen: number;
  leading: { unseen: string[]; seen: string[] };
  small: string[]; // whose maps are drawn small, those never trained on first
  floor: number;
  ceiling: number;
  gamma: number;
  threshold: number | null; // null: the first ones of the ranking count as found
  unseen_threshold: number | null;
  first: number | null;
}
interface RankedLabel {
  index: number;
  name: string;
  seen: boolean;
  rank: number;
  score: number;
  calibrated: number;
  found: boolean;
  added: boolean;
}
interface LabelMap extends Scaling {
  name: string;
  seen: boolean;
  added: boolean;
  score: number;
  counted: number;
  part: string | null; // the part whose map it is; null: all together
  leads: number[]; // how much more each part gives to it than to the average label
  boxes: Box[];
  url: string;
  contours: Contours;
  where: string;
  legend: Legend | null; // of a map that is flat
}
interface LabelThumbnail extends Scaling {
  names: string[]; // whose maps are the same
  url: string;
}
interface Outlines {
  labels: { name: string; seen: boolean; colour: string; angle: number; path: string }[];
  area: string;
  width: number;
  height: number;
}
