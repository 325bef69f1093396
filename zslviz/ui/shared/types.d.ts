// What the scripts of all tabs share. Types alone: `tsc` reads them (make javascript), the page does not.

interface Window {
  zslviz: Zslviz;
}
declare const zslviz: Zslviz;

interface Zslviz {
  panels: Record<string, Panel<any>>; // by TAB/NAME, or NAME of one that tabs share
  tabs: Tabs; // the stores
  mount(tab: keyof Tabs, name: string, element: HTMLElement): boolean;
  begin(begun: Begun): void;
  rest(): Promise<void>; // brings what is not needed at first sight: ends when all of it is drawn
  fetchRest(rest: NonNullable<Begun["rest"]>): Promise<void>;
  take(tab: keyof Tabs, name: string, place: HTMLElement, server: Server): void; // gradio has a place for a panel, and a server
  begun: Begun["tabs"];
  store<S extends object, A>(name: string, state: S, question: (state: S) => object): Store<S, A> & Opening;
  gesture(): number; // which one is under way, or was the last
  history<T>(read: () => T, write: (remembered: T) => void): Steps;
  connection: Connection;
  modules: string; // the address of the modules in `twin/`
  inside: Record<string, string> | null; // of a report, which has no server: gzipped, as data URLs, what pages fetch by these addresses
  bundles: Bundles;
  living<S extends Store<any, any>>(store: S, how: Living<S>): void;
  draw: Draw;
  mapcard: MapCard;
  codec: Codec;
  colours: { tool(): HTMLButtonElement };
  hiding: { parts(): Link["parts"] };
  link: Link;
  share: { place(): void; settle(): void }; // settle: another tab is open
  roving(list: HTMLElement, selector: string): () => void;
  tell: Tell;
  terms: Record<string, { word: string; field: string; says: string }>; // what words of the page mean, by their keys
  explainTerms(panel: HTMLElement): void; // its "?" are put in order
  insights: Insights;
  skips(): void; // a part has come: there is a link to it
  sliding(slider: HTMLInputElement, change: (value: number) => void, tapped?: () => void): void;
  fold(store: Pick<Store<any, any>, "during">, details: HTMLDetailsElement, draw: () => void): Fold;
  incoming: { // photos that are dropped or pasted; tell: one sentence to the visitor
    (card: HTMLElement, take: (photo: File) => void, tell: (sentence: string) => void): void;
    fitting(photo: File, tell: (sentence: string) => void): Promise<File>; // no larger than the server accepts
  };
  menu(select: HTMLSelectElement): void; // its text wraps
  unpainted: (() => void)[] | null; // what waits until the page is shown; null if it is
  afterPaint(work: () => void): void;
  showing(shown: boolean): void;
  afterwards(store: Pick<Store<any, any>, "during">, work: () => unknown): void;
  behind(store: Pick<Store<any, any>, "during">, work: () => void | Promise<void>): () => void;
  addWords(form: HTMLElement, said: HTMLElement, words: Words): { input: HTMLInputElement; hint(): void };
}

// Each tab adds its store, in its own types.d.ts.
interface Tabs {}

// A panel draws a store, and knows of no server: the same panels draw what no server answers.
type Panel<S> = (element: HTMLElement, store: S) => void;

// What answers questions, by their names: gradio, on the page.
type Server = Record<string, (payload: object) => Promise<any>>;

// S: what the visitor has chosen. A: what the server answers, by question. x is there before anything can be asked.
interface Store<S, A> {
  name: string;
  living?: Living<any>;
  servers: Server[];
  served: Promise<true>; // resolved once there are servers for all of its questions
  serve(): void;
  here: { [Q in keyof A]?: (payload: any) => A[Q] }; // what the browser answers by itself, by question
  shown(): boolean;
  examples: ExampleFacts[];
  models: ModelFacts[]; // of its task: those with bundles, then all that are there
  offered: boolean; // whether they are all
  state: S & { x: any };
  on(event: string, listener: (detail: any) => void): void;
  emit(event: string, detail?: unknown): void;
  late(work: () => void): void; // what it listens for, it is told as others were before
  more(added: Pick<Living<Store<S, A>>, "modules" | "answers">): void; // what answers besides `living`
  grown?: Promise<void>; // that it does, of what was on the page
  call(what: string, payload: object, wanted?: () => boolean): Promise<any>;
  renewed(x: any): Promise<boolean>;
  renew(x: any): Promise<boolean>;
  send?(file: File): Promise<string>; // where the server has put a photo; "" if it does not take it
  open(source: PhotoSource & { model: string }): Promise<void>; // has a photo explained, as if it had been chosen
  ask<Q extends keyof A & string>(what: Q, extra?: object, fail?: (sentence: string) => void): Promise<A[Q] | null>;
  latest<Q extends keyof A & string>(what: Q, extra?: object, fail?: (sentence: string) => void): Promise<A[Q] | null>;
  during<T>(work: () => Promise<T>): Promise<T>;
  coalesced(work: () => Promise<void>): () => Promise<void>;
  idle(): boolean;
  download(what: string, extra?: object): Promise<void>;
  notice(sentence: string): void;
}

