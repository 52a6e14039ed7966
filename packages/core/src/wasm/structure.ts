import { assert } from '../base/index.ts';

/**
 * Structured control flow from a graph of blocks, after Ramsey, "Beyond Relooper" (ICFP 2022): the dominator tree in
 * reverse post-order gives the nesting; a node with several forward predecessors ends a `block`, a node with a back
 * edge is a `loop`.
 *
 * A strongly connected component with several entries has no loop header of its own. It gets a dispatch node: edges to
 * its entries go there instead and say by a label which entry is meant, except those inside a loop that the entry is the
 * header of. What is left is reducible.
 */
export interface Graph {
  /** Successors by node; a node is entered once from outside at `root`. */
  readonly successors: readonly (readonly number[])[];
  readonly root: number;
}

export interface Structured {
  /** Successors after dispatch nodes have been put in; nodes from `firstDispatch` up are dispatch nodes. */
  readonly successors: readonly (readonly number[])[];
  readonly firstDispatch: number;
  /** For a node that edges reach through a dispatch node: which, and its label there. An edge that is in `successors` stays direct. */
  readonly via: ReadonlyMap<number, { readonly dispatch: number; readonly label: number }>;
  /** Entries of each dispatch node, by label; index 0 is node `firstDispatch`. */
  readonly entries: readonly (readonly number[])[];
  readonly root: number;
  /** Nodes that can be reached, in reverse post-order. */
  readonly reverse: Int32Array;
  /** Position in reverse post-order; -1 for unreachable nodes. */
  readonly order: Int32Array;
  /** Children in the dominator tree, in reverse post-order. */
  readonly children: readonly (readonly number[])[];
  readonly isLoopHeader: Uint8Array;
  /** Several forward predecessors, or a target of a multi-way branch. */
  readonly isMerge: Uint8Array;
}

export function structure(graph: Graph, multiway: (node: number) => boolean): Structured {
  const direct = analyse(graph.successors, graph.root, multiway);
  if (direct.isReducible)
    return { firstDispatch: graph.successors.length, via: NO_DISPATCH, entries: [], root: graph.root, successors: graph.successors, ...direct };
  return withDispatch(graph, multiway, direct.idom);
}

const NO_DISPATCH: Structured['via'] = new Map();

/** As `structure`, for graphs that are not reducible. `idom` has the immediate dominators of the graph as it is. */
function withDispatch(graph: Graph, multiway: (node: number) => boolean, idom: Int32Array): Structured {
  const successors = graph.successors.map((s) => [...s]);
  const firstDispatch = successors.length;
  const entries: number[][] = [];
  const via = new Map<number, { dispatch: number; label: number }>();
  let root = graph.root;

  const predecessors: number[][] = successors.map(() => []);
  successors.forEach((list, node) => {
    for (const s of list) (predecessors[s] as number[]).push(node);
  });

  /** True for an edge that goes back to the header of the loop that it is in: heads do not dominate each other, so that this stays so. */
  const isBack = (from: number, head: number): boolean => from < firstDispatch && idom[from] >= 0 && dominates(idom, head, from);

  /** Edges to one of `heads` go to a new dispatch node instead. */
  const redirect = (heads: readonly number[]): number => {
    const dispatch = successors.length;
    successors.push([...heads]);
    entries.push([...heads]);
    const from = new Set<number>();
    heads.forEach((head, label) => {
      assert(!via.has(head), 'a node has one dispatch node');
      via.set(head, { dispatch, label });
      const kept = (predecessors[head] as number[]).filter((p) => isBack(p, head));
      for (const p of predecessors[head] as number[]) from.add(p);
      predecessors[head] = [...kept, dispatch];
    });
    const isHead = new Set(heads);
    for (const node of from) successors[node] = [...new Set((successors[node] as number[]).map((s) => (isHead.has(s) && !isBack(node, s) ? dispatch : s)))];
    predecessors.push([...from].filter((node) => (successors[node] as number[]).includes(dispatch)));
    if (isHead.has(root)) root = dispatch;
    return dispatch;
  };

  // Work list of (component, header): edges to the header do not count inside.
  const work: { nodes: readonly number[]; header: number }[] = [{ nodes: successors.map((_, i) => i), header: -1 }];
  const inside = new Int32Array(successors.length * 2).fill(-1);
  let mark = 0;
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    for (const component of components(successors, item.nodes, item.header)) {
      mark++;
      for (const node of component) inside[node] = mark;
      const heads = component.filter((node) => node === root || (predecessors[node] as number[]).some((p) => inside[p] !== mark));
      if (heads.length <= 1) work.push({ nodes: component, header: heads[0] ?? (component[0] as number) });
      else {
        const header = redirect(heads);
        work.push({ nodes: [...component, header], header });
      }
    }
  }

  const analysed = analyse(successors, root, (node) => node >= firstDispatch || multiway(node));
  assert(analysed.isReducible, 'dispatch nodes make the graph reducible');
  return { firstDispatch, via, entries, root, successors, ...analysed };
}

