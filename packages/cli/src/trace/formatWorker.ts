import { loadSinkMaker } from './formatSinks.ts';
import { runFormatTask } from './formatTask.ts';

/** The worker of formats that need no library. */
void runFormatTask(loadSinkMaker);
