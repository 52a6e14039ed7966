import { askRecording, openRecording, type RecordingQuestion, replayRecording } from './replayRecording.ts';

/** What the page wants of a packed recording: to replay it, or to ask it. */
export interface RecordingRequest {
  readonly recording: Uint8Array;
  readonly question: RecordingQuestion | undefined;
}

addEventListener('message', ({ data: { recording, question } }: MessageEvent<RecordingRequest>) => {
  try {
    const journal = openRecording(recording);
    if (question !== undefined) return postMessage(askRecording(journal, question));
    const { steps, output, end } = replayRecording(journal);
    const how = end === undefined ? 'the recording is incomplete' : end.kind === 'exit' ? `exit status ${end.status}` : JSON.stringify(end);
    postMessage(`${steps} instructions, the same as recorded; ${how}\n\n${output}`);
  } catch (error) {
    postMessage(String(error));
  }
});
