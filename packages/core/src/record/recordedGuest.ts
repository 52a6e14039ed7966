import { UserError } from '../base/index.ts';
import { createGuest, type Guest } from '../guest/index.ts';
import type { JournalReader } from './journal/journalReader.ts';

/** The guest that a recording is of, with its CPU. @throws UserError if this version has none such */
export function recordedGuest({ header: { guest: name, cpu } }: Pick<JournalReader, 'header'>): Guest {
  const guest = createGuest(name, cpu);
  if (guest === undefined) throw new UserError(`the recording is of a CPU '${cpu}' (${name}), which this everystep does not have`);
  return guest;
}
