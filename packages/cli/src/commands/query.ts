import { UserError } from '@everystep/core';
import { writeAll } from '../host/writing.ts';
import { hostErrorCode } from '../log/hostError.ts';
import { signalStatus } from '../messages.ts';
import { parseOperands } from '../options/parseOperands.ts';
import { type QueryFormat, writeRows } from '../record/query/queryOutput.ts';
import { RecordedDatabase } from '../record/query/recordedDatabase.ts';
import { RecordedRows } from '../record/query/recordedRows.ts';
import { TABLES } from '../record/query/tables.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { Progress } from '../trace/progress.ts';

interface QuerySettings {
  format: QueryFormat;
  /** Where Parquet goes; undefined: rows go to standard output. */
  folder: string | undefined;
  allowsMany: boolean;
}

/** Steps of a file of --parquet. */
const STEPS_A_FILE = 10_000_000;

const format = (name: QueryFormat, help: string) => ({
  names: [name],
  group: 'Output (default: a table for people)',
  help,
  state: 'done' as const,
  apply: (s: QuerySettings) => {
    s.format = name;
  },
});

const OPTIONS = withHelp<QuerySettings>(
  [
    'usage: everystep query [options] RECORDING "SQL"',
    '',
    'Asks a recording, in the SQL of DuckDB. Its tables are made by replaying: of the steps only that the WHERE of a query, or',
    'a table with steps behind it, as insn(from, to), leaves.',
  ],
  [
    format('json', 'a JSON object a row; numbers above 2^53 are texts'),
    format('csv', 'comma-separated, with a line of names'),
    {
      names: ['parquet'],
      argument: 'folder',
      equals: true,
      group: 'Output (default: a table for people)',
      help: `Parquet files, in folders by pid, tid and step // ${STEPS_A_FILE}, as far as the rows have these columns`,
      state: 'done',
      apply: (s, value) => {
        s.folder = value;
      },
    },
    {
      names: ['yes'],
      group: 'Limits',
      help: 'go through any number of instructions',
      state: 'done',
      apply: (s) => {
        s.allowsMany = true;
      },
    },
  ],
  [
    'Tables:',
    ...TABLES.flatMap(({ name, help, columns }) => [`  ${name.padEnd(8)} ${help}`, `           ${columns.map(([column]) => column).join(' ')}`]),
    '',
    'Examples:',
    '  everystep query recording "SELECT symbol, count(*) FROM insn GROUP BY ALL ORDER BY 2 DESC LIMIT 10"',
    '  everystep query recording "SELECT * FROM mem WHERE kind = \'store\' AND step BETWEEN 1000 AND 2000"',
    '  everystep query --json recording "SELECT step, name, result FROM syscall WHERE result < 0"',
    '',
    "The exit status is 2 if there is no such recording, or DuckDB does not understand the question, with DuckDB's message.",
  ],
);

const SIGPIPE = 13;

/**
 * `everystep query`: asks a recording in SQL.
 * @param argv what follows `query`
 * @returns the exit status
 */
export async function queryCommand(argv: readonly string[]): Promise<number> {
  const settings: QuerySettings = { format: 'table', folder: undefined, allowsMany: false };
  const given = parseOperands('everystep query', OPTIONS, settings, argv);
  if (given === undefined) return 0;
  const [path, sql] = given;
  if (path === undefined || sql === undefined || given.length > 2) throw new UserError('give a recording and one question (everystep query -h shows how)');
  const progress = new Progress();
  const show = (step: number, of: number): void => progress.show(() => `going through the recording: ${Math.floor((step / of) * 100)} %`);
  const rows = await RecordedRows.open(openRecording(path), path, show);
  const database = await RecordedDatabase.open(rows, settings.allowsMany);
  if (settings.folder !== undefined) return exportParquet(database, sql, settings.folder);
  try {
    const result = await database.ask(sql);
    const write = (text: string): void => {
      progress.clear();
      writeAll(1, Buffer.from(text));
    };
    await database.guarded(() => writeRows(result, settings.format, write));
    return 0;
  } catch (error) {
    if (hostErrorCode(error) === 'EPIPE') return signalStatus(SIGPIPE);
    throw error;
  } finally {
    progress.clear();
  }
}

async function exportParquet(database: RecordedDatabase, sql: string, folder: string): Promise<number> {
  const question = sql.trim().replace(/;$/, '');
  const columns = (await database.ask(question)).columnNames();
  const parts = ['pid', 'tid'].filter((name) => columns.includes(name));
  const range = columns.includes('step') ? `, step // ${STEPS_A_FILE} AS steps` : '';
  if (range !== '') parts.push('steps');
  const partition = parts.length === 0 ? '' : `, PARTITION_BY (${parts.join(', ')}), WRITE_PARTITION_COLUMNS true, OVERWRITE_OR_IGNORE true`;
  const target = `'${folder.replaceAll("'", "''")}${parts.length === 0 ? '/rows.parquet' : ''}'`;
  await database.again(`COPY (SELECT *${range} FROM (${question})) TO ${target} (FORMAT parquet, COMPRESSION zstd${partition})`);
  return 0;
}
