/** Steps from `from` to before `to`. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** A node of DuckDB's syntax tree, as json_serialize_sql writes it. */
type Node = { readonly [name: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const children = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isNode(value) ? Object.values(value) : []);

/**
 * Which steps a query can see of each table, by what its WHEREs say of the column `step`: no more than these have to be replayed.
 * @param tree of the query
 * @param tables their names
 * @returns the tables that it names, with all their steps together
 */
export function stepRanges(tree: unknown, tables: ReadonlySet<string>, whole: StepRange): ReadonlyMap<string, StepRange> {
  const found = new Map<string, StepRange>();
  const add = (table: string, range: StepRange): void => {
    const known = found.get(table);
    found.set(table, known === undefined ? range : { from: Math.min(known.from, range.from), to: Math.max(known.to, range.to) });
  };
  const visit = (node: unknown): void => {
    if (isNode(node) && node.type === 'SELECT_NODE') {
      for (const { table, alias } of tablesOf(node.from_table, tables)) add(table, narrow(node.where_clause, alias, whole));
    }
    children(node).forEach(visit);
  };
  visit(tree);
  return found;
}

/** The tables of a FROM, without those of queries in it. */
function tablesOf(node: unknown, tables: ReadonlySet<string>): readonly { readonly table: string; readonly alias: string }[] {
  if (!isNode(node)) return [];
  if (node.type === 'JOIN') return [...tablesOf(node.left, tables), ...tablesOf(node.right, tables)];
  if (node.type !== 'BASE_TABLE') return [];
  const table = String(node.table_name).toLowerCase();
  return tables.has(table) ? [{ table, alias: (String(node.alias) || table).toLowerCase() }] : [];
}

/** What of `range` a condition leaves of a table's steps. */
function narrow(condition: unknown, alias: string, range: StepRange): StepRange {
  if (!isNode(condition)) return range;
  const { type } = condition;
  if (type === 'CONJUNCTION_AND') return children(condition.children).reduce((left: StepRange, each) => narrow(each, alias, left), range);
  if (type === 'COMPARE_BETWEEN' && isStep(condition.input, alias)) {
    return bound(bound(range, 'COMPARE_GREATERTHANOREQUALTO', numberOf(condition.lower)), 'COMPARE_LESSTHANOREQUALTO', numberOf(condition.upper));
  }
  if (isStep(condition.left, alias)) return bound(range, String(type), numberOf(condition.right));
  if (isStep(condition.right, alias)) return bound(range, MIRRORED[String(type)] ?? '', numberOf(condition.left));
  return range;
}

const MIRRORED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_EQUAL',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
};

function bound(range: StepRange, comparison: string, value: number | undefined): StepRange {
  if (value === undefined) return range;
  const from = (n: number): StepRange => ({ ...range, from: Math.max(range.from, n) });
  const to = (n: number): StepRange => ({ ...range, to: Math.min(range.to, n) });
  switch (comparison) {
    case 'COMPARE_EQUAL':
      return { from: Math.max(range.from, Math.ceil(value)), to: Math.min(range.to, Math.floor(value) + 1) };
    case 'COMPARE_LESSTHAN':
      return to(Math.ceil(value));
    case 'COMPARE_LESSTHANOREQUALTO':
      return to(Math.floor(value) + 1);
    case 'COMPARE_GREATERTHAN':
      return from(Math.floor(value) + 1);
    case 'COMPARE_GREATERTHANOREQUALTO':
      return from(Math.ceil(value));
    default:
      return range;
  }
}

function isStep(node: unknown, alias: string): boolean {
  if (!isNode(node) || node.class !== 'COLUMN_REF') return false;
  const names = (node.column_names as readonly string[]).map((name) => name.toLowerCase());
  return names.at(-1) === 'step' && (names.length === 1 || names.at(-2) === alias);
}

/** The value of a constant number, or of a sum, difference or product of such. */
function numberOf(node: unknown): number | undefined {
  if (!isNode(node)) return undefined;
  if (node.class === 'CONSTANT') {
    const { value, is_null: isNull } = node.value as { readonly value?: unknown; readonly is_null: boolean };
    return !isNull && typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  }
  if (node.class !== 'FUNCTION') return undefined;
  const [a, b] = children(node.children).map(numberOf);
  if (a === undefined || b === undefined) return undefined;
  return node.function_name === '+' ? a + b : node.function_name === '-' ? a - b : node.function_name === '*' ? a * b : undefined;
}
