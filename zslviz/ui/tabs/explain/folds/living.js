// @ts-check
// What the browser answers by itself for the folds: what it would take, classes that are made up, the whole test set, whether a map is
// true, another model.
zslviz.tabs.explain.more({
  modules: ["answers.js", "what_would_it_take.js", "invent.js", "whole_set.js", "is_it_true.js", "deciding.js", "comparing.js", "apart.js",
    "insights.js", "wobble.js"],
  answers(
    /** @type {import("../../../twin/explanation.js").Explanation} */ x,
    /** @type {typeof import("../../../twin/answers.js")} */ { rank, edited },
    /** @type {typeof import("../../../twin/what_would_it_take.js")} */ { whatWouldItTake },
    /** @type {typeof import("../../../twin/invent.js")} */ { byNumbers, byParts, byPhotos, mostLike, toCsv },
    /** @type {typeof import("../../../twin/whole_set.js")} */ { readFusedPhotos, retestAnswer, WholeSet },
    /** @type {typeof import("../../../twin/is_it_true.js")} */ { promised, tried },
    /** @type {typeof import("../../../twin/deciding.js")} */ { decidingAnswer },
    /** @type {typeof import("../../../twin/comparing.js")} */ { compare, comparisonAnswer, mapsBeside, namesApart },
    /** @type {typeof import("../../../twin/apart.js")} */ { apartAnswer },
    /** @type {typeof import("../../../twin/insights.js")} */ { insightsAnswer },
    /** @type {typeof import("../../../twin/wobble.js")} */ { wobbled },
  ) {
    // with the classes that the visitor has made up
    const of = (/** @type {{ invented?: readonly { name: string, values: number[] }[] }} */ { invented }) => x.joined(invented);
    // The other model's explanation of the photo itself, if the page has it; else the server is asked.
    /** @type {WeakMap<object, import("../../../twin/comparing.js").Comparison>} */
    const compared = new WeakMap();
    const comparedWith = (/** @type {import("../../../twin/explanation.js").Explanation} */ second, /** @type {string[]} */ titles) => {
      if (!compared.has(second)) compared.set(second, compare(x, second, namesApart(titles, [x.model.name, second.model.name])));
      return /** @type {import("../../../twin/comparing.js").Comparison} */ (compared.get(second));
    };
    return {
      compare: ({ second, titles, true_class: truth, invented = [], ...request }) => second && comparisonAnswer(
        compare(x.joined(invented), second.joined(invented), namesApart(titles, [x.model.name, second.model.name]), request, invented.length), truth),
      beside: ({ second, titles, attribute, kind }) => second && mapsBeside(comparedWith(second, titles), attribute, kind),
      take: ({ target, side, character, by, locked, ranges, ways, brief, ...request }) =>
        whatWouldItTake(of(request), { target, side, character, by, locked, ranges, ways, brief }, request),
      whole_set: (/** @type {ArrayBuffer} */ content) => new WholeSet(readFusedPhotos(content, x.model.space), x.model),
      retest: ({ whole, asked, ...request }) => retestAnswer(whole, rank(of(request), request), asked),
      whole_curve: ({ whole, class_edits: edits, ...request }) => whole.curve(edited(of(request), edits)),
      by_parts: ({ base, parts }) => byParts(x.space, base, parts),
      by_photos: ({ photos }) => byPhotos(x.space, photos),
      blank: () => byNumbers(x.space),
      most_like: ({ values }) => mostLike(values, x.space),
      invented_csv: ({ made: some }) => ({ text: toCsv(x.space, some) }),
      apart: (request) => apartAnswer(of(request), request),
      insights: ({ attribute }) => insightsAnswer(x, attribute),
      promise: ({ region }) => promised(x, region),
      wobbled: ({ looks, ...request }) => wobbled(of(request), looks, request),
      deciding: (request) => decidingAnswer(of(request), request),
      tried: ({ promise, proof, attribute, ...request }) => tried(of(request), promise, proof, attribute, request),
    };
  },
});
