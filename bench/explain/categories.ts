/** A function on the stack. */
export interface Frame {
  readonly name: string;
  /** Its source below `packages/core/src` or `packages/cli/src`; '' for others. */
  readonly file: string;
  /** V8's or Node's own. */
  readonly isNative: boolean;
  /** The name of its Wasm module, '' for code without a name: regions and helpers; undefined for JavaScript. */
  readonly wasm: string | undefined;
}

/** What the main thread can be doing, in the order of the report. */
export const WHERE = [
  'starting and ending',
  'translating: decoding, IR',
  'translating: passes',
  'translating: lowering',
  'translations on disk',
  'V8: modules, baseline',
  'running cold code',
  'running hot code',
  'memory checks that miss',
  'dispatching',
  'system calls',
  'collecting garbage',
  'V8 otherwise',
  'waiting',
] as const;

/** One of them. */
export type Where = (typeof WHERE)[number];

/** Functions that begin something: with all that they call, unless that begins something else. */
interface Beginning {
  readonly where: Where;
  readonly file: RegExp;
  /** undefined: all of the file. */
  readonly names?: readonly string[];
}

const BEGINNINGS: readonly Beginning[] = [
  { where: 'translating: passes', file: /^(ir\/forwardLanes|ir\/verifier|trace\/pass)\.ts$/ },
  { where: 'translating: lowering', file: /^wasm\/lower\/(region|helperModule)\.ts$/ },
  { where: 'translating: lowering', file: /^engine\/coldBlocks\.ts$/, names: ['write'] },
  { where: 'translating: decoding, IR', file: /^engine\/regionBuilder\.ts$/ },
  { where: 'translating: decoding, IR', file: /^engine\/coldTier\.ts$/, names: ['translate'] },
  { where: 'translations on disk', file: /^(engine\/saved\/|host\/translationFiles\.ts$)/ },
  { where: 'translations on disk', file: /^engine\/(coldTier|coldBlocks|wasmMachine)\.ts$/, names: ['takeSaved', 'writeSaved', 'restore', 'saveTranslations'] },
  { where: 'memory checks that miss', file: /^engine\/arenas\.ts$/ },
  { where: 'system calls', file: /^engine\/wasmMachine\.ts$/, names: ['syscall'] },
  { where: 'system calls', file: /^linux\/kernel\/kernel\.ts$/, names: ['run'] },
  { where: 'starting and ending', file: /^engine\/wasmMachine\.ts$/, names: ['createColdTier'] },
  // Of the bundle's loader, which is no source of the bundle's
  { where: 'starting and ending', file: /^$/, names: ['loadPart'] },
  { where: 'dispatching', file: /^engine\/wasmMachine\.ts$/, names: ['run', 'takeEvent', 'lookup', 'link', 'learn', 'tick', 'coldTick'] },
];

/** V8's own entries of a profile. */
const OWN: Readonly<Record<string, Where>> = {
  '(garbage collector)': 'collecting garbage',
  '(program)': 'V8 otherwise',
  '(idle)': 'waiting',
};

function beginningOf({ name, file, isNative, wasm }: Frame, caller: Frame | undefined): Where | undefined {
  if (isNative) return OWN[name] ?? (name === 'Module' || name === 'Instance' ? 'V8: modules, baseline' : undefined);
  if (wasm === 'dispatcher') return 'dispatching';
  // What has no name and is called by cold code is a helper of it: regions are called by way of the dispatcher.
  if (wasm === 'cold' || caller?.wasm === 'cold') return 'running cold code';
  if (wasm !== undefined) return 'running hot code';
  return BEGINNINGS.find((each) => each.file.test(file) && (each.names === undefined || each.names.includes(name)))?.where;
}

/** What the innermost frame that says so was doing. @param chain from the innermost frame outwards */
export function categoryOf(chain: readonly Frame[]): Where {
  for (const [i, frame] of chain.entries()) {
    const where = beginningOf(frame, chain[i + 1]);
    if (where !== undefined) return where;
  }
  return 'starting and ending';
}
