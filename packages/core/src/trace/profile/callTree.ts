import type { TracedFunction } from './functionTable.ts';
import type { ProfiledThread, ProfileListener } from './profiler.ts';

/** Functions deeper in the stack than this belong to the one at this depth: a recursion of a million calls is no million nodes. */
const MOST_DEPTH = 512;

/** A function with all that has called it, in one process. */
export interface CallNode {
  readonly fn: TracedFunction;
  readonly pid: number;
  readonly parent: CallNode | undefined;
  readonly children: Map<TracedFunction, CallNode>;
  /** Instructions of its own. */
  insns: number;
}

interface Stack {
  top: CallNode | undefined;
  /** Functions on the stack that have no node of their own. */
  hidden: number;
  depth: number;
}

/** Adds up instructions by the functions on the stack. */
export class CallTree implements ProfileListener {
  /** By process and function. */
  private readonly roots = new Map<number, Map<TracedFunction, CallNode>>();
  private readonly stacks: Stack[] = [];

  enter(thread: ProfiledThread, fn: TracedFunction): void {
    const stack = this.stackOf(thread);
    if (stack.depth === MOST_DEPTH) {
      stack.hidden++;
      return;
    }
    const siblings = stack.top?.children ?? this.rootsOf(thread.pid);
    let node = siblings.get(fn);
    if (node === undefined) {
      node = { fn, pid: thread.pid, parent: stack.top, children: new Map(), insns: 0 };
      siblings.set(fn, node);
    }
    stack.top = node;
    stack.depth++;
  }

  leave(thread: ProfiledThread): void {
    const stack = this.stackOf(thread);
    if (stack.hidden > 0) {
      stack.hidden--;
      return;
    }
    stack.top = stack.top?.parent;
    stack.depth--;
  }

  spent(thread: ProfiledThread, insns: number): void {
    const { top } = this.stackOf(thread);
    if (top !== undefined) top.insns += insns;
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
      stack = { top: undefined, hidden: 0, depth: 0 };
      this.stacks[index] = stack;
    }
    return stack;
  }
}