/** Strongly connected components that hold a cycle, within `nodes`, without the edges to `header` (Tarjan, iterative). */
export function components(successors: readonly (readonly number[])[], nodes: readonly number[], header: number): number[][] {
  const count = successors.length;
  const inside = new Uint8Array(count);
  for (const node of nodes) inside[node] = 1;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const stack: number[] = [];
  const result: number[][] = [];
  let next = 0;
  const edges = (node: number): number[] => (successors[node] as readonly number[]).filter((s) => inside[s] === 1 && s !== header);
  for (const start of nodes) {
    if (index[start] !== -1) continue;
    const calls: { node: number; edges: number[]; at: number }[] = [{ node: start, edges: edges(start), at: 0 }];
    index[start] = low[start] = next++;
    stack.push(start);
    onStack[start] = 1;
    while (calls.length > 0) {
      const frame = calls[calls.length - 1] as { node: number; edges: number[]; at: number };
      if (frame.at < frame.edges.length) {
        const s = frame.edges[frame.at++] as number;
        if (index[s] === -1) {
          index[s] = low[s] = next++;
          stack.push(s);
          onStack[s] = 1;
          calls.push({ node: s, edges: edges(s), at: 0 });
        } else if (onStack[s]) low[frame.node] = Math.min(low[frame.node], index[s]);
        continue;
      }
      calls.pop();
      const parent = calls.at(-1);
      if (parent !== undefined) low[parent.node] = Math.min(low[parent.node], low[frame.node]);
      if (low[frame.node] !== index[frame.node]) continue;
      const component: number[] = [];
      let node: number;
      do {
        node = stack.pop() as number;
        onStack[node] = 0;
        component.push(node);
      } while (node !== frame.node);
      if (component.length > 1 || edges(frame.node).includes(frame.node)) result.push(component);
    }
  }
  return result;
}

/** Edges by node, in columns: those of node n are `nodes` from `first[n]` to `first[n + 1]`. */
interface Edges {
  readonly first: Int32Array;
  readonly nodes: Int32Array;
}

function edgesOf(successors: readonly (readonly number[])[]): Edges {
  const first = new Int32Array(successors.length + 1);
  for (let node = 0; node < successors.length; node++) first[node + 1] = first[node] + (successors[node] as readonly number[]).length;
  const nodes = new Int32Array(first[successors.length]);
  for (let node = 0; node < successors.length; node++) nodes.set(successors[node] as readonly number[], first[node]);
  return { first, nodes };
}