// What a tab adds to its store.
type Methods<S> = Omit<S, keyof Store<any, any>>;

// What a tab tells the photo's panel.
interface Opening {
  // What makes of a bundle what the server tells of a photo: a module with `facts`, and what the browser's own answers add to them.
  opens?: { facts: string; pictures?(x: any, here: any): object };
  groups: ExampleGroup[] | ((examples: ExampleFacts[]) => ExampleGroup[]);
  truth(x: any): string;
  prepare?(x: any): Promise<void>; // before it is shown: makes x say what the visitor's choices make of it
  explained(x: any): void;
}

// look, words: of the group, or of each of its examples.
type ExampleGroup = [
  belongs: (example: ExampleFacts) => boolean, look: string | ((example: ExampleFacts) => string), heading: string,
  words: string | ((example: ExampleFacts) => string),
];

interface Connection {
  away(): boolean;
  lost(): Promise<boolean>; // after a call without an answer: false if the server is there; true once it is there again
  look(): void; // now and then, while nothing is asked
  watch(listener: () => void): void; // told when `away` changes
}

interface Bundles {
  module(name: string): Promise<any>;
  worker(name: string): Worker; // of a module that is one, without its ".js"
  open(store: Store<any, any> & Opening, example: ExampleFacts): Promise<any>; // what is told of an example, null if it cannot be had
  parts(x: PhotoFacts): BundleParts | null; // the bytes that it was read from, null if it was not or is one of the older ones
  here(x: PhotoFacts): any; // what answers about an example that came so, null of other photos
  read<M, X>(store: Store<any, any>, x: PhotoFacts, readers: BundleReaders<M, X>): Promise<X | null>; // null if it cannot be had
}
// modules: of `twin/`, the one first that reads bundles. answers: what the others make of what it read. again: asks for what is on the
// page anew. typed: words of the visitor's own, where models take them: whether they are in what was read, and how they join it.
interface Living<S extends Store<any, any>> {
  modules: string[];
  answers(explanation: any, ...modules: any[]): S["here"];
  again(): Promise<void>;
  typed?: { has(explanation: any, state: S["state"]): boolean; read(explanation: any, answer: any, reader: any): any };
}
interface BundleParts {
  model: ArrayBuffer;
  photo: ArrayBuffer;
}
interface BundleReaders<M, X> {
  readModel(content: ArrayBuffer): M;
  readPhoto(content: ArrayBuffer, model: M): X;
}

// What the page begins with, by tab: the models and examples that need no network.
interface Begun {
  inside?: Record<string, string>;
  tabs: Record<string, { models: ModelFacts[]; examples: ExampleFacts[]; alone?: boolean }>; // alone: can be one file
  modules: string;
  rest?: { address: string; modules: string[] } | null; // what comes later: its scripts, its styles, modules; null where all is there
}

interface Steps {
  remember(key?: string): void;
  undo(): void;
  redo(): void;
  mark(): number;
  cut(mark: number): void;
  canUndo(): boolean;
  canRedo(): boolean;
  clear(): void;
}

// -- what a model tells besides scores and maps --------------------------------------------------------------------------------

type InsightsAnswer = ReturnType<typeof import("../twin/insights_told.js").toldAnswer>;

// Of rows that are of attributes: their names, what a click on one does, and which one is asked about; and what other rows are called.
interface Choosing {
  name(index: number): string;
  choose?(index: number): void;
  chosen?(): number;
  called?(name: string): string;
}

interface Insights {
  figures(
    table: HTMLElement, title: string, rows: import("../twin/insights_told.js").Row[], columns: string[], ends: [low: number, high: number],
    signed: boolean, plain?: boolean, decimals?: number, choosing?: Choosing,
  ): void;
  // A fold with what is told. more: what a tab draws in it besides; false where that is of another photo by now.
  panel(element: HTMLElement, store: Store<any, any>, of: "photo" | "model", choosing?: Choosing, more?: (() => Promise<boolean>) | null): Fold;
}

