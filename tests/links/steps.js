// What one gesture does is one step that can be taken back: node tests/links/steps.js
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const script = readFileSync("zslviz/ui/shared/steps.js", "utf8");
function begun() {
  const [zslviz, listeners] = [{}, {}];
  const window = { addEventListener: (name, listener) => (listeners[name] ||= []).push(listener) };
  vm.runInThisContext(`(zslviz, window) => {${script}\n}`)(zslviz, window);
  const fire = (name, event = { isPrimary: true }) => (listeners[name] || []).forEach((listener) => listener(event));
  let value = 0;
  const history = zslviz.history(() => value, (remembered) => (value = remembered));
  const change = (to, key = "spots") => {
    history.remember(key);
    value = to;
  };
  return { fire, change, history, zslviz, value: () => value };
}
const undone = ({ history, value }) => {
  history.undo();
  return value();
};

test("a slider that is moved is one step, however long the page stalls on the way", (context) => {
  context.mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const made = begun();
  made.fire("pointerdown");
  made.fire("focusin");
  for (const value of [1, 2, 3]) {
    made.change(value);
    context.mock.timers.tick(5000);
  }
  made.fire("pointerup");
  assert.equal(undone(made), 0);
  made.history.redo();
  assert.equal(made.value(), 3);
});

test("two moves of the same slider are two steps, however quick", () => {
  const made = begun();
  for (const value of [1, 2]) {
    made.fire("pointerdown");
    made.change(value);
    made.fire("pointerup");
  }
  assert.equal(undone(made), 1);
  assert.equal(undone(made), 0);
});

test("keys in one place are one step until another place, Enter or a pointer comes", () => {
  for (const end of [["focusin"], ["keydown", { key: "Enter" }], ["pointerdown"]]) {
    const made = begun();
    made.fire("focusin");
    for (const value of [1, 2, 3]) {
      made.fire("keydown", { key: "ArrowRight" });
      made.change(value);
      made.fire("keyup", { key: "ArrowRight" });
    }
    made.fire(...end);
    made.change(4);
    assert.equal(undone(made), 3, end[0]);
    assert.equal(undone(made), 0, end[0]);
  }
});

test("another value, a step of its own and what was taken back lie between", () => {
  const made = begun();
  made.change(1);
  made.change(2, "horns");
  made.change(3);
  made.change(4, "");
  made.change(5);
  for (const value of [4, 3, 2, 1]) assert.equal(undone(made), value);
  made.change(9);
  assert.equal(undone(made), 1);
  assert.equal(made.history.canRedo(), true);
});

test("a second finger ends nothing, and a change that is given back leaves no step", () => {
  const made = begun();
  made.fire("pointerdown");
  const mark = made.history.mark();
  made.change(1);
  made.fire("pointerdown", { isPrimary: false });
  made.change(2);
  assert.equal(made.history.canUndo(), true);
  made.history.cut(mark);
  assert.equal(made.history.canUndo(), false);
  assert.ok(made.zslviz.gesture() > 0);
});
