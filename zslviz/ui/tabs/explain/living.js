// @ts-check
// What the browser answers by itself: edits, γ, classes, what is said of a state, and what a change would do.
zslviz.living(zslviz.tabs.explain, {
  modules: ["explanation.js", "answers.js", "sentence.js", "whatifs.js", "tipping.js", "map_answers.js", "what_would_it_take.js", "invent.js", "whole_set.js",
    "is_it_true.js", "deciding.js", "comparing.js"],
  answers(
    /** @type {import("../../twin/explanation.js").Explanation} */ x,
    /** @type {typeof import("../../twin/answers.js")} */ { rank, rankingAnswer, classValues, edited },
    /** @type {typeof import("../../twin/sentence.js")} */ { sentence },
    /** @type {typeof import("../../twin/whatifs.js")} */ { COUNT, whatIfs },
    /** @type {typeof import("../../twin/tipping.js")} */ { tippingPoints },
    /** @type {typeof import("../../twin/map_answers.js")} */ { mapsAnswer, thumbnailsAnswer, regionAnswer, partsAnswer },
    /** @type {typeof import("../../twin/what_would_it_take.js")} */ { whatWouldItTake },
    /** @type {typeof import("../../twin/invent.js")} */ { byNumbers, byParts, byPhotos, mostLike, toCsv },
    /** @type {typeof import("../../twin/whole_set.js")} */ { readFusedPhotos, retestAnswer, WholeSet },
    /** @type {typeof import("../../twin/is_it_true.js")} */ { promised, tried },
    /** @type {typeof import("../../twin/deciding.js")} */ { decidingAnswer },
    /** @type {typeof import("../../twin/comparing.js")} */ { compare, comparisonAnswer, mapsBeside, namesApart },
  ) {
    // with the classes that the visitor has made up
    const of = (/** @type {{ invented?: readonly { name: string, values: number[] }[] }} */ { invented }) => x.joined(invented);
    // The other model's explanation of the photo, if the page has it; else the server is asked.
    /** @type {WeakMap<object, import("../../twin/comparing.js").Comparison>} */
    const compared = new WeakMap();
    const comparedWith = (/** @type {import("../../twin/explanation.js").Explanation} */ second, /** @type {string[]} */ titles) => {
      if (!compared.has(second)) compared.set(second, compare(x, second, namesApart(titles, [x.model.name, second.model.name])));
      return /** @type {import("../../twin/comparing.js").Comparison} */ (compared.get(second));
    };
    return {
      compare: ({ second, titles, true_class: truth }) => second && comparisonAnswer(comparedWith(second, titles), truth),
      beside: ({ second, titles, attribute, kind }) => second && mapsBeside(comparedWith(second, titles), attribute, kind),
      rank: ({ why, rival, true_class: truth, count, ...request }) => rankingAnswer(of(request), request, why, truth, rival, count),
      class_values: ({ class: index, ...request }) => ({ class: index, values: classValues(of(request), index) }),
      said: ({ true_class: truth, ...request }) => sentence(of(request), request, truth),
      what_ifs: ({ besides = 0, true_class: truth, ...request }) => ({ what_ifs: whatIfs(of(request), request, COUNT + besides, truth) }),
      tipping: ({ attribute, ...request }) => tippingPoints(of(request), attribute, request),
      take: ({ target, side, character, by, locked, ranges, ways, brief, ...request }) =>
        whatWouldItTake(of(request), { target, side, character, by, locked, ranges, ways, brief }, request),
      whole_set: (/** @type {ArrayBuffer} */ content) => new WholeSet(readFusedPhotos(content, x.model.space), x.model),
      retest: ({ whole, asked, ...request }) => retestAnswer(whole, rank(of(request), request), asked),
      whole_curve: ({ whole, class_edits: edits, ...request }) => whole.curve(edited(of(request), edits)),
      maps: ({ attribute, kind }) => mapsAnswer(x, attribute, kind),
      thumbnails: ({ kind, strongest = zslviz.tabs.explain.state.x.strongest }) => thumbnailsAnswer(x, strongest, kind),
      region: ({ x: across, y: down, kind }) => regionAnswer(x, across, down, kind),
      parts: () => partsAnswer(x),
      by_parts: ({ base, parts }) => byParts(x.space, base, parts),
      by_photos: ({ photos }) => byPhotos(x.space, photos),
      blank: () => byNumbers(x.space),
      most_like: ({ values }) => mostLike(values, x.space),
      invented_csv: ({ made: some }) => ({ text: toCsv(x.space, some) }),
      promise: ({ region }) => promised(x, region),
      deciding: (request) => decidingAnswer(of(request), request),
      tried: ({ promise, proof, attribute, ...request }) => tried(of(request), promise, proof, attribute, request),
    };
  },
  async again() {
    await Promise.all([zslviz.tabs.explain.rank(), zslviz.tabs.explain.taking.begin()]);
  },
});