// -- what the server tells of every photo --------------------------------------------------------------------------------

interface PhotoFacts {
  handle: string;
  model: string;
  model_title: string;
  data: string;
  timing: { backbone_ms: number; total_ms: number } | null; // null of an example that was explained before
  device: string;
  backbone: string;
  photo: string;
  width: number;
  height: number;
  title: string;
  example: string | null;
  bundle: string | null; // the digest of the model's part; null where there is none
  note: string;
  source?: PhotoSource; // what it was asked for with
}
interface PhotoSource {
  example?: string; // its file
  upload?: string; // where the server has put a photo of one's own
  file?: string; // its name
}
interface ExampleFacts {
  file: string;
  title: string;
  kind: string;
  space: string;
  note: string;
  picture: string;
  credit: Credit | null;
  link: string; // what links call it
  path: string; // below the shipped examples; "" of one's own
  bundle: { model: string; digest: string; photo: string } | null; // of what is told of it
  seen?: boolean | null;
  heading?: string;
}
// Whose picture it is; addresses are "" where there is none.
interface Credit {
  shows: string;
  author: string;
  licence: string;
  licence_link: string;
  changes: string;
  source: string;
}
interface ModelFacts {
  name: string;
  title: string;
  data: string;
  look: string; // what is special to look at, a sentence; "" where nothing is
}
type Box = [left: number, top: number, right: number, bottom: number]; // fractions of the photo's sides
interface Region {
  row: number;
  column: number;
  grid: [rows: number, columns: number];
  box: Box;
}
interface Offer {
  name: string; // of a kind of map
  of: string;
  title: string;
  hint: string;
  exact: boolean;
  signed: boolean;
  held?: string; // of exact ones, what besides attention was held as in this photo
  rest?: string; // and what the part that comes from no place is called
}
interface Legend {
  gradient: string;
  ticks: [low: number, middle: number, high: number];
}

// -- things to draw with -------------------------------------------------------------------------------------------------

type Part = Node | string;

interface Draw {
  finder(root: HTMLElement): {
    (selector: string): HTMLElement;
    <K extends keyof HTMLElementTagNameMap>(selector: string, tag: K): HTMLElementTagNameMap[K];
  };
  element<K extends keyof HTMLElementTagNameMap>(tag: K, properties?: object, ...children: Part[]): HTMLElementTagNameMap[K];
  write(node: HTMLElement, text: string): void;
  label(node: HTMLElement, text: string): void;
  style(node: HTMLElement, property: string, value: string): void;
  look(node: HTMLElement, className: string): void; // its classes
  number(value: number, signed?: boolean, decimals?: number): string;
  decimals(range: number): number;
  capital(text: string): string; // with a capital at the beginning
  uncapped(text: string): string; // without one
  read(text: string): number | null; // as people write it
  ordinal(n: number): string;
  article(name: string): string; // with what stands before it
  tick(value: number, range: number): string;
  share(value: number, scale: { floor: number; ceiling: number }): number;
  named(name: string, seen: boolean): HTMLSpanElement;
  chip(click: () => void, strong: string, ...children: Part[]): HTMLButtonElement;
  lines(list: HTMLElement, count: number, make: (position: number) => HTMLElement): HTMLElement[];
  radios(root: HTMLElement, name: string, changed: (value: string) => void): { show(value: string): void; all(): HTMLInputElement[] };
  stack(photo: string, layer: string, width: number, height: number): HTMLDivElement;
  spotting(stack: HTMLElement, ask: (x: number, y: number) => void, spot: () => Region | null): void;
  mark(stack: HTMLElement, box: Box | null): void;
  legend(ramp: HTMLElement, ticks: HTMLElement, legend: Legend, units: string[]): void;
  labelTicks(ticks: HTMLElement, values: number[], units: string[]): void;
  fitSlider(slider: HTMLInputElement, reach: number, value: number, negative?: boolean): void;
}