/** The edges from `nodes`, the other way round. */
function reversed({ first, nodes }: Edges, from: Int32Array): Edges {
  const firstBack = new Int32Array(first.length);
  for (let i = 0; i < from.length; i++) for (let e = first[from[i]]; e < first[from[i] + 1]; e++) firstBack[nodes[e] + 1]++;
  for (let node = 1; node < first.length; node++) firstBack[node] += firstBack[node - 1];
  const next = firstBack.slice();
  const back = new Int32Array(firstBack[first.length - 1]);
  for (let i = 0; i < from.length; i++) for (let e = first[from[i]]; e < first[from[i] + 1]; e++) back[next[nodes[e]]++] = from[i];
  return { first: firstBack, nodes: back };
}

/** Nodes that the root leads to, each before those that it leads to, but for loops. */
function reversePostOrder({ first, nodes }: Edges, root: number): Int32Array {
  const count = first.length - 1;
  const order = new Int32Array(count);
  let unordered = count;
  const seen = new Uint8Array(count);
  /** The next edge of each node. */
  const next = first.slice();
  const stack = new Int32Array(count);
  let depth = 0;
  stack[0] = root;
  seen[root] = 1;
  while (depth >= 0) {
    const node = stack[depth];
    if (next[node] === first[node + 1]) {
      order[--unordered] = node;
      depth--;
      continue;
    }
    const to = nodes[next[node]++];
    if (seen[to] === 1) continue;
    seen[to] = 1;
    stack[++depth] = to;
  }
  return order.subarray(unordered);
}

/** Immediate dominators (Cooper, Harvey, Kennedy); -1 for nodes that are not in `reverse`. */
function dominators(reverse: Int32Array, order: Int32Array, { first, nodes }: Edges): Int32Array {
  const idom = new Int32Array(order.length).fill(-1);
  idom[reverse[0]] = reverse[0];
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < reverse.length; i++) {
      const node = reverse[i];
      let dominator = -1;
      for (let e = first[node]; e < first[node + 1]; e++) {
        let a = nodes[e];
        if (idom[a] === -1) continue;
        if (dominator === -1) {
          dominator = a;
          continue;
        }
        while (a !== dominator) {
          while (order[a] > order[dominator]) a = idom[a];
          while (order[dominator] > order[a]) dominator = idom[dominator];
        }
      }
      if (idom[node] === dominator) continue;
      idom[node] = dominator;
      changed = true;
    }
  }
  return idom;
}

/** Reverse post-order, dominators, loop headers and merge nodes. */
function analyse(
  successors: readonly (readonly number[])[],
  root: number,
  multiway: (node: number) => boolean,
): Pick<Structured, 'reverse' | 'order' | 'children' | 'isLoopHeader' | 'isMerge'> & { readonly isReducible: boolean; readonly idom: Int32Array } {
  const count = successors.length;
  const edges = edgesOf(successors);
  const reverse = reversePostOrder(edges, root);
  const order = new Int32Array(count).fill(-1);
  for (let i = 0; i < reverse.length; i++) order[reverse[i]] = i;
  const { first, nodes } = reversed(edges, reverse);
  const idom = dominators(reverse, order, { first, nodes });
  const children: number[][] = successors.map(() => []);
  for (let i = 1; i < reverse.length; i++) (children[idom[reverse[i]]] as number[]).push(reverse[i]);

  const isLoopHeader = new Uint8Array(count);
  const isMerge = new Uint8Array(count);
  let isReducible = true;
  for (let i = 0; i < reverse.length; i++) {
    const node = reverse[i];
    let forward = 0;
    for (let e = first[node]; e < first[node + 1]; e++) {
      if (order[nodes[e]] >= i) {
        isLoopHeader[node] = 1;
        isReducible &&= dominates(idom, node, nodes[e]);
      } else {
        forward++;
        if (multiway(nodes[e])) forward += 2;
      }
    }
    if (forward > 1) isMerge[node] = 1;
  }
  return { reverse, order, children, isLoopHeader, isMerge, isReducible, idom };
}

function dominates(idom: Int32Array, a: number, node: number): boolean {
  for (let n = node; ; n = idom[n]) {
    if (n === a) return true;
    if (idom[n] === n) return false;
  }
}
