import type { SliceNode } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { Answer } from './answer.ts';
import type { NodeView } from './sliceView.ts';
import { hex, lineText } from './values.ts';

const INDENT = '  ';
/** Places of a run of copies that are told. */
const MOST_PLACES = 4;

/** Whether a node only hands on another's value, all of it. */
const isFolded = ({ kind, sources }: SliceNode): boolean => kind === 'copy' && sources.length === 1;

/** What a value's origins are, copies folded away unless all are wanted: the nodes that are told of. */
export function toldNodes(origins: readonly SliceNode[]): readonly SliceNode[] {
  const found = new Set<SliceNode>();
  const left = [...origins];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    left.push(...node.sources);
  }
  return [...found];
}

/** A tree of where a value came from, for people. */
export class SliceText {
  private readonly told = new Set<SliceNode>();

  constructor(
    private readonly views: ReadonlyMap<SliceNode, NodeView>,
    private readonly answer: Answer,
    private readonly showsCopies: boolean,
  ) {}

  tell(node: SliceNode, depth: number): void {
    const copies: SliceNode[] = [];
    let at = node;
    if (!this.showsCopies)
      while (isFolded(at)) {
        copies.push(at);
        [at] = at.sources;
      }
    const indent = INDENT.repeat(depth);
    if (copies.length > 0) this.answer.line(`${indent}${copiesText(copies.map((copy) => this.view(copy)))}`);
    if (this.told.has(at)) {
      this.answer.line(`${indent}${this.view(at).place} of step ${grouped(at.step)}: see above`);
      return;
    }
    this.told.add(at);
    this.answer.line(`${indent}${nodeText(this.view(at))}`);
    for (const source of at.sources) this.tell(source, this.showsCopies && isFolded(at) ? depth : depth + 1);
  }

  private view(node: SliceNode): NodeView {
    return this.views.get(node) as NodeView;
  }
}

function copiesText(copies: readonly NodeView[]): string {
  const places = copies.map(({ place }) => place);
  const shown = places.length <= MOST_PLACES ? places : [...places.slice(0, MOST_PLACES - 1), '…', places[places.length - 1]];
  const [first, last] = [copies[0], copies[copies.length - 1]];
  const steps = first === last ? `step ${grouped(first.node.step)}` : `steps ${grouped(last.node.step)} to ${grouped(first.node.step)}`;
  return `${shown.join(' <- ')}: ${copies.length === 1 ? 'a copy' : `${copies.length} copies`}, ${steps}, of`;
}

function nodeText({ node, place, value, insn, at, line, origin }: NodeView): string {
  const what = `${place} = ${value}`;
  if (node.kind === 'start') return `${what}: ${origin}`;
  const where = `step ${grouped(node.step)} ${at === '' ? hex(node.pc) : at}${lineText(line)}`;
  const cut = node.isCut ? ' (and so on: --depth=N shows more)' : '';
  return `${what}: ${where}: ${node.kind === 'kernel' ? `system call ${origin}` : insn}${node.kind === 'constant' ? ' (a constant)' : ''}${cut}`;
}

/** The same for programs: a list of nodes, the value's own origins first, which name each other by number. */
export function sliceJson(origins: readonly SliceNode[], views: ReadonlyMap<SliceNode, NodeView>): object {
  const nodes = toldNodes(origins);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  return {
    origins: origins.map((node) => numbers.get(node)),
    nodes: nodes.map((node) => {
      const { place, value, insn, at, line, origin } = views.get(node) as NodeView;
      return {
        ...{ kind: node.kind, step: node.step, pid: node.pid, tid: node.tid, place, value },
        ...(node.kind === 'start' ? {} : { pc: hex(node.pc) }),
        ...(at === '' ? {} : { at }),
        ...(line === undefined ? {} : { file: line.path, line: line.line }),
        ...(insn === '' ? {} : { text: insn }),
        ...(origin === '' ? {} : { origin }),
        sources: node.sources.map((source) => numbers.get(source)),
        ...(node.isCut ? { isCut: true } : {}),
      };
    }),
  };
}
