import type { TracedFunction } from './functionTable.ts';
import type { ProfiledBlock, ProfiledThread, ProfileListener } from './profiler.ts';

/** Functions deeper in the stack than this belong to the one at this depth: a recursion of a million calls is no million nodes. */
const MOST_DEPTH = 512;

/** A function with all that has called it, in one process. */
export interface CallNode {
  readonly fn: TracedFunction;
  readonly pid: number;
  readonly children: Map<TracedFunction, CallNode>;
  /** Instructions of its own. */
  insns: number;
}

interface Stack {
  readonly nodes: CallNode[];
  /** Functions on the stack that have no node of their own. */
  hidden: number;
}

/** Instructions of a block that have been inlined of the same functions, the outermost first. */
interface InlinedPart {
  readonly functions: readonly TracedFunction[];
  insns: number;
}

/** Finds the functions that the code at an address of a process has been inlined of, the outermost first. */
type InlinedAt = (pid: number, pc: number) => readonly TracedFunction[];

/** Adds up instructions by the functions on the stack, inlined ones among them. */
export class CallTree implements ProfileListener {
  /** By process and function. */
  private readonly roots = new Map<number, Map<TracedFunction, CallNode>>();
  private readonly stacks: Stack[] = [];
  /** By block; undefined: nothing in it is inlined. */
  private readonly parts = new Map<ProfiledBlock, readonly InlinedPart[] | undefined>();
  /** By process and address. */
  private readonly sites = new Map<number, Map<number, readonly TracedFunction[]>>();

  constructor(private readonly inlinedAt: InlinedAt) {}

  enter(thread: ProfiledThread, fn: TracedFunction, site: number): void {
    const { pid } = thread;
    const stack = this.stackOf(thread);
    if (stack.nodes.length === MOST_DEPTH) {
      stack.hidden++;
      return;
    }
    const caller = stack.nodes.at(-1);
    const from = caller === undefined || site < 0 ? caller : within(caller, this.inlinedAtSite(pid, site));
    stack.nodes.push(childOf(from?.children ?? this.rootsOf(pid), pid, fn));
  }

  leave(thread: ProfiledThread): void {
    const stack = this.stackOf(thread);
    if (stack.hidden > 0) stack.hidden--;
    else stack.nodes.pop();
  }

  spent(thread: ProfiledThread, insns: number, block: ProfiledBlock, completed: number): void {
    const top = this.stackOf(thread).nodes.at(-1);
    if (top === undefined) return;
    const parts = this.partsOf(block, completed);
    if (parts === undefined) top.insns += insns;
    else for (const part of parts) within(top, part.functions).insns += part.insns;
  }

  /** Processes in the order in which they first ran. */
  get processes(): readonly number[] {
    return [...this.roots.keys()];
  }

  /** Calls `visit` for each node that has instructions of its own, callers first. @param path from the root to the node, valid during the call only */
  forEach(visit: (node: CallNode, path: readonly CallNode[]) => void): void {
    const path: CallNode[] = [];
    const walk = (nodes: Iterable<CallNode>): void => {
      for (const node of nodes) {
        path.push(node);
        if (node.insns > 0) visit(node, path);
        walk(node.children.values());
        path.pop();
      }
    };
    for (const nodes of this.roots.values()) walk(nodes.values());
  }

  private partsOf(block: ProfiledBlock, completed: number): readonly InlinedPart[] | undefined {
    const { program, pid } = block;
    if (completed < program.shapes.length) return inlinedParts(block, completed, this.inlinedAt);
    if (!this.parts.has(block)) this.parts.set(block, inlinedParts({ program, pid }, completed, this.inlinedAt));
    return this.parts.get(block);
  }

  private inlinedAtSite(pid: number, site: number): readonly TracedFunction[] {
    let ofProcess = this.sites.get(pid);
    if (ofProcess === undefined) {
      ofProcess = new Map();
      this.sites.set(pid, ofProcess);
    }
    let functions = ofProcess.get(site);
    if (functions === undefined) {
      functions = this.inlinedAt(pid, site);
      ofProcess.set(site, functions);
    }
    return functions;
  }

  private rootsOf(pid: number): Map<TracedFunction, CallNode> {
    let known = this.roots.get(pid);
    if (known === undefined) {
      known = new Map();
      this.roots.set(pid, known);
    }
    return known;
  }

  private stackOf({ index }: ProfiledThread): Stack {
    let stack = this.stacks[index];
    if (stack === undefined) {
      stack = { nodes: [], hidden: 0 };
      this.stacks[index] = stack;
    }
    return stack;
  }
}

function childOf(siblings: Map<TracedFunction, CallNode>, pid: number, fn: TracedFunction): CallNode {
  let node = siblings.get(fn);
  if (node === undefined) {
    node = { fn, pid, children: new Map(), insns: 0 };
    siblings.set(fn, node);
  }
  return node;
}

/** The node of inlined functions in a function's. */
const within = (node: CallNode, functions: readonly TracedFunction[]): CallNode => functions.reduce((outer, fn) => childOf(outer.children, node.pid, fn), node);

/** The parts of a block's first so many instructions; undefined where none is inlined. */
function inlinedParts({ program, pid }: Pick<ProfiledBlock, 'program' | 'pid'>, completed: number, inlinedAt: InlinedAt): InlinedPart[] | undefined {
  const parts: InlinedPart[] = [];
  for (const shape of program.shapes.slice(0, completed)) {
    if (shape === undefined) continue;
    const functions = inlinedAt(pid, shape.pc);
    const last = parts.at(-1);
    if (last !== undefined && functions.length === last.functions.length && functions.every((fn, i) => fn === last.functions[i])) last.insns++;
    else parts.push({ functions, insns: 1 });
  }
  return parts.some(({ functions }) => functions.length > 0) ? parts : undefined;
}
