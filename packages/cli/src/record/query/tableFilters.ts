import type { StepRange } from '@everystep/core';

/** Which rows of a table a query can see: what its WHEREs say of some columns. Rows that it leaves may be more than the query wants. */
export interface TableFilter {
  readonly step: StepRange;
  /** Values from `from` to before `to`. */
  readonly pc: StepRange;
  readonly pid: StepRange;
  readonly tid: StepRange;
  /** undefined: any. */
  readonly symbol: string | undefined;
}

const NUMBERS = ['step', 'pc', 'pid', 'tid'] as const;
const ANY: StepRange = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** The filter of all rows of so many steps. */
export const wholeTable = (step: StepRange): TableFilter => ({ step, pc: ANY, pid: ANY, tid: ANY, symbol: undefined });

/** A node of DuckDB's syntax tree, as json_serialize_sql writes it. */
type Node = { readonly [name: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const children = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isNode(value) ? Object.values(value) : []);

/**
 * Which rows a query can see of each table, by what its WHEREs say: no more than these have to be made.
 * @param tree of the query
 * @param tables their names
 * @returns the tables that it names, with all that it can see of each, by the one use or the other
 */
export function tableFilters(tree: unknown, tables: ReadonlySet<string>, whole: StepRange): ReadonlyMap<string, TableFilter> {
  const found = new Map<string, TableFilter>();
  const visit = (node: unknown): void => {
    if (isNode(node) && node.type === 'SELECT_NODE') {
      for (const { table, alias } of tablesOf(node.from_table, tables)) {
        const filter = narrow(node.where_clause, alias, wholeTable(whole));
        const known = found.get(table);
        found.set(table, known === undefined ? filter : hull(known, filter));
      }
    }
    children(node).forEach(visit);
  };
  visit(tree);
  return found;
}

/** Whether a query only wants the first rows of a table, as they come: what it looks at ends with them. */
export function isBrief(tree: unknown): boolean {
  const statements = isNode(tree) ? children(tree.statements) : [];
  const [statement] = statements;
  const node = isNode(statement) ? statement.node : undefined;
  if (statements.length !== 1 || !isNode(node) || node.type !== 'SELECT_NODE' || !isNode(node.from_table)) return false;
  const modifiers = children(node.modifiers).map((each) => isNode(each) && each.type);
  const isPlain = (each: unknown): boolean => isNode(each) && (each.class === 'STAR' || each.class === 'COLUMN_REF');
  return (
    modifiers.length === 1 &&
    modifiers[0] === 'LIMIT_MODIFIER' &&
    node.from_table.type === 'BASE_TABLE' &&
    (node.where_clause === null || node.where_clause === undefined) &&
    children(node.group_expressions).length === 0 &&
    children(node.select_list).every(isPlain)
  );
}

function hull(a: TableFilter, b: TableFilter): TableFilter {
  const both = (x: StepRange, y: StepRange): StepRange => ({ from: Math.min(x.from, y.from), to: Math.max(x.to, y.to) });
  return {
    ...{ step: both(a.step, b.step), pc: both(a.pc, b.pc), pid: both(a.pid, b.pid), tid: both(a.tid, b.tid) },
    symbol: a.symbol === b.symbol ? a.symbol : undefined,
  };
}

/** The tables of a FROM, without those of queries in it. */
function tablesOf(node: unknown, tables: ReadonlySet<string>): readonly { readonly table: string; readonly alias: string }[] {
  if (!isNode(node)) return [];
  // An outer join keeps rows that its WHERE does not; only what the WHERE leaves is seen, all the same.
  if (node.type === 'JOIN') return [...tablesOf(node.left, tables), ...tablesOf(node.right, tables)];
  if (node.type !== 'BASE_TABLE') return [];
  const table = String(node.table_name).toLowerCase();
  return tables.has(table) ? [{ table, alias: (String(node.alias) || table).toLowerCase() }] : [];
}

/** What of a table's rows a condition leaves. */
function narrow(condition: unknown, alias: string, filter: TableFilter): TableFilter {
  if (!isNode(condition)) return filter;
  const { type } = condition;
  if (type === 'CONJUNCTION_AND') return children(condition.children).reduce((left: TableFilter, each) => narrow(each, alias, left), filter);
  if (type === 'COMPARE_BETWEEN') {
    const lower = compare(filter, columnOf(condition.input, alias), 'COMPARE_GREATERTHANOREQUALTO', condition.lower);
    return compare(lower, columnOf(condition.input, alias), 'COMPARE_LESSTHANOREQUALTO', condition.upper);
  }
  if (type === 'COMPARE_IN') return among(filter, alias, children(condition.children));
  const left = columnOf(condition.left, alias);
  if (left !== undefined) return compare(filter, left, String(type), condition.right);
  return compare(filter, columnOf(condition.right, alias), MIRRORED[String(type)] ?? '', condition.left);
}

const MIRRORED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_EQUAL',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
};

function compare(filter: TableFilter, column: string | undefined, comparison: string, operand: unknown): TableFilter {
  if (column === 'symbol') return comparison === 'COMPARE_EQUAL' ? { ...filter, symbol: textOf(operand) ?? filter.symbol } : filter;
  const name = NUMBERS.find((each) => each === column);
  const value = numberOf(operand);
  return name === undefined || value === undefined ? filter : { ...filter, [name]: bound(filter[name], comparison, value) };
}

/** `column IN (1, 2)` */
function among(filter: TableFilter, alias: string, [column, ...values]: readonly unknown[]): TableFilter {
  const name = NUMBERS.find((each) => each === columnOf(column, alias));
  const numbers = values.map(numberOf);
  if (name === undefined || numbers.length === 0 || numbers.includes(undefined)) return filter;
  const least = bound(filter[name], 'COMPARE_GREATERTHANOREQUALTO', Math.min(...(numbers as number[])));
  return { ...filter, [name]: bound(least, 'COMPARE_LESSTHANOREQUALTO', Math.max(...(numbers as number[]))) };
}

function bound(range: StepRange, comparison: string, value: number): StepRange {
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

/** The column of a table that is meant, in lower case; undefined: none of it. */
function columnOf(node: unknown, alias: string): string | undefined {
  if (!isNode(node) || node.class !== 'COLUMN_REF') return undefined;
  const names = (node.column_names as readonly string[]).map((name) => name.toLowerCase());
  return names.length === 1 || names.at(-2) === alias ? names.at(-1) : undefined;
}

/** Types of constants that are whole numbers: a DECIMAL's value has its point left out. */
const INTEGERS: ReadonlySet<string> = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT']);

/** A constant, a whole number or a text; undefined: that is none. */
function constantOf(node: unknown): unknown {
  if (!isNode(node) || node.class !== 'CONSTANT') return undefined;
  const { value, type } = node.value as { readonly value?: unknown; readonly type: { readonly id: string } };
  return typeof value === 'number' && !INTEGERS.has(type.id) ? undefined : value;
}

function textOf(node: unknown): string | undefined {
  const value = constantOf(node);
  return typeof value === 'string' ? value : undefined;
}

/** The value of a constant number, or of a sum, difference or product of such. */
function numberOf(node: unknown): number | undefined {
  const value = constantOf(node);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (!isNode(node) || node.class !== 'FUNCTION') return undefined;
  const [a, b] = children(node.children).map(numberOf);
  if (a === undefined || b === undefined) return undefined;
  return node.function_name === '+' ? a + b : node.function_name === '-' ? a - b : node.function_name === '*' ? a * b : undefined;
}
