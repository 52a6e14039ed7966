// Reads a text, counts its words, runs closures, objects and typed arrays.
const { readFileSync } = require('node:fs');

const counts = new Map();
for (const line of readFileSync(process.argv[2], 'latin1').split('\n')) {
  for (const word of line.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
}
const words = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
for (const [word, count] of words.slice(0, 5)) console.log(word, count);

class Node {
  constructor(key) {
    this.key = key;
    this.left = null;
    this.right = null;
  }

  insert(key) {
    const side = key < this.key ? 'left' : 'right';
    if (this[side] === null) this[side] = new Node(key);
    else this[side].insert(key);
  }

  depth() {
    return 1 + Math.max(this.left?.depth() ?? 0, this.right?.depth() ?? 0);
  }
}
const root = new Node(1 << 20);
for (let i = 0, seed = 1; i < 40000; i++) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  root.insert(seed >>> 8);
}
console.log(root.depth());

const grid = new Int32Array(200 * 200);
for (let round = 0; round < 120; round++) {
  for (let i = 201; i < grid.length - 201; i++) grid[i] = (grid[i - 1] + grid[i + 1] + grid[i - 200] * 3 + i) % 10007;
}
console.log(grid.reduce((sum, value) => sum + value, 0));

const text = JSON.stringify(words.map(([word, count]) => ({ word, count })));
console.log(text.length, JSON.parse(text).filter(({ word }) => /(.)\1/.test(word)).length);
