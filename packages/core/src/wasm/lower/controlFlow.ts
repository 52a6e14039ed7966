import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import type { Structured } from '../structure.ts';

/** A Wasm label around the code that is being written; node -1: nobody branches to it. */
type Frame = { readonly kind: 'block' | 'loop' | 'other'; readonly node: number };

/** What stands in the places that control flow makes. */
export interface NodeEmitter {
  /** The code of a node that is no dispatch node; it ends with branches to its successors or leaves the function. */
  node(node: number): void;
  /** What is to be done before a loop is entered. */
  beforeLoop(header: number): void;
}

/** Writes a graph's nodes as nested blocks and loops, after Ramsey, and the branches between them. */
export class ControlFlow {
  private readonly frames: Frame[] = [];
  /** The local that tells a dispatch node where to go, by dispatch node. */
  private readonly labels: readonly number[];

  constructor(
    private readonly graph: Structured,
    private readonly body: FunctionBody,
    private readonly emitter: NodeEmitter,
  ) {
    this.labels = graph.entries.map(() => body.local('i32'));
  }

  /** Writes all nodes. The graph is entered at node `entry`. */
  write(entry: number): void {
    const { graph, body } = this;
    if (graph.root >= graph.firstDispatch) {
      body.i32(graph.via.get(entry)?.label ?? 0);
      body.set(this.labelLocal(graph.root));
    }
    this.tree(graph.root);
    body.op(CODE.unreachable);
  }

  private labelLocal(dispatch: number): number {
    return this.labels[dispatch - this.graph.firstDispatch] as number;
  }

  private tree(node: number): void {
    const { body, graph, frames } = this;
    const merges = (graph.children[node] as readonly number[]).filter((child) => graph.isMerge[child]);
    // The last in reverse post-order is the outermost, so that branches to it leave all the others.
    merges.sort((p, q) => graph.order[q] - graph.order[p]);
    if (graph.isLoopHeader[node]) {
      this.emitter.beforeLoop(node);
      body.loop();
      frames.push({ kind: 'loop', node });
      this.within(node, merges, 0);
      frames.pop();
      body.end();
      // Every path has left
      body.op(CODE.unreachable);
    } else this.within(node, merges, 0);
  }

  private within(node: number, merges: readonly number[], at: number): void {
    const merge = merges[at];
    if (merge === undefined) return node < this.graph.firstDispatch ? this.emitter.node(node) : this.dispatchNode(node);
    this.body.block();
    this.frames.push({ kind: 'block', node: merge });
    this.within(node, merges, at + 1);
    this.frames.pop();
    this.body.end();
    this.tree(merge);
  }

  private dispatchNode(node: number): void {
    const entries = this.graph.entries[node - this.graph.firstDispatch] as readonly number[];
    const labels = entries.map((entry) => this.label('block', entry));
    this.body.get(this.labelLocal(node));
    this.body.brTable(labels.slice(0, -1), labels[labels.length - 1] as number);
  }

  private label(kind: 'block' | 'loop', node: number): number {
    for (let i = this.frames.length - 1; i >= 0; i--) {
      const frame = this.frames[i] as Frame;
      if (frame.kind === kind && frame.node === node) return this.frames.length - 1 - i;
    }
    throw new Error(`no label for node ${node}`);
  }

  /** Goes from `source` to its successor `target`. */
  goTo(source: number, target: number): void {
    if (!this.isBehindDispatch(source, target)) return this.goToNode(source, target);
    const { dispatch, label } = this.graph.via.get(target) as { dispatch: number; label: number };
    this.body.i32(label);
    this.body.set(this.labelLocal(dispatch));
    this.goToNode(source, dispatch);
  }

  /** True if a dispatch node stands between `source` and `target`. */
  isBehindDispatch(source: number, target: number): boolean {
    return this.graph.via.has(target) && !(this.graph.successors[source] as readonly number[]).includes(target);
  }

  private goToNode(source: number, target: number): void {
    const { graph } = this;
    if (graph.order[target] <= graph.order[source] || graph.isMerge[target]) return this.body.br(this.labelOf(source, target));
    this.tree(target);
  }

  /** Label of a target that every way of reaching is a `br` to: a merge node, or a loop header from inside. */
  labelOf(source: number, target: number): number {
    return this.graph.order[target] <= this.graph.order[source] ? this.label('loop', target) : this.label('block', target);
  }

  /** Writes code inside of one more Wasm label: what `emit` writes stands between a `block` or `if` and its `end`. */
  inside(emit: () => void): void {
    this.frames.push({ kind: 'other', node: -1 });
    emit();
    this.frames.pop();
    this.body.end();
  }
}
