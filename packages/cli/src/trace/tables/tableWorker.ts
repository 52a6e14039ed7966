import { runFormatTask } from '../formatTask.ts';
import { loadTableSinkMaker } from './tables.ts';

/** The worker of formats that are tables: it alone has their libraries. */
void runFormatTask(loadTableSinkMaker);