interface Figure {
  figure: HTMLElement;
  stack: HTMLDivElement;
  layer: HTMLImageElement;
  name: HTMLSpanElement;
  save: HTMLButtonElement;
}
interface Contours {
  width: number;
  height: number;
  lines: { share: number; against: boolean; path: string }[];
}
// How a map stands to the one scale of its photo. reach: of its strongest place, 1 at the top.
interface Scaling {
  weak: boolean;
  stretched: boolean;
  reach: number;
}
interface Painted {
  geometry: import("../twin/maps.js").Geometry; // how it lies over the photo
  map: import("../twin/heatmaps.js").Heatmap;
  scale: import("../twin/maps.js").ColourScale | null; // null: its own
  signed: boolean;
  smooth: boolean;
  contours: boolean;
}
interface MapCard {
  canvas(stack: HTMLElement): void; // gives a stack a layer that `paint` draws on
  url(layer: { width: number; height: number; pixels: Uint8ClampedArray<ArrayBuffer> }): string;
  paint(stack: HTMLElement, painted: Painted | null, wide?: number): Promise<Legend | null>; // null: no map, no legend
  tuck(fold: HTMLElement, told: HTMLElement[], home?: HTMLElement): void;
  times(scaling: Scaling): string;
  contours(stack: HTMLElement, contours: Contours | null): void;
  grey(panel: HTMLElement, box: HTMLInputElement, store: Pick<Store<{ grey: boolean }, any>, "state" | "on" | "emit">): void;
  scaleWords(scaling: Scaling): string;
  figure(x: PhotoFacts, save: () => void): Figure;
  small(x: PhotoFacts, url: string, caption: HTMLElement, choose: () => void): HTMLButtonElement;
  frame(x: PhotoFacts, url: string): HTMLDivElement;
  waiting(store: Pick<Store<any, any>, "on">, maps: HTMLElement, names: string[]): void;
  opacity(element: HTMLElement, slider: HTMLInputElement, state: { opacity: number }): void;
}

interface Tell {
  toast(sentence: string): void;
  announce(whose: string, sentence: string): void; // to screen readers, once all is quiet
}

interface Fold {
  soon(): void; // something new is to be drawn
  now(): void;
  open(): void;
}

interface Words {
  hint(): string;
  add(name: string, fail: (sentence: string) => void): Promise<boolean>;
  told(): string; // once it has been added
}

// What is known of a word that was typed.
interface Kin {
  nearest: { name: string; likeness: number }[];
  doubt: string; // a sentence, or ""
}

// -- links -----------------------------------------------------------------------------------------------------------------

// What the values of a link are. choices: some of the words that stand after the kind. name, edits, rows: of things by their names,
// rows: edits by things of another sort.
type LinkKind = "flag" | "text" | "texts" | "choices" | "number" | "name" | "edits" | "rows" | "made";
type LinkFields = Record<string, [field: string, kind: LinkKind, ...of: string[]]>; // by what a link calls them
type NamesOf = Record<string, readonly string[]>;
interface LinkView {
  hide?: string[];
  present?: boolean;
  embed?: string;
}
interface LinkParts {
  ours: boolean;
  tab: string;
  parts: Map<string, string[]>;
  problems: string[];
  view: LinkView;
}
interface Codec {
  VERSION: number;
  step(value: number): number; // from 0 to 1, as links have it
  MOST: number;
  slug(text: string): string;
  digest(text: string): string;
  write(tab: string, own: LinkFields, values: Record<string, any>, names: NamesOf): string;
  parse(hash: string): LinkParts;
  read(parts: LinkParts, own: LinkFields, names: NamesOf, only?: LinkFields): { values: Record<string, any>; lost: string[] };
  sentence(lost: string[]): string;
}
// What a tab puts into links. check: what must be the same for a link to say the same. ofModel: values that are a model's own.
interface LinkedTab {
  fields: LinkFields;
  ofModel: string[];
  names(x: any, parts?: LinkParts): NamesOf; // parts: of a link that is read
  check(x: any): string;
  linked(): Record<string, any>; // what differs from what the page does by itself
  python: string; // the function of twin/python.js that makes its lines
  restore(values: Record<string, any>): () => void; // into the state, before it is drawn; what is left to do afterwards
}
type LinkedStore = Store<object, object> & Opening & Partial<Pick<LinkedTab, "linked" | "restore" | "python">>;
interface Link {
  opening(): { tab: string; example: string; model: string }; // what the page was opened with; "" of what is not told
  first(tab: string): PhotoSource & { link?: string; model?: string }; // what a tab asks for first
  chosen(tab: string): void; // a photo has been chosen: whatever was to be put back is not
  words(linked: string[]): string[];
  named<One extends { name: string; own: string }>(all: One[], name: string): One | undefined; // by either name, else in any case
  join(tab: string, spec: LinkedTab): void;
  mounted(tab: string, element: HTMLElement): void;
  parts: Record<string, { title: string; selector: string; offered?: boolean }>; // what a link may leave out
  address(view?: LinkView): { url: string; own: boolean; long: boolean };
  alone(): string; // the same of a file of what is shown, in which there is one photo
  tab(): string;
}
